//! Supervised parts, which are started again when they die.

use crate::assembly::sealed::Part;
use crate::assembly::{Composable, DescribedPart};
use crate::composition::restart::Restart;
use crate::error::PartError;
use crate::typed::TypedBindings;

/// Makes a component of any [`Composable`] kind start again when it dies.
///
/// What can be started [only once](crate::StartError::Once) cannot be started
/// again either, and stays dead: a [`ComposableInstance`](crate::ComposableInstance),
/// and a `wasi::WasiComponent` with one context (`with_new_ctx` makes one for each
/// run).
///
/// ```
/// use composer::{Composable, CompositionError, Restart, Supervise};
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
///     let greeter = greeter.with_restart(Restart::on_death());
///     Demo::compose(DemoParts { greeter }).await
/// }
/// # fn main() {}
/// ```
pub trait Supervise: Composable + Sized {
    /// Sets the restart policy of this component. Without one, a component that dies
    /// stays dead. The last policy that was set applies.
    ///
    /// A nested composition does not die; its components have policies of their
    /// own.
    fn with_restart(self, restart: Restart) -> Supervised<Self> {
        Supervised::new(self, restart)
    }
}

impl<C: Composable> Supervise for C {}

/// A part that is started again when it dies, made by [`Supervise`].
pub struct Supervised<C> {
    inner: C,
    restart: Restart,
}

impl<C> Supervised<C> {
    pub(crate) fn new(inner: C, restart: Restart) -> Self {
        Supervised { inner, restart }
    }
}

impl<C: Composable + 'static> Composable for Supervised<C> {}

impl<C: Part + 'static> Part for Supervised<C> {
    fn read(self: Box<Self>, name: &str) -> Result<DescribedPart, PartError> {
        let Supervised { inner, restart } = *self;
        let known = Box::new(inner).read(name)?;
        Ok(DescribedPart { restart, ..known })
    }

    fn typed(self, name: &str, glue: &impl TypedBindings) -> Result<Box<dyn Part>, PartError> {
        let inner = self.inner.typed(name, glue)?;
        Ok(Box::new(Supervised::new(inner, self.restart)))
    }
}
