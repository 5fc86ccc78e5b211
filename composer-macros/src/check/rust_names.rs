//! Clashes of names in Rust: between components, and between WIT items of one scope.

use std::collections::{HashMap, HashSet};

use proc_macro2::Span;
use wit_parser::{Resolve, TypeDefKind};

use crate::ast::{ComposeInput, text};
use crate::bindings::{
    Bindings, BindingsModule, ItemOwner, METHODS, host_name, is_method, names, resource_of,
    types_of,
};
use crate::errors::MacroErrors;

/// The type parameter for a component's part: `CatalogPart`.
pub(crate) fn type_parameter(component: &str) -> String {
    let mut name = String::new();
    for word in component.split('_') {
        let mut letters = word.chars();
        name.extend(letters.next().into_iter().flat_map(char::to_uppercase));
        name.push_str(letters.as_str());
    }
    name + "Part"
}

/// Whether two components have the same name.
pub(super) fn has_duplicates(input: &ComposeInput) -> bool {
    let mut names: Vec<String> = input.components.iter().map(|c| text(&c.name)).collect();
    names.sort();
    names.windows(2).any(|two| two[0] == two[1])
}

/// Reports clashes between components; `true` if there are any.
pub(super) fn check(input: &ComposeInput, errors: &mut MacroErrors) -> bool {
    let mut wrong = false;
    let composition = text(&input.composition);
    if names::snake(&composition) == composition {
        let message = format!(
            "`{composition}` is the name of a type, and its module would be `{composition}` too\n  \
             fix: write `{}`",
            names::camel(&composition.replace('_', "-"))
        );
        errors.at(input.composition.span(), message);
        wrong = true;
    }
    let mut known: HashMap<String, String> = HashMap::new();
    for component in &input.components {
        let name = text(&component.name);
        let parameter = type_parameter(&name);
        let message = match known.get(&parameter) {
            Some(other) if *other == name => format!(
                "two components are named `{name}`\n  \
                 fix: give every component of the composition a name of its own"
            ),
            Some(other) => format!(
                "the components `{other}` and `{name}` would both be `{parameter}` in Rust\n  \
                 fix: rename one of them"
            ),
            None if input.composition == parameter => format!(
                "the part `{name}` would be `{parameter}` in Rust, which is the composition's name\n  \
                 fix: rename one of them"
            ),
            None => {
                known.insert(parameter, name);
                continue;
            }
        };
        errors.at(component.name.span(), message);
        wrong = true;
    }
    wrong
}

/// Reports clashes between WIT items; `true` if there are any.
pub(super) fn check_bindings(
    input: &ComposeInput,
    resolve: &Resolve,
    bindings: &Bindings,
    errors: &mut MacroErrors,
) -> bool {
    let mut clashes = NameClashes {
        errors,
        found: false,
    };
    let mut paths = NameScope::default();
    // A clash of modules is reported once, for the modules, not again for their
    // accessors.
    let mut hidden = HashSet::new();
    for module in &bindings.modules {
        let shown = shown(resolve, module);
        if clashes.add(&mut paths, module.span, module.path.join("::"), shown) {
            hidden.insert(module.owner);
        }
        clashes.module(resolve, module);
    }
    let mut methods = NameScope::default();
    for method in METHODS {
        methods.insert(method.to_owned(), format!("the method `{method}`"));
    }
    for module in bindings.modules.iter().filter(|m| m.interface.is_none()) {
        for func in module.functions.iter().filter(|f| f.called.is_some()) {
            let shown = format!("the function `{}`", func.function.name);
            let mut asked = input.exports.iter();
            let asked = asked.find(|asked| asked.name.value() == func.function.name);
            let span = asked.map_or(module.span, |asked| asked.name.span());
            clashes.add(&mut methods, span, func.name.clone(), shown);
        }
    }
    for accessor in &bindings.accessors {
        if hidden.contains(&accessor.owner) {
            continue;
        }
        let shown = match accessor.list {
            Some(_) => format!("the list `{}`", accessor.name),
            None => match bindings.module(accessor.owner) {
                Some(module) => shown(resolve, module),
                None => continue,
            },
        };
        clashes.add(&mut methods, accessor.span, accessor.name.clone(), shown);
    }
    clashes.found
}

/// The Rust names that are in use, each with a description of its item.
type NameScope = HashMap<String, String>;

struct NameClashes<'e> {
    errors: &'e mut MacroErrors,
    found: bool,
}

impl NameClashes<'_> {
    /// Adds a name, or reports a clash and returns `true`.
    fn add(&mut self, scope: &mut NameScope, span: Span, name: String, what: String) -> bool {
        if let Some(other) = scope.get(&name) {
            let message = format!(
                "{other} and {what} would both be `{name}` in Rust\n  fix: rename one of them"
            );
            self.errors.at(span, message);
            self.found = true;
            return true;
        }
        scope.insert(name, what);
        false
    }

    /// Adds the types and the functions of one module.
    fn module(&mut self, resolve: &Resolve, module: &BindingsModule) {
        let within = shown(resolve, module);
        let span = module.span;
        let mut types = NameScope::default();
        for (name, id) in types_of(resolve, module.owner) {
            let what = |what: &str, name: &str| format!("the {what} `{name}` of {within}");
            self.add(&mut types, span, names::camel(name), what("type", name));
            let within = format!("`{name}` of {within}");
            let of = |what: &str, case: &str| format!("the {what} `{case}` of {within}");
            let mut scope = NameScope::default();
            match &resolve.types[id].kind {
                TypeDefKind::Record(record) => {
                    for field in &record.fields {
                        let what = of("field", &field.name);
                        self.add(&mut scope, span, names::snake(&field.name), what);
                    }
                }
                TypeDefKind::Variant(variant) => {
                    for case in &variant.cases {
                        let what = of("case", &case.name);
                        self.add(&mut scope, span, names::case(&case.name), what);
                    }
                }
                TypeDefKind::Enum(cases) => {
                    for case in &cases.cases {
                        let what = of("case", &case.name);
                        self.add(&mut scope, span, names::case(&case.name), what);
                    }
                }
                TypeDefKind::Flags(flags) => {
                    for flag in &flags.flags {
                        let what = of("flag", &flag.name);
                        self.add(&mut scope, span, names::constant(&flag.name), what);
                    }
                }
                _ => {}
            }
        }
        let mut host = NameScope::default();
        for func in module.functions.iter().filter(|f| f.hosted.is_some()) {
            let what = format!("the function `{}` of {within}", func.function.name);
            self.add(&mut host, span, host_name(resolve, func), what);
        }
        let mut scopes: HashMap<_, NameScope> = HashMap::new();
        let called = module.functions.iter().filter(|func| func.called.is_some());
        for func in called {
            let what = format!("the function `{}` of {within}", func.function.name);
            // A world's functions are methods of the composition.
            let on = if is_method(&func.function) {
                resource_of(&func.function)
            } else if module.interface.is_some() {
                None
            } else {
                continue;
            };
            let scope = scopes.entry(on).or_default();
            self.add(scope, span, func.name.clone(), what);
        }
    }
}

fn shown(resolve: &Resolve, module: &BindingsModule) -> String {
    match (module.owner, &module.interface) {
        (_, Some(interface)) => format!("the interface `{interface}`"),
        (ItemOwner::World(id), None) => format!("the world `{}`", resolve.worlds[id].name),
        (ItemOwner::Interface(_), None) => format!("`{}`", module.path.join("::")),
    }
}
