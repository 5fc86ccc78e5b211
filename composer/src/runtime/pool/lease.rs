//! The lease of a composition.

use std::fmt;
use std::ops::Deref;
use std::sync::Arc;

use crate::composition::Composition;
use crate::runtime::pool::member::{MemberHandle, PoolMember};
use crate::runtime::pool::task::LeavingMember;
use crate::runtime::pool::{PoolShared, Reset, TypedLease};

/// A composition of a [`Pool`](crate::runtime::pool::Pool), for as long as this is held.
///
/// It [dereferences](Deref) to the [`Composition`]. When it is dropped, on any thread,
/// the composition goes back to its pool, which treats it as its [`Reset`] says.
pub struct Lease {
    pool: Arc<PoolShared>,
    /// The number of this lease in the pool.
    number: usize,
    /// The composition; `None` only while the lease is dropped.
    member: Option<PoolMember>,
    discarded: bool,
}

impl Lease {
    pub(super) fn new(pool: Arc<PoolShared>, number: usize, member: PoolMember) -> Lease {
        Lease {
            pool,
            number,
            member: Some(member),
            discarded: false,
        }
    }

    pub(super) fn handle(&self) -> Option<&MemberHandle> {
        self.member().handle()
    }

    fn member(&self) -> &PoolMember {
        // Only `drop` takes it.
        self.member.as_ref().unwrap_or_else(|| unreachable!())
    }

    /// Gives the composition back and has it replaced, whatever the pool's [`Reset`]
    /// says. This is for a composition that gives wrong answers; it counts as one that
    /// [failed](crate::runtime::pool::PoolStatus::crashed).
    pub fn discard(mut self) {
        self.discarded = true;
    }

    /// Converts the lease to one of another type, for example one that
    /// [`compose!`](crate::compose) declares, whose `from_composition` can be passed
    /// here. This happens for each lease;
    /// [`PoolBuilder::on_start`](crate::runtime::pool::PoolBuilder::on_start) does it
    /// once for each composition.
    ///
    /// # Errors
    ///
    /// Returns the error of `make`. The composition is then given back.
    ///
    /// ```
    /// # use composer::runtime::{Pool, TypedLease};
    /// # struct Plugin;
    /// # impl Plugin { // as `compose!` makes it
    /// #     fn from_composition(_: composer::Composition) -> Result<Self, composer::CompositionError> {
    /// #         Ok(Plugin)
    /// #     }
    /// # }
    /// # async fn lease(pool: Pool) -> Result<(), Box<dyn std::error::Error>> {
    /// let plugin: TypedLease<Plugin> = pool.lease().await?.typed(Plugin::from_composition)?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn typed<T, E>(
        self,
        make: impl FnOnce(Composition) -> Result<T, E>,
    ) -> Result<TypedLease<T>, E> {
        let typed = make(Composition::clone(&self))?;
        Ok(TypedLease::new(typed, self))
    }
}

impl Deref for Lease {
    type Target = Composition;

    fn deref(&self) -> &Composition {
        self.member().composition()
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        let Some(member) = self.member.take() else {
            return;
        };
        let (pool, number) = (&self.pool, self.number);
        let keep = pool.reset == Reset::Keep && !self.discarded && member.is_healthy();
        if keep && member.is_free() {
            return pool
                .scheduler
                .change(|state, _| state.give_back(pool.key(), number, member));
        }
        let failed = self.discarded || member.composition().has_died();
        pool.scheduler
            .change(|state, _| state.begin_leaving(pool.key(), number, failed));
        let leaver = match failed {
            true => LeavingMember::Failed,
            false => LeavingMember::Lent { may_return: keep },
        };
        pool.end(member, leaver);
    }
}

impl fmt::Debug for Lease {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Lease").field(&self.pool.name).finish()
    }
}
