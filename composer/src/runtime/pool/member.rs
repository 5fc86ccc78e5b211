//! A composition of a pool, with what was made of it at its start.

use std::any::Any;
use std::error::Error;
use std::fmt;
use std::sync::Arc;

use futures::future::BoxFuture;

use crate::composition::{Composition, WeakComposition};

/// What is made of a composition, whatever its type.
pub(super) type Handle = Arc<dyn Any + Send + Sync>;

/// Why a composition is not to be lent.
pub(super) type Refusal = Box<dyn Error + Send + Sync>;

type Begin = dyn Fn(Composition) -> BoxFuture<'static, Result<Handle, Refusal>> + Send + Sync;
type End = dyn Fn(Handle) -> BoxFuture<'static, ()> + Send + Sync;

/// What is done with each composition before it is lent for the first time, and
/// after the last.
#[derive(Clone)]
pub(super) struct Hooks {
    pub(super) begin: Arc<Begin>,
    pub(super) end: Option<Arc<End>>,
}

impl fmt::Debug for Hooks {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Hooks")
    }
}

/// A composition of a pool.
pub(super) struct Member {
    composition: Composition,
    handle: Option<Handle>,
    /// How many handles of the composition there are when nobody else has one:
    /// this, and those in what was made of it.
    holders: usize,
}

impl Member {
    pub(super) fn new(composition: Composition, handle: Option<Handle>) -> Member {
        Member {
            holders: composition.holders(),
            composition,
            handle,
        }
    }

    pub(super) fn composition(&self) -> &Composition {
        &self.composition
    }

    pub(super) fn handle(&self) -> Option<&Handle> {
        self.handle.as_ref()
    }

    pub(super) fn downgrade(&self) -> WeakComposition {
        self.composition.downgrade()
    }

    /// Whether all its components run, and it was not told to end.
    pub(super) fn is_well(&self) -> bool {
        self.composition.is_well()
    }

    /// Whether no call runs in it, and nobody else holds it.
    pub(super) fn is_free(&self) -> bool {
        self.composition.is_free(self.holders)
    }
}
