//! Components that are added to a composition while it runs.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use composer::{
    AddError, ComponentEvent, ComposableDescriptor, Composer, Composition, CompositionError,
    LookupError, PartError, Restart, StartError, Value,
};

use super::{AMPLE, Host, ask, asker, engines, status, version};
use crate::support::counters::{until, within};

async fn add(
    composition: &Composition,
    part: ComposableDescriptor,
) -> Result<composer::ComponentHandle, AddError> {
    within(composition.add(part)).await
}

fn named(name: &str) -> ComposableDescriptor {
    ComposableDescriptor::new(name, asker())
}

#[tokio::test]
async fn its_imports_come_from_what_runs() {
    let host = Host::new();
    let mut composer = Composer::new();
    composer.add(host.version(7));
    let composition = composer.compose().await.unwrap();
    assert!(composition.get_func(None, "asked").is_err());

    let asker = add(&composition, named("asker")).await.unwrap();
    assert_eq!(asker.name(), "asker");
    assert_eq!(ask(&composition, "asked").await.unwrap(), Value::U32(7));
    let plan = composition.plan().to_string();
    assert!(plan.contains("asker\n    base ← version"), "{plan}");
    let names: Vec<_> = composition.components();
    let names: Vec<_> = names.iter().map(|one| one.name()).collect();
    assert_eq!(names, ["version", "asker"]);
    // Edges to it are like any other: they survive a replacement.
    super::replace::replace(&composition, host.version(8))
        .await
        .unwrap();
    assert_eq!(ask(&composition, "asked").await.unwrap(), Value::U32(8));
}

/// Another exporter of the same: both can be called, and who was there keeps what it had.
#[tokio::test]
async fn a_second_of_the_same_kind() {
    let composition = Host::new().compose(Restart::never()).await;
    let first = composition.get_func(None, "asked").unwrap();
    let second = add(&composition, named("another")).await.unwrap();
    let ambiguous = composition.get_func(None, "asked").unwrap_err();
    assert!(matches!(ambiguous, LookupError::Export(_)), "{ambiguous}");
    let second = second.get_func(None, "asked").unwrap();
    for func in [first, second] {
        assert_eq!(func.call_owned([]).await.unwrap(), Some(Value::U32(1)));
    }
}

#[tokio::test]
async fn what_does_not_fit_changes_nothing() {
    let host = Host::new();
    let composition = host.compose(Restart::never()).await;
    let before = composition.plan().to_string();

    let error = add(&composition, named("asker")).await.unwrap_err();
    assert_eq!(
        error.to_string(),
        "there is a component `asker` already; choose another name, or put a new version in its \
         place with `ComponentHandle::replace`"
    );

    // Nobody has what it imports.
    let lonely = r#"(component (import "missing" (func)))"#;
    let lonely = engines()
        .component_from_bytes("lonely.wat", lonely.as_bytes())
        .unwrap();
    let error = add(&composition, ComposableDescriptor::new("lonely", lonely)).await;
    let error = error.unwrap_err().to_string();
    assert!(
        error.starts_with("with `lonely` the composition does not fit together:"),
        "{error}"
    );
    assert!(error.contains("`missing`"), "{error}");

    // An import of another one would have two sources.
    let second = ComposableDescriptor::new("second", host.part(version(2)));
    let error = add(&composition, second).await.unwrap_err().to_string();
    assert!(error.contains("`asker` imports `base`"), "{error}");

    for (name, reason) in [
        ("", "a component cannot be called \"\": the name is empty"),
        (
            "a\nb",
            "a component cannot be called \"a\\nb\": the name contains a control character",
        ),
    ] {
        let error = add(&composition, named(name)).await.unwrap_err();
        assert_eq!(error.to_string(), reason);
        let mut composer = Composer::new();
        composer.add(named(name));
        let error = composer.plan().unwrap_err();
        let CompositionError::Parts(parts) = &error else {
            panic!("{error}");
        };
        assert!(
            matches!(parts.errors(), [PartError::Name { .. }]),
            "{error}"
        );
    }

    assert_eq!(composition.plan().to_string(), before);
    assert_eq!(composition.components().len(), 2);
    assert_eq!(ask(&composition, "asked").await.unwrap(), Value::U32(1));
}

#[tokio::test]
async fn one_that_does_not_start() {
    let host = Host::new();
    let mut composer = Composer::new();
    composer.add(named("asker"));
    composer.with_open_import("base");
    let composition = composer.compose().await.unwrap();
    host.failing.store(1, Ordering::SeqCst);
    let error = add(&composition, host.version(1)).await.unwrap_err();
    assert!(
        matches!(error, AddError::Start(StartError::Instantiate { .. })),
        "{error}"
    );
    assert!(composition.component("version").is_err());
    // Its store and its linker are gone.
    until("it is gone", || Arc::strong_count(&host.alive) == 1).await;
}

