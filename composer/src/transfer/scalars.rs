//! Scalar rows: a few numbers that cross from slots to slots.

use std::fmt;

/// The most numbers in a row.
const MOST: usize = 4;

/// Arguments or results that are a few numbers and no more, each as it is in its slot.
#[derive(Clone, Copy, Default)]
pub(crate) struct ScalarRow {
    numbers: [u64; MOST],
    len: usize,
}

impl ScalarRow {
    /// Puts a number at the end; `None` if there is no room for it.
    #[inline]
    pub(super) fn push(&mut self, number: u64) -> Option<()> {
        *self.numbers.get_mut(self.len)? = number;
        self.len += 1;
        Some(())
    }

    #[inline]
    pub(super) fn numbers(&self) -> &[u64] {
        self.numbers.get(..self.len).unwrap_or_default()
    }
}

impl fmt::Debug for ScalarRow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "({} numbers)", self.len)
    }
}
