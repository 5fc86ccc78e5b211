//! Guests whose values do not match their types.

use composer::{CallError, ComponentState, ComposableDescriptor, Composer, Composition, Value};

use crate::support::counters::within;
use crate::support::part;
use crate::support::wat::wat_part;

async fn start() -> Composition {
    let mut composer = Composer::new();
    let liar = wat_part("liar", |linker| {
        linker
            .root()
            .func_wrap("listen", |_, (_,): (String,)| Ok(()))
            .unwrap();
    });
    composer.add(ComposableDescriptor::new("liar", liar));
    composer.add(ComposableDescriptor::new("bystander", part("text-base")));
    composer.compose().await.unwrap()
}

async fn call(
    composition: &Composition,
    name: &str,
    args: impl IntoIterator<Item = u32>,
) -> Result<Option<Value>, CallError> {
    let func = composition.get_func(None, name).unwrap();
    func.call_owned(args.into_iter().map(Value::from)).await
}

/// The call must have ended the liar and nobody else.
async fn assert_fatal(composition: &Composition, result: Result<Option<Value>, CallError>) {
    let error = result.unwrap_err();
    assert!(matches!(error, CallError::Failed { .. }), "{error}");
    assert_eq!(error.death().unwrap().component, "liar", "{error}");
    let error = call(composition, "char", [65]).await.unwrap_err();
    assert!(matches!(error, CallError::Dead { .. }), "{error}");
    let bystander = composition.component("bystander").unwrap();
    assert!(matches!(bystander.status().state, ComponentState::Running));
}

const NOT_UTF8: [u32; 2] = [100, 4];
const OUTSIDE: [[u32; 2]; 4] = [[65_536, 1], [65_530, 7], [u32::MAX, 1], [0, u32::MAX]];

#[tokio::test]
async fn true_values() {
    within(async {
        let composition = start().await;
        let string = call(&composition, "string", [200, 3]).await.unwrap();
        assert_eq!(string, Some("\0\0\0".into()));
        assert_eq!(
            call(&composition, "char", [65]).await.unwrap(),
            Some('A'.into())
        );
        call(&composition, "say", [200, 3]).await.unwrap();
        let hear = composition.get_func(None, "hear").unwrap();
        assert_eq!(
            hear.call_owned(["four".into()]).await.unwrap(),
            Some(Value::U32(4))
        );
    })
    .await;
}

#[tokio::test]
async fn results() {
    within(async {
        let strings = OUTSIDE.into_iter().chain([NOT_UTF8]);
        for [address, length] in strings {
            let composition = start().await;
            let result = call(&composition, "string", [address, length]).await;
            assert_fatal(&composition, result).await;
        }
        for code in [0xd800, 0x11_0000, u32::MAX] {
            let composition = start().await;
            let result = call(&composition, "char", [code]).await;
            assert_fatal(&composition, result).await;
        }
    })
    .await;
}

#[tokio::test]
async fn arguments_of_imports() {
    within(async {
        for [address, length] in OUTSIDE.into_iter().chain([NOT_UTF8]) {
            let composition = start().await;
            let result = call(&composition, "say", [address, length]).await;
            assert_fatal(&composition, result).await;
        }
    })
    .await;
}

/// A string for the guest goes where the guest says, if there is room.
#[tokio::test]
async fn memory_to_receive_arguments() {
    within(async {
        for address in [0, 65_533, u32::MAX] {
            let composition = start().await;
            call(&composition, "allocate", [address]).await.unwrap();
            let hear = composition.get_func(None, "hear").unwrap();
            let result = hear.call_owned(["four".into()]).await;
            assert_fatal(&composition, result).await;
        }
    })
    .await;
}

#[tokio::test]
async fn a_trap_after_the_return() {
    within(async {
        let composition = start().await;
        let result = call(&composition, "regret", [200, 3]).await;
        assert_fatal(&composition, result).await;
    })
    .await;
}
