//! Reads worlds from a few words that look like WIT.

use std::sync::Arc;

use composer_plan::{
    Extern, FuncType, Interface, Item, Name, Resource, ResourceId, Side, Type, World,
};

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
            self.add(side, &name, None, Item::Resource(id));
            return;
        }
        let implements = self.is("of").then(|| Name::new(self.next()));
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
        self.add(side, &name, implements, item);
    }

    fn add(&mut self, side: Side, name: &str, implements: Option<Name>, item: Item) {
        let name = Name::new(name);
        let list = match side {
            Side::Import => &mut self.world.imports,
            Side::Export => &mut self.world.exports,
        };
        list.push(Extern {
            name,
            implements,
            item,
        });
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
                _ if self.is("is") => {
                    let kind = format!("{} {}", self.next(), self.next());
                    interface.unsupported.insert(word, kind);
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
