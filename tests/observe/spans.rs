//! The spans of calls: their parents, and their ends.

use std::pin::pin;
use std::task::Poll;
use std::time::Duration;

use composer::observe::current_span;
use composer::runtime::Limits;
use composer::{
    CallError, ComposableComponent, ComposableDescriptor, Composer, Restart, Runtime, Value,
};
use futures::future::join;
use tracing::{Instrument, info, info_span};
use wasmtime::component::Linker;
use wasmtime::{Engine, Store, StoreContextMut};

use super::{chain, relay, told};
use crate::support::counters::until;
use crate::support::engine;
use crate::support::events::Heard;
use crate::support::gated::{Gate, Gated};

fn probe(linker: &mut Linker<()>) {
    linker
        .root()
        .func_wrap("probe", |_, (): ()| {
            info!("probed");
            Ok((7u32,))
        })
        .unwrap();
}

fn async_probe(linker: &mut Linker<()>) {
    linker
        .root()
        .func_wrap_concurrent("probe", |_, (): ()| {
            info!("probed");
            Box::pin(async {
                tokio::task::yield_now().await;
                Ok((7u32,))
            })
        })
        .unwrap();
}

/// On an engine that runs calls beside each other and on one that does not, by
/// plain imports and by async ones.
#[test]
fn a_call_belongs_to_the_one_that_it_is_made_for() {
    let plain = Engine::default();
    type Define = fn(&mut Linker<()>);
    let kinds: [(&Engine, bool, Define); 3] = [
        (&plain, false, probe),
        (engine(), false, probe),
        (engine(), true, async_probe),
    ];
    for (engine, is_async, define) in kinds {
        let told = told(async || {
            let composition = chain(engine, is_async, define).await;
            let top = composition.get_func(None, "of-top").unwrap();
            let called = top.call_owned([]).instrument(info_span!("request"));
            assert_eq!(called.await.unwrap(), Some(Value::U32(7)));
        });
        let mut parent = told.spans.iter().position(|span| span.name == "request");
        assert!(parent.is_some());
        let calls = [("top", ""), ("middle", "top"), ("leaf", "middle")];
        assert_eq!(told.calls().len(), calls.len());
        for (component, caller) in calls {
            let [call] = told.of(component)[..] else {
                panic!("{component} is called once");
            };
            assert_eq!(call.parent, parent, "{call:?}");
            assert_eq!(call.fields["caller"], caller);
            assert_eq!(call.fields["function"], format!("of-{component}"));
            assert_eq!(call.fields["outcome"], "returned");
            for field in ["queued_us", "ran_us"] {
                assert!(call.fields[field].parse::<u64>().is_ok(), "{call:?}");
            }
            assert!(!call.fields.contains_key("interface"));
            assert!(!call.fields.contains_key("error"));
            let mut components = told.spans.iter().map(|span| span.fields.get("component"));
            parent = components.position(|name| name.is_some_and(|name| name == component));
        }
        // The host's function is called in the innermost of them.
        let mut probed = told.events.iter();
        let probed = probed.find(|event| event.fields["message"] == "probed");
        assert_eq!(probed.unwrap().within, parent);
    }
}

/// A function of the host that is called by two calls at once is told for which.
#[test]
fn calls_beside_each_other_are_told_apart() {
    let told = told(async || {
        let composition = chain(engine(), true, |linker| {
            let mut root = linker.root();
            root.func_wrap_concurrent("probe", |accessor, (): ()| {
                let span = accessor.with(|mut access| current_span(&mut access));
                Box::pin(async move {
                    tokio::task::yield_now().await;
                    info!(parent: &span, "probed");
                    Ok((7u32,))
                })
            })
            .unwrap();
        })
        .await;
        let leaf = composition.component("leaf").unwrap();
        let leaf = leaf.get_func(None, "of-leaf").unwrap();
        let (a, b) = join(leaf.call_owned([]), leaf.call_owned([])).await;
        assert_eq!(
            (a.unwrap(), b.unwrap()),
            (Some(7u32.into()), Some(7u32.into()))
        );
    });
    let leaf = |event: &&Heard| event.fields["message"] == "probed";
    let within = told.events.iter().filter(leaf).map(|event| event.within);
    let mut within: Vec<_> = within.collect();
    within.sort();
    assert_eq!(within.len(), 2);
    assert!(within[0].is_some() && within[0] != within[1], "{within:?}");
    assert_eq!(told.outcomes("leaf"), ["returned", "returned"]);
}

/// An embedder that calls in a host function calls for the component.
#[test]
fn a_call_in_a_host_function_belongs_to_the_guests_call() {
    let told = told(async || {
        let inner = chain(engine(), false, probe).await;
        let called = inner.get_func(None, "of-top").unwrap();
        let outer = chain(engine(), false, |linker| {
            let mut root = linker.root();
            root.func_wrap_async("probe", move |_, (): ()| {
                let called = called.clone();
                Box::new(async move {
                    called.call_owned([]).await?;
                    Ok((8u32,))
                })
            })
            .unwrap();
        })
        .await;
        let top = outer.get_func(None, "of-top").unwrap();
        assert_eq!(top.call_owned([]).await.unwrap(), Some(Value::U32(8)));
    });
    let tops = told.of("top");
    assert_eq!(tops.len(), 2);
    let parent = &told.spans[tops[1].parent.unwrap()];
    assert_eq!(parent.fields["component"], "leaf");
    assert_eq!(tops[1].fields["caller"], "leaf");
    assert_eq!(tops[0].parent, None);
}

