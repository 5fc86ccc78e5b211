//! The program's own functions and resources for a component with WASI.

use std::sync::Arc;

use wasmtime::component::Linker;

use crate::boundary::resources::host_table::{Lending, TablePlace, ValueTable};
use crate::boundary::resources::host_types::HostTypes;
use crate::error::PartError;
use crate::wasi::State;

type LinkerDefinition = Arc<dyn Fn(&mut Linker<State>) -> wasmtime::Result<()> + Send + Sync>;

/// What the program gives to a component besides WASI.
#[derive(Clone, Default)]
pub(crate) struct OwnImports {
    define: Vec<LinkerDefinition>,
    types: Vec<fn(&mut HostTypes<State>)>,
}

impl OwnImports {
    pub(crate) fn add(
        &mut self,
        define: impl Fn(&mut Linker<State>) -> wasmtime::Result<()> + Send + Sync + 'static,
    ) {
        self.define.push(Arc::new(define));
    }

    /// Lets resources of this type leave the component's store.
    pub(crate) fn add_resource<R: Clone + Send + 'static>(&mut self) {
        self.types.push(|types| {
            let table = TablePlace::Data(State::table);
            types.add(ValueTable::<State, R>::new(table, Lending::clones()));
        });
    }

    /// Adds everything to the linker of a component, in place of what WASI defines.
    pub(crate) fn define(&self, linker: &mut Linker<State>, name: &str) -> Result<(), PartError> {
        linker.allow_shadowing(true);
        let mut define = self.define.iter();
        let defined = define.try_for_each(|define| define(linker));
        linker.allow_shadowing(false);
        defined.map_err(|error| PartError::Host {
            component: name.to_owned(),
            reason: format!("{error:#}"),
        })
    }

    /// The types whose values can leave the store, those of WASI among them.
    pub(crate) fn types(&self) -> HostTypes<State> {
        let mut types = crate::wasi::host_types();
        for add in &self.types {
            add(&mut types);
        }
        types
    }
}
