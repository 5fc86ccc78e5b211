//! The pairs of components whose edge is measured: one calls the other.

use std::path::PathBuf;

use composer::{ComposableDescriptor, Composer, Composition, Runtime};

/// The kinds of pairs. All have the same functions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Pair {
    /// A few instructions each, in the text format.
    Wat,
    /// Like `Wat`; the callee also imports a function of WASI that cannot wait, and does
    /// not call it.
    Random,
    /// Like `Random`, with a function of WASI that can wait.
    Poll,
    /// Typical guests: in Rust, with its standard library.
    Rust,
}

/// One component of a pair.
pub(crate) struct Part {
    pub(crate) name: &'static str,
    pub(crate) bytes: Vec<u8>,
    /// Whether it imports anything of WASI.
    pub(crate) wasi: bool,
}

const RANDOM: &str = r#"
  (import "wasi:random/random@0.2.0" (instance $wasi
    (export "get-random-u64" (func (result u64)))))
  (core func $unused (canon lower (func $wasi "get-random-u64")))
  (core module $holder (import "" "unused" (func (result i64))))
  (core instance (instantiate $holder (with "" (instance (export "unused" (func $unused))))))"#;

const POLL: &str = r#"
  (import "wasi:io/poll@0.2.0" (instance $wasi
    (export "pollable" (type $pollable (sub resource)))
    (export "[method]pollable.block" (func (param "self" (borrow $pollable))))))
  (core func $unused (canon lower (func $wasi "[method]pollable.block")))
  (core module $holder (import "" "unused" (func (param i32))))
  (core instance (instantiate $holder (with "" (instance (export "unused" (func $unused))))))"#;

impl Pair {
    pub(crate) const ALL: [Pair; 4] = [Pair::Wat, Pair::Random, Pair::Poll, Pair::Rust];

    pub(crate) fn title(self) -> &'static str {
        match self {
            Pair::Wat => "text",
            Pair::Random => "text, with WASI that cannot wait",
            Pair::Poll => "text, with WASI that can wait",
            Pair::Rust => "Rust, with `std`",
        }
    }

    /// The callee, and the caller.
    pub(crate) fn parts(self) -> [Part; 2] {
        let part = |name, bytes, wasi| Part { name, bytes, wasi };
        let unused = match self {
            Pair::Rust => {
                return [
                    part("echo", guest("wasi-echo"), true),
                    part("pump", guest("wasi-pump"), true),
                ];
            }
            Pair::Wat => None,
            Pair::Random => Some(RANDOM),
            Pair::Poll => Some(POLL),
        };
        let head = "(component";
        let echo = include_str!("wat/echo.wat");
        let echo = echo.replacen(head, &format!("{head}{}", unused.unwrap_or_default()), 1);
        let pump = include_str!("wat/pump.wat");
        [
            part("echo", wat::parse_str(echo).unwrap(), unused.is_some()),
            part("pump", wat::parse_str(pump).unwrap(), false),
        ]
    }

    /// The pair as a `Runtime` loads it, with the runtime's limits.
    pub(crate) async fn load(self, runtime: &Runtime) -> Composition {
        let mut composer = Composer::new();
        for part in self.parts() {
            let component = runtime.load_bytes(part.name, part.bytes).await.unwrap();
            composer.add(ComposableDescriptor::new(part.name, component.part()));
        }
        runtime.compose(composer).await.unwrap()
    }
}

fn guest(name: &str) -> Vec<u8> {
    let tests = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../tests");
    let file = tests.join("guests").join(name).join(name);
    std::fs::read(file.with_extension("wasm")).unwrap()
}
