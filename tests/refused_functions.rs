//! Functions with a type that cannot go from one store to another: the rest of their
//! interface works, and a call of one of them fails by name.

use std::sync::LazyLock;

use composer::plan::{ConfinedType, PlanErrors, Untransferable};
use composer::{
    CallError, ComponentState, ComposableDescriptor, Composer, Composition, CompositionError,
    DeathCause, Engines, LookupError, PlanError, ReplaceError, Value,
};
use metrics::set_default_local_recorder;
use wasmtime::component::Component;
use wasmtime::{Config, Engine};

use crate::support::counters::{AMPLE, within};
use crate::support::figures::Figures;

const LOG: &str = "test:log/log@1.0.0";

fn engine() -> &'static Engine {
    static ENGINE: LazyLock<Engine> = LazyLock::new(|| {
        let mut config = Config::new();
        config
            .wasm_component_model_async(true)
            .wasm_component_model_error_context(true);
        let engines = Engines::with_config(&config).unwrap();
        let mut engines = engines.all().cloned();
        engines.find(Engine::get_concurrency_support).unwrap()
    });
    &ENGINE
}

fn component(text: &str) -> Component {
    composer::component_from_bytes(engine(), "a text", text.as_bytes()).unwrap()
}

/// Counts, and takes reports of two kinds that nobody can give it from another store.
const PROVIDER: &str = r#"(component
    (core module $m
        (func (export "count") (param i32) (result i32)
            (i32.add (local.get 0) (i32.const 1)))
        (func (export "report") (param i32 i32))
        (func (export "report-later") (param i32)))
    (core instance $i (instantiate $m))
    (func $count (param "n" u32) (result u32)
        (canon lift (core func $i "count")))
    (func $report (param "why" error-context) (param "n" u32)
        (canon lift (core func $i "report")))
    (func $report-later async (param "why" error-context)
        (canon lift (core func $i "report-later")))
    (instance (export "test:log/log@1.0.0")
        (export "count" (func $count))
        (export "report" (func $report))
        (export "report-later" (func $report-later))))"#;

/// Calls each function of the provider in one of its own, `count` of them twice.
const USER: &str = r#"(component
    (import "test:log/log@1.0.0" (instance $log
        (export "count" (func (param "n" u32) (result u32)))
        (export "report" (func (param "why" error-context) (param "n" u32)))
        (export "report-later" (func async (param "why" error-context)))))
    (core module $memory (memory (export "memory") 1))
    (core instance $memory (instantiate $memory))
    (core func $new (canon error-context.new
        (memory (core memory $memory "memory")) string-encoding=utf8))
    (core func $count (canon lower (func $log "count")))
    (core func $report (canon lower (func $log "report")))
    (core func $report-later (canon lower (func $log "report-later")))
    (core module $m
        (import "" "new" (func $new (param i32 i32) (result i32)))
        (import "" "count" (func $count (param i32) (result i32)))
        (import "" "report" (func $report (param i32 i32)))
        (import "" "report-later" (func $report-later (param i32)))
        (func $why (result i32) (call $new (i32.const 0) (i32.const 4)))
        (func (export "count") (param i32) (result i32)
            (call $count (call $count (local.get 0))))
        (func (export "report") (call $report (call $why) (i32.const 7)))
        (func (export "report-later") (call $report-later (call $why))))
    (core instance $i (instantiate $m (with "" (instance
        (export "new" (func $new))
        (export "count" (func $count))
        (export "report" (func $report))
        (export "report-later" (func $report-later))))))
    (func (export "count") (param "n" u32) (result u32)
        (canon lift (core func $i "count")))
    (func (export "report") (canon lift (core func $i "report")))
    (func (export "report-later") async (canon lift (core func $i "report-later"))))"#;

/// Imports only what can be called.
const COUNTER: &str = r#"(component
    (import "test:log/log@1.0.0" (instance $log
        (export "count" (func (param "n" u32) (result u32)))))
    (core func $count (canon lower (func $log "count")))
    (core module $m
        (import "" "count" (func $count (param i32) (result i32)))
        (func (export "count") (param i32) (result i32) (call $count (local.get 0))))
    (core instance $i (instantiate $m (with "" (instance (export "count" (func $count))))))
    (func (export "count") (param "n" u32) (result u32)
        (canon lift (core func $i "count"))))"#;

