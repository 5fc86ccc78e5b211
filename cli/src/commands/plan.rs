//! `plan`: how components fit together.

use composer::Plan;
use layout::backends::svg::SVGWriter;
use layout::gv::{DotParser, GraphBuilder};

use crate::app::App;
use crate::args::{PlanArgs, PlanFormat};
use crate::commands::{as_written, print};
use crate::exit::Exit;
use crate::problem::Problem;

pub(super) async fn plan(args: PlanArgs) -> Result<(), Exit> {
    let app = App::load(&args.app.source(), &as_written).await?;
    let plan = app.plan()?;
    let text = match args.format {
        PlanFormat::Text => plan.to_string(),
        PlanFormat::Json => format!("{}\n", plan.to_json()),
        PlanFormat::Dot => plan.to_dot(),
        PlanFormat::Mermaid => plan.to_mermaid(),
        PlanFormat::Svg => svg(&plan)?,
    };
    print(&text)
}

/// The plan as a picture.
fn svg(plan: &Plan) -> Result<String, Problem> {
    let parsed = DotParser::new(&plan.to_dot()).process();
    let graph =
        parsed.map_err(|error| Problem::new(format!("the plan cannot be drawn: {error}")))?;
    let mut builder = GraphBuilder::new();
    builder.visit_graph(&graph);
    let mut graph = builder.get();
    let mut picture = SVGWriter::new();
    graph.do_it(false, false, false, &mut picture);
    Ok(picture.finalize())
}
