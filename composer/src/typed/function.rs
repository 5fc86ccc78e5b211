//! Functions, by their names and Rust types.

use std::marker::PhantomData;

use wasmtime::component::{ComponentNamedList, Lift, Lower};

use crate::transfer::{TypeSignature, Wire};
use crate::typed::HostInterface;

/// The arguments or the results of a function in Rust types: a tuple.
pub trait TypedValues: Wire + ComponentNamedList + Lift + Lower {}

impl<V: Wire + ComponentNamedList + Lift + Lower> TypedValues for V {}

/// A WIT function with arguments `P` and results `R`.
pub struct Function<P, R> {
    /// Its index in its [`FunctionTable`](crate::handles::FunctionTable).
    pub(crate) index: usize,
    pub(crate) interface: Option<&'static str>,
    pub(crate) name: &'static str,
    types: PhantomData<fn(P) -> R>,
}

impl<P, R> Function<P, R> {
    /// The function `name` of an interface, or of a world, with the index `index` in a
    /// [`FunctionTable`](crate::handles::FunctionTable).
    pub const fn new(index: usize, interface: Option<&'static str>, name: &'static str) -> Self {
        Function {
            index,
            interface,
            name,
            types: PhantomData,
        }
    }

    /// A function that only components call, and that is in no function table.
    pub const fn linked(interface: Option<&'static str>, name: &'static str) -> Self {
        Function::new(usize::MAX, interface, name)
    }
}

impl<P: 'static, R: 'static> Function<P, R> {
    pub(crate) fn signature(&self) -> TypeSignature {
        TypeSignature::of::<P, R>()
    }
}

impl<P, R> Function<P, R>
where
    P: ComponentNamedList + Lift + 'static,
    R: ComponentNamedList + Lower + 'static,
{
    /// Defines the function by a host function that returns at once.
    ///
    /// # Errors
    ///
    /// As wasmtime's `func_wrap`.
    pub fn define<T: 'static>(
        &self,
        linker: &mut HostInterface<'_, T>,
        host: impl Fn(P) -> wasmtime::Result<R> + Send + Sync + 'static,
    ) -> wasmtime::Result<()> {
        let site = linker.site(self.name);
        linker.func_wrap(self.name, move |_, args| site.run(|| host(args)))
    }

    /// Defines the function by a host function that the whole component waits for.
    ///
    /// # Errors
    ///
    /// As wasmtime's `func_wrap_async`.
    pub fn define_async<T: 'static, F>(
        &self,
        linker: &mut HostInterface<'_, T>,
        host: impl Fn(P) -> F + Send + Sync + 'static,
    ) -> wasmtime::Result<()>
    where
        F: Future<Output = wasmtime::Result<R>> + Send + 'static,
    {
        let site = linker.site(self.name);
        linker.func_wrap_async(self.name, move |_, args| {
            let begun = site.run(|| Ok(host(args)));
            Box::new(site.clone().finish(begun))
        })
    }

    /// Defines the function, an `async func`, by a host function that runs while the
    /// component continues.
    ///
    /// # Errors
    ///
    /// As wasmtime's `func_wrap_concurrent`: the engine must support it.
    #[cfg(feature = "component-model-async")]
    pub fn define_concurrent<T: 'static, F>(
        &self,
        linker: &mut HostInterface<'_, T>,
        host: impl Fn(P) -> F + Send + Sync + 'static,
    ) -> wasmtime::Result<()>
    where
        F: Future<Output = wasmtime::Result<R>> + Send + 'static,
    {
        let site = linker.site(self.name);
        linker.func_wrap_concurrent(self.name, move |_, args| {
            let begun = site.run(|| Ok(host(args)));
            Box::pin(site.clone().finish(begun))
        })
    }
}