#[tokio::test]
async fn it_is_restarted_as_any_other() {
    let host = Host::new();
    let composition = Composer::new().compose().await.unwrap();
    let restarted = host.version(1).with_restart(Restart::on_death());
    add(&composition, restarted).await.unwrap();
    super::trap(&composition).await;
    assert_eq!(ask(&composition, "base").await.unwrap(), Value::U32(1));
    assert_eq!(status(&composition).restarts, 1);
    composition.shutdown(AMPLE).await;
    drop(composition);
    until("all is gone", || Arc::strong_count(&host.alive) == 1).await;
}

/// Whoever drops the future, at whatever point, finds the composition as it was or with
/// the component, and nothing is left behind.
#[tokio::test]
async fn a_dropped_future() {
    let host = Host::new();
    let composition = Composer::new().compose().await.unwrap();
    for polls in 0.. {
        let mut adding = Box::pin(composition.add(host.version(1)));
        let mut done = false;
        for _ in 0..polls {
            if futures::poll!(&mut adding).is_ready() {
                done = true;
                break;
            }
            tokio::task::yield_now().await;
        }
        drop(adding);
        assert_eq!(composition.component("version").is_ok(), done);
        if done {
            break;
        }
        until("what was started is gone", || {
            Arc::strong_count(&host.alive) == 1
        })
        .await;
    }
    assert_eq!(ask(&composition, "base").await.unwrap(), Value::U32(1));
}

/// An end of the composition that comes at the same time ends the new one, too.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn while_the_composition_ends() {
    let host = Host::new();
    for _ in 0..30 {
        let composition = Composer::new().compose().await.unwrap();
        let (adding, part) = (composition.clone(), host.version(1));
        let adding = tokio::spawn(async move { adding.add(part).await.map(drop) });
        within(composition.shutdown(AMPLE)).await;
        match within(adding).await.unwrap() {
            Ok(()) | Err(AddError::Stopped { .. }) => {}
            Err(other) => panic!("{other}"),
        }
        until("it has ended", || Arc::strong_count(&host.alive) == 1).await;
    }
    let composition = Composer::new().compose().await.unwrap();
    composition.shutdown(AMPLE).await;
    let error = add(&composition, host.version(1)).await.unwrap_err();
    assert_eq!(
        error.to_string(),
        "`version` was not added: the composition has been shut down"
    );
}

/// Many at once take turns.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn many_at_once() {
    const MANY: usize = 24;
    let host = Host::new();
    let composition = host.compose(Restart::never()).await;
    let mut events = composition.events();
    let adds = (0..MANY).map(|i| {
        let composition = composition.clone();
        tokio::spawn(async move {
            let one = composition.add(named(&format!("asker-{i}"))).await.unwrap();
            let asked = one.get_func(None, "asked").unwrap();
            assert_eq!(asked.call_owned([]).await.unwrap(), Some(Value::U32(1)));
            if i % 2 == 0 {
                one.remove(AMPLE).await.unwrap();
            }
        })
    });
    for add in adds.collect::<Vec<_>>() {
        within(add).await.unwrap();
    }
    assert_eq!(composition.components().len(), 2 + MANY / 2);
    let (mut added, mut removed) = (0, 0);
    for _ in 0..MANY + MANY / 2 {
        match events.next().await.unwrap() {
            ComponentEvent::Added { .. } => added += 1,
            ComponentEvent::Removed { .. } => removed += 1,
            other => panic!("{other:?}"),
        }
    }
    assert_eq!((added, removed), (MANY, MANY / 2));
}

#[tokio::test]
async fn a_slow_reader_of_events_is_told_what_it_missed() {
    let composition = Host::new().compose(Restart::never()).await;
    let mut events = composition.events();
    let rounds = composer::ComponentEvents::KEPT;
    for _ in 0..rounds {
        let one = add(&composition, named("another")).await.unwrap();
        one.remove(AMPLE).await.unwrap();
    }
    let missed = ComponentEvent::Missed {
        events: rounds as u64,
    };
    assert_eq!(events.next().await, Some(missed));
    for _ in 0..rounds / 2 {
        assert!(matches!(
            events.next().await,
            Some(ComponentEvent::Added { .. })
        ));
        assert!(matches!(
            events.next().await,
            Some(ComponentEvent::Removed { .. })
        ));
    }
    composition.shutdown(AMPLE).await;
    assert_eq!(events.next().await, None);
    assert_eq!(composition.events().next().await, None);
}
