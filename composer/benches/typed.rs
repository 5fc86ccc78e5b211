//! Measures what a call costs in Rust types, beside the same call by hand.
//!
//! Rows, for each kind of value:
//!
//! * `bindgen`: wasmtime's own `bindgen!` on one component and its store, the
//!   floor;
//! * `bindgen + boundary`: the same store in a task of its own, called through a bounded
//!   queue with owned messages, as a program would do it by hand;
//! * `typed`: through `compose!`;
//! * `dynamic`: through [`composer::ExportFunc`] and `Val`s;
//!
//! and across a link, through a component that passes the call on: `link typed`
//! between two declared components, `link dynamic` between two that are not.

#![allow(clippy::unwrap_used, missing_docs)]

use std::path::PathBuf;

use composer::{ComposableDescriptor, Composer, Composition};
use criterion::{Criterion, criterion_group, criterion_main};
use tokio::runtime::Builder;
use tokio::sync::{mpsc, oneshot};
use wasmtime::component::{Component, Linker, Val};
use wasmtime::{Engine, Store};

mod bindings {
    // `echo-scalars` is left out: it has more parameters than `bindgen!` takes.
    wasmtime::component::bindgen!({
        inline: "
            package test:values@0.1.0;
            interface echo {
                record inner { id: u64, label: string }
                record outer {
                    name: string, count: u32, ratio: f64, tags: list<string>, inner: inner,
                }
                echo-u32: func(v: u32) -> u32;
                echo-string: func(v: string) -> string;
                echo-bytes: func(v: list<u8>) -> list<u8>;
                echo-records: func(v: list<outer>) -> list<outer>;
            }
            world values-guest {
                export echo;
            }
        ",
        exports: { default: async },
    });
}

use bindings::exports::test::values::echo as hand;

composer::compose!({
    path: "../tests/wit/values",
    composition: Echo,
    components: { values: "test:values/values-guest" },
    exports: ["test:values/echo"],
});

composer::compose!({
    path: "../tests/wit/values",
    composition: Relayed,
    components: {
        relay: "test:values/values-relay",
        values: "test:values/values-guest",
    },
    exports: { "test:values/echo": relay },
});

fn guest(engine: &Engine, name: &str) -> Component {
    let guests = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../tests/guests");
    let file = guests.join(name).join(name).with_extension("wasm");
    composer::load_component(engine, file).unwrap()
}

/// The guest by hand: its store and its typed functions.
struct ByHand {
    store: Store<()>,
    values: bindings::ValuesGuest,
}

async fn by_hand(engine: &Engine) -> ByHand {
    let mut store = Store::new(engine, ());
    let linker = Linker::new(engine);
    let component = guest(engine, "values");
    let values = bindings::ValuesGuest::instantiate_async(&mut store, &component, &linker);
    let values = values.await.unwrap();
    ByHand { store, values }
}

/// A request to the task by hand.
enum Request {
    Scalar(u32, oneshot::Sender<u32>),
    Text(String, oneshot::Sender<String>),
    Bytes(Vec<u8>, oneshot::Sender<Vec<u8>>),
    Records(Vec<hand::Outer>, oneshot::Sender<Vec<hand::Outer>>),
}

/// A task that owns the store, as a program would write it by hand.
fn actor(mut guest: ByHand) -> mpsc::Sender<Request> {
    let (inbox, mut requests) = mpsc::channel(64);
    tokio::spawn(async move {
        while let Some(request) = requests.recv().await {
            let ByHand { store, values } = &mut guest;
            let echo = values.test_values_echo();
            match request {
                Request::Scalar(v, reply) => {
                    let v = echo.call_echo_u32(store, v).await.unwrap();
                    reply.send(v).unwrap();
                }
                Request::Text(v, reply) => {
                    let v = echo.call_echo_string(store, &v).await.unwrap();
                    reply.send(v).unwrap();
                }
                Request::Bytes(v, reply) => {
                    let v = echo.call_echo_bytes(store, &v).await.unwrap();
                    reply.send(v).unwrap();
                }
                Request::Records(v, reply) => {
                    let v = echo.call_echo_records(store, &v).await.unwrap();
                    reply.send(v).unwrap();
                }
            }
        }
    });
    inbox
}

/// Sends a request to the task by hand, and waits for the answer.
async fn ask<R>(
    inbox: &mpsc::Sender<Request>,
    request: impl FnOnce(oneshot::Sender<R>) -> Request,
) -> R {
    let (reply, answer) = oneshot::channel();
    assert!(inbox.send(request(reply)).await.is_ok());
    answer.await.unwrap()
}

/// All subjects.
struct Subjects {
    hand: ByHand,
    actor: mpsc::Sender<Request>,
    typed: echo::test::values::echo::Exports,
    link_typed: relayed::test::values::echo::Exports,
    dynamic: Composition,
    link_dynamic: Composition,
}

