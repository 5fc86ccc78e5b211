//! Components that the composition instantiates.

use std::path::Path;
use std::sync::Arc;

use composer_plan::World;
use wasmtime::Store;
use wasmtime::component::{Component, Linker};

use crate::adapter::define_import;
use crate::assembly::host_imports::HostImports;
use crate::assembly::linked_component::{ExportTable, LinkedComponent, NoStore, StoreFactory};
use crate::assembly::sealed::Part;
use crate::assembly::{Composable, DescribedPart, LinkPart, LinkedPart};
use crate::boundary::binding::ExportOffers;
use crate::boundary::link_context::LinkContext;
use crate::composition::restart::Restart;
use crate::error::{LoadError, PartError, StartError};
use crate::limits::meter::LimitRules;
use crate::load::world::read_world;
use crate::typed::{HostLinker, TypedBindings, TypedRegistry};

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
        }
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
        ComposableComponent::from(self).typed(name, glue)
    }
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

    fn typed(mut self, name: &str, glue: &impl TypedBindings) -> Result<Box<dyn Part>, PartError> {
        self.take(name, glue)?;
        Ok(Box::new(self))
    }
}

impl<T: Send + 'static> ComposableComponent<T> {
    /// The described part, with a world that shows all of its exports or fewer.
    pub(super) fn described_with(self, world: World) -> DescribedPart {
        DescribedPart {
            host: HostImports::of(&self.linker, &world),
            world: Arc::new(world),
            fused: None,
            restart: Restart::never(),
            link: Box::new(self),
        }
    }

    /// Takes in the typed bindings of its functions, and defines what the program
    /// implements.
    pub(super) fn take(&mut self, name: &str, glue: &impl TypedBindings) -> Result<(), PartError> {
        self.registry = TypedRegistry::new(glue);
        let world = read_world(&self.component);
        let linked = glue.link(&mut HostLinker::new(&mut self.linker, &world));
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
        } = *self;
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
                define_import(&mut linker, &place, index, &registry, one_by_one)
                    .map_err(does_not_fit)?;
            }
        }
        let pre = linker.instantiate_pre(&component).map_err(does_not_fit)?;
        let export_table = ExportTable::new(place, &component, is_bare, &registry)?;
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
