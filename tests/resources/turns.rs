//! Resources on an engine without concurrency support, whose stores take one call at a
//! time.

use std::sync::LazyLock;

use composer::{
    CallError, ComponentState, ComposableComponent, ComposableDescriptor, Composer, Value,
};
use wasmtime::component::Linker;
use wasmtime::{Config, Engine, Store};

use crate::support::counters::{COUNTERS, Counters, OWNERS, USER, number, own, within};
use crate::support::guest_path;

fn part(name: &str) -> ComposableComponent<()> {
    static ENGINE: LazyLock<Engine> = LazyLock::new(|| {
        let mut config = Config::new();
        config
            .wasm_component_model_async(false)
            .concurrency_support(false);
        Engine::new(&config).unwrap()
    });
    let store = || Store::new(&ENGINE, ());
    ComposableComponent::from_file(guest_path(name), Linker::new(&ENGINE), store).unwrap()
}

async fn each_owner(test: impl AsyncFn(Counters)) {
    for owner in OWNERS {
        let mut composer = Composer::new();
        composer.add(ComposableDescriptor::new("owner", part(owner)));
        composer.add(ComposableDescriptor::new(
            "counters-user",
            part("counters-user"),
        ));
        within(async { test(Counters::run(composer).await).await }).await;
    }
}

#[tokio::test]
async fn a_handle_is_its_resource_until_it_is_dropped() {
    each_owner(async |counters| {
        let counter = counters.make(5).await;
        let other = counters.make(6).await;
        assert_eq!(counters.value(&counter).await, 5);
        drop(counter);
        assert_eq!((counters.live().await, counters.dropped().await), (1, 1));
        assert_eq!(
            number(counters.ask("take-list", [vec![other].into()]).await),
            6
        );
        assert_eq!((counters.live().await, counters.dropped().await), (0, 2));
        counters.none_left().await;
    })
    .await;
}

/// Each drop is seen by the calls behind it.
#[tokio::test]
async fn a_resource_is_dropped_before_the_next_call() {
    each_owner(async |counters| {
        let lifecycle = counters.call("counters-user", USER, "run-lifecycle", []);
        assert_eq!(
            lifecycle.await,
            "counter 1; b 4; a + 2 = 3; a = b: false; a = a: true; live 2 dropped 0; \
             a + b = 7; live 1 dropped 1; live 0 dropped 2"
                .into()
        );
        counters.none_left().await;
    })
    .await;
}

#[tokio::test]
async fn a_resource_travels() {
    each_owner(async |counters| {
        let user =
            async |name, args: Vec<Value>| counters.call("counters-user", USER, name, args).await;
        let counter = counters.make(1).await;
        let borrow = vec![counter.borrow().into()];
        assert_eq!(user("borrow-through", borrow).await, Value::U32(2));
        let counter = own(user("own-through", vec![counter.into()]).await);
        assert_eq!(counters.value(&counter).await, 3);
        user("keep", vec![counter.into()]).await;
        user("hold", vec![10u32.into()]).await;
        assert_eq!(counters.tables("counters-user"), (11, 11));
        assert_eq!(user("release", vec![]).await, Value::U32(11));
        assert_eq!(user("run-inspect", vec![]).await, Value::U32(10));
        counters.none_left().await;
    })
    .await;
}

#[tokio::test]
async fn a_lent_handle_cannot_be_given_away() {
    each_owner(async |counters| {
        let counter = counters.make(1).await;
        let borrow = counter.borrow();
        let args = [vec![counter].into()];
        let result = counters
            .try_call("owner", COUNTERS, "take-list", args)
            .await;
        assert!(matches!(result, Err(CallError::Lent { .. })), "{result:?}");
        assert_eq!(counters.live().await, 1);
        drop(borrow);
        counters.none_left().await;
    })
    .await;
}

#[tokio::test]
async fn a_dead_component_is_an_error() {
    each_owner(async |counters| {
        let counter = counters.make(1).await;
        let make_list = counters.try_call("owner", COUNTERS, "make-list", [u32::MAX.into()]);
        let error = make_list.await.unwrap_err();
        assert!(matches!(error, CallError::Failed { .. }), "{error}");
        let args = [counter.borrow().into()];
        let through = counters
            .try_call("counters-user", USER, "borrow-through", args)
            .await;
        match through {
            Err(CallError::Dead { death, .. }) => assert_eq!(death.component, "owner"),
            other => panic!("{other:?}"),
        }
        let hold = counters
            .try_call("counters-user", USER, "hold", [1u32.into()])
            .await;
        assert_eq!(hold.unwrap_err().death().unwrap().component, "owner");
        let state = counters.status("counters-user").state;
        assert!(matches!(state, ComponentState::Dead(_)));
    })
    .await;
}
