//! The memory and table elements that a store may allocate.

use wasmtime::ResourceLimiter;

use crate::error::{Limit, LimitExceeded};
use crate::limits::component_limits::Limits;
use crate::limits::usage::Usage;

/// Counts the memory and the table elements of one store.
///
/// wasmtime's own limiter counts each memory separately, and reports only that a
/// request was refused.
pub(crate) struct MemoryBudget {
    limits: Limits,
    /// Bytes of all memories.
    memory: usize,
    /// Elements of all tables.
    elements: usize,
    usage: Usage,
}

/// Adds `by` to `used`, if the sum stays within `allowed`.
///
/// Nothing is ever subtracted, although the system may refuse what is granted here.
/// wasmtime also reports failures of growth that it had not asked for before, so a
/// guest could get memory subtracted that it still has.
fn grow(used: &mut usize, limit: Limit, by: usize, allowed: usize) -> Result<(), LimitExceeded> {
    let wanted = used.saturating_add(by);
    if wanted > allowed {
        let (wanted, allowed) = (wanted as u64, allowed as u64);
        return Err(LimitExceeded::new(limit, Some(wanted), allowed));
    }
    *used = wanted;
    Ok(())
}

impl MemoryBudget {
    pub(crate) fn new(limits: Limits, usage: Usage) -> Self {
        MemoryBudget {
            limits,
            memory: 0,
            elements: 0,
            usage,
        }
    }
}

impl ResourceLimiter for MemoryBudget {
    fn memory_growing(
        &mut self,
        current: usize,
        desired: usize,
        maximum: Option<usize>,
    ) -> wasmtime::Result<bool> {
        // The memory's own type forbids this size, which the guest knows, so it does not
        // exceed a limit.
        if current > 0 && maximum.is_some_and(|maximum| desired > maximum) {
            return Ok(false);
        }
        let by = desired.saturating_sub(current);
        let allowed = self.limits.memory();
        grow(&mut self.memory, Limit::Memory, by, allowed)?;
        self.usage.saw_memory(self.memory as u64);
        Ok(true)
    }

    fn table_growing(
        &mut self,
        current: usize,
        desired: usize,
        maximum: Option<usize>,
    ) -> wasmtime::Result<bool> {
        if current > 0 && maximum.is_some_and(|maximum| desired > maximum) {
            return Ok(false);
        }
        let by = desired.saturating_sub(current);
        let allowed = self.limits.table_elements();
        grow(&mut self.elements, Limit::TableElements, by, allowed)?;
        Ok(true)
    }

    fn instances(&self) -> usize {
        self.limits.core_instances()
    }

    fn tables(&self) -> usize {
        self.limits.tables()
    }

    fn memories(&self) -> usize {
        self.limits.memories()
    }
}
