//! Files that are not components, and names that are not exports: each gives a typed
//! error that names the problem.

use std::path::{Path, PathBuf};

use composer::{ComposableComponent, LoadError, LookupError, component_from_bytes, load_component};
use wasmtime::component::Linker;
use wasmtime::{Engine, Store};

use crate::support::{compose, engine, guest_path};

/// Writes `bytes` to a file and loads it, in both available ways. The error names the
/// file.
fn load_bytes(name: &str, bytes: &[u8]) -> LoadError {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(name);
    std::fs::write(&path, bytes).unwrap();
    load_path(&path)
}

fn load_path(path: &Path) -> LoadError {
    let error = load_component(engine(), path).err().unwrap();
    let part = ComposableComponent::from_file(path, Linker::<()>::new(engine()), || {
        Store::new(engine(), ())
    });
    let as_part = part.err().unwrap();
    assert_eq!(as_part.to_string(), error.to_string());
    assert!(
        error.to_string().contains(&path.display().to_string()),
        "{error}"
    );
    error
}

fn guest_bytes() -> Vec<u8> {
    std::fs::read(guest_path("text-base")).unwrap()
}

#[test]
fn a_file_that_is_not_there() {
    let path = PathBuf::from("/nowhere/to/be/found.wasm");
    match load_path(&path) {
        LoadError::Read {
            path: named,
            error: source,
        } => {
            assert_eq!(named, path);
            assert_eq!(source.kind(), std::io::ErrorKind::NotFound);
        }
        other => panic!("{other}"),
    }
}

#[test]
fn a_folder() {
    let folder = tempfile::tempdir().unwrap();
    let error = load_path(folder.path());
    assert!(matches!(error, LoadError::Read { .. }), "{error}");
}

#[test]
fn an_empty_file() {
    let error = load_bytes("empty.wasm", b"");
    assert!(matches!(error, LoadError::Invalid { .. }), "{error}");
    assert!(
        error
            .to_string()
            .ends_with("is not a valid component: it is empty"),
        "{error}"
    );
}

#[test]
fn a_file_that_is_something_else() {
    for (name, bytes) in [
        (
            "letter.wasm",
            &b"Dear Sir or Madam,\nplease find enclosed\n"[..],
        ),
        ("zeros.wasm", &[0; 100]),
        ("noise.wasm", &[0xde, 0xad, 0xbe, 0xef, 0xff]),
        ("magic.wasm", b"\0asm"),
        ("program.wasm", b"\x7fELF\x02\x01\x01\0\0\0\0\0\0\0\0\0"),
    ] {
        let error = load_bytes(name, bytes);
        assert!(
            matches!(error, LoadError::Invalid { .. }),
            "{name}: {error}"
        );
    }
}

#[test]
fn a_component_cut_off() {
    let bytes = guest_bytes();
    for length in [9, 100, bytes.len() / 2, bytes.len() - 1] {
        let error = load_bytes("cut.wasm", &bytes[..length]);
        assert!(
            matches!(error, LoadError::Invalid { .. }),
            "{length}: {error}"
        );
    }
}

#[test]
fn a_component_damaged() {
    let mut bytes = guest_bytes();
    // This section claims to be longer than the file.
    bytes[9..14].copy_from_slice(&[0xff, 0xff, 0xff, 0xff, 0x0f]);
    let error = load_bytes("damaged.wasm", &bytes);
    assert!(matches!(error, LoadError::Invalid { .. }), "{error}");
}

#[test]
fn a_core_module() {
    for bytes in [
        &b"\0asm\x01\0\0\0"[..],
        b"\0asm\x01\0\0\0\x01\x04\x01\x60\0\0",
    ] {
        let error = load_bytes("module.wasm", bytes);
        assert!(matches!(error, LoadError::CoreModule { .. }), "{error}");
        assert!(error.to_string().contains("not a component"), "{error}");
    }
}

/// As a component, the package would have no exports.
#[test]
fn a_package_of_wit() {
    let mut resolve = wit_parser::Resolve::default();
    for text in [
        "package test:empty; interface nothing {}",
        "package test:some; interface api { resource r; f: func(r: r); } world w { export api; }",
    ] {
        let package = resolve.push_str("test.wit", text).unwrap();
        let bytes = wit_component::encode(&resolve, package).unwrap();
        let error = load_bytes("package.wasm", &bytes);
        assert!(matches!(error, LoadError::WitPackage { .. }), "{error}");
    }
    // A component that exports only types has nothing to run either, but is a component.
    let types = r#"(component (type $t (record (field "a" u8))) (export "t" (type $t)))"#;
    let types = wat::parse_str(types).unwrap();
    component_from_bytes(engine(), "types", &types).unwrap();
}

