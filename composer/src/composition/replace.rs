//! The replacement of a component while the composition runs.

use std::sync::{Arc, PoisonError};
use std::time::Duration;

use composer_plan::{Graph, Name, Plan, Source, World, resolve};

use crate::assembly::composer::{AddedPart, refused, source};
use crate::assembly::prepared::bind;
use crate::assembly::{ComposableDescriptor, LinkedPart, PartRunner};
use crate::boundary::binding::{ExportOffers, PlannedSource};
use crate::boundary::isolated::address::{Address, ExportRefs};
use crate::boundary::link_context::LinkContext;
use crate::composition::restart::Restart;
use crate::composition::{
    ComponentHandle, CompositionLayout, CurrentParts, PendingRun, RunningPart, StartSpec, lifecycle,
};
use crate::error::{PartErrors, ReplaceError};

impl ComponentHandle {
    /// Replaces the component by another version, without stopping the composition.
    ///
    /// The new part must export everything that this one exports, with the same types; it
    /// may export more, under compatible versions, and import other things. The part is
    /// checked and linked before anything changes. Then new calls to the component wait
    /// while the calls in it end, for `grace` at most; the new component starts; and the
    /// calls that wait go to it. Each call is answered by one of the two, and none is
    /// refused. Handles and links stay valid. Resources of the old component that others
    /// hold are gone with it: a call with one of them fails with
    /// [`CallError::Stale`](crate::CallError::Stale).
    ///
    /// If the old component exports `composer:lifecycle/lifecycle`, its `stop` function
    /// is called before it ends, and gets as long again.
    ///
    /// Import hints, inbox, restart policy and data are those of the new part.
    ///
    /// For a component that [`compose!`](crate::compose!) declares, the macro makes such
    /// parts: `CheckoutParts::till(part)`. They are checked against the declaration and
    /// get what the program provides (`host`), and values cross in Rust types as before.
    /// Any other part is accepted, too. Calls of the composition in Rust types still
    /// work; between that part and others, values cross in bulk or one by one, and its
    /// own linker has to define what it imports from the program.
    ///
    /// A component that is dead can be replaced, too.
    ///
    /// # Errors
    ///
    /// [`ReplaceError`]. The old component stays in place then, and calls that waited go
    /// to it.
    ///
    /// # Cancellation
    ///
    /// Dropping the future leaves the old component in place, or the new one if it has
    /// taken calls.
    ///
    /// # Panics
    ///
    /// In a tokio runtime that was built without timers, as tokio itself does.
    pub async fn replace(
        &self,
        with: ComposableDescriptor,
        grace: Duration,
    ) -> Result<(), ReplaceError> {
        let inner = &self.composition.inner;
        // Replacements run one after another, since each plan is made from the one
        // before.
        let _turn = inner.replacing.lock().await;
        let component = self.name();
        let stopped = || ReplaceError::Stopped {
            component: component.to_owned(),
        };
        if self.composition.is_closed() {
            return Err(stopped());
        }
        let nested = |what| ReplaceError::Nested {
            component: component.to_owned(),
            what,
        };
        let ExportRefs::One(address) = self.part.export_refs() else {
            return Err(nested("it"));
        };
        let present = self.composition.present();
        let change = ReplacementPlan::plan(&present, component, with)?;
        let open_import_cells = self.composition.open_import_cells();
        let imports = bind(&change.sources, open_import_cells, |part| {
            change.parts[part].export_refs()
        });
        let spec = StartSpec {
            start: change.linked.start.into(),
            imports,
            restart: change.restart,
        };

        let held = GateGuard::new(&self.part, address).await;
        let idle = tokio::time::timeout(grace, address.activity().idle());
        if idle.await.is_err() {
            return Err(ReplaceError::Busy {
                component: component.to_owned(),
                running: address.activity().running(),
            });
        }
        let next = PendingRun::start(&spec).await?;
        if !next.is_one() {
            return Err(nested("the new one"));
        }
        if self.composition.is_closed() {
            return Err(stopped());
        }
        let old = address.incarnation();
        let before = self.part.replace(next, spec, change.offers);
        let before = before.map_err(|_| stopped())?;
        drop(held);
        let present = CurrentParts {
            layout: Arc::new(change.layout),
            parts: change.parts,
        };
        *inner
            .present
            .write()
            .unwrap_or_else(PoisonError::into_inner) = Arc::new(present);
        if let Some(runner) = before {
            let ending = EndingRun(Some(runner));
            // No other calls reach it any more.
            let _ = tokio::time::timeout(grace, lifecycle::stop(&old)).await;
            ending.end().await;
        }
        Ok(())
    }
}

/// A run that is stopped even if its end is not awaited.
struct EndingRun(Option<PartRunner>);

impl EndingRun {
    async fn end(mut self) {
        if let Some(runner) = self.0.take() {
            runner.end().await;
        }
    }
}

impl Drop for EndingRun {
    fn drop(&mut self) {
        self.0.iter().for_each(PartRunner::stop);
    }
}

/// Holds the calls to a component until this is dropped.
struct GateGuard<'p> {
    part: &'p Arc<RunningPart>,
    address: &'p Address,
}

