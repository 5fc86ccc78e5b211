//! `call`: one call of an exported function.

use composer::plan::Item;
use composer::{FuncType, Plan, Value};

use crate::app::App;
use crate::args::{CallArgs, Format};
use crate::commands::{as_written, print};
use crate::exit::Exit;
use crate::problem::Problem;
use crate::wave;

pub(super) async fn call(args: CallArgs) -> Result<(), Exit> {
    let files: Vec<_> = std::iter::once(args.app).chain(args.with).collect();
    let app = App::load(&files, &as_written).await?;
    let plan = app.composer.plan().map_err(|error| app.problems(error))?;
    let (interface, name) = split(&args.function);
    // Everything is checked before anything is started.
    let ty = find(&app, &plan, interface, name)?;
    let values = wave::arguments(&args.function, &ty, &args.arguments)?;
    let composer = app.composer;
    let composition = composer
        .compose()
        .await
        .map_err(|error| Exit::Failed(Problem::said(error)))?;
    let func = composition
        .get_func(interface, name)
        .map_err(Problem::said)?;
    let result = func.call_owned(values).await;
    let result = result.map_err(|error| Exit::Failed(Problem::said(error)))?;
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

/// The interface and the name of a function.
pub(super) fn split(function: &str) -> (Option<&str>, &str) {
    match function.split_once('#') {
        Some((interface, name)) => (Some(interface), name),
        None => (None, function),
    }
}

/// The type of an exported function, as its component says.
pub(super) fn find(
    app: &App,
    plan: &Plan,
    interface: Option<&str>,
    name: &str,
) -> Result<FuncType, Problem> {
    let export = interface.unwrap_or(name);
    let owner = plan.export_owner(export);
    let owner = owner.map_err(|error| {
        let exports = plan
            .exports
            .iter()
            .map(|export| format!("`{}`", export.name));
        let exports: Vec<String> = exports.collect();
        Problem::said(error).with_help(format!("the composition exports {}", exports.join(", ")))
    })?;
    let world = app.world_of(owner.component).ok_or_else(|| {
        Problem::new(format!(
            "`{}` has no world that can be read",
            owner.component
        ))
    })?;
    let mut exports = world.exports.iter();
    let found = exports.find(|known| known.name.is_meant_by(export));
    let functions: Vec<(&str, &FuncType)> = match found.map(|export| &export.item) {
        Some(Item::Func(ty)) => vec![(name, &**ty)],
        Some(Item::Interface(interface)) => {
            let functions = interface.funcs.iter();
            functions.map(|(name, ty)| (name.as_str(), &**ty)).collect()
        }
        _ => Vec::new(),
    };
    let mut named = functions.iter().filter(|(known, _)| *known == name);
    named.next().map(|(_, ty)| (*ty).clone()).ok_or_else(|| {
        let functions: Vec<String> = functions
            .iter()
            .map(|(name, _)| format!("`{name}`"))
            .collect();
        Problem::new(format!("`{export}` has no function `{name}`"))
            .with_help(format!("it has {}", functions.join(", ")))
    })
}
