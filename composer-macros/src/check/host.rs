//! The imports that the embedder implements traits for, and the conditions that such an
//! import must meet.

use composer_plan::{FuncType, Item, Name, Type, World};
use proc_macro2::Span;
use wit_parser::{InterfaceId, Resolve, WorldId, WorldItem};

use crate::ast::{ComposeInput, HostImport};
use crate::bindings::MOST_PARAMS;
use crate::check::{Declaration, DeclaredComponent};

const FIX: &str = "list it under `linker`, and define it in the linkers of the parts \
                   that import it";

/// An import that the embedder implements.
pub(crate) struct HostTrait {
    pub(crate) of: TraitOf,
    /// The import's name.
    pub(crate) name: String,
    /// Whether methods are async although the WIT does not declare them so.
    pub(crate) is_async: bool,
    /// Whether methods may fail with a trap.
    pub(crate) trappable: bool,
    pub(crate) span: Span,
}

/// The WIT item that a trait is generated from.
pub(crate) enum TraitOf {
    Interface(InterfaceId),
    /// A function that a world imports.
    Function(WorldId),
}

/// The imports under `host`, without duplicates.
pub(super) fn traits(
    input: &ComposeInput,
    components: &[DeclaredComponent],
    resolve: &Resolve,
) -> Vec<HostTrait> {
    let mut traits: Vec<HostTrait> = Vec::new();
    for host in &input.host {
        for (of, name) in meant(host, components, resolve) {
            let known = |t: &HostTrait| match (&t.of, &of) {
                (TraitOf::Interface(a), TraitOf::Interface(b)) => a == b,
                (TraitOf::Function(a), TraitOf::Function(b)) => a == b && t.name == name,
                _ => false,
            };
            if !traits.iter().any(known) {
                traits.push(HostTrait {
                    of,
                    name,
                    is_async: host.is_async,
                    trappable: host.trappable,
                    span: host.name.span(),
                });
            }
        }
    }
    traits
}

/// The imports of the declared worlds that have this name; if there are none, the
/// interfaces that a component known only at run time may import under it.
fn meant(
    host: &HostImport,
    components: &[DeclaredComponent],
    resolve: &Resolve,
) -> Vec<(TraitOf, String)> {
    let text = host.name.value();
    let mut found = Vec::new();
    for component in components {
        let Declaration::World(world) = component.what else {
            continue;
        };
        for (key, item) in &resolve.worlds[world].imports {
            let name = resolve.name_world_key(key);
            if !Name::new(&name).is_meant_by(&text) {
                continue;
            }
            match item {
                WorldItem::Interface { id, .. } => found.push((TraitOf::Interface(*id), name)),
                WorldItem::Function(_) => found.push((TraitOf::Function(world), name)),
                WorldItem::Type { .. } => {}
            }
        }
    }
    if found.is_empty() {
        let interfaces = interfaces(&text, resolve);
        found.extend(interfaces.map(|(name, id)| (TraitOf::Interface(id), name)));
    }
    found
}

/// The interfaces of the WIT that a text means.
fn interfaces(text: &str, resolve: &Resolve) -> impl Iterator<Item = (String, InterfaceId)> {
    let named = resolve
        .interfaces
        .iter()
        .filter_map(|(id, _)| Some((resolve.id_of(id)?, id)));
    named.filter(move |(name, _)| Name::new(name).is_meant_by(text))
}

/// Whether the WIT has an interface of this name, which a component known only at run
/// time may import.
pub(super) fn is_interface(text: &str, resolve: &Resolve) -> bool {
    interfaces(text, resolve).next().is_some()
}

