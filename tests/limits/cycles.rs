//! Calls that re-enter a composition through the embedder, from components that compute
//! for longer than a tick before and after.

use std::sync::{Arc, OnceLock};

use composer::{
    CallError, ComposableComponent, ComposableDescriptor, Composer, Composition, Value,
    WeakComposition,
};
use tokio::runtime::Builder;
use wasmtime::component::{Component, Linker};
use wasmtime::{Engine, Store};

use super::{call, hands_on, wat};

/// Computes for some ticks, and adds by another component's help.
const HEAD: &str = r#"(component
    (import "add" (func $add (param "a" u32) (param "b" u32) (result u32)))
    (core func $lowered (canon lower (func $add)))
    (core module $m
        (import "" "add" (func $add (param i32 i32) (result i32)))
        (func $compute (local i32)
            (local.set 0 (i32.const 4000000))
            (loop $again
                (br_if $again (local.tee 0 (i32.sub (local.get 0) (i32.const 1))))))
        (func (export "sum") (param i32 i32) (result i32) (local i32)
            (call $compute)
            (local.set 2 (call $add (local.get 0) (local.get 1)))
            (call $compute)
            (local.get 2)))
    (core instance $i (instantiate $m (with "" (instance (export "add" (func $lowered))))))
    (func (export "sum") (param "a" u32) (param "b" u32) (result u32)
        (canon lift (core func $i "sum"))))"#;

const LEAF: &str = r#"(component
    (core module $m
        (func (export "plus") (param i32 i32) (result i32) (local i32)
            (local.set 2 (i32.const 4000000))
            (loop $again
                (br_if $again (local.tee 2 (i32.sub (local.get 2) (i32.const 1)))))
            (i32.add (local.get 0) (local.get 1))))
    (core instance $i (instantiate $m))
    (func (export "plus") (param "a" u32) (param "b" u32) (result u32)
        (canon lift (core func $i "plus"))))"#;

/// Hands on what it is asked to its embedder, who asks that of the composition's
/// function `back`.
fn middle(engine: &Engine, back: &'static str) -> (ComposableComponent<()>, Home) {
    let home = Home::default();
    let known = home.clone();
    let mut linker = Linker::new(engine);
    let mut root = linker.root();
    root.func_wrap_async("ask", move |_, (a, b): (u32, u32)| {
        let composition = known.get().and_then(WeakComposition::upgrade).unwrap();
        Box::new(async move {
            let answer = call(&composition, back, [a.into(), b.into()]).await;
            match answer.map_err(wasmtime::Error::new)? {
                Some(Value::U32(sum)) => Ok((sum,)),
                other => panic!("{other:?}"),
            }
        })
    })
    .unwrap();
    let component = Component::new(engine, hands_on("ask")).unwrap();
    let engine = engine.clone();
    let part = ComposableComponent::new(component, linker, move || Store::new(&engine, ()));
    (part, home)
}

/// The composition that a host function calls into.
type Home = Arc<OnceLock<WeakComposition>>;

async fn composition(back: &'static str) -> Composition {
    let (middle, home) = middle(crate::support::engine(), back);
    let mut composer = Composer::new();
    composer.add(ComposableDescriptor::new("head", wat(HEAD).await.part()));
    composer.add(ComposableDescriptor::new("middle", middle));
    composer.add(ComposableDescriptor::new("leaf", wat(LEAF).await.part()));
    let composition = composer.compose().await.unwrap();
    assert!(home.set(composition.downgrade()).is_ok());
    composition
}

/// On so many threads, with as many compositions at once as keep them busy.
fn on_threads(check: impl AsyncFn() + Copy + Send + 'static) {
    for threads in [1, 2, 4, 16] {
        let mut runtime = Builder::new_multi_thread();
        runtime.worker_threads(threads).enable_all();
        runtime.build().unwrap().block_on(async {
            futures::future::join_all((0..6).map(|_| check())).await;
        });
    }
}

#[test]
fn calls_that_come_back_elsewhere_are_answered() {
    on_threads(async || {
        let composition = composition("plus").await;
        for n in 0..3 {
            let sum = call(&composition, "sum", [n.into(), 4u32.into()]).await;
            assert_eq!(sum.unwrap(), Some(Value::U32(n + 4)));
        }
    });
}

#[test]
fn calls_that_come_back_to_who_waits_for_them_fail() {
    on_threads(async || {
        let composition = composition("sum").await;
        let error = call(&composition, "sum", [3u32.into(), 4u32.into()]).await;
        let error = error.unwrap_err();
        let CallError::Cycle { path, .. } = error.root() else {
            panic!("{error}");
        };
        assert_eq!(*path, ["head", "middle", "head"]);
    });
}
