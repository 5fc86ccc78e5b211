//! Compositions inside of compositions.

use composer::{
    CallError, ComposableDescriptor, ComposableInstance, Composer, Composition, CompositionError,
    ExportFilter, StartError, Value,
};
use wasmtime::component::Linker;
use wasmtime::{Config, Engine, Store};

use crate::support::{call, compose, engine, guest, guest_path, part};

const TRANSFORM: &str = "test:text/transform";

/// `text-upper` and `text-exclaim` in a row; the import of the first is left open.
fn inner() -> Composer {
    let mut composer = Composer::new();
    composer
        .add(ComposableDescriptor::new("upper", part("text-upper")))
        .add(
            ComposableDescriptor::new("exclaim", part("text-exclaim"))
                .with_import_hint("test:text/transform@0.1.0", "upper"),
        )
        .with_open_import("test:text/transform")
        .with_export_hint("test:text/transform@0.1.0", "exclaim");
    composer
}

fn outer(inner: ComposableDescriptor) -> Composer {
    let mut composer = Composer::new();
    composer
        .add(ComposableDescriptor::new("base", part("text-base")))
        .add(inner)
        .with_export_hint("test:text/transform@0.1.0", "inner");
    composer
}

#[tokio::test]
async fn a_composer_is_started_by_the_outer_one() {
    let outer = outer(ComposableDescriptor::new("inner", inner()))
        .compose()
        .await
        .unwrap();
    assert_eq!(
        call(&outer, TRANSFORM, "apply", [" hi ".into()]).await,
        "HI!".into()
    );
}

#[tokio::test]
async fn a_running_composition_is_bound_late() {
    let inner = inner().compose().await.unwrap();
    let apply = inner.get_func(Some(TRANSFORM), "apply").unwrap();
    let outer = outer(ComposableDescriptor::new("inner", inner.clone()))
        .compose()
        .await
        .unwrap();
    assert_eq!(
        call(&outer, TRANSFORM, "apply", [" hi ".into()]).await,
        "HI!".into()
    );
    assert_eq!(
        apply.call_owned([" ho ".into()]).await.unwrap(),
        Some("HO!".into())
    );
}

/// Every provider takes values in the form that the nested composition chose before it
/// knew the provider.
#[tokio::test]
async fn anything_provides_what_is_open() {
    let sequential = {
        let mut config = Config::new();
        config.concurrency_support(false);
        Engine::new(&config).unwrap()
    };
    let elsewhere = composer::load_component(&sequential, guest_path("text-base")).unwrap();
    let instance = {
        let mut store = Store::new(engine(), ());
        let (linker, base) = (Linker::new(engine()), guest("text-base"));
        let instance = linker.instantiate_async(&mut store, &base).await.unwrap();
        ComposableInstance::from_existing(instance, store)
    };
    let mut composer = Composer::new();
    composer.add(ComposableDescriptor::new("base", part("text-base")));
    let bases = [
        ComposableDescriptor::new("base", part("text-base")),
        ComposableDescriptor::new("base", elsewhere),
        ComposableDescriptor::new("base", instance),
        ComposableDescriptor::new("base", compose(&["text-base"]).await),
        ComposableDescriptor::new("base", composer),
        ComposableDescriptor::new("base", part("text-base").exposing(&["test:text/transform"])),
    ];
    for base in bases {
        // The import is open in two compositions, one inside the other.
        let mut middle = Composer::new();
        middle
            .add(ComposableDescriptor::new("inner", inner()))
            .with_open_import("test:text/transform");
        let mut outer = Composer::new();
        outer
            .add(base)
            .add(ComposableDescriptor::new("middle", middle))
            .with_export_hint("test:text/transform@0.1.0", "middle");
        let outer = outer.compose().await.unwrap();
        assert_eq!(
            call(&outer, TRANSFORM, "apply", [" hi ".into()]).await,
            "HI!".into()
        );
    }
}

#[tokio::test]
async fn an_open_import_that_nothing_satisfies_says_so() {
    let inner = inner().compose().await.unwrap();
    let apply = inner.get_func(Some(TRANSFORM), "apply").unwrap();
    let error = apply.call_owned(["hi".into()]).await.unwrap_err();
    assert!(
        matches!(error.root(), CallError::Unbound { import } if import.starts_with(TRANSFORM)),
        "{error}"
    );
}

