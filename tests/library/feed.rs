//! A folder whose components come and go in a composition.

use std::fs;
use std::path::Path;
use std::time::Duration;

use composer::runtime::{FeedError, FeedEvent, FolderFeed};
use composer::{
    AddError, ComposableDescriptor, Composer, Composition, RemoveError, ReplaceError, Runtime,
    Value,
};

use tokio::task::JoinHandle;

use super::number;
use crate::support::counters::{AMPLE, within};
use crate::support::engine;
use crate::support::gated::Gate;

const OFTEN: Duration = Duration::from_millis(5);

fn put(folder: &Path, name: &str, text: &str) {
    let unfinished = folder.join("unfinished");
    fs::write(&unfinished, text).unwrap();
    fs::rename(unfinished, folder.join(name)).unwrap();
}

/// Passes on the number of another component.
const NEEDS: &str = r#"(component
    (import "needed" (func $n (result u32)))
    (core func $n' (canon lower (func $n)))
    (core module $m
        (import "" "n" (func $n (result i32)))
        (func (export "passed") (result i32) (call $n)))
    (core instance $i (instantiate $m (with "" (instance (export "n" (func $n'))))))
    (func (export "passed") (result u32) (canon lift (core func $i "passed"))))"#;

fn needed(n: u32) -> String {
    format!(
        r#"(component
            (core module $m (func (export "n") (result i32) (i32.const {n})))
            (core instance $i (instantiate $m))
            (func (export "needed") (result u32) (canon lift (core func $i "n"))))"#
    )
}

fn feed(runtime: &Runtime, folder: &Path, composition: &Composition) -> FolderFeed {
    let watch = runtime.watch_folder(folder, OFTEN);
    watch.feed(composition, AMPLE, |name, component| {
        Ok(ComposableDescriptor::new(name, component.part()))
    })
}

async fn next(feed: &mut FolderFeed) -> String {
    // Whoever drops the future loses nothing.
    let event = loop {
        if let Ok(event) = tokio::time::timeout(OFTEN, feed.next()).await {
            break event.unwrap();
        }
    };
    match event {
        FeedEvent::Added { component, .. } => format!("added {component}"),
        FeedEvent::Replaced { component, .. } => format!("replaced {component}"),
        FeedEvent::Removed { component, .. } => format!("removed {component}"),
        FeedEvent::Failed { path, error } => {
            let file = path.file_name().unwrap().to_string_lossy();
            let kind = match error {
                FeedError::Load(_) => "load",
                FeedError::Part(_) => "part",
                FeedError::Add(AddError::Exists { .. }) => "exists",
                FeedError::Add(AddError::Plan { .. }) => "add: plan",
                FeedError::Replace(ReplaceError::Misfit { .. }) => "replace: misfit",
                FeedError::Replace(ReplaceError::Busy { .. }) => "replace: busy",
                FeedError::Remove(RemoveError::Needed { .. }) => "remove: needed",
                other => panic!("{other}"),
            };
            format!("failed {file}: {kind}")
        }
        other => panic!("{other:?}"),
    }
}

async fn ask(composition: &Composition, func: &str) -> Option<Value> {
    let func = composition.get_func(None, func).unwrap();
    within(func.call_owned([])).await.unwrap()
}

#[tokio::test]
async fn the_composition_follows_the_folder() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    // In the order of names, the first needs the second.
    put(folder, "a.wasm", NEEDS);
    put(folder, "b.wasm", &needed(1));
    put(folder, "c.wasm", "nonsense");
    let runtime = Runtime::new().unwrap();
    let composition = Composer::new().compose().await.unwrap();
    let mut feed = feed(&runtime, folder, &composition);
    assert_eq!(next(&mut feed).await, "failed c.wasm: load");
    assert_eq!(next(&mut feed).await, "added b");
    assert_eq!(next(&mut feed).await, "added a");
    assert_eq!(ask(&composition, "passed").await, Some(Value::U32(1)));

    put(folder, "b.wasm", &needed(2));
    assert_eq!(next(&mut feed).await, "replaced b");
    assert_eq!(ask(&composition, "passed").await, Some(Value::U32(2)));
    // It would no longer export what others use; the old one goes on.
    put(folder, "b.wasm", &number(1));
    assert_eq!(next(&mut feed).await, "failed b.wasm: replace: misfit");
    assert_eq!(ask(&composition, "passed").await, Some(Value::U32(2)));
    put(folder, "b.wasm", &needed(3));
    assert_eq!(next(&mut feed).await, "replaced b");

    // A file that is needed goes when it is no longer needed.
    fs::remove_file(folder.join("b.wasm")).unwrap();
    assert_eq!(next(&mut feed).await, "failed b.wasm: remove: needed");
    assert_eq!(ask(&composition, "passed").await, Some(Value::U32(3)));
    fs::remove_file(folder.join("a.wasm")).unwrap();
    assert_eq!(next(&mut feed).await, "removed a");
    assert_eq!(next(&mut feed).await, "removed b");
    assert!(composition.components().is_empty());

    // Alone, it waits for the other.
    put(folder, "a.wasm", NEEDS);
    assert_eq!(next(&mut feed).await, "failed a.wasm: add: plan");
    put(folder, "b.wasm", &needed(4));
    assert_eq!(next(&mut feed).await, "added b");
    assert_eq!(next(&mut feed).await, "added a");
    assert_eq!(ask(&composition, "passed").await, Some(Value::U32(4)));

    // What somebody else removes is added again when its file changes.
    composition
        .component("a")
        .unwrap()
        .remove(AMPLE)
        .await
        .unwrap();
    put(folder, "a.wasm", &format!("{NEEDS} "));
    assert_eq!(next(&mut feed).await, "added a");

    within(composition.shutdown(AMPLE)).await;
    assert!(within(feed.next()).await.is_none());
}

#[tokio::test]
async fn it_ends_with_the_composition() {
    let folder = tempfile::tempdir().unwrap();
    put(folder.path(), "a.wasm", &needed(1));
    let runtime = Runtime::new().unwrap();
    let composition = Composer::new().compose().await.unwrap();
    let mut feed = feed(&runtime, folder.path(), &composition);
    assert_eq!(next(&mut feed).await, "added a");
    // A name that is in use is refused, until it is free.
    let other = runtime
        .load_bytes("other", number(7).as_bytes())
        .await
        .unwrap();
    let other = ComposableDescriptor::new("b", other.part());
    let other = composition.add(other).await.unwrap();
    put(folder.path(), "b.wasm", &number(8));
    assert_eq!(next(&mut feed).await, "failed b.wasm: exists");
    other.remove(AMPLE).await.unwrap();
    drop(other);
    put(folder.path(), "c.wasm", "(component)");
    assert_eq!(next(&mut feed).await, "added b");
    assert_eq!(next(&mut feed).await, "added c");
    assert_eq!(ask(&composition, "number").await, Some(Value::U32(8)));
    let mut waits = Box::pin(feed.next());
    assert!(futures::poll!(&mut waits).is_pending());
    drop(composition);
    assert!(within(waits).await.is_none());
}

/// A component whose calls wait at a gate.
const SLOW: &str = r#"(component
    (import "wait" (func $wait))
    (core func $wait' (canon lower (func $wait)))
    (core module $m
        (import "" "wait" (func $wait))
        (func (export "f") (result i32) (call $wait) (i32.const VERSION)))
    (core instance $i (instantiate $m (with "" (instance (export "wait" (func $wait'))))))
    (func (export "slow") (result u32) (canon lift (core func $i "f"))))"#;

fn slow(version: u32) -> String {
    SLOW.replace("VERSION", &version.to_string())
}

/// A composition with `slow`, fed from the folder, and a call that waits in it.
async fn busy(
    folder: &Path,
    grace: Duration,
) -> (Gate, Composition, FolderFeed, JoinHandle<Option<Value>>) {
    put(folder, "slow.wasm", &slow(1));
    let runtime = Runtime::new().unwrap();
    let composition = Composer::new().compose().await.unwrap();
    let gate = Gate::new();
    let watch = runtime.watch_folder(folder, OFTEN);
    let at = gate.clone();
    let mut feed = watch.feed(&composition, grace, move |name, component| {
        let gate = at.clone();
        let part = component.part().with_linker(move |linker| {
            let gate = gate.clone();
            linker.root().func_wrap_async("wait", move |_, (): ()| {
                let gate = gate.clone();
                Box::new(async move {
                    gate.pass().await;
                    Ok(())
                })
            })
        });
        Ok(ComposableDescriptor::new(name, part))
    });
    assert_eq!(next(&mut feed).await, "added slow");
    let func = composition.get_func(None, "slow").unwrap();
    let call = tokio::spawn(async move { func.call_owned([]).await.unwrap() });
    gate.waiting().await;
    put(folder, "slow.wasm", &slow(2));
    (gate, composition, feed, call)
}

fn empty() -> ComposableDescriptor {
    let empty = composer::component_from_bytes(engine(), "empty", b"(component)").unwrap();
    ComposableDescriptor::new("empty", empty)
}

/// A change that has begun goes on when nobody looks at the feed, so others can be made.
#[tokio::test]
async fn nobody_has_to_wait_for_it() {
    let folder = tempfile::tempdir().unwrap();
    let (gate, composition, mut feed, call) = busy(folder.path(), AMPLE).await;
    // Until a change takes its turn after the replacement, which waits for the call.
    let mut adding = loop {
        let _ = tokio::time::timeout(OFTEN, feed.next()).await;
        let adding = composition.clone();
        let mut adding = Box::pin(async move { adding.add(empty()).await });
        match tokio::time::timeout(OFTEN * 10, &mut adding).await {
            Ok(added) => drop(added.unwrap().remove(AMPLE).await.unwrap()),
            Err(_) => break adding,
        }
    };
    assert!(futures::poll!(&mut adding).is_pending());
    gate.open();
    within(adding).await.unwrap();
    assert!(within(call).await.unwrap().is_some());
    assert_eq!(next(&mut feed).await, "replaced slow");
}

/// What was refused because a call took too long is tried again, although the folder stays
/// the same.
#[tokio::test]
async fn calls_that_take_too_long() {
    let folder = tempfile::tempdir().unwrap();
    let (gate, composition, mut feed, call) = busy(folder.path(), OFTEN).await;
    assert_eq!(next(&mut feed).await, "failed slow.wasm: replace: busy");
    gate.open();
    assert_eq!(within(call).await.unwrap(), Some(Value::U32(1)));
    assert_eq!(next(&mut feed).await, "replaced slow");
    gate.open();
    assert_eq!(ask(&composition, "slow").await, Some(Value::U32(2)));
}
