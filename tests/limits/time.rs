//! Processor time of calls that spin, and the deadline of calls that wait.

use std::time::Duration;

use composer::runtime::Limits;
use composer::{
    CallError, ComponentState, ComposableDescriptor, Composer, CompositionError, DeathCause, Limit,
    PartError, Runtime,
};

use super::{alone, call, exceeded, loaded, wat};
use crate::support::counters::until;
use crate::support::hostile::{FAULTS, Hostile};

fn short() -> Limits {
    Limits::default().with_time(Some(Duration::from_millis(300)))
}

fn soon() -> Limits {
    Limits::default().with_deadline(Some(Duration::from_millis(300)))
}

#[tokio::test]
async fn a_call_that_spins() {
    let hostile = Hostile::with(loaded("hostile").await.part().with_limits(short())).await;
    let error = hostile.call("spin", []).await.unwrap_err();
    let death = hostile.death("spin", &error);
    let exceeded = exceeded(&error, Limit::Time, "spin");
    assert!(exceeded.wanted.unwrap() > 300);
    assert_eq!(exceeded.allowed, 300);
    assert_eq!(exceeded.site.unwrap().function, "spin");
    assert!(!death.backtrace.is_empty());
    hostile.assert_dead_alone(&death).await;
}

#[tokio::test]
async fn a_call_that_waits() {
    let hostile = Hostile::with(loaded("hostile").await.part().with_limits(soon())).await;
    let error = hostile.call("async-hang", []).await.unwrap_err();
    let death = hostile.death("async-hang", &error);
    let exceeded = exceeded(&error, Limit::Deadline, "async-hang");
    assert!(exceeded.wanted.unwrap() > 300);
    assert_eq!(exceeded.site.unwrap().function, "async-hang");
    hostile.assert_dead_alone(&death).await;
}

/// Its caller has left, and it ends its component all the same.
#[tokio::test]
async fn a_call_that_waits_and_was_given_up() {
    let hostile = Hostile::with(loaded("hostile").await.part().with_limits(soon())).await;
    let hang = hostile.composition.get_func(Some(FAULTS), "async-hang");
    let hang = hang.unwrap();
    let call = tokio::spawn(async move { hang.call_owned([]).await });
    until("running", || hostile.status().in_flight == 1).await;
    call.abort();
    call.await.unwrap_err();
    until("dead", || match hostile.status().state {
        ComponentState::Dead(death) => death.limit().unwrap().limit == Limit::Deadline,
        _ => false,
    })
    .await;
}

/// Its task waits for something that only it could bring about. Nobody can know that
/// from outside, where another call might come.
#[tokio::test]
async fn a_call_that_waits_for_itself() {
    const TEXT: &str = r#"(component
        (core module $m
            (import "" "new" (func $new (result i32)))
            ;; To wait on this set, to which nothing is ever added.
            (func (export "f") (result i32)
                (i32.or (i32.const 2) (i32.shl (call $new) (i32.const 4))))
            (func (export "cb") (param i32 i32 i32) (result i32) unreachable))
        (core func $new (canon waitable-set.new))
        (core instance $i (instantiate $m (with "" (instance (export "new" (func $new))))))
        (func (export "f") async
            (canon lift (core func $i "f") async (callback (core func $i "cb")))))"#;
    let guest = alone(wat(TEXT).await.part().with_limits(soon())).await;
    let waits = guest.get_func(None, "f").unwrap();
    let error = waits.call_owned([]).await.unwrap_err();
    exceeded(&error, Limit::Deadline, "f");
}

/// A plain function, whose store stands still meanwhile.
#[tokio::test]
async fn a_call_that_sleeps() {
    let guest = alone(loaded("wasi-probe").await.part().with_limits(soon())).await;
    let sleep = guest.get_func(Some("test:wasi/probe"), "sleep").unwrap();
    let error = sleep.call_owned([u32::MAX.into()]).await.unwrap_err();
    exceeded(&error, Limit::Deadline, "sleep");
}

