//! One part with everything: functions of the program, WASI, limits, a restart policy, an
//! inbox and a value.

use std::time::Duration;

use composer::runtime::{Grants, Limits};
use composer::wasi::{State, WasiComponent, WasiCtx};
use composer::{
    CallError, Caller, Composable, ComposableDescriptor, Composer, Composition, Configure,
    PartError, Restart, Value,
};

use super::{TRANSFORM, apply};
use crate::support::guest;
use crate::support::sandbox::loaded;

composer::compose!({
    path: "wit/text",
    composition: Layered,
    components: { layer: "test:text/middleware", others: [dyn "test:text/transform"] },
    linker: ["test:text/transform"],
    exports: { "test:text/transform": layer },
});

/// What belongs to a part.
struct Prefix(&'static str);

/// How often one instance has called.
#[derive(Default)]
struct Calls(u32);

/// Numbers the calls of an instance, and fails in the one that is told to.
fn numbered(state: &mut State, text: String) -> wasmtime::Result<String> {
    let calls = state.get_or_insert_with(Calls::default);
    calls.0 += 1;
    let calls = calls.0;
    match text.as_str() {
        "fail" => Err(wasmtime::Error::msg("told to")),
        _ => {
            let caller = Caller::current().unwrap();
            let prefix = caller.data::<Prefix>().map_or("", |prefix| prefix.0);
            Ok(format!("{prefix}{text}{calls}"))
        }
    }
}

/// A layer in a sandbox.
async fn sandboxed(limits: Limits) -> impl Composable + 'static {
    loaded("text-exclaim")
        .await
        .part()
        .with_limits(limits)
        .with_grants(Grants::none().with_env("REGION", "eu"))
        .with_linker(|linker| apply(linker, numbered))
        .with_data(Prefix("p-"))
        .with_restart(Restart::on_death())
        .with_inbox_capacity(3)
}

/// A layer with WASI alone.
fn with_wasi() -> impl Composable + 'static {
    WasiComponent::new(guest("text-exclaim"))
        .with_new_ctx(|| Ok(WasiCtx::builder().env("REGION", "eu").build()))
        .with_linker(|linker| apply(linker, numbered))
        .with_data(Prefix("p-"))
        .with_restart(Restart::on_death())
        .with_inbox_capacity(3)
}

async fn ask(composition: &Composition, text: &str) -> Result<String, CallError> {
    let apply = composition.get_func(Some(TRANSFORM), "apply").unwrap();
    match apply.call_owned([text.into()]).await? {
        Some(Value::String(text)) => Ok(text),
        other => panic!("{other:?}"),
    }
}

/// The value stays when the part is started again, and the instance's own does not.
async fn has_everything(composition: &Composition, name: &str) {
    assert_eq!(ask(composition, "a").await.unwrap(), "p-a1!");
    assert_eq!(ask(composition, "b").await.unwrap(), "p-b2!");
    let error = ask(composition, "fail").await.unwrap_err();
    assert!(error.to_string().contains("told to"), "{error}");
    assert_eq!(ask(composition, "c").await.unwrap(), "p-c1!");
    let status = composition.component(name).unwrap().status();
    assert_eq!((status.restarts, status.inbox_capacity), (1, 3));
}

#[tokio::test]
async fn in_a_composer() {
    let mut composer = Composer::new();
    composer.add(ComposableDescriptor::new(
        "layer",
        sandboxed(Limits::strict()).await,
    ));
    has_everything(&composer.compose().await.unwrap(), "layer").await;
    let mut composer = Composer::new();
    composer.add(ComposableDescriptor::new("layer", with_wasi()));
    has_everything(&composer.compose().await.unwrap(), "layer").await;
}

#[tokio::test]
async fn in_what_the_macro_makes() {
    let parts = LayeredParts {
        layer: sandboxed(Limits::default()).await,
        others: vec![
            ("a".to_owned(), sandboxed(Limits::strict()).await),
            ("b".to_owned(), sandboxed(Limits::minimal()).await),
        ],
    };
    let layered = Layered::compose(parts).await.unwrap();
    has_everything(layered.composition(), "layer").await;
    for name in ["a", "b"] {
        let said = layered
            .others()
            .get(name)
            .unwrap()
            .apply("tea")
            .await
            .unwrap();
        assert_eq!(said, "p-tea1!");
    }
}

