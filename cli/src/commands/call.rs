//! `call`: one call of an exported function.

use composer::Value;

use crate::app::App;
use crate::args::{CallArgs, Format};
use crate::commands::{END, as_written, print};
use crate::exit::Exit;
use crate::problem::Problem;
use crate::session::FunctionLookup;
use crate::wave;

pub(super) async fn call(args: CallArgs) -> Result<(), Exit> {
    let files: Vec<_> = std::iter::once(args.app).chain(args.with).collect();
    let source = args.fetch.source(files);
    let app = App::load(&source, &as_written).await?;
    let plan = app.plan()?;
    let lookup = FunctionLookup::new(&app, plan);
    // Everything is checked before anything is started.
    let (interface, name, ty) = lookup.find(&args.function)?;
    let values = wave::arguments(&args.function, ty, &args.arguments)?;
    let composer = app.composer;
    let composition = composer.compose().await.map_err(Exit::failed)?;
    let func = composition
        .get_func(interface, name)
        .map_err(Problem::said)?;
    let result = func.call_owned(values).await;
    composition.shutdown(END).await;
    let result = result.map_err(Exit::failed)?;
    match args.format {
        Format::Text => match result {
            Some(value) => print(&format!("{value}\n")),
            None => Ok(()),
        },
        Format::Json => {
            let result = result.as_ref().map(Value::to_string);
            print(&format!("{}\n", serde_json::json!({ "result": result })))
        }
    }
}
