//! Components that use WASI: their access by default, and by a grant.

mod command;
mod composed;
mod exits;
mod granted;
mod handles;
mod handles_later;
mod keyvalue;
mod later;
mod locked;
mod output;
mod terminals;
mod virtualization;

use composer::wasi::{WasiComponent, WasiCtx, WasiCtxBuilder};
use composer::{ComposableDescriptor, Composer, Composition, Value};

use crate::support::{call, guest};

/// A running `wasi-probe`, the component that makes the attempts.
struct Probe(Composition);

impl Probe {
    /// With nothing granted.
    async fn locked() -> Self {
        Probe::start(WasiComponent::new(guest("wasi-probe"))).await
    }

    async fn granted(grant: impl FnOnce(&mut WasiCtxBuilder)) -> Self {
        let mut ctx = WasiCtx::builder();
        grant(&mut ctx);
        Probe::start(WasiComponent::new(guest("wasi-probe")).with_ctx(ctx.build())).await
    }

    async fn start(part: WasiComponent) -> Self {
        let mut composer = Composer::new();
        composer.add(ComposableDescriptor::new("probe", part));
        Probe(composer.compose().await.unwrap())
    }

    async fn tries(&self, what: &str, args: impl IntoIterator<Item = Value>) -> Value {
        call(&self.0, "test:wasi/probe", what, args).await
    }
}

/// The result of an operation that a guest was allowed to do.
fn ok(value: Value) -> Option<Value> {
    match value {
        Value::Result(Ok(value)) => value.map(|value| *value),
        other => panic!("{other}"),
    }
}

/// The error that a guest got when it was refused something.
fn refused(value: Value) -> String {
    match value {
        Value::Result(Err(Some(reason))) => match *reason {
            Value::String(reason) => reason,
            other => panic!("{other}"),
        },
        other => panic!("not refused: {other}"),
    }
}

fn number(value: Value) -> u64 {
    match value {
        Value::U64(number) => number,
        other => panic!("{other}"),
    }
}

fn nothing() -> Value {
    Value::List(Vec::new())
}
