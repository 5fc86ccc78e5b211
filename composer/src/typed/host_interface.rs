//! The linker of a part, for what the embedder implements.

use std::any::Any;
use std::ops::{Deref, DerefMut};
use std::sync::Arc;

use composer_plan::{Item, Name, World};
use wasmtime::component::{Linker, LinkerInstance};

use crate::boundary::resources::host_types::HostTypes;
use crate::transfer::FuncHandlePaths;
use crate::typed::ErasedBindings;
use crate::typed::host_site::HostSite;

/// A part's linker, for the functions that the embedder implements.
pub struct HostLinker<'l, T: 'static> {
    linker: &'l mut Linker<T>,
    types: &'l mut HostTypes<T>,
    world: &'l World,
    /// Whether anything was defined.
    defined: bool,
}

/// An instance in a part's linker, for the items of an interface or of a world.
pub struct HostInterface<'l, T: 'static> {
    linker: LinkerInstance<'l, T>,
    /// The interface's name; `None` for the world itself.
    name: Option<Arc<str>>,
    /// The embedder's types whose values can leave the part's stores.
    pub(super) types: &'l mut HostTypes<T>,
    /// The import: an interface, or an item of the world.
    import: &'l Item,
}

impl<'l, T: 'static> HostLinker<'l, T> {
    pub(crate) fn new(
        linker: &'l mut Linker<T>,
        types: &'l mut HostTypes<T>,
        world: &'l World,
    ) -> Self {
        // What the embedder implements for the composition takes precedence over its
        // linker for this one part.
        linker.allow_shadowing(true);
        HostLinker {
            linker,
            types,
            world,
            defined: false,
        }
    }

    /// The same linker, if the data of its stores has this type.
    pub(super) fn of_type<D: 'static>(&mut self) -> Option<HostLinker<'_, D>> {
        let linker: &mut dyn Any = self.linker;
        let types: &mut dyn Any = self.types;
        Some(HostLinker {
            linker: linker.downcast_mut()?,
            types: types.downcast_mut()?,
            world: self.world,
            defined: false,
        })
    }

    /// Whether bindings would define anything that the part imports.
    pub(super) fn would_take(&self, bindings: &dyn ErasedBindings) -> wasmtime::Result<bool> {
        let mut linker = Linker::new(self.linker.engine());
        let mut types = HostTypes::default();
        let mut tried = HostLinker::new(&mut linker, &mut types, self.world);
        bindings.link_plain(&mut tried)?;
        Ok(tried.defined)
    }

    /// Defines the functions of an interface, if the part imports it.
    ///
    /// # Errors
    ///
    /// What `define` returns.
    pub fn interface(
        &mut self,
        name: &str,
        define: impl FnOnce(&mut HostInterface<'_, T>) -> wasmtime::Result<()>,
    ) -> wasmtime::Result<()> {
        let wanted = Name::new(name);
        let mut imports = self.world.imports.iter();
        let import = imports.find(|import| wanted.matches(&import.name).is_some());
        self.defined |= import.is_some();
        match import {
            Some(import) => define(&mut HostInterface {
                linker: self.linker.instance(name)?,
                name: Some(Name::new(name).base().into()),
                types: self.types,
                import: &import.item,
            }),
            None => Ok(()),
        }
    }

    /// Defines a function or a resource of the part's world itself, if the part imports it.
    ///
    /// # Errors
    ///
    /// What `define` returns.
    pub fn item(
        &mut self,
        name: &str,
        define: impl FnOnce(&mut HostInterface<'_, T>) -> wasmtime::Result<()>,
    ) -> wasmtime::Result<()> {
        let mut imports = self.world.imports.iter();
        let import = imports.find(|import| import.name.as_str() == name);
        self.defined |= import.is_some();
        match import {
            Some(import) => define(&mut HostInterface {
                linker: self.linker.root(),
                name: None,
                types: self.types,
                import: &import.item,
            }),
            None => Ok(()),
        }
    }
}

impl<T> HostInterface<'_, T> {
    /// A function of the interface or the world, as errors name it.
    pub(super) fn site(&self, function: &'static str) -> HostSite {
        HostSite::new(self.name.clone(), function)
    }

    /// The places of handles in the types of a function, as the part imports it. A
    /// function that it does not import is never called.
    pub(super) fn handle_paths(&self, function: &str) -> Arc<FuncHandlePaths> {
        let func = match self.import {
            Item::Func(func) => Some(func),
            Item::Interface(interface) => interface.funcs.get(function),
            _ => None,
        };
        let paths = func.map(|func| FuncHandlePaths::new(func));
        Arc::new(paths.unwrap_or_default())
    }
}

impl<'l, T> Deref for HostInterface<'l, T> {
    type Target = LinkerInstance<'l, T>;

    fn deref(&self) -> &LinkerInstance<'l, T> {
        &self.linker
    }
}

impl<T> DerefMut for HostInterface<'_, T> {
    fn deref_mut(&mut self) -> &mut Self::Target {
        &mut self.linker
    }
}