/// Others have their turn on the one thread there is while a guest spins.
#[tokio::test(flavor = "current_thread")]
async fn who_spins_keeps_no_thread() {
    let limits = Limits::default().with_time(Some(Duration::from_secs(3_600)));
    let hostile = Hostile::with(loaded("hostile").await.part().with_limits(limits)).await;
    tokio::select! {
        biased;
        _ = hostile.call("spin", []) => panic!(),
        applied = crate::support::call(
            &hostile.composition,
            "test:text/transform",
            "apply",
            ["x".into()],
        ) => assert_eq!(applied, "x".into()),
    }
    let ended = hostile.composition.shutdown(Duration::ZERO).await;
    assert_eq!(ended.cut_off, 1);
}

/// More of them than there are threads that compute, beside tasks that always have
/// something to do.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn many_that_spin_beside_others() {
    let mut composer = Composer::new();
    let spinner = wat(SPINNER).await.part().with_limits(short());
    composer.add(ComposableDescriptor::new("spinner", spinner));
    let prepared = composer.prepare().unwrap();
    let others = [(); 2].map(|()| {
        tokio::spawn(async {
            loop {
                for n in 0..100_000 {
                    std::hint::black_box(n);
                }
                tokio::task::yield_now().await;
            }
        })
    });
    for _ in 0..2 {
        let calls = [(); 8].map(|()| async {
            let composition = prepared.compose().await.unwrap();
            call(&composition, "ok", []).await.unwrap();
            call(&composition, "spin", []).await.unwrap_err()
        });
        for error in futures::future::join_all(calls).await {
            exceeded(&error, Limit::Time, "spin");
        }
    }
    others.iter().for_each(tokio::task::JoinHandle::abort);
}

const SPINNER: &str = r#"(component
    (core module $m
        (func (export "spin") (loop $again (br $again)))
        (func (export "ok")))
    (core instance $i (instantiate $m))
    (func (export "spin") (canon lift (core func $i "spin")))
    (func (export "ok") (canon lift (core func $i "ok"))))"#;

const CALLER: &str = r#"(component
    (import "spin" (func $spin))
    (core func $lowered (canon lower (func $spin)))
    (core module $m
        (import "" "spin" (func $spin))
        (func (export "call") call $spin))
    (core instance $in (export "spin" (func $lowered)))
    (core instance $i (instantiate $m (with "" (instance $in))))
    (func (export "call") (canon lift (core func $i "call"))))"#;

/// The caller may neither compute nor wait for as long as its callee computes, and
/// does neither.
#[tokio::test]
async fn who_is_to_blame() {
    let mut composer = Composer::new();
    let caller = wat(CALLER).await.part();
    let caller = caller.with_limits(short().with_deadline(Some(Duration::from_millis(300))));
    let spinner = wat(SPINNER).await.part();
    let limits = Limits::default().with_time(Some(Duration::from_secs(1)));
    composer
        .add(ComposableDescriptor::new("caller", caller))
        .add(ComposableDescriptor::new(
            "spinner",
            spinner.with_limits(limits),
        ));
    let composition = composer.compose().await.unwrap();
    let error = call(&composition, "call", []).await.unwrap_err();
    let CallError::Failed { death, .. } = &error else {
        panic!("{error}");
    };
    assert_eq!(death.component, "caller");
    let DeathCause::Import(inner) = &death.cause else {
        panic!("{error}");
    };
    let exceeded = exceeded(inner, Limit::Time, "spin");
    assert_eq!(exceeded.site.unwrap().component, "spinner");
    assert_eq!(error.death().unwrap().component, "spinner");
}

