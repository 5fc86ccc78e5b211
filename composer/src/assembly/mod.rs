//! Parts of a composition, and their assembly: a part is described, linked and started.

pub(crate) mod added_part;
mod component;
pub(crate) mod composer;
mod configured;
pub(crate) mod declaration_check;
#[allow(
    missing_docs,
    reason = "only the code that `compose!` generates sees these types"
)]
pub(crate) mod declared;
mod descriptor;
mod existing_instance;
mod filter;
#[cfg(feature = "fused")]
pub mod fused;
pub(crate) mod host_imports;
pub(crate) mod host_types;
mod import_probe;
mod linked_component;
mod no_part;
pub(crate) mod prepared;

use std::collections::BTreeMap;
use std::sync::Arc;

use composer_plan::{HostType, Plan, ResourceId, World};
use futures::future::{BoxFuture, Shared};

pub use component::ComposableComponent;
pub use configured::{Configure, Configured};
pub(crate) use configured::{PartData, PartSettings};
pub use descriptor::ComposableDescriptor;
pub use existing_instance::ComposableInstance;
pub use filter::{ExportFilter, Filtered};
#[cfg(feature = "wasi")]
pub(crate) use linked_component::NoStore;
pub use no_part::{NoPart, no_parts};

use crate::assembly::host_imports::HostImports;
use crate::boundary::binding::{ExportOffers, ImportSource};
use crate::boundary::isolated::address::ExportRef;
use crate::boundary::isolated::incarnation::Incarnation;
use crate::boundary::link_context::LinkContext;
use crate::composition::Composition;
use crate::error::StartError;

/// Something that a [`Composer`](crate::Composer) can wire.
///
/// That is a wasmtime [`Component`](wasmtime::component::Component), a
/// [`ComposableComponent`] with what its embedder gives it, a
/// [`ComposableInstance`], a `wasi::WasiComponent` (feature `wasi`), a group
/// of components that are `fused::FusedComponents` (feature `fused`), any of
/// them [filtered](ExportFilter) or [configured](Configure), or a
/// [`Composition`], [`Composer`](crate::Composer) or
/// [`PreparedComposition`](crate::PreparedComposition) to be nested.
///
/// Parts of different kinds have one type, for a list, as `Box<dyn Composable>`:
///
/// ```
/// use composer::wasi::WasiComponent;
/// use composer::{Composable, Configure, Restart};
/// use wasmtime::component::Component;
///
/// # fn main() -> wasmtime::Result<()> {
/// # let engine = wasmtime::Engine::default();
/// # let plain = Component::new(&engine, b"\0asm\x0d\0\x01\0")?;
/// # let with_wasi = plain.clone();
/// let plugins: Vec<(String, Box<dyn Composable>)> = vec![
///     ("plain".to_owned(), Box::new(plain)),
///     ("wasi".to_owned(), Box::new(WasiComponent::new(with_wasi).with_restart(Restart::on_death()))),
/// ];
/// # let _ = plugins;
/// # Ok(())
/// # }
/// ```
///
/// It is implemented by this crate alone.
///
/// A component that a `Runtime` has loaded is not a part yet, since it has no limits and
/// no grants: its `part()` is one.
///
/// ```compile_fail,E0277
/// # fn add(composer: &mut composer::Composer, loaded: composer::runtime::LoadedComponent) {
/// composer.add(composer::ComposableDescriptor::new("plugin", loaded));
/// # }
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a part of a composition",
    label = "not a part",
    note = "a component that a `Runtime` has loaded becomes a part with `.part()`",
    note = "a `wasmtime::component::Component` is a part; files and bytes are loaded first, by \
            a `Runtime` or by `Engines`"
)]
pub trait Composable: sealed::Part + sealed::BoxedPart {}

impl Composable for Box<dyn sealed::Part> {}

impl Composable for Box<dyn Composable> {}

pub(crate) mod sealed {
    use super::DescribedPart;
    use crate::error::PartError;
    use crate::typed::{BoxedBindings, ErasedBindings, TypedBindings};

    /// Keeps [`Composable`](crate::Composable) to this crate.
    pub trait Part: Send {
        /// Reads everything that is known before anything runs. Errors use `name` for the
        /// part.
        fn read(self: Box<Self>, name: &str) -> Result<DescribedPart, PartError>;

