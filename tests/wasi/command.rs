//! A command of WASI 0.3 whose standard output is another component.

use composer::wasi::{MemoryOutputPipe, WasiComponent, WasiCtx};
use composer::{ComposableDescriptor, Composer, Composition};

use super::ok;
use crate::support::counters::within;
use crate::support::{call, guest};

const STDOUT: &str = "wasi:cli/stdout";

/// What the command prints.
fn lines() -> String {
    (0..1000).map(|line| format!("line {line}\n")).collect()
}

fn part(name: &str) -> (WasiComponent, [MemoryOutputPipe; 2]) {
    let pipes = [(); 2].map(|()| MemoryOutputPipe::new(1 << 20));
    let [out, err] = pipes.clone();
    let ctx = WasiCtx::builder().stdout(out).stderr(err).build();
    (WasiComponent::new(guest(name)).with_ctx(ctx), pipes)
}

async fn run(composition: &Composition) {
    ok(within(call(composition, "wasi:cli/run", "run", [])).await);
}

fn contents(pipe: &MemoryOutputPipe) -> String {
    String::from_utf8(pipe.contents().to_vec()).unwrap()
}

/// The stream goes to the other component, and the answer comes back through it.
#[tokio::test]
async fn its_output_goes_through_a_component() {
    let (command, [out, err]) = part("wasi-command");
    let (stdout, [own, theirs]) = part("wasi-stdout");
    let mut composer = Composer::new();
    let command = ComposableDescriptor::new("command", command);
    composer
        .add(command.with_import_hint(STDOUT, "stdout"))
        .add(ComposableDescriptor::new("stdout", stdout));
    run(&composer.compose().await.unwrap()).await;
    assert_eq!(contents(&theirs), lines());
    for other in [out, err, own] {
        assert_eq!(contents(&other), "");
    }
}

/// And through several of them.
#[tokio::test]
async fn its_output_goes_through_three() {
    let (command, _) = part("wasi-command");
    let mut composer = Composer::new();
    composer.add(ComposableDescriptor::new("command", command).with_import_hint(STDOUT, "first"));
    let mut last = None;
    for (name, next) in [
        ("first", Some("second")),
        ("second", Some("third")),
        ("third", None),
    ] {
        let (stdout, [_, err]) = part("wasi-stdout");
        let mut stdout = ComposableDescriptor::new(name, stdout);
        if let Some(next) = next {
            // What it takes for the standard error is the output of the next one.
            stdout = stdout.with_import_hint("wasi:cli/stderr", (next, "wasi:cli/stdout@0.3.2"));
        }
        composer.add(stdout);
        last = Some(err);
    }
    run(&composer.compose().await.unwrap()).await;
    assert_eq!(contents(&last.unwrap()), lines());
}

/// The same command with its own standard output.
#[tokio::test]
async fn its_own_output() {
    let (command, [out, err]) = part("wasi-command");
    let mut composer = Composer::new();
    composer.add(ComposableDescriptor::new("command", command));
    run(&composer.compose().await.unwrap()).await;
    assert_eq!((contents(&out), contents(&err)), (lines(), String::new()));
}
