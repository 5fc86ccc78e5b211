//! Imports that the embedder's own linker satisfies, exactly or by a compatible version.

use composer::plan::Source;
use composer::{ComposableComponent, ComposableDescriptor, Composer, Plan};
use wasmtime::Store;
use wasmtime::component::{Component, Linker, Resource, ResourceType};

use crate::support::wasi::Wasi;
use crate::support::{call, engine, part, part_with};

const TRANSFORM: &str = "test:text/transform@0.1.0";

/// `text-upper` with a host function `apply` under this name, beside `text-base`.
fn composer(host: &'static str, hint: Option<&str>) -> Composer {
    let upper = part_with("text-upper", |linker| {
        let mut instance = linker.instance(host).unwrap();
        instance
            .func_wrap("apply", |_, (text,): (String,)| {
                Ok((format!("host {text}"),))
            })
            .unwrap();
    });
    let mut upper = ComposableDescriptor::new("upper", upper);
    if let Some(hint) = hint {
        upper = upper.with_import_hint(TRANSFORM, hint);
    }
    let mut composer = Composer::new();
    composer
        .add(upper)
        .add(ComposableDescriptor::new("base", part("text-base")))
        .with_export_hint(TRANSFORM, "upper");
    composer
}

fn source(plan: &Plan) -> &Source {
    &plan.component("upper").unwrap().links[0].source
}

#[tokio::test]
async fn the_linker_comes_before_components() {
    for host in ["test:text/transform@0.1.0", "test:text/transform@0.1.7"] {
        let composer = composer(host, None);
        assert_eq!(source(&composer.plan().unwrap()), &Source::Host, "{host}");
        let composition = composer.compose().await.unwrap();
        assert_eq!(
            call(&composition, TRANSFORM, "apply", ["hi".into()]).await,
            "HOST HI".into()
        );
    }
}

#[tokio::test]
async fn a_hint_comes_before_the_linker() {
    for host in ["test:text/transform@0.1.0", "test:text/transform@0.1.7"] {
        let composition = composer(host, Some("base")).compose().await.unwrap();
        assert_eq!(
            call(&composition, TRANSFORM, "apply", ["hi".into()]).await,
            "HI".into()
        );
    }
}

#[tokio::test]
async fn a_linker_with_another_version_does_not_count() {
    for host in [
        "test:text/transform@0.2.0",
        "test:text/transform",
        "test:text/other@0.1.0",
    ] {
        let composition = composer(host, None).compose().await.unwrap();
        assert_eq!(
            call(&composition, TRANSFORM, "apply", ["hi".into()]).await,
            "HI".into()
        );
    }
}

#[test]
fn wasi_from_the_linker_meets_an_older_import() {
    let component = Component::new(
        engine(),
        r#"(component
            (import "wasi:clocks/monotonic-clock@0.2.0"
                (instance (export "now" (func (result u64))))))"#,
    )
    .unwrap();
    let mut linker: Linker<Wasi> = Linker::new(engine());
    wasmtime_wasi::p2::add_to_linker_async(&mut linker).unwrap();
    let part =
        ComposableComponent::new(component, linker, || Store::new(engine(), Wasi::default()));
    let mut composer = Composer::new();
    composer.add(ComposableDescriptor::new("upper", part));
    assert_eq!(source(&composer.plan().unwrap()), &Source::Host);
}

#[tokio::test]
async fn a_linker_that_lacks_a_function_is_named() {
    let upper = || {
        let upper = part_with("text-upper", |linker| {
            let mut transform = linker.instance(TRANSFORM).unwrap();
            transform.func_wrap("other", |_, ()| Ok(())).unwrap();
        });
        ComposableDescriptor::new("upper", upper)
    };
    let base = || ComposableDescriptor::new("base", part("text-base"));
    let mut composer = Composer::new();
    composer.add(upper()).add(base());
    let errors = composer.plan().unwrap_err();
    assert_eq!(
        errors.to_string(),
        "the linker of component `upper` has `test:text/transform@0.1.0` without `apply`, which \
         the component needs\n  \
         fix: define the rest there, or take all of it from a component with a hint such as \
         `.with_import_hint(\"test:text/transform@0.1.0\", \"base\")`"
    );

    let mut composer = Composer::new();
    composer
        .add(upper().with_import_hint(TRANSFORM, "base"))
        .add(base())
        .with_export_hint(TRANSFORM, "upper");
    let composition = composer.compose().await.unwrap();
    let answer = call(&composition, TRANSFORM, "apply", ["hi".into()]).await;
    assert_eq!(answer, "HI".into());
}

/// WASI's `types` of HTTP has `type headers = fields`, for which a linker has nothing.
#[tokio::test]
async fn a_resource_with_two_names_needs_one_definition() {
    let component = Component::new(
        engine(),
        r#"(component
            (import "test:names/types" (instance $types
                (export "fields" (type $fields (sub resource)))
                (export "headers" (type $headers (eq $fields)))
                (export "make" (func (result (own $headers))))))
            (core func $make (canon lower (func $types "make")))
            (alias export $types "headers" (type $headers))
            (core func $drop (canon resource.drop $headers))
            (core module $code
                (import "" "make" (func $make (result i32)))
                (import "" "drop" (func $drop (param i32)))
                (func (export "run") (call $drop (call $make))))
            (core instance $code (instantiate $code (with "" (instance
                (export "make" (func $make))
                (export "drop" (func $drop))))))
            (func (export "run") (canon lift (core func $code "run"))))"#,
    )
    .unwrap();
    struct Fields;
    let part = |name: Option<&str>| {
        let mut linker: Linker<()> = Linker::new(engine());
        let mut types = linker.instance("test:names/types").unwrap();
        if let Some(name) = name {
            let fields = ResourceType::host::<Fields>();
            types.resource(name, fields, |_, _| Ok(())).unwrap();
        }
        types
            .func_wrap("make", |_, ()| Ok((Resource::<Fields>::new_own(1),)))
            .unwrap();
        let part = ComposableComponent::new(component.clone(), linker, || Store::new(engine(), ()));
        let mut composer = Composer::new();
        composer.add(ComposableDescriptor::new("names", part));
        composer
    };
    let composition = part(Some("fields")).compose().await.unwrap();
    let run = composition.get_func(None, "run").unwrap();
    run.call_owned([]).await.unwrap();
    let errors = part(None).plan().unwrap_err().to_string();
    assert!(errors.contains("without `fields`,"), "{errors}");
    // The first name is the one that counts.
    part(Some("headers")).plan().unwrap_err();
}
