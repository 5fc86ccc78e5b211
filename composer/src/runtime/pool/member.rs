//! A composition of a pool, with what was made of it at its start.

use std::any::Any;
use std::error::Error;
use std::fmt;
use std::sync::Arc;

use futures::future::BoxFuture;

use crate::composition::{Composition, WeakComposition};

/// What is made of a composition, whatever its type.
pub(super) type MemberHandle = Arc<dyn Any + Send + Sync>;

/// Why a composition is not to be lent.
pub(super) type LendRefusal = Box<dyn Error + Send + Sync>;

type BeginHook =
    dyn Fn(Composition) -> BoxFuture<'static, Result<MemberHandle, LendRefusal>> + Send + Sync;
type EndHook = dyn Fn(MemberHandle) -> BoxFuture<'static, ()> + Send + Sync;

/// What is done with each composition before it is lent for the first time, and
/// after the last.
#[derive(Clone)]
pub(super) struct LendHooks {
    pub(super) begin: Arc<BeginHook>,
    pub(super) end: Option<Arc<EndHook>>,
}

impl fmt::Debug for LendHooks {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Hooks")
    }
}

/// A composition of a pool.
pub(super) struct PoolMember {
    composition: Composition,
    handle: Option<MemberHandle>,
    /// How many handles of the composition there are when nobody else has one:
    /// this, and those in what was made of it.
    holders: usize,
}

impl PoolMember {
    pub(super) fn new(composition: Composition, handle: Option<MemberHandle>) -> PoolMember {
        PoolMember {
            holders: composition.holders(),
            composition,
            handle,
        }
    }

    pub(super) fn composition(&self) -> &Composition {
        &self.composition
    }

    pub(super) fn handle(&self) -> Option<&MemberHandle> {
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
