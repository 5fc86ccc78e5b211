//! From parts and wishes to a plan, and from a plan to a running composition.

use std::collections::BTreeMap;
use std::sync::Arc;

use composer_plan::{Graph, Node, Plan, PlanError, Source, World, resolve};

use crate::composable::sealed::Part;
use crate::composable::{Composable, Env, Life, Prepared};
use crate::composition::{Composition, RunningPart};
use crate::error::{CompositionError, PartError, PartErrors, StartError};
use crate::instance::Activity;
use crate::link::{ImportSource, Socket};

/// How many calls wait in a component's inbox before callers have to wait for
/// a place in it.
const DEFAULT_INBOX: usize = 64;

/// Wires components into a [`Composition`].
///
/// Add the parts, say what would be ambiguous, look at the
/// [`plan`](Composer::plan) if you like, then [`compose`](Composer::compose).
/// Every import gets exactly one source:
///
/// 1. the component that an import hint names, else
/// 2. the embedder's own linker for that component, if it defines the import
///    (so no component can slip in between a component and what the embedder
///    gave it), else
/// 3. an import of the composition itself, if it was
///    [left open](Composer::with_open_import), else
/// 4. the one other component that exports it: under exactly this name, or
///    else in a compatible version.
///
/// Anything else is an error that says what to do. Types are compared before
/// anything is instantiated.
#[derive(Default)]
pub struct Composer {
    parts: Vec<AddedPart>,
    errors: Vec<PartError>,
    export_hints: Vec<(String, String)>,
    open_imports: Vec<String>,
}

struct AddedPart {
    name: String,
    prepared: Prepared,
    import_hints: Vec<(String, String)>,
    inbox: usize,
}

impl Composer {
    /// A composer with no parts.
    pub fn new() -> Self {
        Composer::default()
    }

    /// Adds a part. Its name must differ from all others.
    ///
    /// What is wrong with the part is reported by [`plan`](Composer::plan) and
    /// [`compose`](Composer::compose).
    pub fn add(&mut self, part: ComposableDescriptor) -> &mut Self {
        self.add_checked(part, |_, _| Ok(()))
    }

    /// [`add`](Composer::add), if a check of what was read from the part and of
    /// its import hints finds nothing wrong with it.
    pub(crate) fn add_checked(
        &mut self,
        part: ComposableDescriptor,
        check: impl FnOnce(&mut Prepared, &mut Vec<(String, String)>) -> Result<(), Vec<PartError>>,
    ) -> &mut Self {
        let ComposableDescriptor {
            name,
            part,
            mut import_hints,
            inbox,
        } = part;
        let prepared = part.prepare(&name).map_err(|error| vec![error]);
        let checked = prepared.and_then(|mut prepared| {
            check(&mut prepared, &mut import_hints)?;
            Ok(prepared)
        });
        match checked {
            Ok(prepared) => self.parts.push(AddedPart {
                name,
                prepared,
                import_hints,
                inbox,
            }),
            Err(errors) => self.errors.extend(errors),
        }
        self
    }

    /// Notes that a part cannot be used.
    pub(crate) fn refuse(&mut self, error: PartError) {
        self.errors.push(error);
    }

    /// Says whose export the composition shows under a name that several
    /// components export.
    pub fn with_export_hint(
        &mut self,
        export: impl Into<String>,
        component: impl Into<String>,
    ) -> &mut Self {
        self.export_hints.push((export.into(), component.into()));
        self
    }

    /// Leaves an import open: no component here has to satisfy it. When the
    /// composition is nested in another, it becomes an import of the whole.
    pub fn with_open_import(&mut self, import: impl Into<String>) -> &mut Self {
        self.open_imports.push(import.into());
        self
    }

    /// Decides every wire, without running anything.
    ///
    /// # Errors
    ///
    /// [`CompositionError::Parts`] or [`CompositionError::Plan`], with every
    /// mistake of the first stage that found one.
    pub fn plan(&self) -> Result<Plan, CompositionError> {
        if !self.errors.is_empty() {
            let errors = self.errors.clone();
            return Err(PartErrors { errors }.into());
        }
        Ok(resolve(&self.graph())?)
    }

    /// Plans the composition and starts it: providers before their users, each
    /// in its own store with its own task on the current tokio runtime.
    ///
    /// # Errors
    ///
    /// As [`plan`](Composer::plan), or [`CompositionError::Start`] if a
    /// component does not fit its linker or fails while it is instantiated.
    /// What had been started by then is stopped.
    ///
    /// # Cancellation
    ///
    /// Dropping the future stops what it had started.
    pub async fn compose(self) -> Result<Composition, CompositionError> {
        Ok(self.into_planned()?.run().await?)
    }

    /// Takes away the hints that would change nothing, which are mistakes when
    /// it is known who takes part.
    pub(crate) fn drop_useless_hints(&mut self) {
        let Err(CompositionError::Plan(errors)) = self.plan() else {
            return;
        };
        for error in &errors {
            let PlanError::HintUseless { hint, .. } = error else {
                continue;
            };
            let hints = match &hint.component {
                Some(component) => {
                    let mut parts = self.parts.iter_mut();
                    let part = parts.find(|part| part.name == *component);
                    part.map(|part| &mut part.import_hints)
                }
                None => Some(&mut self.export_hints),
            };
            if let Some(hints) = hints {
                hints.retain(|(name, to)| (name, to) != (&hint.name, &hint.to));
            }
        }
    }

