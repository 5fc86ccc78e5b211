//! `run`: a composition as a program.

use std::time::Duration;

use composer::runtime::Grants;
use composer::{CallError, Composition, DeathCause, ExportFunc, ReplaceError, Runtime, Value};
use tokio::task::JoinHandle;

use crate::app::{App, AppContent, runtime_for};
use crate::args::RunArgs;
use crate::changes::FollowedApp;
use crate::commands::{END, as_written};
use crate::exit::Exit;
use crate::problem::Problem;
use crate::source::{DescribedComposition, PartSettings};

const RUN: &str = "wasi:cli/run";

/// The time that calls in a component have to end when another version takes its place.
const GRACE: Duration = Duration::from_secs(10);

pub(super) async fn run(args: RunArgs) -> Result<(), Exit> {
    let source = args.app.source();
    if args.watch {
        let (described, followed) = FollowedApp::begin(source).await?;
        let runtime = runtime_for(&described)?;
        let program = StartedProgram::start(described, &runtime, &args).await?;
        return follow(program, followed, &args).await;
    }
    let described = DescribedComposition::read(&source).await?;
    let runtime = runtime_for(&described)?;
    let program = StartedProgram::start(described, &runtime, &args).await?;
    let end = program.run.call_owned(Vec::new()).await;
    program.composition.shutdown(END).await;
    ended(end)
}

/// A composition that has been started, and is run from its `wasi:cli/run`.
struct StartedProgram {
    runtime: Runtime,
    composition: Composition,
    run: ExportFunc,
    /// The component that exports it.
    entry: String,
    /// What it was made of.
    content: AppContent,
}

impl StartedProgram {
    async fn start(
        described: DescribedComposition,
        runtime: &Runtime,
        args: &RunArgs,
    ) -> Result<StartedProgram, Exit> {
        let app = App::load_beside(described, runtime, &as_written).await?;
        let plan = app.plan()?;
        let owner = plan.export_owner(RUN).map_err(|error| {
            Problem::said(error)
                .with_help("a program exports `wasi:cli/run`; see `wasm-composer plan`")
        })?;
        let entry = owner.component.to_owned();
        // The program alone has the streams, so it has to be known first. What is loaded stays.
        let file = app.file_name_of(&entry);
        let give = |name: &str, settings: &PartSettings| {
            let grants = as_written(name, settings);
            match name == entry {
                true => as_program(grants, &file, &args.arguments),
                false => grants,
            }
        };
        let content = app.content();
        let App {
            runtime, described, ..
        } = app;
        let app = App::load_beside(described, &runtime, &give).await?;
        let composition = app.composer.compose().await.map_err(Exit::failed)?;
        let run = composition.get_func(Some(RUN), "run");
        let run = run.map_err(Problem::said)?;
        Ok(StartedProgram {
            runtime,
            composition,
            run,
            entry,
            content,
        })
    }

    /// Runs it beside other work.
    fn spawn(&self) -> RunningProgram {
        let run = self.run.clone();
        RunningProgram(tokio::spawn(
            async move { run.call_owned(Vec::new()).await },
        ))
    }
}

/// What a program has beside what is written for it: this program's streams and arguments.
fn as_program(grants: Grants, file: &str, arguments: &[String]) -> Grants {
    let called = match grants.args() {
        [] => vec![file.to_owned()],
        written => written.to_vec(),
    };
    let all = called.into_iter().chain(arguments.iter().cloned());
    grants.with_args(all).with_standard_streams()
}

/// A program that runs until it ends or is dropped.
struct RunningProgram(JoinHandle<Result<Option<Value>, CallError>>);

impl Drop for RunningProgram {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// The end of a program: its failure is this program's, and it may have chosen its exit code.
fn ended(end: Result<Option<Value>, CallError>) -> Result<(), Exit> {
    let error = match end {
        Ok(Some(Value::Result(Err(_)))) => return Err(Exit::Code(1)),
        Ok(_) => return Ok(()),
        Err(error) => error,
    };
    let death = match &error {
        CallError::Failed { death, .. } | CallError::Dead { death, .. } => Some(death),
        _ => None,
    };
    match death.map(|death| &death.cause) {
        Some(DeathCause::Exited(code)) => Err(Exit::Code(u8::try_from(*code).unwrap_or(1))),
        _ => Err(Exit::failed(error)),
    }
}

/// Runs what the files become, until the program ends by itself.
async fn follow(
    mut program: StartedProgram,
    mut followed: FollowedApp,
    args: &RunArgs,
) -> Result<(), Exit> {
    let mut running = program.spawn();
    loop {
        let change = async {
            let (what, described) = followed.next().await;
            let change = match described {
                Ok(described) => program.changed(described, args).await,
                Err(problems) => Err(problems.into()),
            };
            (what, change)
        };
        let (what, change) = tokio::select! {
            end = &mut running.0 => {
                program.composition.shutdown(END).await;
                return ended(end.map_err(Exit::failed)?);
            }
            change = change => change,
        };
        match change {
            Ok(RunChange::Nothing) => followed.accept(),
            Ok(RunChange::Replaced) => {
                followed.accept();
                tracing::info!("the program goes on with what has changed: {what}");
            }
            Ok(RunChange::Again(next)) => {
                drop(running);
                program.composition.shutdown(Duration::ZERO).await;
                program = *next;
                followed.accept();
                tracing::info!("the program begins again, after a change: {what}");
                running = program.spawn();
            }
            Err(why) => followed.refuse(&what, &why, args.format),
        }
    }
}

/// What a change of files comes to.
enum RunChange {
    /// Nothing is different.
    Nothing,
    /// The components that changed have taken the place of the earlier ones.
    Replaced,
    /// The whole begins again.
    Again(Box<StartedProgram>),
}

impl StartedProgram {
    /// Brings what has changed into the program that runs, or makes another one.
    async fn changed(
        &mut self,
        described: DescribedComposition,
        args: &RunArgs,
    ) -> Result<RunChange, Exit> {
        // The whole has to fit before a part of it changes.
        let app = App::load_beside(described, &self.runtime, &as_written).await?;
        app.plan()?;
        let content = app.content();
        if content == self.content {
            return Ok(RunChange::Nothing);
        }
        if let Some(names) = self.replaceable(&app, &content)
            && self.replace(&app, &names).await?
        {
            return Ok(RunChange::Replaced);
        }
        let next = StartedProgram::start(app.described, &app.runtime, args).await?;
        Ok(RunChange::Again(Box::new(next)))
    }

    /// The parts that differ, if each of them is a component that can be replaced while the
    /// program runs: neither the program itself, nor a group.
    fn replaceable(&self, app: &App, content: &AppContent) -> Option<Vec<String>> {
        let names = self.content.different_parts(content)?;
        let is_single = |name: &String| *name != self.entry && app.is_component(name);
        names.iter().all(is_single).then_some(names)
    }

    /// Replaces components while the others run. Tells whether all of them took their places:
    /// several that only fit together cannot, one after another.
    async fn replace(&mut self, app: &App, names: &[String]) -> Result<bool, Exit> {
        for name in names {
            let Some((part, hash)) = app.single_part(name, &as_written) else {
                return Ok(false);
            };
            let Ok(component) = self.composition.component(name) else {
                return Ok(false);
            };
            match component.replace(part, GRACE).await {
                Ok(()) => self.content.set(name, hash),
                Err(error @ ReplaceError::Busy { .. }) => {
                    let problem = Problem::said(error);
                    return Err(problem.with_help("the next change tries again").into());
                }
                Err(_) => return Ok(false),
            }
        }
        Ok(true)
    }
}