/// A destructor belongs to no call.
#[tokio::test]
async fn a_destructor_that_spins() {
    let text = r#"(component
        (core module $d (func (export "spin") (param i32) (loop $again (br $again))))
        (core instance $d (instantiate $d))
        (type $r' (resource (rep i32) (dtor (core func $d "spin"))))
        (export $r "r" (type $r'))
        (core func $new (canon resource.new $r'))
        (core module $m
            (import "" "new" (func $new (param i32) (result i32)))
            (func (export "give") (result i32) (call $new (i32.const 0)))
            (func (export "ok")))
        (core instance $in (export "new" (func $new)))
        (core instance $i (instantiate $m (with "" (instance $in))))
        (func (export "give") (result (own $r)) (canon lift (core func $i "give")))
        (func (export "ok") (canon lift (core func $i "ok"))))"#;
    let limits = Limits::default().with_destructor_time(Some(Duration::from_millis(300)));
    let guest = alone(wat(text).await.part().with_limits(limits)).await;
    let given = call(&guest, "give", []).await.unwrap();
    drop(given);
    let error = call(&guest, "ok", []).await.unwrap_err();
    let (CallError::Dead { death, .. } | CallError::Failed { death, .. }) = &error else {
        panic!("{error}");
    };
    let exceeded = death.limit().unwrap();
    assert_eq!(exceeded.limit, Limit::DestructorTime);
}

#[tokio::test]
async fn a_runtime_that_does_not_watch_it() {
    let runtime = Runtime::builder()
        .limits(Limits::high_performance())
        .build()
        .unwrap();
    let part = runtime
        .load_bytes("guest", "(component)")
        .await
        .unwrap()
        .part();
    let waits = Limits::high_performance().with_deadline(Some(Duration::from_secs(1)));
    for (limits, unwatched) in [(short(), Limit::Time), (waits, Limit::Deadline)] {
        let mut composer = Composer::new();
        let part = part.clone().with_limits(limits);
        composer.add(ComposableDescriptor::new("guest", part));
        let error = composer.compose().await.err().unwrap();
        let text = error.to_string();
        assert!(
            text.contains("`RuntimeBuilder::count_time(true)`"),
            "{text}"
        );
        let CompositionError::Parts(errors) = error else {
            panic!("{text}");
        };
        let [PartError::Unwatched { limit, .. }] = errors.errors() else {
            panic!("{errors}");
        };
        assert_eq!(*limit, unwatched);
    }
}

/// The clock outlives the runtime for as long as there is something to watch.
#[tokio::test]
async fn a_runtime_that_is_gone() {
    let runtime = Runtime::new().unwrap();
    let guest = runtime.load_bytes("spinner", SPINNER).await.unwrap();
    let guest = alone(guest.part().with_limits(short())).await;
    drop(runtime);
    let error = call(&guest, "spin", []).await.unwrap_err();
    exceeded(&error, Limit::Time, "spin");
}

/// Nor does it keep sockets from being looked at.
#[tokio::test(flavor = "current_thread")]
async fn who_spins_keeps_no_sockets() {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::{TcpListener, TcpStream};

    let limits = Limits::default().with_time(Some(Duration::from_secs(2)));
    let hostile = Hostile::with(loaded("hostile").await.part().with_limits(limits)).await;
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let mut near = TcpStream::connect(listener.local_addr().unwrap())
        .await
        .unwrap();
    let (mut far, _) = listener.accept().await.unwrap();
    let echo = async {
        loop {
            let byte = far.read_u8().await.unwrap();
            far.write_u8(byte).await.unwrap();
        }
    };
    let ask = async {
        for byte in 0..10 {
            near.write_u8(byte).await.unwrap();
            assert_eq!(near.read_u8().await.unwrap(), byte);
        }
    };
    // In two seconds there are ticks for two looks, each time there and back.
    tokio::select! {
        biased;
        _ = hostile.call("spin", []) => panic!("nobody looked at the sockets"),
        () = echo => {}
        () = ask => {}
    }
}

/// Computing and waiting are told apart.
#[tokio::test]
async fn what_a_call_has_used_and_waited() {
    let part = loaded("wasi-probe").await.part();
    let usage = part.usage();
    let guest = alone(part).await;
    let sleep = guest.get_func(Some("test:wasi/probe"), "sleep").unwrap();
    sleep.call_owned([200u32.into()]).await.unwrap();
    let slept = usage.last_call().unwrap();
    assert!(slept.waited >= Duration::from_millis(150), "{slept:?}");
    assert!(slept.time < slept.waited, "{slept:?}");
    assert!(slept.time > Duration::ZERO && usage.time() >= slept.time);
}

/// Whose time nobody limits does not keep a thread either.
#[tokio::test(flavor = "current_thread")]
async fn who_spins_without_a_limit_keeps_no_thread() {
    let guest = alone(
        wat(SPINNER)
            .await
            .part()
            .with_limits(Limits::high_performance()),
    )
    .await;
    tokio::select! {
        biased;
        _ = call(&guest, "spin", []) => panic!(),
        () = async {
            for _ in 0..10 {
                tokio::task::yield_now().await;
            }
        } => {}
    }
    assert_eq!(guest.shutdown(Duration::ZERO).await.cut_off, 1);
}
