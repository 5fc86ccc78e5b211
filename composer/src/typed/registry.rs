//! The typed registry, in which a part's store and the Rust types of its functions meet.

use std::collections::HashMap;
use std::sync::Arc;

use composer_plan::Name;
use wasmtime::Store;
use wasmtime::component::{Func, LinkerInstance};

use crate::adapter::{Adapter, AdapterCalls};
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

/// [`TypedBindings`] for one type of data, as an object.
///
/// A part whose store has data of this crate's own type takes its bindings in this form.
/// So all that follows from them is compiled with this crate, and not once more with each
/// program: optimised builds do not share instances of generic functions.
pub(crate) trait BindingsFor<T: 'static> {
    /// As [`TypedBindings::functions`].
    fn functions_for(&self, registry: &mut TypedRegistry<T>);

    /// As [`TypedBindings::link`].
    fn link_for(&self, linker: &mut HostLinker<'_, T>) -> wasmtime::Result<()>;
}

impl<G: TypedBindings, T: Send + 'static> BindingsFor<T> for G {
    fn functions_for(&self, registry: &mut TypedRegistry<T>) {
        self.functions(registry);
    }

    fn link_for(&self, linker: &mut HostLinker<'_, T>) -> wasmtime::Result<()> {
        self.link(linker)
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
    pub(crate) is_async: bool,
    pub(crate) define: DefineTyped<T>,
}

/// Defines an imported function in Rust types.
type DefineTyped<T> =
    fn(Arc<Adapter>, AdapterCalls<T>, &mut LinkerInstance<'_, T>, &str) -> wasmtime::Result<()>;

impl<T> Default for TypedRegistry<T> {
    fn default() -> Self {
        TypedRegistry {
            exports: HashMap::new(),
            imports: HashMap::new(),
        }
    }
}

impl<T: Send + 'static> TypedRegistry<T> {
    pub(crate) fn new(glue: &dyn BindingsFor<T>) -> Self {
        let mut registry = TypedRegistry::default();
        glue.functions_for(&mut registry);
        registry
    }

    /// Registers an exported function.
    pub fn export<P: TypedValues, R: TypedValues>(&mut self, function: &Function<P, R>) {
        let export = TypedExport {
            signature: function.signature(),
            bind: |func, store| Ok(Box::new(func.typed::<P, R>(store)?)),
        };
        add(&mut self.exports, function.interface, function.name, export);
    }

    /// Registers an imported function.
    pub fn import<P: TypedValues, R: TypedValues>(&mut self, function: &Function<P, R>) {
        let import = TypedImport {
            signature: function.signature(),
            is_async: false,
            define: Adapter::define_typed::<T, P, R>,
        };
        add(&mut self.imports, function.interface, function.name, import);
    }

    /// Registers nothing: without concurrency no `async func` is called in Rust types.
    #[cfg(not(feature = "component-model-async"))]
    pub fn import_async<P: TypedValues, R: TypedValues>(&mut self, _: &Function<P, R>) {}

    /// Registers an imported `async func`.
    #[cfg(feature = "component-model-async")]
    pub fn import_async<P: TypedValues, R: TypedValues>(&mut self, function: &Function<P, R>) {
        let import = TypedImport {
            signature: function.signature(),
            is_async: true,
            define: Adapter::define_typed_async::<T, P, R>,
        };
        add(&mut self.imports, function.interface, function.name, import);
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

fn add<F>(
    named: &mut FunctionMap<F>,
    interface: Option<&'static str>,
    name: &'static str,
    known: F,
) {
    let interface = interface.map(Name::new);
    named.entry(name).or_default().push((interface, known));
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
