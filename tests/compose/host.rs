//! Functions that the program provides, by traits.

#![allow(deprecated, reason = "some components are declared and not called")]

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use composer::CallError;
use tokio::sync::{Barrier, Notify};

use crate::support::*;

composer::compose!({
    path: "wit/flow",
    composition: Gathering,
    components: { steps: "test:flow/steps-guest", user: "test:flow/steps-user" },
    host: ["test:flow/host"],
    exports: ["test:flow/steps", "test:flow/driver"],
});

/// Waits until as many calls wait as there are expected.
struct Meeting {
    all: Barrier,
    notes: AtomicU32,
}

impl gathering::test::flow::host::Host for Meeting {
    async fn wait(&self, _ms: u32) {
        self.all.wait().await;
    }

    fn note(&self, _text: String) {
        self.notes.fetch_add(1, Ordering::Relaxed);
    }

    fn call_back(&self, name: String, depth: u32) -> u32 {
        assert_eq!(name, "depth");
        depth
    }

    async fn call_back_async(&self, name: String, depth: u32) -> u32 {
        tokio::task::yield_now().await;
        self.call_back(name, depth)
    }
}

#[tokio::test]
async fn plain_and_async_functions_of_one_trait() {
    let host = Meeting {
        all: Barrier::new(3),
        notes: AtomicU32::new(0),
    };
    let host = Arc::new(host);
    let parts = GatheringParts {
        steps: part("steps"),
        user: part("steps-user"),
    };
    let gathering = Gathering::compose(parts, Shared(host.clone()))
        .await
        .unwrap();
    assert_eq!(gathering.steps().relay_back("depth", 7).await.unwrap(), 7);
    assert_eq!(gathering.driver().back_async("depth", 8).await.unwrap(), 8);
    // They return only if all three wait at once.
    let tags = gathering.driver().fan_out(3, 0).await.unwrap();
    assert_eq!(tags, ["0", "1", "2"]);
    assert_eq!(host.notes.load(Ordering::Relaxed), 6);
}

/// A program that keeps a hold of what it gave.
struct Shared(Arc<Meeting>);

impl gathering::test::flow::host::Host for Shared {
    async fn wait(&self, ms: u32) {
        self.0.wait(ms).await;
    }

    fn note(&self, text: String) {
        self.0.note(text);
    }

    fn call_back(&self, name: String, depth: u32) -> u32 {
        self.0.call_back(name, depth)
    }

    async fn call_back_async(&self, name: String, depth: u32) -> u32 {
        self.0.call_back_async(name, depth).await
    }
}

composer::compose!({
    path: "wit/text",
    composition: Waiting,
    components: { upper: "test:text/middleware" },
    host: [async "test:text/transform"],
    exports: ["test:text/transform"],
});

#[derive(Default)]
struct Gate {
    asked: Notify,
    open: Notify,
}

impl waiting::test::text::transform::Host for Arc<Gate> {
    async fn apply(&self, text: String) -> String {
        self.asked.notify_one();
        self.open.notified().await;
        format!("{text}, waited for")
    }
}

#[tokio::test]
async fn a_plain_function_may_wait_in_the_program() {
    let gate = Arc::new(Gate::default());
    let upper = part("text-upper");
    let waiting = Waiting::compose(WaitingParts { upper }, gate.clone());
    let waiting = waiting.await.unwrap();
    let transform = waiting.transform();
    let call = tokio::spawn(async move { transform.apply("tea").await });
    gate.asked.notified().await;
    gate.open.notify_one();
    assert_eq!(call.await.unwrap().unwrap(), "TEA, WAITED FOR");
}

composer::compose!({
    path: "wit/text",
    composition: Failing,
    components: { upper: "test:text/middleware", other: dyn "test:text/transform" },
    host: [trappable "test:text/transform"],
    exports: { "test:text/transform": upper },
});

struct Picky;

impl failing::test::text::transform::Host for Picky {
    fn apply(&self, text: String) -> wasmtime::Result<String> {
        match text.as_str() {
            "secret" => Err(wasmtime::Error::msg("not for you")),
            _ => Ok(text),
        }
    }
}

#[tokio::test]
async fn a_function_that_fails_ends_the_component_that_called_it() {
    let failing = Failing::compose(
        FailingParts {
            upper: part("text-upper"),
            // Known only at run time, and served all the same.
            other: part("text-exclaim"),
        },
        Picky,
    );
    let failing = failing.await.unwrap();
    let transform = failing.transform();
    assert_eq!(transform.apply("tea").await.unwrap(), "TEA");
    let other = failing.composition().component("other").unwrap();
    let other = other
        .get_func(Some("test:text/transform"), "apply")
        .unwrap();
    let answer = other.call_owned(["tea".into()]).await.unwrap();
    assert_eq!(answer, Some("tea!".into()));

    let error = transform.apply("secret").await.unwrap_err();
    assert!(matches!(error, CallError::Failed { .. }));
    assert!(error.to_string().contains("not for you"), "{error}");
    assert!(transform.apply("tea").await.is_err());
    // The other one goes on.
    let answer = other.call_owned(["tea".into()]).await.unwrap();
    assert_eq!(answer, Some("tea!".into()));
}

composer::compose!({
    inline: "
        package test:root;
        world w {
            import test:text/transform@0.1.0;
            import twice: func(text: string) -> string;
            export test:text/transform@0.1.0;
        }
    ",
    path: "wit/text",
    composition: Root,
    components: { upper: "test:root/w" },
    host: ["test:text/transform", "twice"],
    exports: ["test:text/transform"],
});

