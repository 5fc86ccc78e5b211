//! The removal of a component while the composition runs.

use std::sync::Arc;
use std::time::Duration;

use composer_plan::{Plan, Source};

use crate::composition::change::{ChangeRefusal, PartsInPlanOrder, plan_changed};
use crate::composition::{
    ComponentEvent, ComponentHandle, CompositionInner, CurrentParts, EndingPart, RunningPart,
    Shutdown,
};
use crate::error::RemoveError;
use crate::sync::lock;

impl ComponentHandle {
    /// Removes the component from the composition, if no other component needs it.
    ///
    /// From then on it cannot be found, and calls through handles that are left fail with
    /// [`CallError::Stopped`](crate::CallError::Stopped). (A nested composition takes them
    /// until its calls have ended, or `grace` is over.) Calls that run get `grace` to end.
    /// Then the component is notified and ended as in a
    /// [`shutdown`](crate::Composition::shutdown), which the result reports in the same
    /// way. Resources of the component that others hold are gone with it.
    ///
    /// Its name is free again: another component can be
    /// [added](crate::Composition::add) under it. A component that is dead can be removed,
    /// too.
    ///
    /// # Errors
    ///
    /// [`RemoveError`]: another component imports from it, be it one that is just being
    /// removed; it belongs to what [`compose!`](crate::compose!) declared and is not of a
    /// list; or an outer composition uses it. Nothing changes then.
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
        let mut by = users(&layout.plan, self.name());
        by.extend(inner.ending_users(self.name()));
        if !by.is_empty() {
            return Err(RemoveError::Needed {
                component: component(),
                by,
            });
        }
        let mut graph = layout.graph.clone();
        graph.nodes.retain(|node| node.name != self.name());
        let plan = plan_changed(&graph, &layout.plan, self.name());
        let plan = plan.map_err(|unplanned| RemoveError::Rewired {
            component: component(),
            reason: match unplanned {
                ChangeRefusal::Misfit(errors) => errors.to_string(),
                ChangeRefusal::Rewired(reason) => reason,
            },
        })?;
        let PartsInPlanOrder { parts, offers } = PartsInPlanOrder::new(&present, &plan);
        let ending = EndingPart {
            part: self.part.clone(),
            providers: providers(&layout.plan, self.name()),
        };
        let layout = layout.changed(plan, graph, offers);
        let next = CurrentParts::new(layout, parts);
        {
            // An outer composition that is about to use it takes this lock, too.
            let given = lock(&inner.given);
            if given.contains(self.name()) {
                return Err(RemoveError::Given {
                    component: component(),
                });
            }
            // The end of the composition finds it among the parts or among these.
            lock(&inner.ending).push(ending);
            if !inner.install(next) {
                inner.forget_ending(&self.part);
                return Err(gone());
            }
        }
        let mut ending = EndingGuard {
            inner,
            part: &self.part,
            is_over: false,
        };
        inner.events.send(ComponentEvent::Removed {
            component: component(),
        });
        drop(turn);
        let end = ending.part.wind_up(grace).await;
        ending.is_over = true;
        Ok(end)
    }

    /// Whether the composition still has this component.
    pub(super) fn is_present(&self) -> bool {
        self.index(&self.composition.present()).is_some()
    }
}

impl CompositionInner {
    /// The components that are ending and import from this one.
    fn ending_users(&self, component: &str) -> Vec<String> {
        let mut ending = lock(&self.ending);
        // A removal that was abandoned does not wait for the end of its part.
        ending.retain(|ending| !ending.part.is_gone());
        let uses = |ending: &&EndingPart| ending.providers.iter().any(|from| from == component);
        let users = ending.iter().filter(uses);
        users.map(|ending| ending.part.name().to_owned()).collect()
    }

    fn forget_ending(&self, part: &Arc<RunningPart>) {
        let mut ending = lock(&self.ending);
        let place = ending.iter().position(|one| Arc::ptr_eq(&one.part, part));
        let forgotten = place.map(|place| ending.remove(place));
        drop(ending);
        drop(forgotten);
    }
}

/// The components that import from this one.
fn users(plan: &Plan, component: &str) -> Vec<String> {
    let users = plan.components.iter();
    let users = users.filter(|user| providers(plan, &user.name).iter().any(|p| p == component));
    users.map(|user| user.name.clone()).collect()
}

/// The components that this one imports from.
fn providers(plan: &Plan, component: &str) -> Vec<String> {
    let own = plan.components.iter().find(|c| c.name == component);
    let links = own.into_iter().flat_map(|own| &own.links);
    let providers = links.filter_map(|link| match &link.source {
        Source::Component { component, .. } => Some(component.clone()),
        _ => None,
    });
    providers.collect()
}

/// Ends a part that the composition no longer has, even if its end is not awaited.
struct EndingGuard<'p> {
    inner: &'p CompositionInner,
    part: &'p Arc<RunningPart>,
    is_over: bool,
}

impl Drop for EndingGuard<'_> {
    fn drop(&mut self) {
        self.part.stop();
        if self.is_over {
            self.inner.forget_ending(self.part);
        }
    }
}
