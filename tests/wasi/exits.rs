//! Components that end themselves, and what they said before.

use composer::wasi::WasiComponent;
use composer::{
    CallError, ComponentState, ComposableDescriptor, Composer, Composition, Death, DeathCause,
    Restart, Value,
};

use crate::support::sandbox::{loaded, wat};
use crate::support::{engine, guest};

/// A command that ends itself with success, and functions that end it otherwise.
const COMMAND: &str = r#"(component
    (import "wasi:cli/exit@0.2.6" (instance $exit
        (export "exit" (func (param "status" (result))))))
    (core func $exit (canon lower (func $exit "exit")))
    (core module $m
        (import "" "exit" (func $exit (param i32)))
        (func (export "run") (result i32) (call $exit (i32.const 0)) unreachable)
        (func (export "leave") (call $exit (i32.const 0)))
        (func (export "fail") (call $exit (i32.const 1))))
    (core instance $i (instantiate $m (with "" (instance (export "exit" (func $exit))))))
    (func $run (result (result)) (canon lift (core func $i "run")))
    (instance $commands (export "run" (func $run)))
    (export "wasi:cli/run@0.2.6" (instance $commands))
    (func (export "leave") (canon lift (core func $i "leave")))
    (func (export "fail") (canon lift (core func $i "fail"))))"#;

/// Calls the command: 0 if it succeeds.
const STARTER: &str = r#"(component
    (import "wasi:cli/run@0.2.6" (instance $commands
        (export "run" (func (result (result))))))
    (core func $run (canon lower (func $commands "run")))
    (core module $m
        (import "" "run" (func $run (result i32)))
        (func (export "start") (result i32) (call $run)))
    (core instance $i (instantiate $m (with "" (instance (export "run" (func $run))))))
    (func (export "start") (result u32) (canon lift (core func $i "start"))))"#;

composer::compose!({
    inline: "
        package wasi:cli@0.2.6;
        interface run { run: func() -> result; }
        world command { export run; }
    ",
    composition: Program,
    components: { command: dyn "wasi:cli/run" },
    exports: ["wasi:cli/run"],
});

/// The command in a sandbox, alone, and on an engine without support for concurrency.
async fn commands() -> [ComposableDescriptor; 3] {
    let restart = Restart::on_death();
    let bytes = COMMAND.as_bytes();
    let concurrent = composer::component_from_bytes(engine(), "command.wat", bytes).unwrap();
    let engines = composer::Engines::new().unwrap();
    let plain = engines.component_from_bytes("command.wat", bytes).unwrap();
    [
        ComposableDescriptor::new("command", wat(COMMAND).await.part()),
        ComposableDescriptor::new("command", WasiComponent::new(concurrent)),
        ComposableDescriptor::new("command", WasiComponent::new(plain)),
    ]
    .map(|command| command.with_restart(restart.clone()))
}

async fn compose(parts: impl IntoIterator<Item = ComposableDescriptor>) -> Composition {
    let mut composer = Composer::new();
    for part in parts {
        composer.add(part);
    }
    composer.compose().await.unwrap()
}

fn state(composition: &Composition) -> ComponentState {
    composition.component("command").unwrap().status().state
}

#[tokio::test]
async fn a_command_that_exits_with_success_has_finished() {
    for command in commands().await {
        let composition = compose([command]).await;
        let run = composition.get_func(Some("wasi:cli/run@0.2.6"), "run");
        let run = run.unwrap();
        let ended = run.call_owned([]).await.unwrap();
        assert_eq!(ended, Some(Value::Result(Ok(None))));
        // It is no death, so there is nothing to start again.
        assert!(matches!(state(&composition), ComponentState::Finished));
        let error = run.call_owned([]).await.unwrap_err();
        assert!(matches!(error, CallError::Stopped { .. }), "{error}");
        assert!(matches!(state(&composition), ComponentState::Finished));
    }
}

#[tokio::test]
async fn for_another_component_too() {
    for command in commands().await {
        let starter = wat(STARTER).await.part();
        let starter = ComposableDescriptor::new("starter", starter)
            .with_import_hint("wasi:cli/run", "command");
        let composition = compose([command, starter]).await;
        let start = composition.get_func(None, "start").unwrap();
        assert_eq!(start.call_owned([]).await.unwrap(), Some(Value::U32(0)));
        assert!(matches!(state(&composition), ComponentState::Finished));
    }
}

#[tokio::test]
async fn and_in_rust_types() {
    let command = wat(COMMAND).await.part();
    let program = Program::compose(ProgramParts { command }).await.unwrap();
    assert_eq!(program.run().run().await.unwrap(), Ok(()));
}

#[tokio::test]
async fn another_exit_is_a_death_with_a_status() {
    for (name, status) in [("leave", 0), ("fail", 1)] {
        let composition = compose([ComposableDescriptor::new(
            "command",
            wat(COMMAND).await.part(),
        )])
        .await;
        let func = composition.get_func(None, name).unwrap();
        let death = death(func.call_owned([]).await.unwrap_err());
        assert!(
            matches!(death.cause, DeathCause::Exited(code) if code == status),
            "{death}"
        );
        let text = format!("component `command` ended itself with the status {status}");
        assert!(death.to_string().starts_with(&text), "{death}");
        // Neither form shows a backtrace of the host.
        assert!(!format!("{death:?}").contains("composer::"), "{death:?}");
        assert!(matches!(state(&composition), ComponentState::Dead(_)));
    }
}

/// What only has the name of a command's function would answer with another type.
#[tokio::test]
async fn an_impostor_is_no_command() {
    let impostor = COMMAND.replace(
        "(func $run (result (result)) (canon lift (core func $i \"run\")))",
        "(func $run (result u32) (canon lift (core func $i \"run\")))",
    );
    assert_ne!(impostor, COMMAND);
    let command = ComposableDescriptor::new("command", wat(&impostor).await.part());
    let composition = compose([command]).await;
    let run = composition.get_func(Some("wasi:cli/run@0.2.6"), "run");
    let death = death(run.unwrap().call_owned([]).await.unwrap_err());
    assert!(matches!(death.cause, DeathCause::Exited(0)), "{death}");
    assert!(matches!(state(&composition), ComponentState::Dead(_)));
}

/// A policy starts it again, as after any other death.
#[tokio::test]
async fn a_failed_command_is_started_again() {
    for command in commands().await {
        let composition = compose([command]).await;
        let fail = composition.get_func(None, "fail").unwrap();
        for _ in 0..3 {
            let death = death(fail.call_owned([]).await.unwrap_err());
            assert!(matches!(death.cause, DeathCause::Exited(1)), "{death}");
        }
    }
}

fn death(error: CallError) -> std::sync::Arc<Death> {
    match error {
        CallError::Failed { death, .. } => death,
        other => panic!("{other}"),
    }
}

/// The message of a panic is where one looks for it.
#[tokio::test]
async fn a_death_tells_what_was_said() {
    let script = [
        ComposableDescriptor::new("script", loaded("clock-script").await.part()),
        ComposableDescriptor::new("script", WasiComponent::new(guest("clock-script"))),
    ];
    for script in script {
        let composition = compose([script]).await;
        let wrong = composition.get_func(None, "wrong-time").unwrap();
        let error = wrong.call_owned([]).await.unwrap_err();
        let text = error.to_string();
        assert!(
            text.contains("\n  stderr: expected number: FromJs"),
            "{text}"
        );
        let death = death(error);
        let [first, second, ..] = &death.stderr[..] else {
            panic!("{death}");
        };
        assert!(first.contains("panicked at"), "{first}");
        assert!(second.starts_with("expected number"), "{second}");
    }
}
