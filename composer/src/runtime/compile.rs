//! The compilation of components, and the cache that spares it.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

use wasmtime::component::Component;

use crate::error::LoadError;
use crate::runtime::RuntimeCore;
use crate::runtime::cache::CacheLookup;
use crate::runtime::library::blocking;
use crate::runtime::loaded::ContentHash;

impl RuntimeCore {
    /// Finds a component on disk or compiles it, on threads that may block.
    pub(super) async fn compile(
        self: &Arc<Self>,
        name: &str,
        bytes: Vec<u8>,
        hash: ContentHash,
    ) -> Result<Component, LoadError> {
        let interrupted = |reason: String| LoadError::Interrupted {
            origin: name.to_owned(),
            reason,
        };
        // The thread holds the permit. Otherwise dropping this future would free it while
        // the thread still compiles.
        let permit = self.library.permits.clone().acquire_owned().await;
        let permit = permit.map_err(|error| interrupted(error.to_string()))?;
        let (found, permit) = match &self.library.disk {
            None => (None, permit),
            Some(_) => {
                let core = self.clone();
                blocking(name, move || Ok((core.find_on_disk(hash), permit))).await?
            }
        };
        if let Some(component) = found {
            return Ok(component);
        }
        // On the caller's task, where a listener finds it in the caller's span.
        let size = bytes.len();
        tracing::info!(
            component = name,
            bytes = size,
            "a component is being compiled"
        );
        let core = self.clone();
        let origin = name.to_owned();
        let begun = Instant::now();
        let component = blocking(name, move || {
            let component = core.compile_here(&origin, &bytes, hash);
            drop(permit);
            component
        });
        let component = component.await?;
        let ms = u64::try_from(begun.elapsed().as_millis()).unwrap_or(u64::MAX);
        tracing::info!(component = name, ms, "a component was compiled");
        Ok(component)
    }

    fn find_on_disk(&self, hash: ContentHash) -> Option<Component> {
        let counters = &self.library.counters;
        let count = |counter: &AtomicU64| counter.fetch_add(1, Ordering::AcqRel);
        match self.library.disk.as_ref()?.find(&self.engines, hash) {
            CacheLookup::Component(component) => {
                count(&counters.disk_hits);
                return Some(component);
            }
            CacheLookup::Rejected => {
                count(&counters.disk_rejected);
            }
            CacheLookup::Nothing => {}
        }
        None
    }

    fn compile_here(
        &self,
        origin: &str,
        bytes: &[u8],
        hash: ContentHash,
    ) -> Result<Component, LoadError> {
        let counters = &self.library.counters;
        let add = |counter: &AtomicU64, by| counter.fetch_add(by, Ordering::AcqRel);
        let begun = Instant::now();
        let component = self.engines.component_from_bytes(origin, bytes)?;
        let nanos = u64::try_from(begun.elapsed().as_nanos()).unwrap_or(u64::MAX);
        add(&counters.compile_nanos, nanos);
        add(&counters.compiled, 1);
        add(&counters.compiled_bytes, bytes.len() as u64);
        if let Some(disk) = &self.library.disk
            && !disk.keep(&self.engines, hash, &component)
        {
            add(&counters.disk_failed, 1);
        }
        Ok(component)
    }
}
