//! Components that the composition instantiates.

use std::path::Path;
use std::sync::Arc;

use composer_plan::World;
use wasmtime::Store;
use wasmtime::component::{Component, Linker, ResourceTable};

use crate::adapter::define_import;
use crate::assembly::host_imports::HostImports;
use crate::assembly::host_types::host_resources;
use crate::assembly::linked_component::{ExportTable, LinkedComponent, NoStore, StoreFactory};
use crate::assembly::sealed::Part;
use crate::assembly::{Composable, DescribedPart, LinkPart, LinkedPart, PartSettings};
use crate::boundary::binding::ExportOffers;
use crate::boundary::link_context::LinkContext;
use crate::boundary::outline::provider;
use crate::boundary::resources::host_table::{Lending, TablePlace, ValueTable};
use crate::boundary::resources::host_types::{HostResources, HostTypes};
use crate::error::{LoadError, PartError, StartError};
use crate::limits::meter::LimitRules;
use crate::load::world::read_world;
use crate::typed::{BindingsFor, HostLinker, TypedBindings, TypedRegistry};

/// A component, the embedder's own imports for it, and a way to make its store.
///
/// Each composition makes one store with `store_factory` and instantiates the component
/// in it; compositions that are made from one
/// [`PreparedComposition`](crate::PreparedComposition) share the linker. What the
/// embedder sets on the store (fuel, an epoch deadline, a limiter) applies to this
/// component and no other. Imports that `linker` defines stay the embedder's; the others
/// are resolved among the components of the composition.
///
/// ```
/// use composer::ComposableComponent;
/// use wasmtime::component::{Component, Linker};
/// use wasmtime::{Engine, Store};
///
/// # fn main() -> wasmtime::Result<()> {
/// let engine = Engine::default();
/// let component = Component::new(&engine, b"\0asm\x0d\0\x01\0")?;
/// let linker: Linker<()> = Linker::new(&engine);
/// let part = ComposableComponent::new(component, linker, move || Store::new(&engine, ()));
/// # let _ = part;
/// # Ok(())
/// # }
/// ```
pub struct ComposableComponent<T: 'static> {
    component: Component,
    linker: Linker<T>,
    store_factory: StoreFactory<T>,
    registry: TypedRegistry<T>,
    one_by_one: bool,
    /// Whether nothing was set on the store that could make its code wait.
    is_bare: bool,
    rules: Option<Arc<LimitRules>>,
    host_types: HostTypes<T>,
    /// Those that the component imports, once it has been described.
    host_resources: HostResources<T>,
}