struct Both;

impl root::test::text::transform::Host for Both {
    fn apply(&self, text: String) -> String {
        text
    }
}

impl root::test::root::w::Host for Both {
    fn twice(&self, text: String) -> String {
        text.repeat(2)
    }
}

#[tokio::test]
async fn an_import_that_the_real_component_leaves_out_does_no_harm() {
    let upper = part("text-upper");
    let root = Root::compose(RootParts { upper }, Both).await.unwrap();
    assert_eq!(root.transform().apply("tea").await.unwrap(), "TEA");
}

composer::compose!({
    inline: "
        package test:host@0.1.0;
        interface things {
            /// A number.
            resource thing {
                constructor(n: u32);
                /// Adds to it.
                add: func(by: u32) -> u32;
            }
            /// Takes a thing, and may give it back.
            pass: func(thing: thing) -> option<thing>;
        }
        world user {
            import things;
            export run: func(n: u32) -> u32;
            export keep: func(n: u32);
        }
    ",
    composition: Things,
    components: { user: "test:host/user" },
    host: ["test:host/things"],
    exports: ["run", "keep"],
});

/// Counts the things that there are.
#[derive(Clone, Default)]
struct Counted(Arc<AtomicU32>);

struct Thing {
    value: AtomicU32,
    counted: Counted,
}

impl Drop for Thing {
    fn drop(&mut self) {
        self.counted.0.fetch_sub(1, Ordering::SeqCst);
    }
}

impl things::test::host::things::Host for Counted {
    type Thing = Thing;

    fn thing(&self, n: u32) -> Thing {
        self.0.fetch_add(1, Ordering::SeqCst);
        Thing {
            value: AtomicU32::new(n),
            counted: self.clone(),
        }
    }

    fn thing_add(&self, thing: &Thing, by: u32) -> u32 {
        thing.value.fetch_add(by, Ordering::SeqCst) + by
    }

    fn pass(&self, thing: Thing) -> Option<Thing> {
        (thing.value.load(Ordering::SeqCst) < 100).then_some(thing)
    }
}

#[tokio::test]
async fn resources_of_the_program() {
    let counted = Counted::default();
    let user = wat::wat("host-things");
    let things = Things::compose(ThingsParts { user }, counted.clone());
    let things = things.await.unwrap();
    assert_eq!(things.run(5).await.unwrap(), 8);
    assert_eq!(counted.0.load(Ordering::SeqCst), 0);
    // The program keeps what it does not give back, and drops it here.
    assert_eq!(things.run(100).await.unwrap(), 0);
    assert_eq!(counted.0.load(Ordering::SeqCst), 0);
    // What a component leaks goes with its store.
    things.keep(10).await.unwrap();
    assert_eq!(counted.0.load(Ordering::SeqCst), 10);
    things
        .composition()
        .shutdown(std::time::Duration::from_secs(60))
        .await;
    drop(things);
    assert_eq!(counted.0.load(Ordering::SeqCst), 0);
}

/// The things of a composition end with it, and with no other.
#[tokio::test]
async fn resources_of_the_program_in_many_compositions() {
    let counted = Counted::default();
    let user = wat::wat("host-things");
    let prepared = Things::prepare(ThingsParts { user }, counted.clone()).unwrap();
    let (one, two) = (
        prepared.compose().await.unwrap(),
        prepared.compose().await.unwrap(),
    );
    one.keep(10).await.unwrap();
    two.keep(3).await.unwrap();
    assert_eq!(two.run(5).await.unwrap(), 8);
    assert_eq!(counted.0.load(Ordering::SeqCst), 13);
    let grace = std::time::Duration::from_secs(60);
    one.composition().shutdown(grace).await;
    assert_eq!(counted.0.load(Ordering::SeqCst), 3);
    assert_eq!(two.run(5).await.unwrap(), 8);
    two.composition().shutdown(grace).await;
    assert_eq!(counted.0.load(Ordering::SeqCst), 0);
}

composer::compose!({
    path: "wit/flow",
    composition: Formed,
    components: { steps: "test:flow/steps-guest", user: "test:flow/steps-user" },
    host: [
        "test:flow/host",
        async trappable "test:flow/host#call-back",
        trappable "test:flow/host#note",
    ],
    exports: ["test:flow/steps", "test:flow/driver"],
});

/// Each function has the form that its own entry says, and the others that of the whole.
struct EachItsOwn;

impl formed::test::flow::host::Host for EachItsOwn {
    async fn wait(&self, _ms: u32) {}

    fn note(&self, text: String) -> wasmtime::Result<()> {
        Err(wasmtime::Error::msg(format!("no notes, not even `{text}`")))
    }

    async fn call_back(&self, _name: String, depth: u32) -> wasmtime::Result<u32> {
        tokio::task::yield_now().await;
        Ok(depth)
    }

    async fn call_back_async(&self, _name: String, depth: u32) -> u32 {
        depth
    }
}

#[tokio::test]
async fn a_function_may_have_a_form_of_its_own() {
    let parts = FormedParts {
        steps: part("steps"),
        user: part("steps-user"),
    };
    let formed = Formed::compose(parts, EachItsOwn).await.unwrap();
    assert_eq!(formed.driver().back("depth", 7).await.unwrap(), 7);
    let error = formed.driver().fan_out(1, 0).await.unwrap_err().to_string();
    assert!(error.contains("no notes, not even"), "{error}");
}
