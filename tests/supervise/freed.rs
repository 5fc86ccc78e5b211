//! A runtime that ends frees everything it took: memory, addresses, tasks.

use composer::{ComposableDescriptor, Composer, Composition, Runtime};

use super::AMPLE;
use crate::support::alone::{alone, reserved, resident};
use crate::support::counters::until;

const COMPOSITIONS: usize = 10;
const COMPONENTS: usize = 10;
const INSTANCES: usize = COMPOSITIONS * COMPONENTS;

/// Rounds after which allocators keep what they keep.
const WARM: usize = 10;

/// Writes to all of its 128 KiB.
const GUEST: &str = r#"(component
    (core module $m
        (memory 2)
        (func (export "touch") (memory.fill (i32.const 0) (i32.const 7) (i32.const 131072))))
    (core instance $i (instantiate $m))
    (func (export "touch") (canon lift (core func $i "touch"))))"#;

/// What one round takes while it lives, in KiB.
struct Taken {
    resident: i64,
    reserved: i64,
}

fn tasks() -> usize {
    let handle = tokio::runtime::Handle::current();
    handle.metrics().num_alive_tasks()
}

async fn composition(runtime: &Runtime) -> Composition {
    let guest = runtime.load_bytes("guest", GUEST).await.unwrap();
    let mut composer = Composer::new();
    for i in 0..COMPONENTS {
        composer.add(ComposableDescriptor::new(format!("part-{i}"), guest.part()));
    }
    let composition = runtime.compose(composer).await.unwrap();
    for i in 0..COMPONENTS {
        let component = composition.component(&format!("part-{i}")).unwrap();
        let touch = component.get_func(None, "touch").unwrap();
        touch.call_owned([]).await.unwrap();
    }
    composition
}

/// A runtime with all its instances, from its beginning to its end.
async fn round(end: impl AsyncFn(Runtime)) -> Taken {
    let (tasks_before, resident_before, reserved_before) = (tasks(), resident(), reserved());
    let runtime = Runtime::new().unwrap();
    let mut compositions = Vec::new();
    for _ in 0..COMPOSITIONS {
        compositions.push(composition(&runtime).await);
    }
    assert!(tasks() >= tasks_before + INSTANCES);
    let taken = Taken {
        resident: resident() - resident_before,
        reserved: reserved() - reserved_before,
    };
    end(runtime).await;
    until("its tasks end", || tasks() == tasks_before).await;
    // Whoever still has a handle keeps no instance.
    let kept = reserved() - reserved_before;
    assert!(kept <= taken.reserved / 2, "{kept} of {}", taken.reserved);
    taken
}

async fn rounds(end: impl AsyncFn(Runtime)) {
    for _ in 1..WARM {
        round(&end).await;
    }
    let taken = round(&end).await;
    let (resident_before, reserved_before) = (resident(), reserved());
    for _ in 0..2 * WARM {
        round(&end).await;
    }
    let grown = resident() - resident_before;
    let grown_reserved = reserved() - reserved_before;
    println!(
        "a round takes {} KiB and addresses of {} KiB; {} rounds later {grown} KiB and \
         addresses of {grown_reserved} KiB more",
        taken.resident,
        taken.reserved,
        2 * WARM,
    );
    if cfg!(target_os = "linux") {
        // It was touched, so it was there.
        assert!(taken.resident >= INSTANCES as i64 * 128);
    }
    // If each round left one instance behind, it would be a fifth of what a round
    // takes.
    assert!(grown <= taken.resident / 8);
    assert!(grown_reserved <= taken.reserved / 10);
}

#[test]
fn by_shutting_down() {
    alone("supervise::freed::by_shutting_down", async {
        rounds(async |runtime: Runtime| {
            let ends = runtime.shutdown(AMPLE).await.compositions;
            assert_eq!(ends.len(), COMPOSITIONS);
            assert!(ends.iter().all(|end| end.stuck.is_empty()));
        })
        .await;
    });
}

#[test]
fn by_dropping_it() {
    alone("supervise::freed::by_dropping_it", async {
        rounds(async |runtime: Runtime| drop(runtime)).await;
    });
}