impl<T: Send + 'static> ComposableComponent<T> {
    /// Combines a component with its linker and the factory of its stores.
    ///
    /// All three must be of one [`Engine`](wasmtime::Engine).
    pub fn new(
        component: Component,
        linker: Linker<T>,
        store_factory: impl Fn() -> Store<T> + Send + Sync + 'static,
    ) -> Self {
        ComposableComponent::fallible(component, linker, move || Ok(store_factory()))
    }

    /// Like [`new`](ComposableComponent::new), with a store factory that can fail.
    pub(crate) fn fallible(
        component: Component,
        linker: Linker<T>,
        store_factory: impl Fn() -> Result<Store<T>, NoStore> + Send + Sync + 'static,
    ) -> Self {
        ComposableComponent {
            component,
            linker,
            store_factory: Box::new(store_factory),
            registry: TypedRegistry::default(),
            one_by_one: false,
            is_bare: false,
            rules: None,
            host_types: HostTypes::default(),
            host_resources: HostResources::default(),
        }
    }

    /// Lets a resource of the embedder's leave the component's store and enter it.
    ///
    /// `R` is the type that the linker defines a resource with (`ResourceType::host::<R>()`,
    /// as the bindings of `bindgen!` do), and `table` finds the table that has its values
    /// in the store's data. All resources of the linker's that have this type are meant.
    /// Then:
    ///
    /// - a component can give such a resource to another one whose part knows `R` too: the
    ///   value goes from the table of one store into that of the other, and the receiver
    ///   uses it by the functions of its own linker;
    /// - the embedder can [give one](crate::ResourceHandle::from_host) to an exported
    ///   function, and [gets the value](crate::ResourceHandle::into_host) if one is
    ///   returned.
    ///
    /// A resource that is lent to a call is cloned for it. What all copies should share
    /// belongs in an [`Arc`].
    ///
    /// ```
    /// use std::sync::Arc;
    /// use composer::ComposableComponent;
    /// use wasmtime::component::{Component, Linker, ResourceTable, ResourceType};
    /// use wasmtime::{Engine, Store};
    ///
    /// #[derive(Default)]
    /// struct State {
    ///     table: ResourceTable,
    /// }
    ///
    /// /// What plugins get of the program.
    /// struct Context {
    ///     name: String,
    /// }
    ///
    /// # fn main() -> wasmtime::Result<()> {
    /// # let engine = Engine::default();
    /// # let component = Component::new(&engine, b"\0asm\x0d\0\x01\0")?;
    /// let mut linker: Linker<State> = Linker::new(&engine);
    /// linker.instance("example:plugin/context")?.resource(
    ///     "context",
    ///     ResourceType::host::<Arc<Context>>(),
    ///     |mut store, rep| {
    ///         let handle = wasmtime::component::Resource::<Arc<Context>>::new_own(rep);
    ///         store.data_mut().table.delete(handle)?;
    ///         Ok(())
    ///     },
    /// )?;
    /// let store = move || Store::new(&engine, State::default());
    /// let plugin = ComposableComponent::new(component, linker, store)
    ///     .with_host_resource::<Arc<Context>>(|state| &mut state.table);
    /// # let _ = plugin;
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn with_host_resource<R: Clone + Send + 'static>(
        mut self,
        table: fn(&mut T) -> &mut ResourceTable,
    ) -> Self {
        let table = TablePlace::Data(table);
        self.host_types
            .add(ValueTable::<T, R>::new(table, Lending::clones()));
        self
    }

    /// The same for a type without `Clone`. A component that borrows such a resource has
    /// the value itself until the call ends; until then its owner cannot use it, and what
    /// was made from it in a table (as a child) must be gone before it is lent or given
    /// away.
    ///
    /// It is not for types that hold something of their store, as the requests and answers
    /// of `wasmtime_wasi_http::p3` do: parts with WASI pass these on.
    #[must_use]
    pub fn with_moved_host_resource<R: Send + 'static>(
        mut self,
        table: fn(&mut T) -> &mut ResourceTable,
    ) -> Self {
        let table = TablePlace::Data(table);
        self.host_types
            .add(ValueTable::<T, R>::new(table, Lending::Extract));
        self
    }

    /// Sets the types whose values can leave the store, in place of earlier ones.
    #[cfg(any(feature = "fused", feature = "wasi"))]
    pub(crate) fn with_host_types(mut self, types: HostTypes<T>) -> Self {
        self.host_types = types;
        self
    }

    /// Sets the limits that drivers enforce for the component.
    #[cfg(feature = "runtime")]
    pub(crate) fn with_rules(mut self, rules: Arc<LimitRules>) -> Self {
        self.rules = Some(rules);
        self
    }

    /// Loads a component from a file, for the engine of `linker`.
    ///
    /// # Errors
    ///
    /// See [`load_component`](crate::load_component).
    pub fn from_file(
        path: impl AsRef<Path>,
        linker: Linker<T>,
        store_factory: impl Fn() -> Store<T> + Send + Sync + 'static,
    ) -> Result<Self, LoadError> {
        let component = crate::load_component(linker.engine(), path)?;
        Ok(ComposableComponent::new(component, linker, store_factory))
    }

    /// Makes the values of all imports from other components cross as `Val`s, one by one.
    /// Tests compare the other forms with this one.
    #[doc(hidden)]
    #[must_use]
    pub fn one_by_one(mut self) -> Self {
        self.one_by_one = true;
        self
    }
}

/// A component with nothing from its embedder: an empty linker, and an empty store of its
/// own engine. All its imports come from other components.
///
/// ```
/// use composer::{ComposableDescriptor, Composer};
/// use wasmtime::Engine;
/// use wasmtime::component::Component;
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let component = Component::new(&Engine::default(), b"\0asm\x0d\0\x01\0")?;
/// let mut composer = Composer::new();
/// composer.add(ComposableDescriptor::new("alone", component));
/// assert_eq!(composer.plan()?.components[0].name, "alone");
/// # Ok(())
/// # }
/// ```
impl Composable for Component {}