/// wasmtime would run it where that is enabled, and read strings from the wrong place.
#[test]
fn a_component_that_passes_values_by_a_memory_of_64_bits() {
    let component = |memory: &str, options: &str| {
        let text = format!(
            r#"(component
                (core module $m
                    (memory (export "memory") {memory})
                    (memory $own i64 1)
                    (func (export "f") (result i32) (i32.const 0)))
                (core instance $i (instantiate $m))
                (func (export "f") (result {options})))"#
        );
        wat::parse_str(text).unwrap()
    };
    let lift = |ty: &str, rest: &str| format!(r#"{ty}) (canon lift (core func $i "f"){rest}"#);
    let by_memory = lift("string", r#" (memory (core memory $i "memory"))"#);
    let error = load_bytes("wide.wasm", &component("i64 1", &by_memory));
    assert!(matches!(error, LoadError::Memory64 { .. }), "{error}");
    assert!(error.to_string().contains("wasm32"), "{error}");

    // A memory that only the module itself uses may have 64 bits.
    component_from_bytes(engine(), "own", &component("1", &by_memory)).unwrap();
    let plain = component("i64 1", &lift("u32", ""));
    component_from_bytes(engine(), "plain", &plain).unwrap();
}

#[test]
fn a_component_compiled_ahead_of_time() {
    let component = engine().precompile_component(&guest_bytes()).unwrap();
    let module = engine().precompile_module(b"\0asm\x01\0\0\0").unwrap();
    for bytes in [component, module] {
        let error = load_bytes("text-base.cwasm", &bytes);
        assert!(matches!(error, LoadError::Precompiled { .. }), "{error}");
    }
}

#[test]
fn a_component_in_another_version() {
    for version in [0x0c, 0x0e, 0x01, 0x1000] {
        let mut bytes = guest_bytes();
        bytes[4..6].copy_from_slice(&u16::to_le_bytes(version));
        match load_bytes("future.wasm", &bytes) {
            LoadError::Version {
                found, expected, ..
            } => {
                assert_eq!((found, expected), (version, 0x0d));
            }
            other => panic!("{version:#x}: {other}"),
        }
    }
}

#[test]
fn bytes_go_by_the_name_they_are_given() {
    let error = component_from_bytes(engine(), "upload 7", b"\0asm\x01\0\0\0")
        .err()
        .unwrap();
    assert!(error.to_string().starts_with("upload 7 is"), "{error}");
    component_from_bytes(engine(), "upload 8", &guest_bytes()).unwrap();
}

/// The file is valid, but the engine does not allow the features it uses.
#[test]
fn a_component_the_engine_does_not_allow() {
    let mut config = wasmtime::Config::new();
    config
        .wasm_component_model_async(false)
        .concurrency_support(false);
    let engine = Engine::new(&config).unwrap();
    let error = load_component(&engine, guest_path("steps")).err().unwrap();
    assert!(matches!(error, LoadError::Invalid { .. }), "{error}");
    assert!(error.to_string().contains("steps.wasm"), "{error}");
}

#[tokio::test]
async fn exports_that_are_not_there() {
    let composition = compose(&["text-base"]).await;
    let transform = "test:text/transform@0.1.0";
    let component = composition.component("text-base").unwrap();
    for error in [
        composition.get_func(Some(transform), "aply").unwrap_err(),
        component.get_func(Some(transform), "aply").unwrap_err(),
    ] {
        let LookupError::Function {
            component, similar, ..
        } = &error
        else {
            panic!("{error}");
        };
        assert_eq!(
            (&**component, &similar[..]),
            ("text-base", &["apply".to_owned()][..])
        );
        assert!(error.to_string().contains("`aply`"), "{error}");
    }
    for error in [
        composition
            .get_func(Some("test:text/transfrom"), "apply")
            .unwrap_err(),
        component
            .get_func(Some("test:text/transfrom"), "apply")
            .unwrap_err(),
    ] {
        assert!(matches!(error, LookupError::Export(_)), "{error}");
        assert!(
            error.to_string().contains("`test:text/transfrom`"),
            "{error}"
        );
    }
    let error = composition.component("text-bass").err().unwrap();
    assert!(matches!(&error, LookupError::Component { .. }), "{error}");
    assert!(error.to_string().contains("`text-bass`"), "{error}");
}