    pub(crate) fn into_planned(self) -> Result<Planned, CompositionError> {
        let plan = self.plan()?;
        let graph = self.graph();
        let sockets = plan.open_imports.iter();
        Ok(Planned {
            sockets: sockets
                .map(|open| Socket::new(open.name.to_string()))
                .collect(),
            parts: self
                .parts
                .into_iter()
                .map(|part| (part.name.clone(), part))
                .collect(),
            graph,
            plan,
        })
    }

    fn graph(&self) -> Graph {
        let node = |part: &AddedPart| Node {
            name: part.name.clone(),
            world: part.prepared.world.clone(),
            host: part.prepared.host.all.clone(),
            host_in_other_version: part.prepared.host.in_other_version.clone(),
            import_hints: part.import_hints.clone(),
            fused: part.prepared.fused.clone(),
        };
        Graph {
            nodes: self.parts.iter().map(node).collect(),
            export_hints: self.export_hints.clone(),
            open_imports: self.open_imports.clone(),
            ..Graph::default()
        }
    }
}

/// A part of a composition: its name, and the embedder's wishes for it.
pub struct ComposableDescriptor {
    name: String,
    part: Box<dyn Part>,
    import_hints: Vec<(String, String)>,
    inbox: usize,
}

impl ComposableDescriptor {
    /// Names a part.
    pub fn new(name: impl Into<String>, part: impl Composable + 'static) -> Self {
        ComposableDescriptor::of_part(name, Box::new(part))
    }

    pub(crate) fn of_part(name: impl Into<String>, part: Box<dyn Part>) -> Self {
        ComposableDescriptor {
            name: name.into(),
            part,
            import_hints: Vec::new(),
            inbox: DEFAULT_INBOX,
        }
    }

    /// Says which component satisfies an import of this one. It settles an
    /// ambiguity, overrides the only candidate, and overrides the linker.
    #[must_use]
    pub fn with_import_hint(
        mut self,
        import: impl Into<String>,
        component: impl Into<String>,
    ) -> Self {
        self.import_hints.push((import.into(), component.into()));
        self
    }

    /// Sets how many calls may wait in this component's inbox; at least 1, and
    /// 64 if it is not set. A caller of a full inbox waits for a place.
    #[must_use]
    pub fn with_inbox_capacity(mut self, calls: usize) -> Self {
        self.inbox = calls.max(1);
        self
    }
}

/// A composition that has been decided and not yet started.
pub(crate) struct Planned {
    plan: Plan,
    graph: Graph,
    sockets: Vec<Arc<Socket>>,
    parts: BTreeMap<String, AddedPart>,
}

impl Planned {
    pub(crate) fn world(&self) -> World {
        self.plan.world(&self.graph)
    }

    pub(crate) fn sockets(&self) -> &[Arc<Socket>] {
        &self.sockets
    }

    pub(crate) async fn run(mut self) -> Result<Composition, StartError> {
        if tokio::runtime::Handle::try_current().is_err() {
            return Err(StartError::NoRuntime);
        }
        let activity = Arc::new(Activity::default());
        // Stops what runs if a later part fails or the future is dropped.
        let mut running = Running(Vec::new());
        for component in &self.plan.components {
            let Some(part) = self.parts.remove(&component.name) else {
                continue;
            };
            let imports = component.links.iter().filter_map(|link| {
                let source = match &link.source {
                    Source::Component { index, export, .. } => {
                        let exports = &running.0[*index].exports;
                        let binding = exports.get(export.as_str()).cloned();
                        ImportSource::Bound(binding.unwrap_or_default())
                    }
                    Source::Open { index } => ImportSource::Open(self.sockets[*index].clone()),
                    _ => return None,
                };
                Some((link.import.to_string(), source))
            });
            let env = Env {
                name: part.name.clone(),
                world: part.prepared.world.clone(),
                imports: imports.collect(),
                inbox: part.inbox,
                activity: activity.clone(),
            };
            let started = match part.prepared.start.start(env).await {
                Ok(started) => started,
                Err(error) => {
                    for part in running.0.drain(..).rev() {
                        part.life.end().await;
                    }
                    return Err(error);
                }
            };
            running.0.push(RunningPart {
                name: part.name,
                exports: started.exports,
                life: started.life,
            });
        }
        let parts = std::mem::take(&mut running.0);
        Ok(Composition::new(
            self.plan,
            self.graph,
            self.sockets,
            parts,
            activity,
        ))
    }
}

struct Running(Vec<RunningPart>);

impl Drop for Running {
    fn drop(&mut self) {
        self.0.iter().for_each(|part| part.life.stop());
    }
}

impl Life {
    /// Asks for the end, without waiting for it.
    pub(crate) fn stop(&self) {
        match self {
            Life::Driver { slot, .. } => slot.stop(),
            Life::Nested(composition) => composition.stop(),
        }
    }

    /// Ends and waits until the store is gone.
    pub(crate) async fn end(self) {
        self.stop();
        match self {
            // A driver that panicked has told everybody already.
            Life::Driver { task, .. } => drop(task.await),
            Life::Nested(composition) => Box::pin(composition.ended()).await,
        }
    }
}