fn user(text: &str) -> ComposableDescriptor {
    ComposableDescriptor::new("user", component(text))
}

fn composer(user_text: &str) -> Composer {
    let mut composer = Composer::new();
    composer
        .add(ComposableDescriptor::new("log", component(PROVIDER)))
        .add(user(user_text));
    composer
}

async fn count(composition: &Composition, n: u32) -> Value {
    let count = composition.get_func(None, "count").unwrap();
    within(count.call_owned([n.into()])).await.unwrap().unwrap()
}

/// Makes a call that must end the user because a function of `log` is refused, and returns
/// the error of the refused call.
async fn refusal(composition: &Composition, function: &str) -> CallError {
    let func = composition.get_func(None, function).unwrap();
    let error = within(func.call_owned([])).await.unwrap_err();
    let CallError::Failed { site, death } = &error else {
        panic!("{error}");
    };
    assert_eq!(site.function, function);
    assert!(matches!(death.cause, DeathCause::Import(_)), "{death}");
    assert_eq!(death.component, "user");
    error.root().clone()
}

#[tokio::test]
async fn a_pair_works_although_a_function_is_refused() {
    let composer = composer(USER);
    assert_eq!(
        composer.plan().unwrap().to_string(),
        "components, in start order
  log
  user
    test:log/log@1.0.0 ← log
      refused: report, parameter \"why\" has the type error-context
      refused: report-later, parameter \"why\" has the type error-context
exports
  func count ← user
  func report ← user
  func report-later ← user
  interface test:log/log@1.0.0 ← log
"
    );
    let composition = composer.compose().await.unwrap();
    assert_eq!(count(&composition, 40).await, Value::U32(42));
}

#[tokio::test]
async fn a_call_of_a_refused_function_ends_its_caller_alone() {
    for function in ["report", "report-later"] {
        let composition = composer(USER).compose().await.unwrap();
        let error = refusal(&composition, function).await;
        assert_eq!(
            error.to_string(),
            format!(
                "call of `test:log/log@1.0.0#{function}` of component `log` refused: parameter \
                 \"why\" has the type `error-context`, which cannot cross from one store to \
                 another; pass a string or a resource instead, or make one component of the two \
                 with `FusedComponents`"
            )
        );
        assert!(
            matches!(
                &error,
                CallError::Refused { site, path, ty: ConfinedType::ErrorContext }
                    if site.component == "log" && path == "parameter \"why\""
            ),
            "{error:?}"
        );
        let state = |name: &str| composition.component(name).unwrap().status().state;
        assert!(matches!(state("user"), ComponentState::Dead(_)));
        assert!(matches!(state("log"), ComponentState::Running));
        let log = composition.get_func(Some(LOG), "count").unwrap();
        let counted = within(log.call_owned([1u32.into()])).await.unwrap();
        assert_eq!(counted, Some(Value::U32(2)));
    }
}

/// The call is reported like any other that was refused.
#[tokio::test]
async fn a_refused_call_is_counted() {
    let figures = Figures::default();
    let _recording = set_default_local_recorder(&figures);
    let composition = composer(USER).compose().await.unwrap();
    refusal(&composition, "report").await;
    let labels = format!("component=log,interface={LOG},function=report");
    for figure in [
        format!("composer_calls_total{{{labels},outcome=refused}}"),
        format!("composer_call_errors_total{{{labels},kind=refused}}"),
    ] {
        assert_eq!(figures.get(&figure), 1.0, "{figure}");
    }
}

