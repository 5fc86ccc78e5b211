//! Worlds from a few words that look like WIT, so that a case is a few lines.
//!
//! ```text
//! import x:y/z@1.0.0                          an interface with `run: func()`
//! import x:y/z { ping(n: u32) -> string; }    an interface with these functions
//! import add(a: u32, b: u32) -> u32           a function of the world
//! import x:y/z { resource r; f(a: r); }       a resource that the interface has
//! import x:y/w { use import x:y/z r; }        the same resource, used elsewhere
//! import lib is core module                   something that cannot be wired
//! ```
//!
//! `async` before a function's name makes it an `async func`.

#![allow(clippy::unwrap_used)]
#![allow(dead_code, reason = "unit tests use a part of it")]

use std::collections::BTreeSet;
use std::sync::Arc;

use composer_plan::{
    ExportPattern, Extern, FuncType, Graph, Interface, Item, Name, Node, Plan, PlanError, Resource,
    ResourceId, Side, Type, World, resolve,
};

/// A component with the world that `text` describes.
pub(crate) fn component(name: &str, text: &str) -> Node {
    Node {
        name: name.to_owned(),
        world: Arc::new(world(text)),
        host: BTreeSet::new(),
        import_hints: Vec::new(),
    }
}

pub(crate) fn graph(nodes: impl IntoIterator<Item = Node>) -> Graph {
    Graph {
        nodes: nodes.into_iter().collect(),
        ..Graph::default()
    }
}

/// What tests add to components.
pub(crate) trait NodeExt: Sized {
    fn hint(self, import: &str, to: &str) -> Self;
    fn host(self, import: &str) -> Self;
    fn hide(self, patterns: &[&str]) -> Self;
    fn expose(self, patterns: &[&str]) -> Self;
}

impl NodeExt for Node {
    fn hint(mut self, import: &str, to: &str) -> Self {
        self.import_hints.push((import.into(), to.into()));
        self
    }

    fn host(mut self, import: &str) -> Self {
        self.host.insert(import.into());
        self
    }

    fn hide(mut self, patterns: &[&str]) -> Self {
        Arc::make_mut(&mut self.world)
            .hide(&parse(patterns))
            .unwrap();
        self
    }

    fn expose(mut self, patterns: &[&str]) -> Self {
        Arc::make_mut(&mut self.world)
            .expose(&parse(patterns))
            .unwrap();
        self
    }
}

pub(crate) fn parse(patterns: &[&str]) -> Vec<ExportPattern> {
    patterns
        .iter()
        .map(|text| ExportPattern::new(text))
        .collect()
}

/// What tests add to graphs.
pub(crate) trait GraphExt: Sized {
    fn hint(self, export: &str, to: &str) -> Self;
    fn open(self, import: &str) -> Self;
}

impl GraphExt for Graph {
    fn hint(mut self, export: &str, to: &str) -> Self {
        self.export_hints.push((export.into(), to.into()));
        self
    }

    fn open(mut self, import: &str) -> Self {
        self.open_imports.push(import.into());
        self
    }
}

/// The plan, or a panic with the errors.
pub(crate) fn plan(graph: &Graph) -> Plan {
    resolve(graph).unwrap_or_else(|errors| panic!("{errors}"))
}

/// The plan of these components.
pub(crate) fn plan_of(nodes: impl IntoIterator<Item = Node>) -> Plan {
    plan(&graph(nodes))
}

/// The errors that a graph must have.
pub(crate) fn errors(graph: &Graph) -> Vec<PlanError> {
    resolve(graph)
        .expect_err("should not resolve")
        .into_iter()
        .collect()
}

/// The errors that these components must have.
pub(crate) fn errors_of(nodes: impl IntoIterator<Item = Node>) -> Vec<PlanError> {
    errors(&graph(nodes))
}

/// The one error that these components must have, as people read it.
pub(crate) fn message(graph: &Graph) -> String {
    let errors = errors(graph);
    assert_eq!(errors.len(), 1, "{errors:#?}");
    errors[0].to_string()
}

/// The one error that these components must have, as people read it.
pub(crate) fn message_of(nodes: impl IntoIterator<Item = Node>) -> String {
    message(&graph(nodes))
}

