//! The embedder's use of a resource: it holds it, uses it, and gives it back.

use composer::{CallError, ComponentState, Value};

use crate::support::counters::{COUNTERS, INSPECT, each_owner, number, own, until};

#[tokio::test]
async fn a_handle_is_its_resource_until_it_is_dropped() {
    each_owner(&[], async |counters| {
        let counter = counters.make(5).await;
        let args = [counter.borrow().into(), 3u32.into()];
        assert_eq!(
            number(counters.ask("[method]counter.increment", args).await),
            8
        );
        assert_eq!(counters.value(&counter).await, 8);
        assert_eq!((counters.live().await, counters.dropped().await), (1, 0));
        assert_eq!(counters.owner.status().resources_given, 1);

        // The destructor runs before whatever is asked next.
        drop(counter);
        assert_eq!((counters.live().await, counters.dropped().await), (0, 1));
        assert_eq!(counters.owner.status().resources_given, 0);
    })
    .await;
}

#[tokio::test]
async fn a_handle_says_what_it_is() {
    each_owner(&[], async |counters| {
        let counter = counters.make(5).await;
        assert_eq!(counter.component(), Some("owner"));
        assert_eq!(counter.resource(), format!("{COUNTERS}.counter"));
    })
    .await;
}

#[tokio::test]
async fn a_static_function_makes_resources_too() {
    each_owner(&[], async |counters| {
        let counter = own(counters
            .ask("[static]counter.named", ["x".into(), 9u32.into()])
            .await);
        let name = counters
            .ask("[method]counter.name", [counter.borrow().into()])
            .await;
        assert_eq!(name, Value::String("x".into()));
        assert_eq!(counters.value(&counter).await, 9);
    })
    .await;
}

#[tokio::test]
async fn a_handle_given_away_is_the_callees_to_destroy() {
    each_owner(&[], async |counters| {
        let (a, b) = (counters.make(2).await, counters.make(40).await);
        let args = [a.borrow().into(), b.into()];
        assert_eq!(
            number(counters.ask("[method]counter.absorb", args).await),
            42
        );
        assert_eq!((counters.live().await, counters.dropped().await), (1, 1));
        assert_eq!(counters.owner.status().resources_given, 1);
        drop(a);
        assert_eq!((counters.live().await, counters.dropped().await), (0, 2));
    })
    .await;
}

#[tokio::test]
async fn an_interface_that_uses_the_resource_takes_the_same_handles() {
    each_owner(&[], async |counters| {
        let counter = counters.make(6).await;
        let args = [counter.borrow().into()];
        assert_eq!(
            counters.call("owner", INSPECT, "peek", args).await,
            Value::U32(6)
        );
        let args = [counter.into()];
        assert_eq!(
            counters.call("owner", INSPECT, "consume", args).await,
            Value::U32(6)
        );
        assert_eq!((counters.live().await, counters.dropped().await), (0, 1));
    })
    .await;
}

#[tokio::test]
async fn handles_are_equal_when_they_are_the_same_resource() {
    each_owner(&[], async |counters| {
        let (a, b) = (counters.make(1).await, counters.make(1).await);
        assert_eq!(a, a);
        assert_ne!(a, b);
        assert_eq!(a.borrow(), a.borrow());
        assert_ne!(a.borrow(), b.borrow());

        // The guest agrees that both borrows are one: it changes with itself.
        let same = async |x: &composer::ResourceHandle, y: &composer::ResourceHandle| {
            let args = [x.borrow().into(), y.borrow().into()];
            counters.ask("[method]counter.same-as", args).await
        };
        assert_eq!(same(&a, &a).await, Value::Bool(true));
        let args = [a.borrow().into(), 1u32.into()];
        counters.ask("[method]counter.increment", args).await;
        assert_eq!(same(&a, &a).await, Value::Bool(true));
        assert_eq!(same(&a, &b).await, Value::Bool(false));
    })
    .await;
}

#[tokio::test]
async fn a_handle_can_be_dropped_by_any_thread() {
    each_owner(&[], async |counters| {
        let counter = counters.make(1).await;
        std::thread::spawn(move || drop(counter)).join().unwrap();
        assert_eq!((counters.live().await, counters.dropped().await), (0, 1));
    })
    .await;
}

#[tokio::test]
async fn a_handle_may_outlive_its_composition() {
    each_owner(&[], async |counters| {
        let counter = counters.make(1).await;
        let func = counters.owner.get_func(Some(INSPECT), "consume").unwrap();
        let shutdown = counters
            .composition
            .shutdown(std::time::Duration::ZERO)
            .await;
        assert!(shutdown.stuck.is_empty());
        assert!(matches!(
            counters.owner.status().state,
            ComponentState::Stopped
        ));
        drop(counters);
        assert_eq!(counter.component(), Some("owner"));
        let error = func.call_owned([counter.into()]).await.unwrap_err();
        assert!(matches!(error, CallError::Stopped { .. }), "{error}");
    })
    .await;
}

#[tokio::test]
async fn a_handle_keeps_nothing_running() {
    each_owner(&["counters-user"], async |counters| {
        let tasks = || {
            tokio::runtime::Handle::current()
                .metrics()
                .num_alive_tasks()
        };
        let counter = counters.make(1).await;
        let borrow = counter.borrow();
        assert_eq!(tasks(), 2);
        drop(counters);
        until("all tasks have ended", || tasks() == 0).await;
        assert_eq!(counter.borrow(), borrow);
    })
    .await;
}
