//! Errors and panics of the program's functions name the function.

use std::fmt;

use composer::{
    CallError, ComposableDescriptor, Composer, CompositionError, Death, DeathCause, StartError,
};

use super::{TRANSFORM, apply};
use crate::support::part;
use crate::support::sandbox::{loaded, wat};

composer::compose!({
    path: "wit/text",
    composition: Plain,
    components: { layer: "test:text/middleware" },
    host: [trappable "test:text/transform"],
    exports: ["test:text/transform"],
});

mod waiting {
    composer::compose!({
        path: "wit/text",
        composition: Waiting,
        components: { layer: "test:text/middleware" },
        host: [async trappable "test:text/transform"],
        exports: ["test:text/transform"],
    });
}

/// An error of the program's own.
#[derive(Debug, PartialEq)]
struct NotAllowed {
    text: String,
}

impl fmt::Display for NotAllowed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}` is not allowed", self.text)
    }
}

impl std::error::Error for NotAllowed {}

fn answer(text: String) -> wasmtime::Result<String> {
    match text.as_str() {
        "fail" => Err(NotAllowed { text }.into()),
        "panic" => panic!("what a {text}"),
        _ => Ok(text),
    }
}

struct Program;

impl plain::test::text::transform::Host for Program {
    fn apply(&self, text: String) -> wasmtime::Result<String> {
        answer(text)
    }
}

impl waiting::waiting::test::text::transform::Host for Program {
    async fn apply(&self, text: String) -> wasmtime::Result<String> {
        tokio::task::yield_now().await;
        answer(text)
    }
}

fn death(error: CallError) -> std::sync::Arc<Death> {
    match error {
        CallError::Failed { death, .. } => death,
        other => panic!("{other}"),
    }
}

fn check(fate: &str, death: &Death) {
    let DeathCause::Other(error) = &death.cause else {
        panic!("{death}");
    };
    let (text, said) = (
        death.to_string(),
        "component `layer` failed: the program's function",
    );
    match fate {
        "fail" => {
            let text_of = "`apply` of `test:text/transform` failed: `fail` is not allowed";
            assert!(text.starts_with(&format!("{said} {text_of}")), "{text}");
            let own = NotAllowed {
                text: fate.to_owned(),
            };
            assert_eq!(error.downcast_ref(), Some(&own));
        }
        _ => {
            let text_of = "`apply` of `test:text/transform` panicked: what a panic";
            assert!(text.starts_with(&format!("{said} {text_of}")), "{text}");
        }
    }
}

#[tokio::test]
async fn of_a_trait() {
    for fate in ["fail", "panic"] {
        let layer = part("text-upper");
        let plain = Plain::compose(PlainParts { layer }, Program).await.unwrap();
        assert_eq!(plain.transform().apply("tea").await.unwrap(), "TEA");
        check(
            fate,
            &death(plain.transform().apply(fate).await.unwrap_err()),
        );

        let parts = waiting::WaitingParts {
            layer: part("text-upper"),
        };
        let waiting = waiting::Waiting::compose(parts, Program).await.unwrap();
        assert_eq!(waiting.transform().apply("tea").await.unwrap(), "TEA");
        let error = waiting.transform().apply(fate).await.unwrap_err();
        check(fate, &death(error));
    }
}

/// wasmtime does not say which function of a linker was called, so the component's
/// backtrace has to do.
#[tokio::test]
async fn of_a_linker() {
    for (fate, said) in [
        ("fail", "component `layer` failed: `fail` is not allowed"),
        (
            "panic",
            "component `layer` failed: a host function panicked: what a panic",
        ),
    ] {
        let layer = loaded("text-upper").await.part();
        let layer = layer.with_linker(|linker| apply(linker, |_, text| answer(text)));
        let mut composer = Composer::new();
        composer.add(ComposableDescriptor::new("layer", layer));
        let composition = composer.compose().await.unwrap();
        let apply = composition.get_func(Some(TRANSFORM), "apply").unwrap();
        let error = apply.call_owned([fate.into()]).await.unwrap_err();
        let text = death(error).to_string();
        assert!(text.starts_with(said), "{text}");
    }
}

/// A panic while a component starts is an error of the composition, and no panic of who
/// composes it.
#[tokio::test]
async fn at_the_start() {
    let eager = wat(r#"(component
            (import "get-up" (func $get-up))
            (core func $lowered (canon lower (func $get-up)))
            (core module $m (import "" "f" (func $f)) (start $f))
            (core instance (instantiate $m (with "" (instance (export "f" (func $lowered)))))))"#);
    let eager = eager.await.part().with_linker(|linker| {
        linker
            .root()
            .func_wrap("get-up", |_, (): ()| -> wasmtime::Result<()> {
                panic!("too early")
            })
    });
    let mut composer = Composer::new();
    composer.add(ComposableDescriptor::new("eager", eager));
    let Err(error) = composer.compose().await else {
        panic!("it should not start");
    };
    let CompositionError::Start(StartError::Instantiate { component, death }) = &error else {
        panic!("{error}");
    };
    assert_eq!(component, "eager");
    assert!(death.to_string().contains("panicked: too early"), "{death}");
}

/// A component of a runtime in a store that its embedder makes, who forgot that the engine
/// interrupts code.
#[tokio::test]
async fn a_store_that_was_not_set_up() {
    use composer::ComposableComponent;
    use wasmtime::Store;
    use wasmtime::component::Linker;

    let base = loaded("text-base").await.component().clone();
    let engine = base.engine().clone();
    for (is_ticked, said) in [
        (false, "`Store::set_fuel`"),
        (true, "`Store::set_epoch_deadline`"),
    ] {
        let for_store = engine.clone();
        let part = ComposableComponent::new(base.clone(), Linker::new(&engine), move || {
            let mut store = Store::new(&for_store, ());
            if is_ticked {
                store.set_fuel(u64::MAX).unwrap();
            }
            store
        });
        let mut composer = Composer::new();
        composer.add(ComposableDescriptor::new("base", part));
        let text = match composer.compose().await {
            Err(error) => error.to_string(),
            Ok(composition) => {
                let apply = composition.get_func(Some(TRANSFORM), "apply").unwrap();
                let error = apply.call_owned(["tea".into()]).await.unwrap_err();
                error.to_string()
            }
        };
        assert!(text.contains(said), "{text}");
        assert!(text.contains("`LoadedComponent::part`"), "{text}");
    }
}
