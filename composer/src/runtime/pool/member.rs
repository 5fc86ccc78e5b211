//! A composition of a pool, with the handle that was made of it at its start.

use std::any::Any;
use std::error::Error;
use std::fmt;
use std::sync::Arc;

use futures::future::BoxFuture;

use crate::composition::{Composition, WeakComposition};

/// The value that `on_start` makes of a composition, with its type erased.
pub(super) type MemberHandle = Arc<dyn Any + Send + Sync>;

/// Why a composition must not be lent.
pub(super) type SetupError = Box<dyn Error + Send + Sync>;

type BeginHook =
    dyn Fn(Composition) -> BoxFuture<'static, Result<MemberHandle, SetupError>> + Send + Sync;
type EndHook = dyn Fn(MemberHandle) -> BoxFuture<'static, ()> + Send + Sync;

/// The embedder's functions that are called with each composition before it is lent for
/// the first time, and after the last.
#[derive(Clone)]
pub(super) struct LendHooks {
    pub(super) begin: Arc<BeginHook>,
    pub(super) end: Option<Arc<EndHook>>,
}

impl fmt::Debug for LendHooks {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("LendHooks")
    }
}

/// A composition of a pool.
pub(super) struct PoolMember {
    composition: Composition,
    handle: Option<MemberHandle>,
    /// The number of handles of the composition in the pool itself: this one, and those
    /// in `handle`.
    holders: usize,
    /// The components that it has been started with.
    version: u64,
}

impl PoolMember {
    pub(super) fn new(composition: Composition, handle: Option<MemberHandle>) -> PoolMember {
        PoolMember {
            holders: composition.holders(),
            version: composition.version(),
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

    /// Whether all its components run, none was added, replaced or removed, and it has not
    /// been closed.
    pub(super) fn is_healthy(&self) -> bool {
        self.composition.version() == self.version && self.composition.is_healthy()
    }

    /// Whether no call runs in it, and no other handle of it exists.
    pub(super) fn is_free(&self) -> bool {
        self.composition.is_free(self.holders)
    }
}
