//! What the embedder sets for a part, whatever kind of part it is.

use std::any::Any;
use std::sync::Arc;

use crate::assembly::sealed::Part;
use crate::assembly::{Composable, DescribedPart};
use crate::composition::restart::Restart;
use crate::error::PartError;
use crate::typed::TypedBindings;

/// The embedder's value that belongs to a part.
pub(crate) type PartData = Arc<dyn Any + Send + Sync>;

/// The settings that parts of all kinds have.
#[derive(Clone, Default)]
pub(crate) struct PartSettings {
    pub(crate) restart: Option<Restart>,
    pub(crate) inbox: Option<usize>,
    pub(crate) data: Option<PartData>,
}

impl PartSettings {
    /// These settings, and where there is none, the other ones.
    fn or(self, other: PartSettings) -> PartSettings {
        PartSettings {
            restart: self.restart.or(other.restart),
            inbox: self.inbox.or(other.inbox),
            data: self.data.or(other.data),
        }
    }
}

/// Sets what a part of any [`Composable`] kind has besides its code: a restart policy, the
/// capacity of its inbox, and a value of the program's.
///
/// These methods can be called on single parts, on the elements of a list, on groups and
/// on parts that replace others. [`ComposableDescriptor`](crate::ComposableDescriptor) has
/// them too. If one is called twice, the last call applies.
///
/// ```
/// use composer::{Composable, CompositionError, Configure, Restart};
///
/// composer::compose!({
///     inline: "
///         package demo:hello;
///         world greeter { export hello: func() -> string; }
///     ",
///     composition: Demo,
///     components: { greeter: "demo:hello/greeter" },
///     exports: ["hello"],
/// });
///
/// async fn demo(greeter: impl Composable + 'static) -> Result<Demo, CompositionError> {
///     let greeter = greeter
///         .with_restart(Restart::on_death())
///         .with_inbox_capacity(16);
///     Demo::compose(DemoParts { greeter }).await
/// }
/// # fn main() {}
/// ```
pub trait Configure: Composable + Sized {
    /// Sets the restart policy of the part: whether its component is started again when it
    /// dies. Without one, a component that dies stays dead.
    ///
    /// What can be started [only once](crate::StartError::Once) cannot be started again
    /// either, and stays dead: a [`ComposableInstance`](crate::ComposableInstance), and a
    /// `wasi::WasiComponent` with one context (`with_new_ctx` makes one for each run).
    /// A nested composition does not die; its components have policies of their own.
    fn with_restart(self, restart: Restart) -> Configured<Self> {
        let settings = PartSettings {
            restart: Some(restart),
            ..PartSettings::default()
        };
        Configured::new(self, settings)
    }

    /// Sets how many calls of the embedder may wait in the component's inbox: at least 1,
    /// and 64 if neither this nor the part's limits set it. Further calls wait for room.
    /// Calls of other components always find room, so that they begin in the order in which
    /// they were made.
    ///
    /// A nested composition has no inbox; its components have inboxes of their own.
    fn with_inbox_capacity(self, calls: usize) -> Configured<Self> {
        let settings = PartSettings {
            inbox: Some(calls.max(1)),
            ..PartSettings::default()
        };
        Configured::new(self, settings)
    }

    /// Gives the part a value of the program's: a quota, the name of a tenant, a handle to
    /// a database. Functions of the program find it by [`Caller::data`](crate::Caller::data)
    /// when the component calls them.
    ///
    /// The value stays when the component is started again, and all compositions that are
    /// made of one [`PreparedComposition`](crate::PreparedComposition) share it. A nested
    /// composition gives it to no one; its components have values of their own.
    fn with_data<D: Send + Sync + 'static>(self, data: D) -> Configured<Self> {
        let settings = PartSettings {
            data: Some(Arc::new(data)),
            ..PartSettings::default()
        };
        Configured::new(self, settings)
    }
}

impl<C: Composable> Configure for C {}

/// A part with settings, made by [`Configure`].
pub struct Configured<C> {
    inner: C,
    settings: PartSettings,
}

impl<C> Configured<C> {
    pub(crate) fn new(inner: C, settings: PartSettings) -> Self {
        Configured { inner, settings }
    }
}

impl<C: Composable + 'static> Composable for Configured<C> {}

impl<C: Part + 'static> Part for Configured<C> {
    fn read(self: Box<Self>, name: &str) -> Result<DescribedPart, PartError> {
        let Configured { inner, settings } = *self;
        let known = Box::new(inner).read(name)?;
        Ok(DescribedPart {
            settings: settings.or(known.settings),
            ..known
        })
    }

    fn typed(self, name: &str, glue: &impl TypedBindings) -> Result<Box<dyn Part>, PartError> {
        let inner = self.inner.typed(name, glue)?;
        Ok(Box::new(Configured::new(inner, self.settings)))
    }
}