async fn subjects() -> Subjects {
    let engine = Engine::default();
    let values = || guest(&engine, "values");
    let relay = || guest(&engine, "values-relay");
    let mut alone = Composer::new();
    alone.add(ComposableDescriptor::new("values", values()));
    let mut linked = Composer::new();
    linked
        .add(ComposableDescriptor::new("values", values()))
        .add(ComposableDescriptor::new("relay", relay()))
        .with_export_hint("test:values/echo@0.1.0", "relay")
        .with_export_hint("test:values/echo-async@0.1.0", "relay");
    let typed = Echo::compose(EchoParts { values: values() });
    let link_typed = Relayed::compose(RelayedParts {
        relay: relay(),
        values: values(),
    });
    Subjects {
        hand: by_hand(&engine).await,
        actor: actor(by_hand(&engine).await),
        typed: typed.await.unwrap().echo(),
        link_typed: link_typed.await.unwrap().echo(),
        dynamic: alone.compose().await.unwrap(),
        link_dynamic: linked.compose().await.unwrap(),
    }
}

/// The rows of one function, with its argument in the types of each subject.
macro_rules! rows {
    (
        $criterion:ident, $title:literal, $name:literal, $request:ident,
        $by_hand:ident($pass:expr), $typed:ident,
        $value:expr, $linked:expr, $by_hand_value:expr, $dynamic:expr
    ) => {{
        // One thread, so that no row pays for waking another one.
        let runtime = Builder::new_current_thread().build().unwrap();
        let mut subjects = runtime.block_on(subjects());
        let mut group = $criterion.benchmark_group($title);
        let value = $value;
        let by_hand_value = $by_hand_value;

        group.bench_function("bindgen", |b| {
            let ByHand { store, values } = &mut subjects.hand;
            b.iter(|| {
                let echo = values.test_values_echo();
                runtime
                    .block_on(echo.$by_hand(&mut *store, $pass(&by_hand_value)))
                    .unwrap()
            });
        });
        group.bench_function("bindgen + boundary", |b| {
            b.iter(|| {
                let value = by_hand_value.clone();
                runtime.block_on(ask(&subjects.actor, |reply| {
                    Request::$request(value, reply)
                }))
            });
        });
        group.bench_function("typed", |b| {
            b.iter(|| {
                runtime
                    .block_on(subjects.typed.$typed(value.clone()))
                    .unwrap()
            });
        });
        let value = $linked;
        group.bench_function("link typed", |b| {
            b.iter(|| {
                runtime
                    .block_on(subjects.link_typed.$typed(value.clone()))
                    .unwrap()
            });
        });
        let dynamic = [$dynamic];
        for (row, composition) in [
            ("dynamic", &subjects.dynamic),
            ("link dynamic", &subjects.link_dynamic),
        ] {
            let echo = composition
                .get_func(Some("test:values/echo"), $name)
                .unwrap();
            group.bench_function(row, |b| {
                b.iter(|| {
                    let mut results = [Val::Bool(false)];
                    runtime.block_on(echo.call(&dynamic, &mut results)).unwrap();
                    results
                });
            });
        }
    }};
}

fn scalar(criterion: &mut Criterion) {
    rows!(
        criterion,
        "u32",
        "echo-u32",
        Scalar,
        call_echo_u32(Clone::clone),
        echo_u32,
        7,
        7,
        7,
        Val::U32(7)
    );
}

fn text(criterion: &mut Criterion) {
    let text = "x".repeat(32);
    rows!(
        criterion,
        "string of 32 bytes",
        "echo-string",
        Text,
        call_echo_string(String::as_str),
        echo_string,
        text.clone(),
        text.clone(),
        text.clone(),
        Val::String(text.clone())
    );
}

fn bytes(criterion: &mut Criterion) {
    let bytes: Vec<u8> = (0..=255).cycle().take(64 * 1024).collect();
    rows!(
        criterion,
        "64 KiB of list<u8>",
        "echo-bytes",
        Bytes,
        call_echo_bytes(Vec::as_slice),
        echo_bytes,
        bytes.clone(),
        bytes.clone(),
        bytes.clone(),
        Val::List(bytes.iter().copied().map(Val::U8).collect())
    );
}

fn records(criterion: &mut Criterion) {
    // One record, in the types of each declaration.
    macro_rules! outer {
        ($($types:ident)::+) => {
            $($types)::+::Outer {
                name: "apple".to_owned(),
                count: 3,
                ratio: 0.5,
                tags: ["new", "sale"].map(String::from).into(),
                inner: $($types)::+::Inner {
                    id: 1,
                    label: "fruit".to_owned(),
                },
            }
        };
    }
    let text = |text: &str| Val::String(text.to_owned());
    let dynamic = Val::Record(vec![
        ("name".to_owned(), text("apple")),
        ("count".to_owned(), Val::U32(3)),
        ("ratio".to_owned(), Val::Float64(0.5)),
        (
            "tags".to_owned(),
            Val::List(vec![text("new"), text("sale")]),
        ),
        (
            "inner".to_owned(),
            Val::Record(vec![
                ("id".to_owned(), Val::U64(1)),
                ("label".to_owned(), text("fruit")),
            ]),
        ),
    ]);
    rows!(
        criterion,
        "100 records",
        "echo-records",
        Records,
        call_echo_records(Vec::as_slice),
        echo_records,
        vec![outer!(echo::test::values::echo); 100],
        vec![outer!(relayed::test::values::echo); 100],
        vec![outer!(hand); 100],
        Val::List(vec![dynamic; 100])
    );
}

criterion_group!(benches, scalar, text, bytes, records);
criterion_main!(benches);
