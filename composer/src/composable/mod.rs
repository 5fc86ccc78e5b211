//! What can be put into a composition.

mod component;
mod filter;
#[cfg(feature = "fused")]
pub mod fused;
mod instance;
mod nested;

use std::collections::BTreeMap;
use std::sync::Arc;

use composer_plan::{Plan, World};
use futures::future::BoxFuture;

pub use component::ComposableComponent;
pub use filter::{ExportFilter, Filtered};
pub use instance::ComposableInstance;

use crate::composition::Composition;
use crate::error::{PartError, StartError};
use crate::instance::{Activity, Slot};
use crate::link::{Exports, HostImports, ImportSource};

/// Something that a [`Composer`](crate::Composer) can wire.
///
/// That is a wasmtime [`Component`](wasmtime::component::Component), a
/// [`ComposableComponent`] with what its embedder gives it, a
/// [`ComposableInstance`], a `wasi::WasiComponent` (feature `wasi`), a group
/// of components that are `fused::FusedComponents` (feature `fused`), any of
/// them [filtered](ExportFilter), or a
/// [`Composition`] or [`Composer`](crate::Composer) to be nested.
///
/// It is implemented by this crate alone.
pub trait Composable: sealed::Part {}

pub(crate) mod sealed {
    use super::{PartError, Prepared};
    use crate::typed::Glue;

    /// Keeps [`Composable`](super::Composable) to this crate.
    pub trait Part: Send {
        /// Reads what there is to know before anything runs. `name` is what
        /// errors call the part.
        fn prepare(self: Box<Self>, name: &str) -> Result<Prepared, PartError>;

        /// Takes in what is known of its functions in Rust types. Parts that
        /// have no store of their own have no use for it.
        fn typed(self, name: &str, glue: &impl Glue) -> Result<Box<dyn Part>, PartError>
        where
            Self: Sized + 'static,
        {
            let _ = (name, glue);
            Ok(Box::new(self))
        }
    }

    impl Part for Box<dyn Part> {
        fn prepare(self: Box<Self>, name: &str) -> Result<Prepared, PartError> {
            (*self).prepare(name)
        }
    }
}

/// A part of a composition, known but not started.
pub struct Prepared {
    /// What it imports and what it lets others see.
    pub(crate) world: Arc<World>,
    /// The imports that its own linker satisfies.
    pub(crate) host: HostImports,
    /// What it was fused from, if it was.
    pub(crate) fused: Option<Arc<Plan>>,
    pub(crate) start: Box<dyn Start>,
}

/// The part's way into life.
pub(crate) trait Start: Send {
    fn start(self: Box<Self>, env: Env) -> BoxFuture<'static, Result<Started, StartError>>;
}

/// What a part is given when it starts.
pub(crate) struct Env {
    /// Its name in the composition.
    pub(crate) name: String,
    /// What it lets others see.
    pub(crate) world: Arc<World>,
    /// Its linked imports, by name.
    pub(crate) imports: BTreeMap<String, ImportSource>,
    pub(crate) inbox: usize,
    pub(crate) activity: Arc<Activity>,
}

/// A part that runs.
pub(crate) struct Started {
    pub(crate) exports: Exports,
    pub(crate) life: Life,
}

/// What keeps a started part running.
pub(crate) enum Life {
    Driver {
        slot: Arc<Slot>,
        instance: Arc<crate::instance::Instance>,
        task: tokio::task::JoinHandle<()>,
    },
    Nested(Composition),
}
