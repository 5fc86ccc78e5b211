//! Counters: the resource of most tests, owned by a guest in Rust or in C.

use std::time::{Duration, Instant};

use composer::{
    CallError, ComponentHandle, ComponentStatus, ComposableDescriptor, Composer, Composition,
    ResourceHandle, Value,
};

use super::part;

pub(crate) const COUNTERS: &str = "test:resources/counters@0.1.0";
pub(crate) const INSPECT: &str = "test:resources/inspect@0.1.0";
pub(crate) const USER: &str = "test:resources/user@0.1.0";
pub(crate) const RELAY: &str = "test:resources/relay@0.1.0";

/// The guests that own counters.
pub(crate) const OWNERS: [&str; 2] = ["counters", "counters-c"];

/// A composition in which the component `owner` owns the counters.
pub(crate) struct Counters {
    pub(crate) composition: Composition,
    pub(crate) owner: ComponentHandle,
}

/// Runs a test with each owner, beside other guests.
pub(crate) async fn each_owner(others: &[&str], test: impl AsyncFn(Counters)) {
    for owner in OWNERS {
        println!("owned by {owner}");
        let mut composer = Composer::new();
        composer.add(ComposableDescriptor::new("owner", part(owner)));
        for other in others {
            composer.add(ComposableDescriptor::new(*other, part(other)));
        }
        within(async { test(Counters::run(composer).await).await }).await;
    }
}

/// Far longer than any test takes, also where the machine has other things to do.
pub(crate) const AMPLE: Duration = Duration::from_secs(5 * 60);

/// Lets nothing hang: fails when ample time is over.
pub(crate) async fn within<T>(test: impl Future<Output = T>) -> T {
    tokio::time::timeout(AMPLE, test)
        .await
        .expect("a test should not hang")
}

/// Lets everybody else run until `done` holds. Others on other threads may be kept
/// from it for a while, so it is time that is bounded here, and not turns.
pub(crate) async fn until(what: &str, mut done: impl FnMut() -> bool) {
    // Not tokio's clock, which some tests stop.
    let begun = Instant::now();
    while !done() {
        assert!(begun.elapsed() < AMPLE, "never happened: {what}");
        tokio::task::yield_now().await;
    }
}

impl Counters {
    /// Runs a composition that has a component `owner`.
    pub(crate) async fn run(composer: Composer) -> Counters {
        let composition = composer.compose().await.unwrap();
        Counters {
            owner: composition.component("owner").unwrap(),
            composition,
        }
    }

    /// Calls a function of a component, whatever comes of it.
    pub(crate) async fn try_call(
        &self,
        component: &str,
        interface: &str,
        name: &str,
        args: impl IntoIterator<Item = Value>,
    ) -> Result<Value, CallError> {
        let component = self.composition.component(component).unwrap();
        let func = component.get_func(Some(interface), name).unwrap();
        let result = func.call_owned(args).await?;
        Ok(result.unwrap_or(Value::Tuple(Vec::new())))
    }

    pub(crate) async fn call(
        &self,
        component: &str,
        interface: &str,
        name: &str,
        args: impl IntoIterator<Item = Value>,
    ) -> Value {
        self.try_call(component, interface, name, args)
            .await
            .unwrap()
    }

    /// Calls a function of the owner's `counters`.
    pub(crate) async fn ask(&self, name: &str, args: impl IntoIterator<Item = Value>) -> Value {
        self.call("owner", COUNTERS, name, args).await
    }

    /// A new counter of the owner's.
    pub(crate) async fn make(&self, start: u32) -> ResourceHandle {
        own(self.ask("[constructor]counter", [start.into()]).await)
    }

    pub(crate) async fn value(&self, counter: &ResourceHandle) -> u32 {
        self.value_at("owner", counter).await
    }

    /// The value of a counter of another component's.
    pub(crate) async fn value_at(&self, component: &str, counter: &ResourceHandle) -> u32 {
        let args = [counter.borrow().into()];
        number(
            self.call(component, COUNTERS, "[method]counter.value", args)
                .await,
        )
    }

    pub(crate) async fn live(&self) -> u32 {
        number(self.ask("live", []).await)
    }

    pub(crate) async fn dropped(&self) -> u32 {
        number(self.ask("dropped", []).await)
    }

    pub(crate) fn status(&self, component: &str) -> ComponentStatus {
        self.composition.component(component).unwrap().status()
    }

    /// The resources that the owner has given out, and those that another
    /// component holds.
    pub(crate) fn tables(&self, holder: &str) -> (usize, usize) {
        (
            self.owner.status().resources_given,
            self.status(holder).resources_held,
        )
    }

    /// Waits until no counter lives and no table has one.
    pub(crate) async fn none_left(&self) {
        until("all tables are empty", || {
            self.composition.plan().components.iter().all(|component| {
                let status = self.status(&component.name);
                status.resources_given == 0 && status.resources_held == 0
            })
        })
        .await;
        assert_eq!(self.live().await, 0);
    }
}

pub(crate) fn number(value: Value) -> u32 {
    match value {
        Value::U32(number) => number,
        other => panic!("{other:?} is no u32"),
    }
}

pub(crate) fn own(value: Value) -> ResourceHandle {
    match value {
        Value::Own(handle) => handle,
        other => panic!("{other:?} is no resource"),
    }
}