        /// Takes in the typed bindings of its functions. Parts that have no store of
        /// their own ignore them.
        fn typed(self, name: &str, glue: &impl TypedBindings) -> Result<Box<dyn Part>, PartError>
        where
            Self: Sized + 'static,
        {
            let _ = (name, glue);
            Ok(Box::new(self))
        }
    }

    /// A part in a box.
    pub trait BoxedPart {
        /// As [`Part::typed`].
        fn typed_in_box(
            self: Box<Self>,
            name: &str,
            glue: &dyn ErasedBindings,
        ) -> Result<Box<dyn Part>, PartError>;
    }

    impl<P: Part + 'static> BoxedPart for P {
        fn typed_in_box(
            self: Box<Self>,
            name: &str,
            glue: &dyn ErasedBindings,
        ) -> Result<Box<dyn Part>, PartError> {
            (*self).typed(name, &BoxedBindings(glue))
        }
    }

    impl Part for Box<dyn crate::Composable> {
        fn read(self: Box<Self>, name: &str) -> Result<DescribedPart, PartError> {
            (*self).read(name)
        }

        fn typed(self, name: &str, glue: &impl TypedBindings) -> Result<Box<dyn Part>, PartError> {
            self.typed_in_box(name, glue)
        }
    }

    impl Part for Box<dyn Part> {
        fn read(self: Box<Self>, name: &str) -> Result<DescribedPart, PartError> {
            (*self).read(name)
        }
    }
}

/// A part of a composition, described but not linked.
pub struct DescribedPart {
    /// What it imports and what it lets others see.
    pub(crate) world: Arc<World>,
    /// The imports that its own linker satisfies.
    pub(crate) host: HostImports,
    /// The resources of the embedder's whose values can leave its store.
    pub(crate) host_types: BTreeMap<ResourceId, HostType>,
    /// The plan of the members that it was fused from, if it was.
    pub(crate) fused: Option<Arc<Plan>>,
    pub(crate) settings: PartSettings,
    pub(crate) link: Box<dyn LinkPart>,
}

/// Links a described part.
pub(crate) trait LinkPart: Send {
    fn link(self: Box<Self>, place: LinkContext) -> Result<LinkedPart, StartError>;

    /// Whether it is this running composition, or has it inside.
    fn contains(&self, composition: &Composition) -> bool {
        let _ = composition;
        false
    }
}

/// A part for which everything that does not depend on a run is done.
pub(crate) struct LinkedPart {
    pub(crate) offers: Arc<ExportOffers>,
    pub(crate) start: Box<dyn StartPart>,
}

/// Starts a linked part, once per run.
pub(crate) trait StartPart: Send + Sync {
    /// Whether it is a composition, and not one component.
    fn is_nested(&self) -> bool {
        false
    }

    /// Whether it is this running composition, or has it inside.
    fn contains(&self, composition: &Composition) -> bool {
        let _ = composition;
        false
    }

    fn start(&self, context: StartContext) -> BoxFuture<'_, Result<StartedPart, StartError>>;

    /// How many instances, each with a store of its own, a start makes.
    #[cfg(feature = "runtime")]
    fn instances(&self) -> usize {
        1
    }
}

/// The context in which a part starts.
pub(crate) struct StartContext {
    /// What its imports are bound to, in the order of its world.
    pub(crate) imports: Vec<ImportSource>,
}

/// A part that runs.
pub(crate) struct StartedPart {
    pub(crate) at: PartLocation,
    pub(crate) runner: PartRunner,
}

/// Where the exports of a started part run.
pub(crate) enum PartLocation {
    /// All exports run in this incarnation.
    Incarnation(Arc<Incarnation>),
    /// The exports of a nested composition, in the order of its offers.
    ExportRefs(Vec<ExportRef>),
}

/// What keeps a started part running.
pub(crate) enum PartRunner {
    Driver {
        incarnation: Arc<Incarnation>,
        instance: Arc<crate::boundary::isolated::instance::Instance>,
        /// Done when the store is gone. Any number of tasks may wait for that.
        task: Shared<BoxFuture<'static, ()>>,
    },
    Nested(Composition),
}