impl Part for Component {
    fn read(self: Box<Self>, name: &str) -> Result<DescribedPart, PartError> {
        Box::new(ComposableComponent::from(*self)).read(name)
    }

    fn typed(self, name: &str, glue: &impl TypedBindings) -> Result<Box<dyn Part>, PartError> {
        typed_alone(self, name, glue)
    }
}

fn typed_alone(
    component: Component,
    name: &str,
    glue: &dyn BindingsFor<()>,
) -> Result<Box<dyn Part>, PartError> {
    ComposableComponent::from(component).typed_part(name, glue)
}

/// A component alone, with an empty linker and an empty store of its own engine.
impl From<Component> for ComposableComponent<()> {
    fn from(component: Component) -> Self {
        let engine = component.engine().clone();
        let linker = Linker::new(&engine);
        let part = ComposableComponent::new(component, linker, move || Store::new(&engine, ()));
        ComposableComponent {
            is_bare: true,
            ..part
        }
    }
}

impl<T: Send + 'static> Composable for ComposableComponent<T> {}

impl<T: Send + 'static> Part for ComposableComponent<T> {
    fn read(self: Box<Self>, _name: &str) -> Result<DescribedPart, PartError> {
        let full = read_world(&self.component);
        Ok(self.described_with(full))
    }

    fn typed(self, name: &str, glue: &impl TypedBindings) -> Result<Box<dyn Part>, PartError> {
        self.typed_part(name, glue)
    }
}

impl<T: Send + 'static> ComposableComponent<T> {
    /// The described part, with a world that shows all of its exports or fewer.
    pub(super) fn described_with(mut self, world: World) -> DescribedPart {
        self.host_resources = host_resources(&self.host_types, &self.linker, &world);
        DescribedPart {
            host: HostImports::of(&self.linker, &world),
            host_types: self.host_resources.planned(&world),
            world: Arc::new(world),
            fused: None,
            settings: PartSettings::default(),
            link: Box::new(self),
        }
    }

    /// The part with the typed bindings of its functions.
    pub(crate) fn typed_part(
        mut self,
        name: &str,
        glue: &dyn BindingsFor<T>,
    ) -> Result<Box<dyn Part>, PartError> {
        self.take(name, glue)?;
        Ok(Box::new(self))
    }

    /// Takes in the typed bindings of its functions, and defines what the program
    /// implements.
    pub(super) fn take(&mut self, name: &str, glue: &dyn BindingsFor<T>) -> Result<(), PartError> {
        self.registry = TypedRegistry::new(glue);
        let world = read_world(&self.component);
        let linked = glue.link_for(&mut HostLinker::new(
            &mut self.linker,
            &mut self.host_types,
            &world,
        ));
        linked.map_err(|error| PartError::Host {
            component: name.to_owned(),
            reason: format!("{error:#}"),
        })
    }
}

impl<T: Send + 'static> LinkPart for ComposableComponent<T> {
    fn link(self: Box<Self>, mut place: LinkContext) -> Result<LinkedPart, StartError> {
        let ComposableComponent {
            component,
            mut linker,
            store_factory,
            registry,
            one_by_one,
            is_bare,
            rules,
            host_types: _,
            mut host_resources,
        } = *self;
        host_resources.retain(|id| provider(&place.world, &place.sources, id).is_none());
        place.rules = rules;
        let does_not_fit = |error| StartError::Linker {
            component: place.name.clone(),
            error,
        };
        // A hint may send an import to a component although the embedder's linker defines
        // that name.
        linker.allow_shadowing(true);
        for (index, source) in place.sources.iter().enumerate() {
            if source.is_linked() {
                define_import(
                    (&mut linker, &host_resources),
                    &place,
                    index,
                    &registry,
                    one_by_one,
                )
                .map_err(does_not_fit)?;
            }
        }
        let pre = linker.instantiate_pre(&component).map_err(does_not_fit)?;
        let export_table =
            ExportTable::new(place, &component, is_bare, &registry, &host_resources)?;
        Ok(LinkedPart {
            offers: ExportOffers::of(&export_table.outline),
            start: Box::new(LinkedComponent {
                export_table,
                pre,
                store_factory,
            }),
        })
    }
}
