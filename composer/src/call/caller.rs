//! The component that calls a function of the program.

use std::fmt;
use std::sync::Arc;

use crate::boundary::isolated::instance::Instance;

/// The component on whose behalf a function of the program runs.
///
/// A function that the program gives to components does not say in its parameters who calls
/// it. It can ask, whether it is a method of a trait that [`compose!`](crate::compose!)
/// makes or a closure in a linker:
///
/// ```
/// use composer::{Caller, ComposableDescriptor, Composer, Configure, Runtime};
///
/// /// What belongs to one part.
/// struct Tenant(&'static str);
///
/// # const PLUGIN: &[u8] = br#"(component
/// #     (import "tenant" (func $tenant (result string)))
/// #     (core module $libc (memory (export "memory") 1)
/// #       (func (export "realloc") (param i32 i32 i32 i32) (result i32) (i32.const 64)))
/// #     (core instance $libc (instantiate $libc))
/// #     (core func $lowered (canon lower (func $tenant)
/// #       (memory (core memory $libc "memory"))
/// #       (realloc (core func $libc "realloc"))))
/// #     (core module $m
/// #       (import "" "tenant" (func $tenant (param i32)))
/// #       (func (export "whose") (result i32) (call $tenant (i32.const 8)) (i32.const 8)))
/// #     (core instance $m (instantiate $m (with "" (instance (export "tenant" (func $lowered))))))
/// #     (func (export "whose") (result string)
/// #       (canon lift (core func $m "whose") (memory (core memory $libc "memory")))))"#;
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), composer::CompositionError> {
/// # let runtime = Runtime::new()?;
/// let plugin = runtime.load_bytes("plugin.wat", PLUGIN).await?;
/// let part = plugin.part().with_linker(|linker| {
///     linker.root().func_wrap("tenant", |_, (): ()| {
///         let caller = Caller::current();
///         let tenant = caller.as_ref().and_then(Caller::data::<Tenant>);
///         Ok((tenant.map_or("no tenant", |tenant| tenant.0).to_owned(),))
///     })
/// });
/// let mut composer = Composer::new();
/// composer.add(ComposableDescriptor::new("plugin", part.with_data(Tenant("Robin"))));
/// let composition = composer.compose().await?;
/// let whose = composition.get_func(None, "whose")?.call_owned([]).await?;
/// assert_eq!(whose, Some("Robin".into()));
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct Caller {
    instance: Arc<Instance>,
}

impl Caller {
    /// The component for which the current code runs: in a function that it has called,
    /// before and after each await. `None` elsewhere, and so in tasks that such a function
    /// has spawned.
    ///
    /// In a group of fused components, the caller is the group.
    pub fn current() -> Option<Caller> {
        let instance = Instance::current()?;
        Some(Caller { instance })
    }

    /// The component's name in its composition. For an element of a list, that of the list
    /// comes first.
    pub fn component(&self) -> &str {
        self.instance.incarnation.name()
    }

    /// The value that its part [was given](crate::Configure::with_data), if it has this
    /// type.
    pub fn data<D: 'static>(&self) -> Option<&D> {
        let data = self.instance.incarnation.outline.data.as_ref()?;
        data.downcast_ref()
    }
}

impl fmt::Debug for Caller {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Caller({:?})", self.component())
    }
}
