//! Access to the outside that a runtime gives its components: a guest tries each kind,
//! without the grant and with it.

mod again;
mod config;
mod grants;
mod printed;

use composer::runtime::{Grants, SandboxedComponent};
use composer::{ComposableDescriptor, Composer, Composition, Value};

use crate::support::call;
use crate::support::sandbox::loaded;

/// A running `wasi-probe`, the component that makes the attempts.
struct Probe(Composition);

impl Probe {
    async fn with(grants: Grants) -> Self {
        Probe::start(
            "probe",
            loaded("wasi-probe").await.part().with_grants(grants),
        )
        .await
    }

    async fn start(name: &str, part: SandboxedComponent) -> Self {
        let mut composer = Composer::new();
        composer.add(ComposableDescriptor::new(name, part));
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

/// Checks that a guest was refused something.
fn refused(value: Value) {
    assert!(matches!(value, Value::Result(Err(_))), "{value}");
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
