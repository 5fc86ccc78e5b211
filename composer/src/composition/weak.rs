//! Handles that do not keep a composition running.

use std::fmt;
use std::sync::{Arc, Weak};

use crate::composition::{Composition, CompositionInner};

/// A handle to a [`Composition`] that does not keep it running.
#[derive(Clone)]
pub struct WeakComposition(Weak<CompositionInner>);

impl fmt::Debug for WeakComposition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.upgrade() {
            Some(composition) => write!(f, "Weak{composition:?}"),
            None => f.write_str("WeakComposition(gone)"),
        }
    }
}

impl WeakComposition {
    pub(super) fn new(of: &Arc<CompositionInner>) -> Self {
        WeakComposition(Arc::downgrade(of))
    }

    /// The composition, if a handle still keeps it running.
    pub fn upgrade(&self) -> Option<Composition> {
        let inner = self.0.upgrade()?;
        Some(Composition { inner })
    }

    #[cfg(feature = "runtime")]
    pub(crate) fn is(&self, other: &Self) -> bool {
        self.0.ptr_eq(&other.0)
    }
}
