//! Components that implement the lifecycle interface: they are called at their start and
//! end.

use std::sync::{Arc, Mutex};

use composer::{
    CallError, ComposableComponent, ComposableDescriptor, Composer, Composition, CompositionError,
    Health, Restart, Runtime, StartError, Value,
};
use wasmtime::Store;
use wasmtime::component::Linker;

use super::{AMPLE, ask, engines};
use crate::support::counters::within;

/// What components have noted, with their names.
#[derive(Clone, Default)]
struct Notes(Arc<Mutex<Vec<(&'static str, u32)>>>);

const START: u32 = 1;
const HEALTH: u32 = 2;
const STOP: u32 = 3;
const WORK: u32 = 4;

impl Notes {
    /// A component that notes its calls, answers one of them with an error, and
    /// traps in one.
    fn part(&self, name: &'static str, ill: u32, traps: u32) -> ComposableDescriptor {
        ComposableDescriptor::new(name, self.component(name, ill, traps))
    }

    fn component(&self, name: &'static str, ill: u32, traps: u32) -> ComposableComponent<()> {
        let text = r#"(component
            (import "note" (func $note (param "what" u32)))
            (core func $note' (canon lower (func $note)))
            (core module $main
                (import "" "note" (func $note (param i32)))
                (memory (export "memory") 1)
                (data (i32.const 100) "no disk")
                (func $told (param i32)
                    (call $note (local.get 0))
                    (if (i32.eq (local.get 0) (i32.const TRAPS)) (then unreachable)))
                (func $answer (param i32) (result i32)
                    (call $told (local.get 0))
                    (i32.store (i32.const 0) (i32.eq (local.get 0) (i32.const ILL)))
                    (i32.store (i32.const 4) (i32.const 100))
                    (i32.store (i32.const 8) (i32.const 7))
                    (i32.const 0))
                (func (export "start") (result i32) (call $answer (i32.const 1)))
                (func (export "health") (result i32) (call $answer (i32.const 2)))
                (func (export "stop") (call $told (i32.const 3)))
                (func (export "work") (call $told (i32.const 4)))
                (func (export "trap") unreachable))
            (core instance $main (instantiate $main
                (with "" (instance (export "note" (func $note'))))))
            (alias core export $main "memory" (core memory $memory))
            (func $start (result (result (error string)))
                (canon lift (core func $main "start") (memory $memory)))
            (func $health (result (result (error string)))
                (canon lift (core func $main "health") (memory $memory)))
            (func $stop (canon lift (core func $main "stop")))
            (instance $lifecycle
                (export "start" (func $start))
                (export "health" (func $health))
                (export "stop" (func $stop)))
            (export "composer:lifecycle/lifecycle@0.1.0" (instance $lifecycle))
            (func (export "work") (canon lift (core func $main "work")))
            (func (export "trap") (canon lift (core func $main "trap"))))"#;
        let text = text.replace("ILL", &ill.to_string());
        let text = text.replace("TRAPS", &traps.to_string());
        let component = engines()
            .component_from_bytes(name, text.as_bytes())
            .unwrap();
        let engine = component.engine().clone();
        let mut linker = Linker::new(&engine);
        let notes = self.0.clone();
        let note = move |_: wasmtime::StoreContextMut<'_, ()>, (what,): (u32,)| {
            notes.lock().unwrap().push((name, what));
            Ok(())
        };
        linker.root().func_wrap("note", note).unwrap();
        ComposableComponent::new(component, linker, move || Store::new(&engine, ()))
    }

    async fn compose(
        &self,
        parts: impl IntoIterator<Item = ComposableDescriptor>,
    ) -> Result<Composition, CompositionError> {
        let mut composer = Composer::new();
        for part in parts {
            composer.add(part);
        }
        composer.compose().await
    }

    fn take(&self) -> Vec<(&'static str, u32)> {
        std::mem::take(&mut self.0.lock().unwrap())
    }
}

#[tokio::test]
async fn of_its_start_and_its_end() {
    let notes = Notes::default();
    let composition = notes.compose([notes.part("a", 0, 0)]).await.unwrap();
    ask(&composition, "work").await.unwrap();
    let end = composition.shutdown(AMPLE).await;
    assert_eq!((end.cut_off, end.stuck.len()), (0, 0));
    assert_eq!(notes.take(), [("a", START), ("a", WORK), ("a", STOP)]);
}

#[tokio::test]
async fn users_end_before_their_providers() {
    let notes = Notes::default();
    let parts = ["a", "b", "c"].map(|name| notes.part(name, 0, 0));
    let composition = notes.compose(parts).await.unwrap();
    assert_eq!(notes.take(), ["a", "b", "c"].map(|name| (name, START)));
    composition.shutdown(AMPLE).await;
    assert_eq!(notes.take(), ["c", "b", "a"].map(|name| (name, STOP)));
}

#[tokio::test]
async fn in_a_nested_composition() {
    let notes = Notes::default();
    let mut inner = Composer::new();
    inner.add(notes.part("a", 0, 0));
    let outer = [ComposableDescriptor::new("inner", inner)];
    let composition = notes.compose(outer).await.unwrap();
    composition.shutdown(AMPLE).await;
    assert_eq!(notes.take(), [("a", START), ("a", STOP)]);
}

composer::compose!({
    inline: r#"
        package test:told;

        world worker {
            export work: func();
        }
    "#,
    composition: Told,
    components: { a: "test:told/worker" },
    exports: ["work"],
});

/// Nothing is said of it in what is declared.
#[tokio::test]
async fn in_what_compose_makes() {
    let notes = Notes::default();
    let part = |ill| ToldParts {
        a: notes.component("a", ill, 0),
    };
    let told = Told::compose(part(0)).await.unwrap();
    told.work().await.unwrap();
    let a = told.composition().component("a").unwrap();
    assert_eq!(a.health().await.unwrap(), Health::Well);
    told.composition().shutdown(AMPLE).await;
    assert_eq!(
        notes.take(),
        [START, WORK, HEALTH, STOP].map(|what| ("a", what))
    );

    let Err(CompositionError::Start(StartError::Refused { .. })) = Told::compose(part(START)).await
    else {
        panic!("it started");
    };
}

#[tokio::test]
async fn one_may_refuse_to_start() {
    let notes = Notes::default();
    let parts = [notes.part("a", 0, 0), notes.part("b", START, 0)];
    let error = notes.compose(parts).await.unwrap_err();
    assert_eq!(error.to_string(), "component `b` refuses to start: no disk");
    let CompositionError::Start(StartError::Refused { .. }) = error else {
        panic!("{error:?}");
    };
    // What had been started has ended.
    let error = notes
        .compose([notes.part("c", 0, START)])
        .await
        .unwrap_err();
    let text = error.to_string();
    assert!(
        text.starts_with("component `c` refuses to start: call of `composer:lifecycle/lifecycle"),
        "{text}"
    );
}

#[tokio::test]
async fn says_how_it_fares() {
    let notes = Notes::default();
    let parts = [
        notes.part("well", 0, 0),
        notes.part("ill", HEALTH, 0),
        notes.part("dies", 0, HEALTH),
    ];
    let composition = notes.compose(parts).await.unwrap();
    let health = async |name| composition.component(name).unwrap().health().await;
    assert_eq!(health("well").await.unwrap(), Health::Well);
    assert_eq!(
        health("ill").await.unwrap(),
        Health::Ill("no disk".to_owned())
    );
    let error = health("dies").await.unwrap_err();
    assert!(matches!(error, CallError::Failed { .. }), "{error}");
    assert_eq!(health("well").await.unwrap(), Health::Well);

    let silent = engines()
        .component_from_bytes("silent", b"(component)")
        .unwrap();
    let silent = notes
        .compose([ComposableDescriptor::new("silent", silent)])
        .await
        .unwrap();
    let silent = silent.component("silent").unwrap().health().await;
    assert_eq!(silent.unwrap(), Health::Unknown);
}

/// One that traps at its end has ended all the same.
#[tokio::test]
async fn the_end_is_no_question() {
    let notes = Notes::default();
    let parts = [notes.part("a", 0, STOP), notes.part("b", 0, 0)];
    let composition = notes.compose(parts).await.unwrap();
    let end = composition.shutdown(AMPLE).await;
    assert_eq!(end.stuck.len(), 0);
    assert_eq!(notes.take()[2..], [("b", STOP), ("a", STOP)]);
}

#[tokio::test]
async fn each_run_is_told() {
    let notes = Notes::default();
    let part = notes.part("a", 0, 0).with_restart(Restart::on_death());
    let composition = notes.compose([part]).await.unwrap();
    ask(&composition, "trap").await.unwrap_err();
    within(ask(&composition, "work")).await.unwrap();
    let told = [("a", START), ("a", START), ("a", WORK)];
    assert_eq!(notes.take(), told);

    // One that refuses to start does not take another's place.
    let component = composition.component("a").unwrap();
    let error = component.replace(notes.part("a", START, 0), AMPLE).await;
    assert!(error.is_err());
    ask(&composition, "work").await.unwrap();
    assert_eq!(notes.take(), [("a", START), ("a", WORK)]);
    component
        .replace(notes.part("a", 0, 0), AMPLE)
        .await
        .unwrap();
    ask(&composition, "work").await.unwrap();
    assert_eq!(notes.take(), [("a", START), ("a", STOP), ("a", WORK)]);
}

#[tokio::test]
async fn functions_of_another_type_are_refused() {
    let text = r#"(component
        (core module $main (func (export "start")))
        (core instance $main (instantiate $main))
        (func $start (canon lift (core func $main "start")))
        (instance $lifecycle (export "start" (func $start)))
        (export "composer:lifecycle/lifecycle@0.1.0" (instance $lifecycle)))"#;
    let component = engines()
        .component_from_bytes("odd", text.as_bytes())
        .unwrap();
    let error = Notes::default();
    let error = error
        .compose([ComposableDescriptor::new("odd", component)])
        .await
        .unwrap_err();
    assert_eq!(
        error.to_string(),
        "`composer:lifecycle/lifecycle@0.1.0#start` of component `odd` is not of the type that \
         `wit/lifecycle` declares; build the component against it"
    );
}

#[tokio::test]
async fn a_runtime_ends_what_it_has_composed() {
    let notes = Notes::default();
    let runtime = Runtime::new().unwrap();
    let composer = |name| {
        let mut composer = Composer::new();
        composer.add(notes.part(name, 0, 0));
        composer
    };
    let a = runtime.compose(composer("a")).await.unwrap();
    let b = runtime.compose(composer("b")).await.unwrap();
    drop(runtime.compose(composer("gone")).await.unwrap());
    assert_eq!(runtime.compositions().len(), 2);
    notes.take();
    let ends = runtime.shutdown(AMPLE).await;
    assert_eq!(ends.compositions.len(), 2);
    let mut told = notes.take();
    told.sort();
    assert_eq!(told, [("a", STOP), ("b", STOP)]);
    for composition in [a, b] {
        let error = ask(&composition, "work").await.unwrap_err();
        assert!(matches!(error, CallError::Stopped { .. }), "{error}");
    }
    let error = runtime.compose(composer("c")).await.unwrap_err();
    assert_eq!(
        error.to_string(),
        "nothing is composed any more: the runtime has been shut down"
    );
}

#[tokio::test]
async fn and_what_it_has_adopted() {
    let notes = Notes::default();
    let runtime = Runtime::new().unwrap();
    let mut composer = Composer::new();
    composer.add(notes.part("a", 0, 0));
    let prepared = composer.prepare().unwrap();
    let adopted = prepared.compose().await.unwrap();
    let other = prepared.compose().await.unwrap();
    for _ in 0..2 {
        runtime.adopt(&adopted).unwrap();
    }
    assert_eq!(runtime.compositions().len(), 1);
    notes.take();
    assert_eq!(runtime.shutdown(AMPLE).await.compositions.len(), 1);
    assert_eq!(notes.take(), [("a", STOP)]);
    let error = runtime.adopt(&other).unwrap_err();
    assert!(matches!(error, StartError::RuntimeClosed), "{error}");
    assert_eq!(ask(&other, "work").await.unwrap(), Value::Bool(true));
}

#[tokio::test]
async fn dropping_a_runtime_stops_what_it_has_composed() {
    let notes = Notes::default();
    let tasks = || {
        tokio::runtime::Handle::current()
            .metrics()
            .num_alive_tasks()
    };
    let before = tasks();
    let runtime = Runtime::new().unwrap();
    let mut composer = Composer::new();
    composer.add(notes.part("a", 0, 0));
    let composition = runtime.compose(composer).await.unwrap();
    let clone = runtime.clone();
    drop(runtime);
    assert_eq!(ask(&composition, "work").await.unwrap(), Value::Bool(true));
    drop(clone);
    let error = ask(&composition, "work").await.unwrap_err();
    assert!(matches!(error, CallError::Stopped { .. }), "{error}");
    crate::support::counters::until("its tasks end", || tasks() == before).await;
}

composer::compose!({
    inline: r#"
        package a:first;
        world worker { export work: func(); export trap: func(); }
    "#,
    composition: Worked,
    components: { worker: "a:first/worker" },
    exports: ["work", "trap"],
});

/// The interface is not declared, so a new version need not have it; what others call stays
/// where it was.
#[tokio::test]
async fn a_new_version_without_it() {
    let notes = Notes::default();
    let worker = notes.component("worker", 0, 0);
    let worked = Worked::compose(WorkedParts { worker }).await.unwrap();
    worked.work().await.unwrap();
    let plain = r#"(component
        (core module $m
            (func (export "work"))
            (func (export "trap") unreachable))
        (core instance $i (instantiate $m))
        (func (export "trap") (canon lift (core func $i "trap")))
        (func (export "work") (canon lift (core func $i "work"))))"#;
    let plain = engines()
        .component_from_bytes("plain", plain.as_bytes())
        .unwrap();
    let component = worked.composition().component("worker").unwrap();
    let plain = WorkedParts::worker(plain).unwrap();
    within(component.replace(plain, AMPLE)).await.unwrap();
    worked.work().await.unwrap();
    assert_eq!(component.exports(), ["trap", "work"]);
    let again = WorkedParts::worker(notes.component("worker", 0, 0)).unwrap();
    within(component.replace(again, AMPLE)).await.unwrap();
    worked.work().await.unwrap();
    let error = worked.trap().await.unwrap_err();
    assert!(matches!(error, CallError::Failed { .. }), "{error}");
}
