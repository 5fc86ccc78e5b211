//! The telemetry of calls: spans and metrics.

mod figures;
mod spans;

use composer::{ComposableComponent, ComposableDescriptor, Composer, Composition};
use tokio::runtime::Builder;
use wasmtime::component::{Component, Linker};
use wasmtime::{Engine, Store};

use crate::support::events;

/// Does `work` on this thread alone, and returns the spans and events that were recorded.
fn told(work: impl AsyncFnOnce()) -> Told {
    let runtime = Builder::new_current_thread().enable_all().build().unwrap();
    let events = events::heard(|| runtime.block_on(work()));
    Told {
        events,
        spans: events::spans(),
    }
}

struct Told {
    events: Vec<events::Heard>,
    spans: Vec<events::Span>,
}

impl Told {
    /// The spans of calls, in the order in which they began.
    fn calls(&self) -> Vec<&events::Span> {
        let calls = self.spans.iter();
        let calls = calls.filter(|span| span.target == composer::observe::TARGET);
        calls.collect()
    }

    /// The spans of calls of this component. Each of them is closed, and recorded no
    /// field twice.
    fn of(&self, component: &str) -> Vec<&events::Span> {
        let mut calls = self.calls();
        calls.retain(|span| span.fields["component"] == component);
        for span in &calls {
            assert!(span.is_closed, "{span:?}");
            assert!(span.told.values().all(|times| *times == 1), "{span:?}");
            assert!(span.fields.contains_key("outcome"), "{span:?}");
        }
        calls
    }

    /// The outcomes of the calls of this component, each with its error.
    fn outcomes(&self, component: &str) -> Vec<String> {
        let outcome = |span: &events::Span| match span.fields.get("error") {
            Some(error) => format!("{}: {error}", span.fields["outcome"]),
            None => span.fields["outcome"].clone(),
        };
        self.of(component).into_iter().map(outcome).collect()
    }
}

/// A component that exports the function `export`, which calls the import `import` and
/// returns its result.
fn relay(engine: &Engine, import: &str, export: &str, is_async: bool) -> Component {
    let kind = if is_async { "async" } else { "" };
    let text = format!(
        r#"(component
            (import "{import}" (func $import {kind} (result u32)))
            (core func $import' (canon lower (func $import)))
            (core module $main
                (import "" "import" (func $import (result i32)))
                (func (export "run") (result i32) (call $import)))
            (core instance $main (instantiate $main
                (with "" (instance (export "import" (func $import'))))))
            (func (export "{export}") {kind} (result u32)
                (canon lift (core func $main "run"))))"#
    );
    composer::component_from_bytes(engine, "relay.wat", text.as_bytes()).unwrap()
}

/// `top` calls `middle`, which calls `leaf`, which calls `probe` of its host.
async fn chain(
    engine: &Engine,
    is_async: bool,
    define: impl FnOnce(&mut Linker<()>),
) -> Composition {
    let part = |import, export, linker| {
        let component = relay(engine, import, export, is_async);
        let engine = engine.clone();
        ComposableComponent::new(component, linker, move || Store::new(&engine, ()))
    };
    let mut host = Linker::new(engine);
    define(&mut host);
    let mut composer = Composer::new();
    let none = || Linker::new(engine);
    composer
        .add(ComposableDescriptor::new(
            "leaf",
            part("probe", "of-leaf", host),
        ))
        .add(ComposableDescriptor::new(
            "middle",
            part("of-leaf", "of-middle", none()),
        ))
        .add(ComposableDescriptor::new(
            "top",
            part("of-middle", "of-top", none()),
        ));
    composer.compose().await.unwrap()
}
