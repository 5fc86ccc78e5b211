//! Configuration values, which components read from `wasi:config/store`.

use std::collections::BTreeMap;

use wasmtime::component::Linker;
use wasmtime_wasi_config::{WasiConfig, WasiConfigVariables};

use crate::wasi::State;

/// The configuration values of a component, for all of its instances.
#[derive(Clone, Debug, Default)]
pub(crate) struct ConfigValues(BTreeMap<String, String>);

impl ConfigValues {
    pub(crate) fn insert(&mut self, key: String, value: String) {
        self.0.insert(key, value);
    }

    /// The state of an instance, with these values in it.
    pub(crate) fn given_to(&self, mut state: State) -> State {
        if !self.0.is_empty() {
            let values = state.get_or_insert_with(WasiConfigVariables::new);
            for (key, value) in &self.0 {
                values.insert(key, value);
            }
        }
        state
    }
}

/// Defines `wasi:config` in a linker.
pub(super) fn define(linker: &mut Linker<State>) -> wasmtime::Result<()> {
    wasmtime_wasi_config::add_to_linker(linker, |state| {
        WasiConfig::new(state.get_or_insert_with(WasiConfigVariables::new))
    })
}