impl<'p> GateGuard<'p> {
    async fn new(part: &'p Arc<RunningPart>, address: &'p Address) -> Self {
        let held = GateGuard { part, address };
        address.hold();
        part.stop_supervising().await;
        held
    }
}

impl Drop for GateGuard<'_> {
    fn drop(&mut self) {
        self.part.supervise();
        self.address.release();
    }
}

/// The planned and linked replacement of a part, before anything changes.
struct ReplacementPlan {
    layout: CompositionLayout,
    /// The parts, in the order of the new plan.
    parts: Vec<Arc<RunningPart>>,
    sources: Vec<PlannedSource>,
    linked: LinkedPart,
    /// The offers of the new part, in the order of the old part's.
    offers: Arc<ExportOffers>,
    restart: Restart,
}

impl ReplacementPlan {
    fn plan(
        present: &CurrentParts,
        component: &str,
        with: ComposableDescriptor,
    ) -> Result<Self, ReplaceError> {
        let new = AddedPart::read(with).map_err(|errors| PartErrors { errors })?;
        if new.name != component {
            return Err(ReplaceError::Name {
                component: component.to_owned(),
                found: new.name,
            });
        }
        let CompositionLayout {
            plan: old_plan,
            graph,
            offers: old_offers,
        } = &*present.layout;
        let mut graph = graph.clone();
        let nodes = graph.nodes.iter_mut();
        for node in nodes.filter(|node| node.name == component) {
            exports_fit(component, &new.known.world, &node.world)?;
            *node = new.node();
        }
        let plan = plan(&graph, old_plan, component)?;

        let mut parts = Vec::new();
        let mut offers = Vec::new();
        let mut place = None;
        for planned in &plan.components {
            let by_name = old_plan
                .components
                .iter()
                .zip(&present.parts)
                .zip(old_offers);
            for ((old, part), old_offers) in by_name {
                if old.name == planned.name {
                    if old.name == component {
                        place = Some((parts.len(), planned));
                    }
                    parts.push(part.clone());
                    offers.push(old_offers.clone());
                }
            }
        }
        let (index, planned) = place.ok_or_else(|| ReplaceError::Stopped {
            component: component.to_owned(),
        })?;
        let sources = || {
            let links = planned.links.iter();
            links.map(|link| source(&link.source, &offers)).collect()
        };
        let settings = new.known.settings;
        let restart = settings.restart.unwrap_or_else(Restart::never);
        let sources_of_part = sources();
        let linked = new.known.link.link(LinkContext {
            name: new.name,
            world: new.known.world,
            sources: sources(),
            refused: refused(planned),
            inbox: settings.inbox,
            data: settings.data,
            rules: None,
        })?;
        let matches = |old: &str, new: &str| Name::new(old).matches(&Name::new(new)).is_some();
        // Its exports have just been compared, so all of them are there.
        let aligned = linked.offers.aligned(&offers[index], matches);
        let aligned = aligned.unwrap_or_else(|| linked.offers.clone());
        offers[index] = aligned.clone();
        Ok(ReplacementPlan {
            layout: CompositionLayout {
                plan: Arc::new(plan),
                graph,
                offers,
            },
            parts,
            sources: sources_of_part,
            linked,
            offers: aligned,
            restart,
        })
    }
}

/// Checks that a new part exports what the old one does.
fn exports_fit(component: &str, new: &World, old: &World) -> Result<(), ReplaceError> {
    let exports_of = |world: &World| World {
        imports: Vec::new(),
        ..world.clone()
    };
    exports_of(new)
        .check_fits(&exports_of(old))
        .map_err(|misfits| ReplaceError::Misfit {
            component: component.to_owned(),
            misfits,
        })
}

/// Plans the composition with another part. The links of all other parts must stay as
/// they are.
fn plan(graph: &Graph, old: &Plan, component: &str) -> Result<Plan, ReplaceError> {
    let plan = resolve(graph).map_err(|errors| ReplaceError::Plan {
        component: component.to_owned(),
        errors,
    })?;
    let rewired = |reason| ReplaceError::Rewired {
        component: component.to_owned(),
        reason,
    };
    let open = |plan: &Plan| -> Vec<Name> {
        let open = plan.open_imports.iter();
        open.map(|open| open.name.clone()).collect()
    };
    if open(&plan) != open(old) {
        let reason = "the composition would leave other imports open";
        return Err(rewired(reason.to_owned()));
    }
    for new in &plan.components {
        let same = |known: &&composer_plan::PlannedComponent| known.name == new.name;
        let Some(old) = old.components.iter().find(same) else {
            continue;
        };
        if new.name == component {
            continue;
        }
        for (old, new_link) in old.links.iter().zip(&new.links) {
            if describe_source(&old.source) != describe_source(&new_link.source) {
                return Err(rewired(format!(
                    "`{}` of `{}` would come from {} and not from {}",
                    old.import,
                    new.name,
                    describe_source(&new_link.source),
                    describe_source(&old.source),
                )));
            }
        }
    }
    Ok(plan)
}

/// Where an import comes from, in words.
fn describe_source(source: &Source) -> String {
    match source {
        Source::Component { component, .. } => format!("`{component}`"),
        Source::Host => "the linker".to_owned(),
        Source::Open { .. } => "outside".to_owned(),
        _ => "nobody".to_owned(),
    }
}
