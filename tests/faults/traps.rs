//! Every way for a guest to trap.

use composer::{CallError, DeathCause, Value};
use wasmtime::Trap;

use crate::support::counters::within;
use crate::support::hostile::Hostile;

/// Calls a function that traps: with this trap, from within a function of this
/// name.
async fn assert_traps(name: &str, args: Vec<Value>, trap: Trap, frame: Option<&str>) {
    within(async {
        let hostile = Hostile::start().await;
        assert_eq!(hostile.call("ok", []).await.unwrap(), Some(Value::U32(42)));

        let error = hostile.call(name, args).await.unwrap_err();
        let death = hostile.death(name, &error);
        assert!(
            matches!(death.cause, DeathCause::Trap(cause) if cause == trap),
            "{error}"
        );
        assert_eq!(death.trap(), Some(trap));
        assert!(!death.backtrace.is_empty());
        if let Some(frame) = frame {
            let named = |f: &composer::BacktraceFrame| {
                f.function.as_ref().is_some_and(|name| name.contains(frame))
            };
            assert!(death.backtrace.iter().any(named), "{error}");
        }
        hostile.assert_dead_alone(&death).await;
    })
    .await;
}

#[tokio::test]
async fn unreachable() {
    let frame = Some("execute_unreachable");
    assert_traps("trap", vec![], Trap::UnreachableCodeReached, frame).await;
}

#[tokio::test]
async fn a_panic() {
    let args = vec!["out of patience".into()];
    assert_traps(
        "panic",
        args,
        Trap::UnreachableCodeReached,
        Some("rust_panic"),
    )
    .await;
}

#[tokio::test]
async fn a_division_by_zero() {
    assert_traps(
        "divide-by-zero",
        vec![],
        Trap::IntegerDivisionByZero,
        Some("divide"),
    )
    .await;
}

#[tokio::test]
async fn an_access_out_of_bounds() {
    assert_traps(
        "out-of-bounds",
        vec![],
        Trap::MemoryOutOfBounds,
        Some("bounds"),
    )
    .await;
}

#[tokio::test]
async fn a_stack_overflow() {
    assert_traps(
        "overflow-stack",
        vec![],
        Trap::StackOverflow,
        Some("recurse"),
    )
    .await;
}

#[tokio::test]
async fn a_trap_in_an_async_task() {
    assert_traps("async-trap", vec![], Trap::UnreachableCodeReached, None).await;
}

/// All that one needs to find the fault is in the error's text.
#[tokio::test]
async fn an_error_tells_where_and_why() {
    within(async {
        let hostile = Hostile::start().await;
        let failed = hostile.call("trap", []).await.unwrap_err();
        let refused = hostile.call("ok", []).await.unwrap_err();
        let cause = "component `hostile` trapped: wasm `unreachable` instruction executed";
        let function = "of component `hostile`";
        for (error, start) in [
            (
                &failed,
                format!("call of `test:hostile/faults@0.1.0#trap` {function} failed: {cause}"),
            ),
            (
                &refused,
                format!("call of `test:hostile/faults@0.1.0#ok` {function} refused: {cause}"),
            ),
        ] {
            let text = error.to_string();
            assert!(text.starts_with(&start), "{text}");
            assert!(text.contains("\n  at "), "{text}");
            assert!(text.contains("execute_unreachable"), "{text}");
        }
        assert!(matches!(refused, CallError::Dead { .. }));
    })
    .await;
}

/// The innermost frame comes first, with its place in the code.
#[tokio::test]
async fn a_backtrace_is_in_order() {
    within(async {
        let hostile = Hostile::start().await;
        let error = hostile.call("trap", []).await.unwrap_err();
        let backtrace = &hostile.death("trap", &error).backtrace;
        let name = |frame: &composer::BacktraceFrame| frame.function.clone().unwrap_or_default();
        assert!(
            name(&backtrace[0]).contains("execute_unreachable"),
            "{error}"
        );
        assert!(
            name(backtrace.last().unwrap()).contains("faults"),
            "{error}"
        );
        assert!(
            backtrace.iter().all(|frame| frame.offset.is_some()),
            "{error}"
        );
    })
    .await;
}