#[tokio::test]
async fn in_a_replacement() {
    let mut composer = Composer::new();
    composer.add(ComposableDescriptor::new("layer", with_wasi()));
    let composition = composer.compose().await.unwrap();
    assert_eq!(ask(&composition, "a").await.unwrap(), "p-a1!");
    let layer = composition.component("layer").unwrap();
    let new = ComposableDescriptor::new("layer", sandboxed(Limits::strict()).await);
    layer.replace(new, Duration::MAX).await.unwrap();
    has_everything(&composition, "layer").await;
}

/// What is set last applies, whether on the part or on its descriptor.
#[tokio::test]
async fn the_last_setting_applies() {
    let part = with_wasi().with_data(Prefix("q-")).with_inbox_capacity(0);
    let part = ComposableDescriptor::new("layer", part)
        .with_inbox_capacity(7)
        .with_data(Prefix("r-"))
        .with_restart(Restart::never());
    let mut composer = Composer::new();
    composer.add(part);
    let composition = composer.compose().await.unwrap();
    assert_eq!(ask(&composition, "a").await.unwrap(), "r-a1!");
    let layer = composition.component("layer").unwrap();
    assert_eq!(layer.status().inbox_capacity, 7);
    ask(&composition, "fail").await.unwrap_err();
    let error = ask(&composition, "b").await.unwrap_err();
    assert!(matches!(error, CallError::Dead { .. }), "{error}");
}

#[tokio::test]
async fn a_linker_that_cannot_be_filled() {
    let part = WasiComponent::new(guest("text-exclaim"))
        .with_linker(|_| Err(wasmtime::Error::msg("out of functions")));
    let mut composer = Composer::new();
    composer.add(ComposableDescriptor::new("layer", part));
    let error = composer.plan().unwrap_err();
    let composer::CompositionError::Parts(parts) = &error else {
        panic!("{error}");
    };
    assert!(
        matches!(&parts.errors(), [PartError::Host { component, .. }] if component == "layer"),
        "{error}"
    );
    assert!(error.to_string().contains("out of functions"), "{error}");
}

mod boxed {
    composer::compose!({
        path: "wit/text",
        composition: Boxed,
        components: { layer: "test:text/middleware", others: [dyn "test:text/transform"] },
        host: ["test:text/transform"],
        exports: { "test:text/transform": layer },
    });
}

use boxed::{Boxed, BoxedParts};

struct Program;

impl boxed::boxed::test::text::transform::Host for Program {
    fn apply(&self, text: String) -> String {
        format!("{text} from {}", Caller::current().unwrap().component())
    }
}

/// Parts of all kinds are elements of one list.
#[tokio::test]
async fn in_boxes() {
    let others: Vec<(String, Box<dyn Composable>)> = vec![
        ("plain".to_owned(), Box::new(guest("text-exclaim"))),
        ("wasi".to_owned(), Box::new(with_wasi())),
        (
            "sandbox".to_owned(),
            Box::new(sandboxed(Limits::strict()).await),
        ),
    ];
    let layer: Box<dyn Composable> = Box::new(guest("text-upper"));
    let parts = BoxedParts { layer, others };
    let boxed = Boxed::compose(parts, Program).await.unwrap();
    let said = boxed.transform().apply("tea").await.unwrap();
    assert_eq!(said, "TEA FROM LAYER");
    for name in ["plain", "wasi", "sandbox"] {
        let said = boxed
            .others()
            .get(name)
            .unwrap()
            .apply("tea")
            .await
            .unwrap();
        assert_eq!(said, format!("tea from others/{name}!"));
    }
    let components = boxed.composition().components();
    let mut names: Vec<&str> = components.iter().map(|it| it.name()).collect();
    names.sort_unstable();
    assert_eq!(
        names,
        ["layer", "others/plain", "others/sandbox", "others/wasi"]
    );

    let own = || {
        let linker = wasmtime::component::Linker::new(crate::support::engine());
        let store = || wasmtime::Store::new(crate::support::engine(), 7u32);
        composer::ComposableComponent::new(guest("text-exclaim"), linker, store)
    };
    let parts = BoxedParts {
        layer: guest("text-upper"),
        others: vec![("own".to_owned(), own())],
    };
    Boxed::compose(parts, Program).await.unwrap();
    let parts = BoxedParts {
        layer: guest("text-upper"),
        others: vec![("own".to_owned(), Box::new(own()) as Box<dyn Composable>)],
    };
    let error = Boxed::compose(parts, Program).await.err().unwrap();
    let text = error.to_string();
    assert!(
        text.contains("`others/own`") && text.contains("without a box"),
        "{text}"
    );
}
