//! A composition gives exactly the answers of the same guests fused into one component,
//! which wasmtime runs alone.

mod forms;
mod resources;
mod sync;
mod values;

use std::cell::Cell;
use std::sync::LazyLock;

use composer::{Composition, ExportFunc};
use proptest::strategy::Strategy;
use proptest::test_runner::{TestCaseError, TestRunner};
use wasmtime::component::{Func, Instance, Val};
use wasmtime::{Config, Engine, Store};

use crate::support::chain::{Chain, Function};
use crate::support::property::{Bounded, cases};

/// An engine without concurrency support, on which a component runs its calls one after
/// another. Guests with `async` functions do not load on it.
fn sequential() -> &'static Engine {
    static ENGINE: LazyLock<Engine> = LazyLock::new(|| {
        let mut config = Config::new();
        config.concurrency_support(false);
        Engine::new(&config).unwrap()
    });
    &ENGINE
}

/// A chain of guests, both composed and fused.
struct Pair {
    composed: Composition,
    store: Store<()>,
    fused: Instance,
}

impl Pair {
    async fn start(chain: &Chain) -> Self {
        let (store, fused) = chain.fuse().await;
        Pair {
            composed: chain.compose().await,
            store,
            fused,
        }
    }

    /// The function as the composition exports it.
    fn composed(&self, function: &Function) -> ExportFunc {
        let interface = Some(function.interface.as_str());
        self.composed.get_func(interface, &function.name).unwrap()
    }

    fn fused(&mut self, function: &Function) -> Func {
        let mut find = |parent: Option<_>, name: &str| {
            self.fused
                .get_export_index(&mut self.store, parent.as_ref(), name)
                .unwrap()
        };
        let interface = find(None, &function.interface);
        let function = find(Some(interface), &function.name);
        self.fused.get_func(&mut self.store, function).unwrap()
    }

    /// Calls both and returns their common result. No function of these guests may fail.
    async fn call(
        &mut self,
        function: &Function,
        args: &[Val],
    ) -> Result<Option<Val>, TestCaseError> {
        let composed = self.composed(function);
        let fused = self.fused(function);
        let blank = vec![Val::Bool(false); usize::from(composed.result().is_some())];
        let (mut here, mut there) = (blank.clone(), blank);
        let outcomes = (
            composed.call(args, &mut here).await,
            fused.call_async(&mut self.store, args, &mut there).await,
        );
        match outcomes {
            // To a `Val`, NaN is NaN, and -0.0 is not 0.0.
            (Ok(()), Ok(())) if here == there => Ok(here.pop()),
            (composed, fused) => Err(TestCaseError::fail(format!(
                "{function} of {args:?}\n  \
                 composed: {composed:?} {here:?}\n  \
                 fused: {fused:?} {there:?}"
            ))),
        }
    }
}

/// Checks a pair with random values, up to `count` of them.
fn random<S: Strategy>(
    chain: &Chain,
    count: u32,
    values: &S,
    check: impl AsyncFn(&mut Pair, S::Value) -> Result<(), TestCaseError>,
) {
    let runtime = Bounded::new();
    // A pair that failed is not used again: all later calls would fail too.
    let healthy = Cell::new(None);
    let run = async |value| {
        let mut pair = match healthy.take() {
            Some(pair) => pair,
            None => Pair::start(chain).await,
        };
        check(&mut pair, value).await?;
        healthy.set(Some(pair));
        Ok(())
    };
    let outcome = TestRunner::new(cases(count)).run(values, |value| runtime.block_on(run(value)));
    outcome.unwrap_or_else(|error| panic!("{error}"));
}
