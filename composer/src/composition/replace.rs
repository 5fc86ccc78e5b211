//! The replacement of a component while the composition runs.

use std::sync::Arc;
use std::time::Duration;

use composer_plan::{Name, Node, World};

use crate::assembly::added_part::AddedPart;
use crate::assembly::declaration_check::check_exports_fit;
use crate::assembly::prepared::PreparedPart;
use crate::assembly::{ComposableDescriptor, PartRunner};
use crate::boundary::binding::{ExportOffers, OpenImportCell};
use crate::boundary::isolated::address::{Address, ExportRefs};
use crate::composition::change::{
    ChangeRefusal, PartsInPlanOrder, open_import_cells, plan_changed,
};
use crate::composition::{
    ComponentEvent, ComponentHandle, Composition, CompositionLayout, CurrentParts, PendingRun,
    RunningPart, lifecycle,
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
        // Changes are made one after another, since each plan is made from the one before.
        let turn = inner.changing.lock().await;
        let component = self.name();
        let stopped = || ReplaceError::Stopped {
            component: component.to_owned(),
        };
        if self.composition.is_closed() {
            return Err(stopped());
        }
        if !self.is_present() {
            return Err(ReplaceError::Removed {
                component: component.to_owned(),
            });
        }
        let ExportRefs::One(address) = self.part.export_refs() else {
            return Err(ReplaceError::Nested {
                component: component.to_owned(),
                what: "it",
            });
        };
        let ReplacementPlan {
            layout,
            open_import_cells,
            parts,
            prepared,
            offers,
        } = ReplacementPlan::plan(&self.composition, component, with)?;
        let spec = prepared.spec(&parts, &open_import_cells);

        let held = GateGuard::new(&self.part, address).await;
        let idle = tokio::time::timeout(grace, address.activity().idle());
        if idle.await.is_err() {
            return Err(ReplaceError::Busy {
                component: component.to_owned(),
                running: address.activity().running(),
            });
        }
        let next = PendingRun::start(&spec).await?;
        if self.composition.is_closed() {
            return Err(stopped());
        }
        let old = address.incarnation();
        let before = self.part.replace(next, spec, offers);
        let before = before.map_err(|_| stopped())?;
        drop(held);
        // If the composition has been closed meanwhile, its end takes the new run, too.
        let _ = inner.install(CurrentParts::new(layout, parts));
        inner.events.send(ComponentEvent::Replaced {
            component: component.to_owned(),
        });
        if let Some(runner) = before {
            let ending = EndingRun(Some(runner));
            // No other calls reach it any more. What it imports from must not go before.
            let _ = tokio::time::timeout(grace, lifecycle::stop(&old)).await;
            drop(turn);
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
    open_import_cells: Vec<Arc<OpenImportCell>>,
    /// The parts, in the order of the new plan.
    parts: Vec<Arc<RunningPart>>,
    prepared: PreparedPart,
    /// The offers of the new part, in the order of the old part's.
    offers: Arc<ExportOffers>,
}

impl ReplacementPlan {
    fn plan(
        composition: &Composition,
        component: &str,
        with: ComposableDescriptor,
    ) -> Result<Self, ReplaceError> {
        let present = composition.present();
        let new = AddedPart::read(with).map_err(|errors| PartErrors { errors })?;
        if new.name != component {
            return Err(ReplaceError::Name {
                component: component.to_owned(),
                found: new.name,
            });
        }
        let layout = &present.layout;
        let mut graph = layout.graph.clone();
        let nodes = graph.nodes.iter_mut();
        for node in nodes.filter(|node| node.name == component) {
            exports_fit(component, &new.known.world, &node.world)?;
            // Its place in the composition stays the same, whatever the new part is.
            *node = Node {
                in_list: node.in_list,
                ..new.node()
            };
        }
        let unplanned = |unplanned| match unplanned {
            ChangeRefusal::Misfit(errors) => ReplaceError::Plan {
                component: component.to_owned(),
                errors,
            },
            ChangeRefusal::Rewired(reason) => ReplaceError::Rewired {
                component: component.to_owned(),
                reason,
            },
        };
        let plan = plan_changed(&graph, &layout.plan, component).map_err(unplanned)?;
        let cells = composition.open_import_cells();
        let open_import_cells = open_import_cells(&plan, &layout.plan, cells).map_err(unplanned)?;
        let PartsInPlanOrder { parts, mut offers } = PartsInPlanOrder::new(&present, &plan);
        let place = plan.components.iter().position(|c| c.name == component);
        let index = place.ok_or_else(|| ReplaceError::Stopped {
            component: component.to_owned(),
        })?;
        let prepared = new.link(&plan.components[index], &offers)?;
        if prepared.start.is_nested() {
            return Err(ReplaceError::Nested {
                component: component.to_owned(),
                what: "the new one",
            });
        }
        let matches = |old: &str, new: &str| Name::new(old).matches(&Name::new(new)).is_some();
        let aligned = prepared.offers.aligned(&offers[index], matches);
        offers[index] = aligned.clone();
        Ok(ReplacementPlan {
            layout: layout.changed(plan, graph, offers),
            open_import_cells,
            parts,
            prepared,
            offers: aligned,
        })
    }
}

/// Checks that a new part exports what the old one does.
fn exports_fit(component: &str, new: &World, old: &World) -> Result<(), ReplaceError> {
    check_exports_fit(new, old).map_err(|misfits| ReplaceError::Misfit {
        component: component.to_owned(),
        misfits,
    })
}
