//! Streams and futures that cross between components in stores of their own.

mod between;
mod embedder;
mod ends;
mod figures;
mod groups;
mod hostile;
mod languages;
mod lasting;
mod passed_on;

use composer::fused::{FusedComponents, FusedMember};
use composer::{CallError, ComposableDescriptor, Composer, Composition, Value};

use crate::support::counters::within;
use crate::support::{engine, guest_path};

const SOURCE: &str = "test:streams/source@0.1.0";
const USER: &str = "test:streams/user@0.1.0";

/// Both components, each in its own store.
async fn isolated() -> Composition {
    crate::support::compose(&["streams", "streams-user"]).await
}

/// Both as one component.
async fn fused() -> Composition {
    let mut group = FusedComponents::bare(engine());
    for name in ["streams", "streams-user"] {
        group.add(FusedMember::from_file(engine(), name, guest_path(name)).unwrap());
    }
    let mut composer = Composer::new();
    composer.add(ComposableDescriptor::new("group", group));
    composer.compose().await.unwrap()
}

/// Calls a function of an interface, which returns something.
async fn call(
    composition: &Composition,
    interface: &str,
    function: &str,
    args: impl IntoIterator<Item = Value>,
) -> Result<Value, CallError> {
    let func = composition.get_func(Some(interface), function).unwrap();
    let result = within(func.call_owned(args)).await?;
    Ok(result.unwrap())
}

/// The sum of the bytes of `source.bytes`.
fn sum(count: u64) -> u64 {
    (0..count).map(|i| i % 251).sum()
}
