//! The removal of a component while the composition runs.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use composer_plan::{Plan, Source};

use crate::composition::change::{Rearranged, Unplanned, plan_changed};
use crate::composition::{ComponentEvent, ComponentHandle, CurrentParts, RunningPart, Shutdown};
use crate::error::RemoveError;

impl ComponentHandle {
    /// Removes the component from the composition, if nobody needs it.
    ///
    /// From then on it cannot be found, and calls through handles that are left fail with
    /// [`CallError::Stopped`](crate::CallError::Stopped). Calls that run get `grace` to
    /// end. Then the component is notified and ended as in a
    /// [`shutdown`](crate::Composition::shutdown), which the result reports in the same
    /// way. Resources of the component that others hold are gone with it.
    ///
    /// Its name is free again: another component can be
    /// [added](crate::Composition::add) under it. A component that is dead can be removed,
    /// too.
    ///
    /// # Errors
    ///
    /// [`RemoveError`]: another component imports from it, it belongs to what
    /// [`compose!`](crate::compose!) declared and is not of a list, or the composition is
    /// part of another one that uses it. Nothing changes then.
    ///
    /// # Cancellation
    ///
    /// Dropping the future once it has begun to wait for calls ends the component without
    /// waiting for them.
    ///
    /// # Panics
    ///
    /// In a tokio runtime that was built without timers, as tokio itself does.
    pub async fn remove(&self, grace: Duration) -> Result<Shutdown, RemoveError> {
        let inner = &self.composition.inner;
        let turn = inner.changing.lock().await;
        let component = || self.name().to_owned();
        let gone = || RemoveError::Gone {
            component: component(),
        };
        if self.composition.is_closed() || !self.is_present() {
            return Err(gone());
        }
        let present = self.composition.present();
        let layout = &present.layout;
        if layout.typed.contains(self.name()) {
            return Err(RemoveError::Declared {
                component: component(),
            });
        }
        let by = users(&layout.plan, self.name());
        if !by.is_empty() {
            return Err(RemoveError::Needed {
                component: component(),
                by,
            });
        }
        if inner.is_nested.load(Ordering::Acquire) {
            let shown = layout.plan.exports.iter();
            let mut shown = shown.filter(|export| export.components == [self.name()]);
            if let Some(export) = shown.next() {
                return Err(RemoveError::Shown {
                    component: component(),
                    export: export.name.to_string(),
                });
            }
        }
        let mut graph = layout.graph.clone();
        graph.nodes.retain(|node| node.name != self.name());
        let plan = plan_changed(&graph, &layout.plan, self.name());
        let plan = plan.map_err(|unplanned| RemoveError::Rewired {
            component: component(),
            reason: match unplanned {
                Unplanned::Misfit(errors) => errors.to_string(),
                Unplanned::Rewired(reason) => reason,
            },
        })?;
        let Rearranged { parts, offers } = Rearranged::new(&present, &plan);
        let layout = layout.changed(plan, graph, offers);
        if !inner.install(CurrentParts::new(layout, parts)) {
            return Err(gone());
        }
        // The composition no longer knows the part, so it ends here, whatever happens.
        let ending = EndingPart(&self.part);
        drop(turn);
        inner.events.send(ComponentEvent::Removed {
            component: component(),
        });
        Ok(ending.0.wind_up(grace).await)
    }

    /// Whether the composition still has this component.
    pub(super) fn is_present(&self) -> bool {
        self.index(&self.composition.present()).is_some()
    }
}

/// The components that import from this one.
fn users(plan: &Plan, component: &str) -> Vec<String> {
    let uses = |source: &Source| matches!(source, Source::Component { component: from, .. } if from == component);
    let users = plan.components.iter();
    let users = users.filter(|user| user.links.iter().any(|link| uses(&link.source)));
    users.map(|user| user.name.clone()).collect()
}

/// Ends a part even if its end is not awaited.
struct EndingPart<'p>(&'p Arc<RunningPart>);

impl Drop for EndingPart<'_> {
    fn drop(&mut self) {
        self.0.stop();
    }
}
