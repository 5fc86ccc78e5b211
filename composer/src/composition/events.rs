//! Events of components that come and go.

use std::fmt;
use std::sync::Mutex;

use tokio::sync::broadcast;
use tokio::sync::broadcast::error::RecvError;

use crate::composition::Composition;
use crate::sync::lock;

/// A change of the components of a running composition.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ComponentEvent {
    /// A component was [added](Composition::add), and takes calls.
    Added {
        /// Its name.
        component: String,
    },
    /// A component was [replaced](crate::ComponentHandle::replace), and the new one takes
    /// the calls.
    Replaced {
        /// Its name.
        component: String,
    },
    /// A component was [removed](crate::ComponentHandle::remove). Calls in it may still
    /// run.
    Removed {
        /// Its name.
        component: String,
    },
    /// The reader was slow, and events are lost.
    /// [`Composition::components`] says what is there.
    Missed {
        /// How many.
        events: u64,
    },
}

/// The changes of a composition, made by [`Composition::events`]. It keeps nothing
/// running.
pub struct ComponentEvents(broadcast::Receiver<ComponentEvent>);

impl ComponentEvents {
    /// How many events are kept for a reader that is slow.
    pub const KEPT: usize = 128;

    /// Waits for the next event. `None` once the composition has been shut down or is
    /// gone.
    ///
    /// # Cancellation
    ///
    /// Dropping the future loses no event.
    pub async fn next(&mut self) -> Option<ComponentEvent> {
        match self.0.recv().await {
            Ok(event) => Some(event),
            Err(RecvError::Lagged(events)) => Some(ComponentEvent::Missed { events }),
            Err(RecvError::Closed) => None,
        }
    }
}

impl fmt::Debug for ComponentEvents {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ComponentEvents")
    }
}

impl Composition {
    /// The components that are added, replaced and removed from now on.
    ///
    /// At most [`ComponentEvents::KEPT`] events are kept for a slow reader, which learns
    /// how many are lost.
    ///
    /// ```
    /// # use std::time::Duration;
    /// use composer::{ComponentEvent, ComposableDescriptor, Composer};
    /// # use wasmtime::{Engine, component::Component};
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let plugin = Component::new(&Engine::default(), "(component)")?;
    /// let composition = Composer::new().compose().await?;
    /// let mut events = composition.events();
    /// composition.add(ComposableDescriptor::new("plugin", plugin)).await?;
    /// assert_eq!(
    ///     events.next().await,
    ///     Some(ComponentEvent::Added { component: "plugin".to_owned() }),
    /// );
    /// composition.shutdown(Duration::ZERO).await;
    /// assert_eq!(events.next().await, None);
    /// # Ok(())
    /// # }
    /// ```
    pub fn events(&self) -> ComponentEvents {
        self.inner.events.subscribe()
    }
}

/// The sending side, for as long as the composition runs.
pub(super) struct EventSender(Mutex<Option<broadcast::Sender<ComponentEvent>>>);

impl EventSender {
    pub(super) fn new() -> Self {
        EventSender(Mutex::new(Some(broadcast::Sender::new(
            ComponentEvents::KEPT,
        ))))
    }

    pub(super) fn send(&self, event: ComponentEvent) {
        match &event {
            ComponentEvent::Added { component } => {
                tracing::info!(component, "a component was added");
            }
            ComponentEvent::Replaced { component } => {
                tracing::info!(component, "a component was replaced");
            }
            ComponentEvent::Removed { component } => {
                tracing::info!(component, "a component was removed");
            }
            ComponentEvent::Missed { .. } => {}
        }
        if let Some(sender) = &*lock(&self.0) {
            // A composition need not have listeners.
            let _ = sender.send(event);
        }
    }

    fn subscribe(&self) -> ComponentEvents {
        let closed = || broadcast::Sender::new(1).subscribe();
        let sender = lock(&self.0);
        ComponentEvents(
            sender
                .as_ref()
                .map_or_else(closed, |sender| sender.subscribe()),
        )
    }

    /// Ends the events.
    pub(super) fn close(&self) {
        lock(&self.0).take();
    }
}
