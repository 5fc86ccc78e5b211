//! The Rust types that the embedder has: of resources that it implements, and of records,
//! variants, enums and flags that it has from elsewhere: `with`.

use std::collections::HashMap;

use composer_plan::{Name, Resource, similar_names};
use wit_parser::{Resolve, Type, TypeDefKind, TypeId};

use crate::ast::{ComposeInput, WithType};
use crate::bindings::names::camel;
use crate::bindings::shape::TypeShapes;
use crate::check::host::{HostTrait, TraitOf};
use crate::errors::{MacroErrors, did_you_mean};

/// The index of each such type's entry.
pub(crate) type RustTypes = HashMap<TypeId, usize>;

/// A type that an entry may be about.
struct KnownType {
    /// `None` for a type of a world.
    interface: Option<Name>,
    name: String,
    id: TypeId,
    /// Why its Rust type cannot be told.
    obstacle: Option<&'static str>,
}

/// Whether an entry tells the Rust type of a resource.
pub(super) fn is_told(input: &ComposeInput, resource: &Resource) -> bool {
    let mut entries = input.with.iter();
    entries.any(|entry| means(entry, resource.interface.as_ref(), &resource.name))
}

/// What an entry for a resource looks like.
pub(super) fn example(resource: &Resource) -> String {
    let name = written(resource.interface.as_ref(), &resource.name);
    format!("with: {{ \"{name}\": {} }}", camel(&resource.name))
}

/// The name of a resource under `with`.
fn written(interface: Option<&Name>, resource: &str) -> String {
    match interface {
        Some(interface) => format!("{}.{resource}", interface.base()),
        None => resource.to_owned(),
    }
}

fn means(entry: &WithType, interface: Option<&Name>, resource: &str) -> bool {
    let text = entry.name.value();
    let Some(interface) = interface else {
        return text == resource;
    };
    // A version may have dots too: the resource stands behind the last one.
    text.rsplit_once('.')
        .is_some_and(|(of, name)| name == resource && interface.is_meant_by(of))
}

/// Finds the resources that the entries mean, and reports entries that mean none; `None`
/// if there is one.
pub(super) fn find(
    input: &ComposeInput,
    resolve: &Resolve,
    host: &[HostTrait],
    errors: &mut MacroErrors,
) -> Option<RustTypes> {
    let mut known = resources(resolve, host);
    known.extend(types(resolve));
    let mut found = RustTypes::new();
    let mut wrong = false;
    for (index, entry) in input.with.iter().enumerate() {
        let meant: Vec<&KnownType> = known.iter().filter(|r| r.is_meant_by(entry)).collect();
        let mut obstacles = meant.iter().filter_map(|known| known.obstacle);
        let is_twice = meant.iter().any(|known| found.contains_key(&known.id));
        let problem = match (meant.is_empty(), obstacles.next()) {
            (true, _) => Some(unknown(entry, &known)),
            (_, Some(obstacle)) => Some(format!(
                "`{}` under `with` {obstacle}\n  fix: remove the entry, and use the type that \
                 `compose!` makes",
                entry.name.value()
            )),
            _ if is_twice => Some(format!(
                "the Rust type of `{}` is given twice\n  fix: keep one",
                entry.name.value()
            )),
            _ => None,
        };
        if let Some(problem) = problem {
            errors.at(entry.name.span(), problem);
            wrong = true;
        }
        found.extend(meant.iter().map(|known| (known.id, index)));
    }
    (!wrong).then_some(found)
}

fn resources(resolve: &Resolve, host: &[HostTrait]) -> Vec<KnownType> {
    let resources = host.iter().flat_map(|host| {
        let is_interface = matches!(host.of, TraitOf::Interface(_));
        let interface = is_interface.then(|| Name::new(&*host.name));
        let resources = host.resources(resolve).into_iter();
        resources.filter_map(move |id| {
            Some(KnownType {
                interface: interface.clone(),
                name: resolve.types[id].name.clone()?,
                id,
                obstacle: None,
            })
        })
    });
    resources.collect()
}

/// The types of interfaces that Rust has as structs and enums.
fn types(resolve: &Resolve) -> Vec<KnownType> {
    let shapes = TypeShapes::new(resolve);
    let interfaces = resolve.interfaces.iter();
    let types = interfaces.flat_map(|(interface, known)| {
        let name = resolve.id_of(interface).map(Name::new);
        let shapes = &shapes;
        known.types.iter().filter_map(move |(ty, id)| {
            let is_defined = matches!(
                resolve.types[*id].kind,
                TypeDefKind::Record(_)
                    | TypeDefKind::Variant(_)
                    | TypeDefKind::Enum(_)
                    | TypeDefKind::Flags(_)
            );
            let is_plain = shapes.of(&Type::Id(*id)).is_plain();
            is_defined.then(|| KnownType {
                interface: name.clone(),
                name: ty.clone(),
                id: *id,
                obstacle: (!is_plain).then_some(
                    "has resources or streams in it, so it is another type in each composition",
                ),
            })
        })
    });
    types.collect()
}

fn unknown(entry: &WithType, known: &[KnownType]) -> String {
    let text = entry.name.value();
    let names: Vec<String> = known.iter().map(KnownType::text).collect();
    let similar = similar_names(&text, names.iter().map(String::as_str));
    format!(
        "`{text}` under `with` is no type of an interface, and no resource of what is under \
         `host`{}\n  \
         fix: write the interface and the type, as in \"plugin:host/context.context\", or a \
         resource alone if a world defines it; a resource has to be under `host`, too, or its \
         interface",
        did_you_mean(&similar)
    )
}

impl KnownType {
    fn text(&self) -> String {
        written(self.interface.as_ref(), &self.name)
    }

    fn is_meant_by(&self, entry: &WithType) -> bool {
        means(entry, self.interface.as_ref(), &self.name)
    }
}
