//! Components that provide parts of WASI for another one, beside what the host provides.
//! The user imports version 0.2.6 of it, and the providers export 0.2.12.

use composer::plan::PlanError;
use composer::wasi::{WasiComponent, WasiCtx};
use composer::{CallError, ComposableDescriptor, Composer, Composition, CompositionError, Value};

use crate::support::sandbox::loaded;
use crate::support::{call, guest};

const USES: &str = "test:virtualization/uses@0.1.0";

/// All that hangs together by streams.
const FILES: [&str; 7] = [
    "wasi:io/error",
    "wasi:io/streams",
    "wasi:filesystem/types",
    "wasi:filesystem/preopens",
    "wasi:cli/stdin",
    "wasi:cli/stdout",
    "wasi:cli/stderr",
];
const CLOCKS: [&str; 3] = [
    "wasi:clocks/wall-clock",
    "wasi:clocks/monotonic-clock",
    "wasi:cli/environment",
];

/// The user, with hints for these imports, and the component that provides them.
async fn composer(provider: &str, imports: &[&str], is_plain: bool) -> Composer {
    let hinted = |mut part: ComposableDescriptor| {
        for import in imports {
            part = part.with_import_hint(*import, "provider");
        }
        part
    };
    let mut composer = Composer::new();
    if is_plain {
        let ctx = || Ok(WasiCtx::builder().env("REGION", "host").build());
        let user = WasiComponent::new(guest("virtual-user")).with_new_ctx(ctx);
        composer.add(hinted(ComposableDescriptor::new("user", user)));
        let provider = WasiComponent::new(guest(provider));
        composer.add(ComposableDescriptor::new("provider", provider));
    } else {
        let user = loaded("virtual-user").await.part();
        composer.add(hinted(ComposableDescriptor::new("user", user)));
        let provider = loaded(provider).await.part();
        composer.add(ComposableDescriptor::new("provider", provider));
    }
    composer
}

async fn ask<const N: usize>(composition: &Composition, name: &str, args: [Value; N]) -> Value {
    call(composition, USES, name, args).await
}

fn ok(value: impl Into<Value>) -> Value {
    Value::Result(Ok(Some(Box::new(value.into()))))
}

#[tokio::test]
async fn files() {
    for is_plain in [true, false] {
        let composer = composer("virtual-files", &FILES, is_plain).await;
        let composition = composer.compose().await.unwrap();
        let read = async |path: &str| ask(&composition, "read", [path.into()]).await;
        assert_eq!(read("/greeting.txt").await, ok("hello from memory"));
        assert_eq!(read("/notes/one.txt").await, ok("the first note"));
        let missing = read("/missing.txt").await;
        assert!(matches!(missing, Value::Result(Err(_))), "{missing}");

        let names = ask(&composition, "names", ["/".into()]).await.to_string();
        for name in ["greeting.txt", "printed.txt", "notes"] {
            assert!(names.contains(name), "{names}");
        }
        let args = ["/new.txt".into(), "text".into()];
        let written = ask(&composition, "write", args).await;
        assert!(matches!(written, Value::Result(Err(_))), "{written}");
        for line in ["one", "two"] {
            let printed = ask(&composition, "print", [line.into()]).await;
            assert_eq!(printed, Value::Result(Ok(None)));
        }
        assert_eq!(read("/printed.txt").await, ok("one\ntwo\n"));

        // The clock is the host's.
        let Value::U64(time) = ask(&composition, "time", []).await else {
            panic!("no time");
        };
        assert!(time > 1_700_000_000, "{time}");
    }
}

#[tokio::test]
async fn clocks_and_variables() {
    for is_plain in [true, false] {
        let composer = composer("virtual-clocks", &CLOCKS, is_plain).await;
        let composition = composer.compose().await.unwrap();
        for _ in 0..3 {
            assert_eq!(ask(&composition, "time", []).await, Value::U64(86_400));
        }
        let region = ask(&composition, "variable", ["REGION".into()]).await;
        assert_eq!(region, Value::Option(Some(Box::new("virtual".into()))));
        // The files are the host's: none is granted.
        let read = ask(&composition, "read", ["/greeting.txt".into()]).await;
        assert!(matches!(read, Value::Result(Err(_))), "{read}");
    }
}

/// One interface after the other, as hints say.
#[tokio::test]
async fn interface_by_interface() {
    let with = async |imports: &[&str]| {
        let composer = composer("virtual-clocks", imports, true).await;
        composer.compose().await.unwrap()
    };
    let composition = with(&CLOCKS[..1]).await;
    assert_eq!(ask(&composition, "time", []).await, Value::U64(86_400));
    let region = ask(&composition, "variable", ["REGION".into()]).await;
    assert_eq!(region, Value::Option(Some(Box::new("host".into()))));
    let composition = with(&CLOCKS[2..]).await;
    assert_ne!(ask(&composition, "time", []).await, Value::U64(86_400));
    let region = ask(&composition, "variable", ["REGION".into()]).await;
    assert_eq!(region, Value::Option(Some(Box::new("virtual".into()))));
}

/// The error names everything that hangs together, and the hints that mend it do.
#[tokio::test]
async fn standard_error_alone() {
    for is_plain in [true, false] {
        let composer = composer("virtual-files", &["wasi:cli/stderr"], is_plain).await;
        let Err(CompositionError::Plan(errors)) = composer.plan() else {
            panic!("it should not fit");
        };
        let [PlanError::SplitResource { users, .. }] = errors.errors() else {
            panic!("{errors}");
        };
        let mut named: Vec<&str> = users.iter().map(|user| user.import.base()).collect();
        let mut all = FILES;
        named.sort_unstable();
        all.sort_unstable();
        assert_eq!(named, all);
        assert!(users.iter().all(|user| user.offered));
        let text = errors.to_string();
        for import in FILES.iter().filter(|import| **import != "wasi:cli/stderr") {
            let hint = format!(".with_import_hint(\"{import}@0.2.6\", \"provider\")");
            assert!(text.contains(&hint), "{text}");
        }
    }
}

/// JavaScript in QuickJS, which wants other clocks than Rust does.
#[tokio::test]
async fn a_clock_for_javascript() {
    let part = async |name: &str, is_plain: bool| match is_plain {
        true => ComposableDescriptor::new(name, WasiComponent::new(guest(name))),
        false => ComposableDescriptor::new(name, loaded(name).await.part()),
    };
    for is_plain in [true, false] {
        let with = async |import: &str| {
            let mut composer = Composer::new();
            let script = part("clock-script", is_plain).await;
            composer.add(script.with_import_hint(import, "virtual-clocks"));
            composer.add(part("virtual-clocks", is_plain).await);
            composer.compose().await
        };
        let composition = with("wasi:clocks/wall-clock").await.unwrap();
        let time = composition.get_func(None, "time").unwrap();
        for _ in 0..3 {
            let time = time.call_owned(vec![]).await.unwrap();
            assert_eq!(time, Some(Value::U64(86_400)));
        }
        // Whatever the clock says, the engine itself ends on a number of another type.
        let wrong = composition.get_func(None, "wrong-time").unwrap();
        let error = wrong.call_owned(vec![]).await.unwrap_err();
        assert!(matches!(error, CallError::Failed { .. }), "{error}");
        drop(composition);

        // The clock that it has to wait with is not among those that stand still.
        let Err(error) = with("wasi:clocks/monotonic-clock").await else {
            panic!("it should not fit");
        };
        let text = error.to_string();
        assert!(text.contains("`subscribe-duration`"), "{text}");
    }
}
