//! `run`: a composition as a program.

use std::path::Path;

use composer::runtime::{Grants, LoadedComponent};
use composer::{CallError, DeathCause, Value, read_world};

use crate::app::App;
use crate::args::RunArgs;
use crate::exit::Exit;
use crate::problem::Problem;

const RUN: &str = "wasi:cli/run";

pub(super) async fn run(args: RunArgs) -> Result<(), Exit> {
    let arguments = args.arguments;
    let give = |component: &LoadedComponent, grants: Grants| {
        let world = read_world(component.component());
        let mut exports = world.exports.iter();
        if !exports.any(|export| export.name.is_meant_by(RUN)) {
            return grants;
        }
        let name = Path::new(component.name()).file_name().unwrap_or_default();
        let name = name.to_string_lossy().into_owned();
        let all = std::iter::once(name).chain(arguments.iter().cloned());
        grants.with_args(all).with_standard_streams()
    };
    let app = App::load(&args.app.app, &give).await?;
    let plan = app.composer.plan().map_err(|error| app.problems(error))?;
    plan.export_owner(RUN).map_err(|error| {
        Problem::said(error).with_help("a program exports `wasi:cli/run`; see `wasm-composer plan`")
    })?;
    let composition = app.composer.compose().await;
    let composition = composition.map_err(|error| Exit::Failed(Problem::said(error)))?;
    let func = composition
        .get_func(Some(RUN), "run")
        .map_err(Problem::said)?;
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
        _ => Exit::Failed(Problem::said(error)),
    }
}
