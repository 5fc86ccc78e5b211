//! The cases that are measured: components, the wiring of their imports, and the call
//! that starts the work.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};

use composer::Engines;
use wasmtime::component::types::ComponentItem;
use wasmtime::component::{Component, Linker, Val};
use wasmtime::{Config, Engine, Inlining};

/// Components in the order in which they are made. Each import is satisfied by the last
/// earlier component that exports it; the last component is called.
#[derive(Clone)]
pub(crate) struct Case {
    pub(crate) parts: Vec<Part>,
    pub(crate) call: Call,
    /// What the embedder provides to the parts that import it.
    pub(crate) host: Option<Host>,
}

#[derive(Clone)]
pub(crate) struct Part {
    pub(crate) name: String,
    pub(crate) bytes: Arc<[u8]>,
    /// Equal for parts with equal bytes.
    source: String,
}

#[derive(Clone, Copy)]
pub(crate) struct Call {
    pub(crate) interface: Option<&'static str>,
    pub(crate) name: &'static str,
    /// The arguments, from the size and the number of calls that the caller is to make.
    pub(crate) args: fn(size: u32, times: u32) -> Vec<u32>,
    pub(crate) size: u32,
    /// Whether the component itself repeats the call. Otherwise it is called that many
    /// times.
    pub(crate) repeats: bool,
    /// The expected answer, if it is a number.
    pub(crate) answer: fn(size: u32, times: u32) -> Option<u32>,
}

#[derive(Clone, Copy)]
pub(crate) struct Host {
    pub(crate) interface: &'static str,
    pub(crate) define: fn(&mut Linker<()>),
}

impl Part {
    /// A component in the text format, from `compare/wat` or elsewhere in the
    /// repository, or one of the guests.
    pub(crate) fn new(name: impl Into<String>, source: &str) -> Part {
        let tests = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../tests");
        let file = match source {
            "pump.wat" => tests.join("wat/pump.wat"),
            wat if wat.ends_with(".wat") => PathBuf::from(env!("CARGO_MANIFEST_DIR"))
                .join("benches/compare/wat")
                .join(wat),
            guest => tests
                .join("guests")
                .join(guest)
                .join(guest)
                .with_extension("wasm"),
        };
        let bytes = std::fs::read(file).unwrap();
        Part {
            name: name.into(),
            bytes: wat::parse_bytes(&bytes).unwrap().as_ref().into(),
            source: source.to_owned(),
        }
    }
}

impl Case {
    /// Two parts, the second of which takes `(size, times)` as parameters.
    pub(crate) fn pair(callee: &str, caller: &str, name: &'static str, size: u32) -> Case {
        Case {
            parts: vec![Part::new("callee", callee), Part::new("caller", caller)],
            call: Call {
                interface: None,
                name,
                args: |size, times| vec![size, times],
                size,
                repeats: true,
                answer: |size, _| Some(size),
            },
            host: None,
        }
    }

    /// A chain of this many components.
    pub(crate) fn chain(length: usize) -> Case {
        let mut case = Case::pair("end.wat", "head.wat", "repeat", length as u32 - 1);
        case.call.answer = |size, times| Some(size.wrapping_mul(times));
        let link = Part::new("", "link.wat");
        let links = (2..length).map(|n| Part {
            name: format!("link{n}"),
            ..link.clone()
        });
        case.parts.splice(1..1, links);
        case
    }
}

impl Call {
    pub(crate) fn vals(&self, times: u32) -> Vec<Val> {
        (self.args)(self.size, times)
            .into_iter()
            .map(Val::U32)
            .collect()
    }

    /// Checks the answer to a call.
    pub(crate) fn check(&self, times: u32, results: &[Val]) {
        let answer = (self.answer)(self.size, times).map(Val::U32);
        if answer.is_some() {
            assert_eq!(results.first(), answer.as_ref(), "{}", self.name);
        }
    }
}

/// An engine, with the components that it has compiled.
#[derive(Clone)]
pub(crate) struct Compiler {
    pub(crate) engine: Engine,
    known: Arc<Mutex<HashMap<String, Component>>>,
}

impl Compiler {
    pub(crate) fn new(concurrency: bool, inlining: bool) -> Compiler {
        let mut config = Config::new();
        if inlining {
            config.compiler_inlining(Inlining::InterModule);
        }
        Compiler::with(&config, concurrency)
    }

    /// An engine whose stacks have the size that wasmtime uses by default.
    pub(crate) fn with(config: &Config, concurrency: bool) -> Compiler {
        let engines = Engines::with_stack(config, 512 << 10).unwrap();
        let suits = |engine: &&Engine| engine.get_concurrency_support() == concurrency;
        Compiler {
            engine: engines.all().find(suits).unwrap().clone(),
            known: Arc::default(),
        }
    }

    pub(crate) fn component(&self, part: &Part) -> Component {
        let mut known = self.known.lock().unwrap();
        let component = known
            .entry(part.source.clone())
            .or_insert_with(|| Component::new(&self.engine, &part.bytes).unwrap());
        component.clone()
    }

    pub(crate) fn imports(&self, part: &Part) -> Vec<(String, ComponentItem)> {
        let ty = self.component(part).component_type();
        let imports = ty.imports(&self.engine);
        imports
            .map(|(name, item)| (name.to_owned(), item.ty))
            .collect()
    }

    pub(crate) fn exports(&self, part: &Part) -> Vec<String> {
        let ty = self.component(part).component_type();
        ty.exports(&self.engine)
            .map(|(name, _)| name.to_owned())
            .collect()
    }

    /// The parts that export a name, in order.
    pub(crate) fn exporters(&self, parts: &[Part], name: &str) -> Vec<usize> {
        let exports = |part: &Part| self.exports(part).iter().any(|export| export == name);
        let parts = parts.iter().enumerate();
        parts
            .filter(|(_, part)| exports(part))
            .map(|(n, _)| n)
            .collect()
    }

    /// A linker with what the embedder provides to this part.
    pub(crate) fn linker(&self, case: &Case, part: &Part) -> Linker<()> {
        let mut linker = Linker::new(&self.engine);
        if let Some(host) = case.host
            && self
                .imports(part)
                .iter()
                .any(|(name, _)| name == host.interface)
        {
            (host.define)(&mut linker);
        }
        linker
    }
}
