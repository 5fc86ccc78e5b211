//! A composition that is lent.

use std::fmt;
use std::ops::Deref;
use std::sync::Arc;

use crate::composition::Composition;
use crate::runtime::pool::{Reset, Shared};

/// A composition of a [`Pool`](super::Pool), for as long as this is held.
///
/// It [is](Deref) the [`Composition`]. Dropped, the composition goes back to its
/// pool, from wherever that happens, and the pool does what its
/// [`Reset`] says.
pub struct Lease {
    pool: Arc<Shared>,
    /// Its number among the leases.
    number: usize,
    /// Until it is on its way back.
    composition: Option<Composition>,
    discarded: bool,
}

impl Lease {
    pub(super) fn new(pool: Arc<Shared>, number: usize, composition: Composition) -> Lease {
        Lease {
            pool,
            number,
            composition: Some(composition),
            discarded: false,
        }
    }

    /// Gives it back and has it replaced, whatever the pool's [`Reset`] says: for
    /// one that answers nonsense.
    pub fn discard(mut self) {
        self.discarded = true;
    }

    /// The same in other types, such as those that [`compose!`](crate::compose)
    /// makes, whose `from_composition` is what to give here.
    ///
    /// # Errors
    ///
    /// That of `make`. The composition is given back then.
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
        Ok(TypedLease {
            typed: make(Composition::clone(&self))?,
            lease: self,
        })
    }
}

impl Deref for Lease {
    type Target = Composition;

    fn deref(&self) -> &Composition {
        // It is gone only in `drop`.
        self.composition.as_ref().unwrap_or_else(|| unreachable!())
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        let Some(composition) = self.composition.take() else {
            return;
        };
        let (pool, number) = (&self.pool, self.number);
        let keep = pool.reset == Reset::Keep && !self.discarded && composition.is_well();
        if keep && composition.is_free() {
            return pool.places.change(|state, _| {
                state.give_back(pool.key(), number, Some(composition));
            });
        }
        pool.places
            .change(|state, _| state.give_back(pool.key(), number, None));
        pool.end(composition, Some(keep));
    }
}

impl fmt::Debug for Lease {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Lease").field(&self.pool.name).finish()
    }
}

/// A [`Lease`] in other types, which it [is](Deref).
pub struct TypedLease<T> {
    /// Dropped first, so that the pool finds nobody to hold the composition.
    typed: T,
    lease: Lease,
}

impl<T> TypedLease<T> {
    /// Gives it back and has it replaced, as [`Lease::discard`] does.
    pub fn discard(self) {
        drop(self.typed);
        self.lease.discard();
    }
}

impl<T> Deref for TypedLease<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.typed
    }
}

impl<T> fmt::Debug for TypedLease<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("TypedLease").field(&self.lease).finish()
    }
}