#[tokio::test]
async fn a_running_composition_is_nested_once() {
    let inner = inner().compose().await.unwrap();
    let _first = outer(ComposableDescriptor::new("inner", inner.clone()))
        .compose()
        .await
        .unwrap();
    let again = outer(ComposableDescriptor::new("inner", inner))
        .compose()
        .await;
    let error = again.err().unwrap();
    assert!(
        matches!(&error, CompositionError::Start(StartError::AlreadyNested { component, .. })
            if component == "inner"),
        "{error}"
    );
}

#[tokio::test]
async fn the_outer_composition_must_satisfy_it() {
    let mut composer = Composer::new();
    composer.add(ComposableDescriptor::new("inner", inner()));
    let error = composer.plan().unwrap_err().to_string();
    assert!(
        error.contains("`inner`") && error.contains("test:text/transform@0.1.0"),
        "{error}"
    );
}

#[tokio::test]
async fn what_is_wrong_inside_is_said_outside() {
    let mut broken = Composer::new();
    broken.add(ComposableDescriptor::new("till", part("till")));
    let mut composer = Composer::new();
    composer.add(ComposableDescriptor::new("shop", broken));
    let error = composer.plan().unwrap_err().to_string();
    for word in [
        "`shop`",
        "`till`",
        "shop:catalog/prices@1.0.0",
        "shop:tax/rates@1.0.0",
    ] {
        assert!(error.contains(word), "{word} is not in: {error}");
    }
}

#[tokio::test]
async fn a_start_time_call_goes_out_through_an_open_import() {
    let mut inner = Composer::new();
    inner
        .add(ComposableDescriptor::new("start", part("hostile-start")))
        .with_open_import("test:text/transform");
    let outer = {
        let mut composer = Composer::new();
        composer
            .add(ComposableDescriptor::new("base", part("text-base")))
            .add(ComposableDescriptor::new("inner", inner));
        composer.compose().await.unwrap()
    };
    let value = call(&outer, "test:hostile/started", "value", []).await;
    assert!(matches!(value, Value::String(text) if !text.is_empty()));
}

/// Counters outside and their users inside, and the other way round.
#[tokio::test]
async fn resources_cross_the_border() {
    let mut users = Composer::new();
    users
        .add(ComposableDescriptor::new("user", part("counters-user")))
        .add(ComposableDescriptor::new("relay", part("counters-relay")))
        .with_open_import("test:resources/counters")
        .with_open_import("test:resources/inspect");
    let mut composer = Composer::new();
    composer
        .add(ComposableDescriptor::new("counters", part("counters")))
        .add(ComposableDescriptor::new("users", users));
    lifecycle(composer.compose().await.unwrap()).await;

    let owner = compose(&["counters-c"]).await;
    let mut composer = Composer::new();
    composer
        .add(ComposableDescriptor::new("owner", owner))
        .add(ComposableDescriptor::new("user", part("counters-user")))
        .add(ComposableDescriptor::new("relay", part("counters-relay")));
    lifecycle(composer.compose().await.unwrap()).await;
}

async fn lifecycle(composition: Composition) {
    let text = call(&composition, "test:resources/user", "run-lifecycle", []).await;
    assert!(
        matches!(&text, Value::String(t) if t.ends_with("live 0 dropped 2")),
        "{text:?}"
    );
    // The embedder's handle is made inside and used outside.
    let counters = "test:resources/counters";
    let counter = call(&composition, "test:resources/relay", "make", [5u32.into()]).await;
    let Value::Own(counter) = counter else {
        panic!("{counter:?}");
    };
    let borrow = counter.borrow();
    let value = call(
        &composition,
        counters,
        "[method]counter.value",
        [borrow.into()],
    )
    .await;
    assert_eq!(value, Value::U32(5));
    let own = call(
        &composition,
        "test:resources/relay",
        "pass-own",
        [counter.into()],
    )
    .await;
    assert!(matches!(&own, Value::Own(_)), "{own:?}");
}

#[tokio::test]
async fn a_filter_holds_for_a_composition_too() {
    let shop = compose(&["catalog", "till", "tax-eu"]).await;
    let mut composer = Composer::new();
    composer.add(ComposableDescriptor::new(
        "shop",
        shop.exposing(&["shop:till/checkout"]),
    ));
    let outer = composer.compose().await.unwrap();
    outer.get_func(Some("shop:till/checkout"), "total").unwrap();
    outer
        .get_func(Some("shop:tax/rates"), "region")
        .unwrap_err();
    outer
        .component("shop")
        .unwrap()
        .get_func(Some("shop:tax/rates"), "region")
        .unwrap_err();
}
