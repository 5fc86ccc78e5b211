//! The death of a component, as its users see it.

use std::time::Duration;

use composer::{
    CallError, ComponentState, ComposableDescriptor, Composer, Composition, DeathCause, Value,
};
use wasmtime::Trap;

use crate::support::counters::within;
use crate::support::failing::{OutOfPaper, steps};
use crate::support::flow::DRIVER;
use crate::support::gated::Gate;
use crate::support::hostile::FAULTS;
use crate::support::part;
use crate::support::wat::wat_part;

/// `hostile`, and `via-1` to `via-3`, each of which uses the one before.
async fn chain() -> Composition {
    let mut composer = Composer::new();
    composer.add(ComposableDescriptor::new("hostile", part("hostile")));
    let mut next = "hostile".to_owned();
    for i in 1..=3 {
        let name = format!("via-{i}");
        let via = ComposableDescriptor::new(&name, wat_part("via", |_| ()));
        composer.add(via.with_import_hint(FAULTS, next));
        next = name;
    }
    composer.compose().await.unwrap()
}

async fn call(
    composition: &Composition,
    component: &str,
    name: &str,
) -> Result<Option<Value>, CallError> {
    let component = composition.component(component).unwrap();
    let interface = (name != "alone").then_some(FAULTS);
    component
        .get_func(interface, name)
        .unwrap()
        .call_owned([])
        .await
}

fn runs(composition: &Composition, component: &str) -> bool {
    let state = composition.component(component).unwrap().status().state;
    matches!(state, ComponentState::Running)
}

/// The components that an error goes through, from the one that was called.
fn path(error: &CallError) -> Vec<&str> {
    match error {
        CallError::Failed { site, death } | CallError::Dead { site, death } => {
            let mut path = vec![&*site.component];
            if let DeathCause::Import(inner) = &death.cause {
                path.extend(self::path(inner));
            }
            path
        }
        other => panic!("{other}"),
    }
}

#[tokio::test]
async fn those_that_wait_for_it_die_with_it() {
    within(async {
        let composition = chain().await;
        let error = call(&composition, "via-3", "trap").await.unwrap_err();
        assert_eq!(path(&error), ["via-3", "via-2", "via-1", "hostile"]);

        // From the outermost error to the origin, with what is known there.
        let death = error.death().unwrap();
        assert_eq!(death.component, "hostile");
        assert_eq!(death.trap(), Some(Trap::UnreachableCodeReached));
        let frames = death
            .backtrace
            .iter()
            .filter_map(|frame| frame.function.as_ref());
        assert!(
            frames
                .into_iter()
                .any(|name| name.contains("execute_unreachable")),
            "{error}"
        );
        match error.root() {
            CallError::Failed { site, .. } => {
                assert_eq!((&*site.component, &*site.function), ("hostile", "trap"));
            }
            other => panic!("{other}"),
        }
        // Each has a backtrace of its own.
        let CallError::Failed { death, .. } = &error else {
            panic!("{error}");
        };
        assert_eq!(death.component, "via-3");
        let frames = death
            .backtrace
            .iter()
            .filter_map(|frame| frame.function.as_deref());
        assert!(
            frames.into_iter().any(|name| name.contains("via_trap")),
            "{error}"
        );
        for component in ["hostile", "via-1", "via-2", "via-3"] {
            assert!(!runs(&composition, component), "{component}");
            assert!(
                error
                    .to_string()
                    .contains(&format!("component `{component}`")),
                "{error}"
            );
        }
        // The dead are no trouble at the end.
        let shutdown = composition.shutdown(Duration::from_secs(60)).await;
        assert_eq!((shutdown.cut_off, shutdown.stuck.len()), (0, 0));
    })
    .await;
}

#[tokio::test]
async fn those_that_do_not_call_it_go_on() {
    within(async {
        let composition = chain().await;
        assert_eq!(
            call(&composition, "via-3", "ok").await.unwrap(),
            Some(Value::U32(42))
        );
        call(&composition, "hostile", "trap").await.unwrap_err();
        for component in ["via-1", "via-2", "via-3"] {
            assert!(runs(&composition, component), "{component}");
            let alone = call(&composition, component, "alone").await;
            assert_eq!(alone.unwrap(), Some(Value::U32(7)));
        }

        // One calls it after all.
        let error = call(&composition, "via-1", "ok").await.unwrap_err();
        assert_eq!(path(&error), ["via-1", "hostile"]);
        assert!(matches!(error, CallError::Failed { .. }), "{error}");
        assert!(matches!(error.root(), CallError::Dead { .. }), "{error}");
        assert_eq!(error.death().unwrap().component, "hostile");
        assert!(!runs(&composition, "via-1"));
        for component in ["via-2", "via-3"] {
            let alone = call(&composition, component, "alone").await;
            assert_eq!(alone.unwrap(), Some(Value::U32(7)));
        }
    })
    .await;
}

#[tokio::test]
async fn its_origin_is_known_however_late_one_asks() {
    within(async {
        let composition = chain().await;
        call(&composition, "hostile", "trap").await.unwrap_err();
        call(&composition, "via-1", "ok").await.unwrap_err();
        let error = call(&composition, "via-3", "ok").await.unwrap_err();
        assert_eq!(path(&error), ["via-3", "via-2", "via-1", "hostile"]);
        assert_eq!(error.death().unwrap().component, "hostile");
        // What the first dead one was asked is not what killed the last.
        let again = call(&composition, "via-3", "alone").await.unwrap_err();
        assert!(matches!(again, CallError::Dead { .. }), "{again}");
        assert_eq!(again.death().unwrap().component, "hostile");
    })
    .await;
}

/// All that an asynchronous user has going on fails with it, and the user's
/// own host hears why.
#[tokio::test]
async fn calls_in_flight_in_a_user_fail_too() {
    within(async {
        let gate = Gate::new();
        let mut composer = Composer::new();
        composer.add(ComposableDescriptor::new("steps", steps(&gate)));
        composer.add(ComposableDescriptor::new("steps-user", part("steps-user")));
        let composition = composer.compose().await.unwrap();
        let spawn = |name: &str, args: Vec<Value>| {
            let func = composition.get_func(Some(DRIVER), name).unwrap();
            tokio::spawn(async move { func.call_owned(args).await })
        };
        let slow = spawn("relay-slow", vec![0u32.into(), "slow".into()]);
        let many = spawn("fan-out", vec![5u32.into(), 0u32.into()]);
        for _ in 0..6 {
            gate.waiting().await;
        }
        let fatal = spawn("back", vec!["fail".into(), 0u32.into()]);
        gate.waiting().await;
        for _ in 0..7 {
            gate.open();
        }
        for call in [slow, many, fatal] {
            let error = call.await.unwrap().unwrap_err();
            assert_eq!(path(&error), ["steps-user", "steps"]);
            let death = error.death().unwrap();
            assert_eq!(death.component, "steps");
            let DeathCause::Other(cause) = &death.cause else {
                panic!("{death}");
            };
            assert_eq!(cause.downcast_ref::<OutOfPaper>(), Some(&OutOfPaper));
        }
        assert!(!runs(&composition, "steps-user"));
    })
    .await;
}
