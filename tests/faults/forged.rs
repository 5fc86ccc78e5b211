//! Guests that violate the canonical ABI towards another component. They call it in bulk,
//! also through an import that is bound late, or one `Val` at a time.

use composer::{
    CallError, ComponentState, ComposableComponent, ComposableDescriptor, Composer, Composition,
    Value,
};

use crate::support::counters::within;
use crate::support::wat::wat_part;

const IMPORTS: [&str; 7] = ["text", "words", "chars", "bools", "maybe", "lost", "take"];

async fn fast() -> Composition {
    compose(wat_part("asker", |_| ())).await
}

async fn slow() -> Composition {
    compose(wat_part("asker", |_| ()).one_by_one()).await
}

async fn compose(asker: ComposableComponent<()>) -> Composition {
    let mut composer = Composer::new();
    composer.add(ComposableDescriptor::new("raw", wat_part("raw", |_| ())));
    composer.add(ComposableDescriptor::new("asker", asker));
    composer.compose().await.unwrap()
}

/// The asker is nested.
async fn late() -> Composition {
    let mut inner = Composer::new();
    inner.add(ComposableDescriptor::new(
        "asker",
        wat_part("asker", |_| ()),
    ));
    for import in IMPORTS {
        inner.with_open_import(import);
    }
    let mut composer = Composer::new();
    composer.add(ComposableDescriptor::new("raw", wat_part("raw", |_| ())));
    composer.add(ComposableDescriptor::new("nested", inner));
    composer.compose().await.unwrap()
}

async fn all() -> [Composition; 3] {
    [fast().await, late().await, slow().await]
}

async fn call(
    composition: &Composition,
    name: &str,
    args: &[u32],
) -> Result<Option<Value>, CallError> {
    let func = composition.get_func(None, name).unwrap();
    func.call_owned(args.iter().copied().map(Value::from)).await
}

/// All ways answer with this number.
async fn answers(name: &str, args: &[u32], number: u32) {
    for composition in all().await {
        let answer = call(&composition, name, args).await.unwrap();
        assert_eq!(answer, Some(Value::U32(number)), "{name} of {args:?}");
    }
}

/// In all ways the call ends `guilty`, for the same reason.
async fn ends(guilty: &str, name: &str, args: &[u32]) {
    ends_after(guilty, name, args, None).await;
}

async fn ends_after(guilty: &str, name: &str, args: &[u32], allocate: Option<u32>) {
    let mut reasons = Vec::new();
    for composition in all().await {
        if let Some(address) = allocate {
            call(&composition, "allocate", &[address]).await.unwrap();
        }
        let error = call(&composition, name, args).await.unwrap_err();
        assert!(matches!(error, CallError::Failed { .. }), "{error}");
        let raw = composition.component("raw").unwrap().status().state;
        let alive = matches!(raw, ComponentState::Running);
        assert_eq!(alive, guilty != "raw", "{name} of {args:?}: {error}");
        let mut cause: &dyn std::error::Error = &error;
        while let Some(source) = cause.source() {
            cause = source;
        }
        reasons.push(cause.to_string());
    }
    reasons.dedup();
    assert_eq!(reasons.len(), 1, "{name} of {args:?}: {reasons:?}");
}

#[tokio::test]
async fn what_is_right() {
    within(async {
        answers("ask-text", &[1000, 3], 3).await;
        answers("ask-words", &[100, 2], 2).await;
        answers("ask-words", &[65_536, 0], 0).await;
        answers("ask-chars", &[112, 1], 1).await;
        answers("ask-bools", &[100, 4], 4).await;
        // Whatever is not zero is one, also where it is copied in bulk.
        answers("sum", &[100, 20], 9).await;
        answers("ask-maybe", &[0], 0).await;
        answers("ask-maybe", &[1], 1).await;
        answers("give", &[104, 1], 1).await;
    })
    .await;
}

#[tokio::test]
async fn lists_and_strings_that_are_not_there() {
    within(async {
        for args in [[65_536, 1], [65_530, 7], [u32::MAX, 1], [0, u32::MAX]] {
            for name in ["ask-text", "ask-bools"] {
                ends("raw", name, &args).await;
            }
        }
        for args in [[65_536, 1], [65_532, 2], [0, u32::MAX], [0, 1 << 30]] {
            for name in ["ask-words", "ask-chars"] {
                ends("raw", name, &args).await;
            }
        }
        for args in [[65_536, 1], [65_532, 1], [0, u32::MAX], [0, 1 << 29]] {
            ends("asker", "give", &args).await;
        }
        ends("raw", "ask-lost", &[65_532]).await;
        ends("raw", "ask-lost", &[u32::MAX - 3]).await;
    })
    .await;
}

#[tokio::test]
async fn out_of_line() {
    within(async {
        for address in [101, 102, 103] {
            ends("raw", "ask-words", &[address, 1]).await;
            ends("raw", "ask-words", &[address, 0]).await;
            ends("raw", "ask-chars", &[address, 1]).await;
            ends("asker", "give", &[address, 1]).await;
            ends("raw", "ask-lost", &[address]).await;
        }
    })
    .await;
}

#[tokio::test]
async fn no_such_values() {
    within(async {
        ends("raw", "ask-text", &[100, 4]).await;
        for address in [100, 104, 108] {
            ends("raw", "ask-chars", &[address, 1]).await;
        }
        ends("raw", "ask-chars", &[100, 4]).await;
        for case in [2, 255] {
            ends("raw", "ask-maybe", &[case]).await;
        }
        ends("asker", "give", &[104, 2]).await;
    })
    .await;
}

/// The second memory that is asked for is for the string in the list.
#[tokio::test]
async fn no_memory_for_them() {
    within(async {
        for address in [0, 65_533, 65_536, u32::MAX] {
            ends_after("raw", "give", &[104, 1], Some(address)).await;
        }
    })
    .await;
}
