//! `compose!`: typed compositions of one plan.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use composer::{CompositionError, Engines, PartError};

use super::AMPLE;
use crate::support::{guest, guest_path, part};

composer::compose!({
    path: "wit/text",
    composition: Stack,
    components: { base: "test:text/base", upper: "test:text/middleware" },
    exports: { "test:text/transform": upper },
});

#[tokio::test]
async fn prepared_once_and_composed_twice() {
    let prepared = Stack::prepare(StackParts {
        base: part("text-base"),
        upper: part("text-upper"),
    })
    .unwrap();
    assert_eq!(prepared.prepared().plan().components.len(), 2);
    let (one, two) = (
        prepared.compose().await.unwrap(),
        prepared.clone().compose().await.unwrap(),
    );
    assert_eq!(one.transform().apply(" hi ").await.unwrap(), "HI");
    one.composition().shutdown(AMPLE).await;
    assert!(one.transform().apply("hi").await.is_err());
    assert_eq!(two.transform().apply(" hi ").await.unwrap(), "HI");
}

/// Parts of two engines, one of them with concurrency support.
#[tokio::test]
async fn parts_of_several_engines() {
    let engines = Engines::new().unwrap();
    let prepared = Stack::prepare(StackParts {
        base: engines.load_component(guest_path("text-base")).unwrap(),
        upper: guest("text-upper"),
    })
    .unwrap();
    let stack = prepared.compose().await.unwrap();
    assert_eq!(stack.transform().apply(" hi ").await.unwrap(), "HI");
}

#[test]
fn what_does_not_fit_is_said_when_it_is_prepared() {
    let error = Stack::prepare(StackParts {
        base: part("catalog"),
        upper: part("text-upper"),
    });
    let Err(CompositionError::Parts(errors)) = error else {
        panic!("it fits");
    };
    assert!(matches!(errors.errors()[0], PartError::Misfit { .. }));
}

composer::compose!({
    path: "wit/text",
    composition: Counted,
    components: { upper: "test:text/middleware" },
    host: ["test:text/transform"],
    exports: ["test:text/transform"],
});

/// One program serves all compositions.
struct Program(Arc<AtomicU32>);

impl counted::test::text::transform::Host for Program {
    fn apply(&self, text: String) -> String {
        let n = self.0.fetch_add(1, Ordering::Relaxed);
        format!("{text} {n}")
    }
}

#[tokio::test]
async fn one_program_for_all() {
    let calls = Arc::new(AtomicU32::new(0));
    let upper = part("text-upper");
    let prepared = Counted::prepare(CountedParts { upper }, Program(calls.clone())).unwrap();
    let (one, two) = (
        prepared.compose().await.unwrap(),
        prepared.compose().await.unwrap(),
    );
    assert_eq!(one.transform().apply("hi").await.unwrap(), "HI 0");
    assert_eq!(two.transform().apply("hi").await.unwrap(), "HI 1");
    drop((one, two, prepared));
}
