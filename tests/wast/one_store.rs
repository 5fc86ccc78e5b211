//! The oracle: a component instantiated by wasmtime, as it is.

use wasmtime::Store;
use wasmtime::component::{Component, Instance, Linker, Val};

use super::host::{Host, define, engine, store};
use super::outcome::Outcome;
use super::value::{ListShape, answer};
use super::watched::{computed, watched};

/// A component that runs in one store.
pub(super) struct OneStore {
    /// Away while a call is in it.
    store: Option<Store<Host>>,
    instance: Instance,
}

impl OneStore {
    /// Instantiates a component.
    pub(super) async fn start(bytes: &[u8]) -> Result<Self, Outcome> {
        let bytes = bytes.to_vec();
        let component = computed(move || Component::new(engine(), bytes)).await?;
        let component =
            component.map_err(|error| Outcome::Inexpressible(format!("wasmtime: {error:#}")))?;
        let started = watched(async move {
            let mut linker = Linker::new(engine());
            define(&mut linker)?;
            let mut store = store(engine());
            let instance = linker.instantiate_async(&mut store, &component).await?;
            Ok((store, instance))
        });
        let (store, instance) = started
            .await?
            .map_err(|error: wasmtime::Error| Outcome::of_error(format!("{error:#}")))?;
        let store = Some(store);
        Ok(OneStore { store, instance })
    }

    /// Calls a function.
    pub(super) async fn call(&mut self, name: &str, arguments: &[Val]) -> Result<Outcome, Outcome> {
        let Some(mut store) = self.store.take() else {
            return Err(Outcome::Skipped("its store is gone".to_owned()));
        };
        let Some(function) = self.instance.get_func(&mut store, name) else {
            self.store = Some(store);
            return Ok(Outcome::Fails(format!("there is no function `{name}`")));
        };
        let ty = function.ty(&store);
        let params = ty.params();
        let arguments = params.zip(arguments.iter().cloned());
        let arguments: Vec<Val> = arguments
            .map(|((_, ty), argument)| ListShape::from(&ty).of(argument))
            .collect();
        let mut results = vec![Val::Bool(false); ty.results().len()];
        let (called, results, store) = watched(async move {
            let called = function.call_async(&mut store, &arguments, &mut results);
            (called.await, results, store)
        })
        .await?;
        self.store = Some(store);
        Ok(match called {
            Ok(()) => Outcome::Answers(answer(&results)),
            Err(error) => Outcome::of_error(format!("{error:#}")),
        })
    }
}
