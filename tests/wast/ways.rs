//! The ways to run a file, and the run in each of them.

use std::fmt;

use wasmtime::component::Val;

use super::composed::Composed;
use super::host::provides;
use super::one_store::OneStore;
use super::outcome::Outcome;
use super::script::{Act, Expectation, Script};
use super::split::imports;

/// A way to run what a file describes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Way {
    /// By wasmtime alone: what this comes to is right.
    OneStore,
    /// The component as the one part of a composition.
    Whole,
    /// Its inner components as the members of a fused group.
    Group,
    /// Its inner components as parts, with a store each.
    Split,
}

impl Way {
    pub(super) const ALL: [Way; 4] = [Way::OneStore, Way::Whole, Way::Group, Way::Split];
}

impl fmt::Display for Way {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Way::OneStore => "fused by wasmtime",
            Way::Whole => "as one component",
            Way::Group => "as a fused group",
            Way::Split => "split",
        })
    }
}

/// Does all that a file says, and tells what came of each directive.
pub(super) async fn run(way: Way, script: &Script) -> Vec<Outcome> {
    let mut outcomes = Vec::new();
    let mut instances: Vec<(Option<String>, Running)> = Vec::new();
    for directive in &script.directives {
        outcomes.push(match &directive.act {
            Act::Nothing(why) => Outcome::Skipped(why.clone()),
            Act::Instantiate { name, component } => {
                let (running, outcome) = match start(way, component).await {
                    Ok(running) => (running, Outcome::Answers(Outcome::STARTED.to_owned())),
                    Err(outcome) => (Running::Not("it did not start".to_owned()), outcome),
                };
                // What is to fail is no instance that others could mean.
                if !matches!(directive.expected, Expectation::Trap(_)) {
                    // Nobody can name those without a name again.
                    instances.retain(|(name, _)| name.is_some());
                    instances.push((name.clone(), running));
                }
                outcome
            }
            Act::Invoke {
                instance,
                function,
                arguments,
            } => {
                let mut latest = instances.iter_mut().rev();
                let found = match instance {
                    None => latest.next(),
                    instance => latest.find(|(name, _)| name == instance),
                };
                match found {
                    Some((_, running)) => running.call(function, arguments).await,
                    None => Outcome::Skipped("there is no such instance".to_owned()),
                }
            }
        });
    }
    outcomes
}

async fn start(way: Way, component: &[u8]) -> Result<Running, Outcome> {
    let imports = imports(component).map_err(|error| Outcome::Inexpressible(error.to_string()))?;
    if let Some(import) = imports.into_iter().find(|import| !provides(import)) {
        let why = format!("it imports `{import}`, which is not of the host");
        return Err(Outcome::Inexpressible(why));
    }
    Ok(match way {
        Way::OneStore => Running::OneStore(OneStore::start(component).await?),
        Way::Whole => Running::Composed(Composed::whole(component).await?),
        Way::Group => Running::Composed(Composed::group(component).await?),
        Way::Split => Running::Composed(Composed::split(component).await?),
    })
}

/// An instance in one of the ways.
enum Running {
    OneStore(OneStore),
    Composed(Composed),
    /// None, for this reason.
    Not(String),
}

impl Running {
    async fn call(&mut self, function: &str, arguments: &[Val]) -> Outcome {
        let outcome = match self {
            Running::OneStore(running) => running.call(function, arguments).await,
            Running::Composed(running) => running.call(function, arguments).await,
            Running::Not(why) => return Outcome::Skipped(why.clone()),
        };
        let outcome = outcome.unwrap_or_else(|outcome| outcome);
        // Whoever comes after a call that never ends would wait for it.
        if matches!(outcome, Outcome::Hangs | Outcome::Panics(_)) {
            *self = Running::Not(format!(
                "an earlier call {}",
                match outcome {
                    Outcome::Hangs => "hangs",
                    _ => "panicked",
                }
            ));
        }
        outcome
    }
}
