//! The typed registry, in which a part's store and the Rust types of its functions meet.

use std::collections::HashMap;
use std::sync::Arc;

use composer_plan::Name;
use wasmtime::Store;
use wasmtime::component::{Func, LinkerInstance};

use crate::adapter::Adapter;
use crate::boundary::isolated::bound_func::StaticFunc;
use crate::transfer::TypeSignature;
use crate::typed::function::{Function, TypedValues};
use crate::typed::host_interface::HostLinker;

/// What generated code knows about a part.
pub trait TypedBindings {
    /// Registers the functions that the part exports and imports.
    fn functions<T: Send + 'static>(&self, registry: &mut TypedRegistry<T>);

    /// Defines the imports that the embedder implements.
    ///
    /// # Errors
    ///
    /// As wasmtime's linker.
    fn link<T: Send + 'static>(&self, linker: &mut HostLinker<'_, T>) -> wasmtime::Result<()> {
        let _ = linker;
        Ok(())
    }
}

/// The functions of a part that are known in Rust types.
pub struct TypedRegistry<T: 'static> {
    exports: FunctionMap<TypedExport<T>>,
    imports: FunctionMap<TypedImport<T>>,
}

/// Functions by name, each with its interface.
type FunctionMap<F> = HashMap<&'static str, Vec<(Option<Name>, F)>>;

/// Binds a function of an instance, to be called in Rust types.
pub(crate) type BindTyped<T> = fn(&Func, &Store<T>) -> wasmtime::Result<Box<dyn StaticFunc<T>>>;

pub(crate) struct TypedExport<T: 'static> {
    pub(crate) signature: TypeSignature,
    pub(crate) bind: BindTyped<T>,
}

pub(crate) struct TypedImport<T: 'static> {
    pub(crate) signature: TypeSignature,
    pub(crate) define: fn(Arc<Adapter>, &mut LinkerInstance<'_, T>, &str) -> wasmtime::Result<()>,
}

impl<T> Default for TypedRegistry<T> {
    fn default() -> Self {
        TypedRegistry {
            exports: HashMap::new(),
            imports: HashMap::new(),
        }
    }
}

impl<T: Send + 'static> TypedRegistry<T> {
    pub(crate) fn new(glue: &impl TypedBindings) -> Self {
        let mut registry = TypedRegistry::default();
        glue.functions(&mut registry);
        registry
    }

    /// Registers an exported function.
    pub fn export<P: TypedValues, R: TypedValues>(&mut self, function: &Function<P, R>) {
        let export = TypedExport {
            signature: function.signature(),
            bind: |func, store| Ok(Box::new(func.typed::<P, R>(store)?)),
        };
        add(&mut self.exports, function, export);
    }

    /// Registers an imported function.
    pub fn import<P: TypedValues, R: TypedValues>(&mut self, function: &Function<P, R>) {
        let import = TypedImport {
            signature: function.signature(),
            define: Adapter::define_typed::<T, P, R>,
        };
        add(&mut self.imports, function, import);
    }
}

impl<T> TypedRegistry<T> {
    pub(crate) fn find_export(
        &self,
        interface: Option<&Name>,
        name: &str,
    ) -> Option<&TypedExport<T>> {
        find(&self.exports, interface, name)
    }

    pub(crate) fn find_import(
        &self,
        interface: Option<&Name>,
        name: &str,
    ) -> Option<&TypedImport<T>> {
        find(&self.imports, interface, name)
    }
}

fn add<F, P, R>(named: &mut FunctionMap<F>, function: &Function<P, R>, known: F) {
    let interface = function.interface.map(Name::new);
    named
        .entry(function.name)
        .or_default()
        .push((interface, known));
}

/// Finds what is known about a function of a real component, whose interface may have
/// another version than the declared one.
fn find<'r, F>(named: &'r FunctionMap<F>, interface: Option<&Name>, name: &str) -> Option<&'r F> {
    let matches = |declared: &Option<Name>| match (declared, interface) {
        (Some(declared), Some(interface)) => declared.matches(interface).is_some(),
        (declared, interface) => declared.is_none() && interface.is_none(),
    };
    let mut known = named.get(name)?.iter();
    known
        .find(|(declared, _)| matches(declared))
        .map(|(_, f)| f)
}

/// Bindings without any functions.
impl TypedBindings for () {
    fn functions<T: Send + 'static>(&self, _: &mut TypedRegistry<T>) {}
}
