//! Metrics of the facade `metrics`. A recorder of one thread receives everything of a
//! composition that runs on that thread, and nothing of other tests.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use composer::runtime::Limits;
use composer::{ComposableComponent, ComposableDescriptor, Composer, Restart, Runtime};
use metrics::{set_default_local_recorder, with_local_recorder};
use wasmtime::component::Linker;
use wasmtime::{Store, StoreContextMut};

use super::{chain, relay};
use crate::support::counters::until;
use crate::support::engine;
use crate::support::figures::Figures;
use crate::support::gated::Gated;

const LEAF: &str = "component=leaf,interface=,function=of-leaf";

/// N calls of which M fail, and nothing is told twice.
#[tokio::test]
async fn counts_are_exact() {
    let figures = Figures::default();
    let _recording = set_default_local_recorder(&figures);
    let calls = Arc::new(AtomicUsize::new(0));
    let mut linker = Linker::new(engine());
    let probe = move |_: StoreContextMut<'_, ()>, (): ()| match calls
        .fetch_add(1, Ordering::Relaxed)
        % 10
    {
        9 => Err(wasmtime::Error::msg("each tenth call fails")),
        _ => Ok((7u32,)),
    };
    linker.root().func_wrap("probe", probe).unwrap();
    let leaf = relay(engine(), "probe", "of-leaf", false);
    let leaf = ComposableComponent::new(leaf, linker, || Store::new(engine(), ()));
    let mut composer = Composer::new();
    let restart = Restart::on_death().with_backoff(Duration::ZERO, Duration::ZERO);
    composer.add(ComposableDescriptor::new("leaf", leaf).with_restart(restart));
    let composition = composer.compose().await.unwrap();
    let func = composition.get_func(None, "of-leaf").unwrap();
    let mut failed = 0;
    for _ in 0..40 {
        failed += usize::from(func.call_owned([]).await.is_err());
    }
    assert_eq!(failed, 4);
    let leaf = composition.component("leaf").unwrap();
    until("it runs again", || leaf.status().restarts == 4).await;

    let calls =
        |outcome: &str| figures.get(&format!("composer_calls_total{{{LEAF},outcome={outcome}}}"));
    assert_eq!((calls("returned"), calls("failed")), (36.0, 4.0));
    assert_eq!(figures.sum("composer_calls_total"), 40.0);
    let errors = format!("composer_call_errors_total{{{LEAF},kind=failed}}");
    assert_eq!(figures.get(&errors), 4.0);
    assert_eq!(figures.sum("composer_call_errors_total"), 4.0);
    for histogram in ["composer_call_queue_seconds", "composer_call_run_seconds"] {
        assert_eq!(figures.get(&format!("{histogram}{{{LEAF}}}")), 40.0);
        assert_eq!(figures.sum(histogram), 40.0);
    }
    for gauge in ["composer_calls_queued", "composer_calls_in_flight"] {
        let gauge = format!("{gauge}{{component=leaf}}");
        assert_eq!((figures.get(&gauge), figures.peak(&gauge)), (0.0, 1.0));
    }
    let deaths = figures.get("composer_deaths_total{component=leaf,cause=other}");
    assert_eq!(deaths, 4.0);
    assert_eq!(figures.get("composer_restarts_total{component=leaf}"), 4.0);
}

/// Each edge counts for its callee.
#[tokio::test]
async fn edges_are_counted() {
    let figures = Figures::default();
    let _recording = set_default_local_recorder(&figures);
    let composition = chain(engine(), false, |linker| {
        linker
            .root()
            .func_wrap("probe", |_, (): ()| Ok((7u32,)))
            .unwrap();
    })
    .await;
    let top = composition.get_func(None, "of-top").unwrap();
    for _ in 0..3 {
        top.call_owned([]).await.unwrap();
    }
    for component in ["top", "middle", "leaf"] {
        let labels = format!("component={component},interface=,function=of-{component}");
        let calls = format!("composer_calls_total{{{labels},outcome=returned}}");
        assert_eq!(figures.get(&calls), 3.0);
    }
    assert_eq!(figures.sum("composer_calls_total"), 9.0);
    assert_eq!(figures.sum("composer_calls_in_flight"), 0.0);
    assert_eq!(figures.sum("composer_calls_queued"), 0.0);
}

/// Calls that wait and calls that run show while they do, and are gone when
/// their callers leave.
#[tokio::test]
async fn queues_are_seen() {
    let figures = Figures::default();
    let _recording = set_default_local_recorder(&figures);
    let gated = Gated::start().await;
    let queued = || figures.get("composer_calls_queued{component=gated}");
    let in_flight = || figures.get("composer_calls_in_flight{component=gated}");

    let running = gated.begin("make-slowly", [1u32.into()]).await;
    assert_eq!((queued(), in_flight()), (0.0, 1.0));
    let func = gated.composition.component("gated").unwrap();
    let func = func.get_func(None, "make").unwrap();
    let waiting: Vec<_> = (0..3u32)
        .map(|number| {
            let func = func.clone();
            tokio::spawn(async move { func.call_owned([number.into()]).await })
        })
        .collect();
    until("they wait", || queued() == 3.0).await;
    assert_eq!(gated.status().queued, 3);
    waiting[1].abort();
    gated.gate.open();
    running.await.unwrap().unwrap();
    let mut returned = 0;
    for call in waiting {
        returned += usize::from(call.await.is_ok());
    }
    assert_eq!(returned, 2);
    assert_eq!((queued(), in_flight()), (0.0, 0.0));
    let of_make = "component=gated,interface=,function=make,outcome";
    let calls = |outcome| figures.get(&format!("composer_calls_total{{{of_make}={outcome}}}"));
    assert_eq!((calls("returned"), calls("abandoned")), (2.0, 1.0));
}

#[tokio::test]
async fn memory_is_told_where_it_is_limited() {
    let figures = Figures::default();
    let _recording = set_default_local_recorder(&figures);
    let runtime = Runtime::new().unwrap();
    let text = r#"(component
        (core module $m
            (memory 3)
            (func (export "one") (result i32) (i32.const 1)))
        (core instance $i (instantiate $m))
        (func (export "one") (result u32) (canon lift (core func $i "one"))))"#;
    let loaded = runtime.load_bytes("one", text.as_bytes()).await.unwrap();
    let mut composer = Composer::new();
    composer.add(ComposableDescriptor::new(
        "one",
        loaded.part().with_limits(Limits::default()),
    ));
    let composition = composer.compose().await.unwrap();
    let one = composition.get_func(None, "one").unwrap();
    one.call_owned([]).await.unwrap();
    let peak = figures.get("composer_memory_peak_bytes{component=one}");
    assert_eq!(peak, 3.0 * 65536.0);
}

#[test]
fn each_figure_is_described() {
    let figures = Figures::default();
    with_local_recorder(&figures, composer::observe::describe_metrics);
    let names = figures.names();
    assert_eq!(names.len(), 9);
    let text = include_str!("../../composer/src/observe/mod.rs");
    for name in names {
        let name = name.strip_prefix("described ").unwrap();
        assert!(text.contains(&format!("| `{name}` |")), "{name}");
    }
}