#[tokio::test]
async fn an_open_import_is_refused_as_well() {
    let inner = || {
        let mut inner = Composer::new();
        inner.add(user(USER)).with_open_import(LOG);
        inner
    };
    assert!(
        inner()
            .plan()
            .unwrap()
            .to_string()
            .contains("refused: report, ")
    );
    let mut outer = Composer::new();
    outer
        .add(ComposableDescriptor::new("log", component(PROVIDER)))
        .add(ComposableDescriptor::new("inner", inner()));
    let outer = outer.compose().await.unwrap();
    assert_eq!(count(&outer, 40).await, Value::U32(42));
    let error = refusal(&outer, "report").await;
    assert!(
        matches!(&error, CallError::Refused { site, .. } if site.component == "log"),
        "{error}"
    );

    let alone = inner().compose().await.unwrap();
    let error = refusal(&alone, "report").await;
    assert!(matches!(error, CallError::Unbound { .. }), "{error}");
}

/// The errors of a plan in which every function is required.
#[track_caller]
fn assert_untransferable(errors: &PlanErrors) {
    let functions = errors.errors().iter().map(|error| match error {
        PlanError::Untransferable {
            component,
            provider: Some(provider),
            function: Some(function),
            what: Untransferable::Type(ConfinedType::ErrorContext),
            ..
        } if component == "user" && provider == "log" => function.as_str(),
        other => panic!("{other}"),
    });
    assert!(functions.eq(["report", "report-later"]));
}

#[tokio::test]
async fn an_option_makes_it_an_error_of_the_plan() {
    let mut strict = composer(USER);
    strict.require_all_functions();
    let error = strict.compose().await.err().unwrap();
    let CompositionError::Plan(errors) = &error else {
        panic!("{error}");
    };
    assert_untransferable(errors);
}

#[tokio::test]
async fn the_option_holds_for_replacements() {
    let mut strict = composer(COUNTER);
    strict.require_all_functions();
    let strict = strict.compose().await.unwrap();
    let replaced = strict.component("user").unwrap();
    let error = within(replaced.replace(user(USER), AMPLE))
        .await
        .unwrap_err();
    let ReplaceError::Plan { errors, .. } = &error else {
        panic!("{error}");
    };
    assert_untransferable(errors);
    assert_eq!(count(&strict, 40).await, Value::U32(41));

    let lenient = composer(COUNTER).compose().await.unwrap();
    let replaced = lenient.component("user").unwrap();
    within(replaced.replace(user(USER), AMPLE)).await.unwrap();
    assert_eq!(count(&lenient, 40).await, Value::U32(42));
    assert_eq!(lenient.plan().components[1].links[0].refused.len(), 2);
    let component = lenient.component("user").unwrap();
    let report = component.get_func(None, "report").unwrap();
    let error = within(report.call_owned([])).await.unwrap_err();
    assert!(matches!(error.root(), CallError::Refused { .. }), "{error}");
}

/// For the embedder too, whatever else the function takes.
#[tokio::test]
async fn the_embedder_cannot_call_such_a_function() {
    let composition = composer(USER).compose().await.unwrap();
    let error = composition.get_func(Some(LOG), "report").unwrap_err();
    assert!(matches!(error, LookupError::Untransferable { .. }));
    assert_eq!(
        error.to_string(),
        "`test:log/log@1.0.0#report` of component `log` cannot be called from outside: \
         `error-context` cannot leave its store"
    );
}

/// Items of other types than Rust's own cross in bulk, or not at all.
#[test]
fn streams_of_other_items_need_bulk() {
    let stream = "(type $list (list u8)) (type $stream (stream $list))";
    let provider = format!(
        r#"(component {stream}
            (core module $m (func (export "read") (result i32) unreachable))
            (core instance $i (instantiate $m))
            (func (export "read") (result $stream) (canon lift (core func $i "read"))))"#
    );
    let user = format!(r#"(component {stream} (import "read" (func (result $stream))))"#);
    let mut composer = Composer::new();
    composer
        .add(ComposableDescriptor::new("provider", component(&provider)))
        .add(ComposableDescriptor::new("user", component(&user)));
    let text = composer.plan().unwrap().to_string();
    let refused = "refused: read, result has the type stream<list<u8>>";
    assert_eq!(
        text.contains(refused),
        !cfg!(feature = "fast-transfer"),
        "{text}"
    );
}