/// Where an import of a component comes from: `b x:y/z`, `host`, `open 0`.
pub(crate) fn source(plan: &Plan, component: &str, import: &str) -> String {
    use composer_plan::Source;
    let component = plan.component(component).unwrap();
    let mut links = component.links.iter();
    let link = links.find(|link| link.import.as_str() == import).unwrap();
    match &link.source {
        Source::Component {
            component,
            export,
            index,
            ..
        } => {
            assert_eq!(plan.components[*index].name, *component);
            format!("{component} {export}")
        }
        Source::Host => "host".into(),
        Source::Open { index } => format!("open {}", plan.open_imports[*index].name),
        Source::Nothing => "nothing".into(),
        other => panic!("{other:?}"),
    }
}

/// The names in start order.
pub(crate) fn order(plan: &Plan) -> Vec<&str> {
    plan.components.iter().map(|c| c.name.as_str()).collect()
}

/// The world that `text` describes.
pub(crate) fn world(text: &str) -> World {
    let mut reader = Reader {
        tokens: tokens(text),
        at: 0,
        world: World::default(),
        scope: Vec::new(),
    };
    while reader.at < reader.tokens.len() {
        reader.statement();
    }
    reader.world
}

/// A function's type, for tests of comparison; it may use the resources of
/// `world` by name.
pub(crate) fn func(world: &World, text: &str) -> FuncType {
    let ids = (0..).map(ResourceId).zip(&world.resources);
    let mut reader = Reader {
        tokens: tokens(text),
        at: 0,
        world: World::default(),
        scope: ids
            .map(|(id, resource)| (resource.name.clone(), id))
            .collect(),
    };
    reader.signature()
}

fn tokens(text: &str) -> Vec<String> {
    let mut tokens: Vec<String> = Vec::new();
    for word in text.split_whitespace() {
        let mut word = word;
        while let Some(at) = word.find(['{', '}', '(', ')', '<', '>', ',', ';']) {
            // The arrow is one token, not a bracket.
            if word.starts_with("->") {
                tokens.push("->".into());
                word = &word[2..];
                continue;
            }
            if at > 0 {
                tokens.push(word[..at].into());
            }
            tokens.push(word[at..=at].into());
            word = &word[at + 1..];
        }
        if !word.is_empty() {
            tokens.push(word.into());
        }
    }
    tokens
}

struct Reader {
    tokens: Vec<String>,
    at: usize,
    world: World,
    scope: Vec<(String, ResourceId)>,
}

impl Reader {
    fn statement(&mut self) {
        let side = match self.next().as_str() {
            "import" => Side::Import,
            "export" => Side::Export,
            other => panic!("neither import nor export: {other}"),
        };
        let mut is_async = false;
        if self.is("async") {
            is_async = true;
        }
        let mut name = self.next();
        if name == "resource" {
            name = self.next();
            let id = self.resource(side, None, &name);
            self.scope.push((name.clone(), id));
            self.add(side, &name, Item::Resource(id));
            return;
        }
        let item = if self.peek() == Some("(") {
            let mut func = self.signature();
            func.is_async = is_async;
            Item::Func(Arc::new(func))
        } else if self.is("{") {
            let outer = self.scope.len();
            let interface = self.interface(side, &name);
            self.scope.truncate(outer);
            Item::Interface(interface)
        } else if self.is("is") {
            Item::Unsupported(format!("{} {}", self.next(), self.next()))
        } else {
            let run = FuncType {
                is_async: false,
                params: Vec::new(),
                result: None,
            };
            Item::Interface(Interface {
                funcs: [("run".to_owned(), Arc::new(run))].into(),
                ..Interface::default()
            })
        };
        self.add(side, &name, item);
    }

    fn add(&mut self, side: Side, name: &str, item: Item) {
        let name = Name::new(name);
        let list = match side {
            Side::Import => &mut self.world.imports,
            Side::Export => &mut self.world.exports,
        };
        list.push(Extern { name, item });
    }

    fn interface(&mut self, side: Side, name: &str) -> Interface {
        let mut interface = Interface::default();
        while !self.is("}") {
            let is_async = self.is("async");
            let word = self.next();
            match word.as_str() {
                ";" => {}
                "resource" => {
                    let resource = self.next();
                    let id = self.resource(side, Some(name), &resource);
                    self.scope.push((resource.clone(), id));
                    interface.resources.insert(resource, id);
                }
                "use" => {
                    let from = match self.next().as_str() {
                        "import" => Side::Import,
                        _ => Side::Export,
                    };
                    let (from_name, resource) = (self.next(), self.next());
                    let id = self.resource(from, Some(&from_name), &resource);
                    self.scope.push((resource.clone(), id));
                    interface.resources.insert(resource, id);
                }
                _ => {
                    let mut func = self.signature();
                    func.is_async = is_async;
                    interface.funcs.insert(word, Arc::new(func));
                }
            }
        }
        interface
    }

