//! Typed bindings for parts whose kind is not known when the program is compiled.
//!
//! The bindings that `compose!` generates are compiled for the data of a part's store. A
//! boxed part does not show what that is, so they are compiled for the two types of data
//! that the parts of this crate have.

use std::any::Any;

use crate::typed::{HostLinker, TypedBindings, TypedRegistry};
#[cfg(feature = "wasi")]
use crate::wasi::State;

/// [`TypedBindings`] as an object.
pub trait ErasedBindings {
    /// For parts with an empty store.
    fn functions_of_plain(&self, registry: &mut TypedRegistry<()>);

    /// For parts with an empty store.
    ///
    /// # Errors
    ///
    /// As [`TypedBindings::link`].
    fn link_plain(&self, linker: &mut HostLinker<'_, ()>) -> wasmtime::Result<()>;

    /// For parts with WASI.
    #[cfg(feature = "wasi")]
    fn functions_of_wasi(&self, registry: &mut TypedRegistry<State>);

    /// For parts with WASI.
    ///
    /// # Errors
    ///
    /// As [`TypedBindings::link`].
    #[cfg(feature = "wasi")]
    fn link_wasi(&self, linker: &mut HostLinker<'_, State>) -> wasmtime::Result<()>;
}

impl<G: TypedBindings> ErasedBindings for G {
    fn functions_of_plain(&self, registry: &mut TypedRegistry<()>) {
        self.functions(registry);
    }

    fn link_plain(&self, linker: &mut HostLinker<'_, ()>) -> wasmtime::Result<()> {
        self.link(linker)
    }

    #[cfg(feature = "wasi")]
    fn functions_of_wasi(&self, registry: &mut TypedRegistry<State>) {
        self.functions(registry);
    }

    #[cfg(feature = "wasi")]
    fn link_wasi(&self, linker: &mut HostLinker<'_, State>) -> wasmtime::Result<()> {
        self.link(linker)
    }
}

/// The bindings of a boxed part, for the part itself.
pub(crate) struct BoxedBindings<'g>(pub(crate) &'g dyn ErasedBindings);

impl TypedBindings for BoxedBindings<'_> {
    /// Where the data has another type, the functions are called with dynamic values.
    fn functions<T: Send + 'static>(&self, registry: &mut TypedRegistry<T>) {
        let registry: &mut dyn Any = registry;
        if let Some(registry) = registry.downcast_mut() {
            self.0.functions_of_plain(registry);
        }
        #[cfg(feature = "wasi")]
        if let Some(registry) = registry.downcast_mut() {
            self.0.functions_of_wasi(registry);
        }
    }

    fn link<T: Send + 'static>(&self, linker: &mut HostLinker<'_, T>) -> wasmtime::Result<()> {
        if let Some(mut linker) = linker.of_type() {
            return self.0.link_plain(&mut linker);
        }
        #[cfg(feature = "wasi")]
        if let Some(mut linker) = linker.of_type() {
            return self.0.link_wasi(&mut linker);
        }
        match linker.would_take(self.0)? {
            false => Ok(()),
            true => Err(wasmtime::Error::msg(
                "it is boxed, and its store has data of the program's own type, for which \
                 nothing was compiled; give it without a box, or make it of a `Runtime` or a \
                 `WasiComponent`",
            )),
        }
    }
}
