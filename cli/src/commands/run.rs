//! `run`: a composition as a program.

use composer::{CallError, DeathCause, Value};

use crate::app::App;
use crate::args::RunArgs;
use crate::commands::as_written;
use crate::exit::Exit;
use crate::problem::Problem;
use crate::source::{DescribedComposition, PartSettings};

const RUN: &str = "wasi:cli/run";

pub(super) async fn run(args: RunArgs) -> Result<(), Exit> {
    let paths = &args.app.app;
    let app = App::load(paths, &as_written).await?;
    let plan = app.plan()?;
    let owner = plan.export_owner(RUN).map_err(|error| {
        Problem::said(error).with_help("a program exports `wasi:cli/run`; see `wasm-composer plan`")
    })?;
    // The program alone has the streams, so it has to be known first. What is loaded stays.
    let file = app.file_name_of(owner.component);
    let give = |name: &str, settings: &PartSettings| {
        let grants = as_written(name, settings);
        if name != owner.component {
            return grants;
        }
        let called = match grants.args() {
            [] => vec![file.clone()],
            written => written.to_vec(),
        };
        let all = called.into_iter().chain(args.arguments.iter().cloned());
        grants.with_args(all).with_standard_streams()
    };
    let program = App::load_beside(DescribedComposition::read(paths)?, &app.runtime, &give).await?;
    let composition = program.composer.compose().await;
    let composition = composition.map_err(Exit::failed)?;
    let func = composition.get_func(Some(RUN), "run");
    let func = func.map_err(Problem::said)?;
    match func.call_owned(Vec::new()).await {
        Ok(Some(Value::Result(Err(_)))) => Err(Exit::Code(1)),
        Ok(_) => Ok(()),
        Err(error) => Err(ended(error)),
    }
}

/// The end of a program whose call failed: it may have chosen it.
fn ended(error: CallError) -> Exit {
    let death = match &error {
        CallError::Failed { death, .. } | CallError::Dead { death, .. } => Some(death),
        _ => None,
    };
    match death.map(|death| &death.cause) {
        Some(DeathCause::Exited(code)) => Exit::Code(u8::try_from(*code).unwrap_or(1)),
        _ => Exit::failed(error),
    }
}