    fn resource(&mut self, side: Side, interface: Option<&str>, name: &str) -> ResourceId {
        let resource = Resource {
            side,
            interface: interface.map(Name::new),
            name: name.to_owned(),
        };
        let known = self.world.resources.iter().position(|r| *r == resource);
        let index = known.unwrap_or_else(|| {
            self.world.resources.push(resource);
            self.world.resources.len() - 1
        });
        ResourceId(u32::try_from(index).unwrap())
    }

    fn signature(&mut self) -> FuncType {
        let is_async = self.is("async");
        self.expect("(");
        let params = self.list(")", |r| (r.label(), r.ty()));
        let result = self.is("->").then(|| self.ty());
        FuncType {
            is_async,
            params,
            result,
        }
    }

    fn ty(&mut self) -> Type {
        match self.next().as_str() {
            "bool" => Type::Bool,
            "u8" => Type::U8,
            "u32" => Type::U32,
            "u64" => Type::U64,
            "f64" => Type::F64,
            "char" => Type::Char,
            "string" => Type::String,
            "error-context" => Type::ErrorContext,
            "list" => {
                let mut items = self.generics();
                let item = Arc::new(items.remove(0).unwrap());
                Type::List(item)
            }
            "list3" => Type::FixedLengthList(Arc::new(self.generics().remove(0).unwrap()), 3),
            "list4" => Type::FixedLengthList(Arc::new(self.generics().remove(0).unwrap()), 4),
            "option" => Type::Option(Arc::new(self.generics().remove(0).unwrap())),
            "map" => {
                let mut items = self.generics();
                let value = Arc::new(items.remove(1).unwrap());
                Type::Map(Arc::new(items.remove(0).unwrap()), value)
            }
            "future" => Type::Future(self.generics().pop().flatten().map(Arc::new)),
            "stream" => Type::Stream(self.generics().pop().flatten().map(Arc::new)),
            "tuple" => Type::Tuple(self.generics().into_iter().flatten().collect()),
            "result" => {
                let mut items = self.generics().into_iter();
                let ok = items.next().flatten();
                Type::Result(Arc::new((ok, items.next().flatten())))
            }
            "record" => {
                self.expect("{");
                Type::Record(self.list("}", |r| (r.label(), r.ty())).into())
            }
            "variant" => {
                self.expect("{");
                let case = |r: &mut Self| {
                    let name = r.next();
                    let payload = r.is("(").then(|| r.list(")", Self::ty).remove(0));
                    (name, payload)
                };
                Type::Variant(self.list("}", case).into())
            }
            "enum" => {
                self.expect("{");
                Type::Enum(self.list("}", Self::next).into())
            }
            "flags" => {
                self.expect("{");
                Type::Flags(self.list("}", Self::next).into())
            }
            "borrow" => {
                self.expect("<");
                let name = self.next();
                self.expect(">");
                Type::Borrow(self.named(&name))
            }
            name => Type::Own(self.named(name)),
        }
    }

    fn named(&self, name: &str) -> ResourceId {
        let mut scope = self.scope.iter().rev();
        let found = scope.find(|(known, _)| known == name);
        found.unwrap_or_else(|| panic!("no type {name}")).1
    }

    /// `<a, _, b>`, or nothing at all.
    fn generics(&mut self) -> Vec<Option<Type>> {
        if !self.is("<") {
            return Vec::new();
        }
        self.list(">", |r| (!r.is("_")).then(|| r.ty()))
    }

    fn label(&mut self) -> String {
        let label = self.next();
        label.strip_suffix(':').expect("a label").to_owned()
    }

    fn list<T>(&mut self, end: &str, mut item: impl FnMut(&mut Self) -> T) -> Vec<T> {
        let mut items = Vec::new();
        while !self.is(end) {
            items.push(item(self));
            self.is(",");
        }
        items
    }

    fn peek(&self) -> Option<&str> {
        self.tokens.get(self.at).map(String::as_str)
    }

    fn next(&mut self) -> String {
        self.at += 1;
        self.tokens[self.at - 1].clone()
    }

    fn is(&mut self, token: &str) -> bool {
        let is = self.peek() == Some(token);
        self.at += usize::from(is);
        is
    }

    fn expect(&mut self, token: &str) {
        assert!(
            self.is(token),
            "expected {token} at {:?}",
            &self.tokens[self.at..]
        );
    }
}