/// The reason why no trait can be generated for the import that `text` means.
pub(super) fn problem(text: &str, worlds: &[&World], resolve: &Resolve) -> Option<String> {
    let fix = |reason| format!("the host's `{text}` {reason} yet\n  fix: {FIX}");
    let imported = worlds.iter().find_map(|world| {
        let mut imports = world.imports.iter().filter(|i| i.name.is_meant_by(text));
        imports.find_map(|import| reason(world, &import.name, &import.item))
    });
    let other = || {
        interfaces(text, resolve).find_map(|(_, id)| {
            let world = World::exporting(resolve, id);
            let mut exports = world.exports.iter();
            exports.find_map(|export| reason(&world, &export.name, &export.item))
        })
    };
    imported.or_else(other).map(fix)
}

fn reason(world: &World, import: &Name, item: &Item) -> Option<String> {
    match item {
        Item::Func(func) => {
            let is_resource = &mut |ty: &Type| matches!(ty, Type::Own(_) | Type::Borrow(_));
            let resource = func.locate(is_resource).map(|place| {
                format!(
                    "has the resource `{}` at {}, and traits for resources of a world are not \
                     supported",
                    place.ty.display(world),
                    place.path
                )
            });
            resource.or_else(|| unsupported_type(world, None, func))
        }
        Item::Interface(interface) => {
            let mut resources = interface.resources.iter();
            let foreign = resources.find(|(_, id)| {
                let of = &world.resource(**id).interface;
                of.as_ref() != Some(import)
            });
            let foreign = foreign.map(|(name, _)| {
                format!(
                    "uses the resource `{name}` of another interface, and traits for that are not \
                     supported"
                )
            });
            let mut funcs = interface.funcs.iter();
            foreign.or_else(|| {
                funcs.find_map(|(name, func)| {
                    hidden_resource(name, func)
                        .or_else(|| unsupported_type(world, Some(name), func))
                })
            })
        }
        Item::Resource(_) => {
            Some("is a resource, and traits for resources of a world are not supported".to_owned())
        }
        _ => None,
    }
}

/// Reports a resource where a trait does not support one: owned inside a record or a
/// variant, or borrowed inside any type.
fn hidden_resource(name: &str, func: &FuncType) -> Option<String> {
    let mut types = func.params.iter().map(|(_, ty)| ty).chain(&func.result);
    types
        .any(|ty| !matches!(ty, Type::Borrow(_)) && is_hidden(ty))
        .then(|| {
            format!(
                "has a function `{name}` with a resource in a record or a variant, or one that is \
             lent inside of another type, and traits for that are not supported"
            )
        })
}

fn is_hidden(ty: &Type) -> bool {
    match ty {
        Type::Borrow(_) => true,
        Type::Own(_) => false,
        Type::List(ty) | Type::Option(ty) => is_hidden(ty),
        Type::Tuple(types) => types.iter().any(is_hidden),
        Type::Result(sides) => [&sides.0, &sides.1].into_iter().flatten().any(is_hidden),
        other => other.any(&mut |ty| matches!(ty, Type::Own(_) | Type::Borrow(_))),
    }
}

fn unsupported_type(world: &World, name: Option<&String>, func: &FuncType) -> Option<String> {
    if func.params.len() > MOST_PARAMS {
        let function = name.map_or(String::new(), |name| format!(" in its function `{name}`"));
        return Some(format!(
            "has more than {MOST_PARAMS} parameters{function}, which traits do not support"
        ));
    }
    let is_resource = &mut |ty: &Type| matches!(ty, Type::Own(_) | Type::Borrow(_));
    let has_resources = func.locate(is_resource).is_some();
    let place = func.locate(&mut |ty| match ty {
        // What a stream is and what a resource of the program is are known in two places.
        Type::Stream(_) | Type::Future(_) => has_resources,
        Type::ErrorContext => true,
        _ => false,
    })?;
    let beside = match place.ty {
        Type::ErrorContext => "",
        _ => " beside a resource",
    };
    let function = name.map_or(String::new(), |name| format!(" of its function `{name}`"));
    Some(format!(
        "has `{}`{beside} at {}{function}, which traits do not support",
        place.ty.display(world),
        place.path
    ))
}