#[test]
fn a_call_that_fails_and_those_that_are_refused() {
    let told = told(async || {
        let composition = chain(engine(), false, |linker| {
            let fail = |_: StoreContextMut<'_, ()>, (): ()| -> wasmtime::Result<(u32,)> {
                Err(wasmtime::Error::msg("no paper"))
            };
            linker.root().func_wrap("probe", fail).unwrap();
        })
        .await;
        let top = composition.get_func(None, "of-top").unwrap();
        let error = top.call_owned([]).await.unwrap_err();
        assert!(matches!(error, CallError::Failed { .. }));
        let error = top.call_owned([]).await.unwrap_err();
        assert!(matches!(error, CallError::Dead { .. }));
        composition.clone().shutdown(Duration::from_secs(60)).await;
        let error = top.call_owned([]).await.unwrap_err();
        assert!(matches!(error, CallError::Stopped { .. }));
        // It is no call of this function.
        let error = top.call_owned([1u32.into()]).await.unwrap_err();
        assert!(matches!(error, CallError::Arity { .. }));
    });
    for component in ["leaf", "middle"] {
        assert_eq!(told.outcomes(component), ["failed: failed"]);
    }
    assert_eq!(
        told.outcomes("top"),
        ["failed: failed", "refused: dead", "refused: stopped"]
    );
    let died = told.events.iter();
    let died = died.filter(|event| event.fields["message"] == "a component died");
    let died: Vec<_> = died
        .map(|event| event.fields["component"].as_str())
        .collect();
    assert_eq!(died, ["leaf", "middle", "top"]);
}

/// A call that its caller leaves: before it is taken in, and while it runs.
#[test]
fn a_call_that_is_abandoned() {
    let told = told(async || {
        let gated = Gated::start().await;
        let running = gated.begin("make-slowly", [1u32.into()]).await;
        let make = gated.composition.component("gated").unwrap();
        let make = make.get_func(None, "make").unwrap();
        {
            let mut never = pin!(make.call_owned([2u32.into()]));
            let first = std::future::poll_fn(|cx| Poll::Ready(never.as_mut().poll(cx)));
            assert!(first.await.is_pending());
        }
        running.abort();
        assert!(running.await.unwrap_err().is_cancelled());
        gated.gate.open();
        until("it is done", || gated.status().in_flight == 0).await;
        gated.make(3).await;
    });
    assert_eq!(
        told.outcomes("gated"),
        ["abandoned", "abandoned", "returned"]
    );
    let calls = told.of("gated");
    // The first one ran to its end all the same.
    assert!(calls[0].fields.contains_key("ran_us"));
    assert_eq!(calls[1].fields["function"], "make");
    assert!(!calls[1].fields.contains_key("ran_us"));
}

#[test]
fn a_component_that_is_started_again() {
    let told = told(async || {
        let gate = Gate::new();
        let component = relay(engine(), "probe", "of-leaf", false);
        let mut linker = Linker::new(engine());
        let at = gate.clone();
        linker
            .root()
            .func_wrap_async("probe", move |_, (): ()| {
                let gate = at.clone();
                Box::new(async move {
                    gate.pass().await;
                    Err::<(u32,), _>(wasmtime::Error::msg("no paper"))
                })
            })
            .unwrap();
        let part = ComposableComponent::new(component, linker, || Store::new(engine(), ()));
        let mut composer = Composer::new();
        let restart = Restart::on_death().with_backoff(Duration::ZERO, Duration::ZERO);
        composer.add(ComposableDescriptor::new("phoenix", part).with_restart(restart));
        let composition = composer.compose().await.unwrap();
        let func = composition.get_func(None, "of-leaf").unwrap();
        for _ in 0..2 {
            gate.open();
            assert!(func.call_owned([]).await.is_err());
        }
        let phoenix = composition.component("phoenix").unwrap();
        until("it is started again", || phoenix.status().restarts == 2).await;
    });
    assert_eq!(
        told.outcomes("phoenix"),
        ["failed: failed", "failed: failed"]
    );
    let again = told.events.iter();
    let again = again.filter(|event| event.fields["message"] == "a component was started again");
    let again: Vec<_> = again
        .map(|event| event.fields["restarts"].as_str())
        .collect();
    assert_eq!(again, ["1", "2"]);
}

#[test]
fn fuel_is_told_where_it_is_limited() {
    let told = told(async || {
        let runtime = Runtime::builder().count_fuel(true).build().unwrap();
        let text = r#"(component
            (core module $m (func (export "one") (result i32) (i32.const 1)))
            (core instance $i (instantiate $m))
            (func (export "one") (result u32) (canon lift (core func $i "one"))))"#;
        let loaded = runtime.load_bytes("one", text.as_bytes()).await.unwrap();
        let limits = Limits::default().with_fuel(Some(1_000));
        let mut composer = Composer::new();
        composer.add(ComposableDescriptor::new(
            "one",
            loaded.part().with_limits(limits),
        ));
        let composition = composer.compose().await.unwrap();
        let one = composition.get_func(None, "one").unwrap();
        one.call_owned([]).await.unwrap();
        one.call_owned([]).await.unwrap();
    });
    let calls = told.of("one");
    assert_eq!(calls.len(), 2);
    for call in calls {
        let fuel: u64 = call.fields["fuel"].parse().unwrap();
        assert!((1..1_000).contains(&fuel), "{call:?}");
    }
}

/// Nobody is told who does not listen.
#[tokio::test]
async fn a_span_is_current_only_where_somebody_listens() {
    let composition = chain(engine(), false, |linker| {
        let mut root = linker.root();
        root.func_wrap("probe", |store: StoreContextMut<'_, ()>, (): ()| {
            assert!(current_span(store).is_none());
            Ok((7u32,))
        })
        .unwrap();
    })
    .await;
    let top = composition.get_func(None, "of-top").unwrap();
    assert_eq!(top.call_owned([]).await.unwrap(), Some(Value::U32(7)));
}
