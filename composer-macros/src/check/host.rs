//! The imports that the embedder implements traits for, and the conditions that such an
//! import must meet.

use composer_plan::{FuncType, Item, Name, Resource, Type, World};
use proc_macro2::Span;
use wit_parser::{InterfaceId, Resolve, TypeDefKind, TypeId, WorldId, WorldItem};

use crate::ast::{ComposeInput, HostImport};
use crate::bindings::{HostFunction, MOST_PARAMS};
use crate::check::provided::means;
use crate::check::{Declaration, DeclaredComponent, host_functions, with};

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
    /// The functions whose methods have a form of their own.
    pub(crate) functions: Vec<(String, HostFunction)>,
    pub(crate) span: Span,
}

/// The WIT item that a trait is generated from.
pub(crate) enum TraitOf {
    Interface(InterfaceId),
    /// A function that a world imports.
    Function(WorldId),
    /// A resource that a world imports.
    Resource(WorldId, TypeId),
}

impl HostTrait {
    /// The resources that the embedder implements by it.
    pub(crate) fn resources(&self, resolve: &Resolve) -> Vec<TypeId> {
        match self.of {
            TraitOf::Interface(id) => {
                let types = resolve.interfaces[id].types.values().copied();
                types.filter(|id| is_definition(resolve, *id)).collect()
            }
            TraitOf::Resource(_, id) => vec![id],
            TraitOf::Function(_) => Vec::new(),
        }
    }
}

/// Whether a type is a resource, and not another name for one.
fn is_definition(resolve: &Resolve, id: TypeId) -> bool {
    matches!(resolve.types[id].kind, TypeDefKind::Resource)
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
                (TraitOf::Function(a), TraitOf::Function(b))
                | (TraitOf::Resource(a, _), TraitOf::Resource(b, _)) => a == b && t.name == name,
                _ => false,
            };
            if !traits.iter().any(known) {
                traits.push(HostTrait {
                    functions: host_functions::forms(input, &of, &name, resolve),
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
            if !means(&text, &Name::new(&name)) {
                continue;
            }
            match item {
                WorldItem::Interface { id, .. } => found.push((TraitOf::Interface(*id), name)),
                WorldItem::Function(_) => found.push((TraitOf::Function(world), name)),
                WorldItem::Type { id, .. } => {
                    if is_definition(resolve, *id) {
                        found.push((TraitOf::Resource(world, *id), name));
                    }
                }
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
pub(super) fn interfaces(
    text: &str,
    resolve: &Resolve,
) -> impl Iterator<Item = (String, InterfaceId)> {
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
pub(super) fn problem(
    text: &str,
    input: &ComposeInput,
    worlds: &[&World],
    resolve: &Resolve,
) -> Option<String> {
    let imported = worlds.iter().find_map(|world| {
        let mut imports = world.imports.iter().filter(|i| means(text, &i.name));
        imports.find_map(|import| HostItem::new(input, world, &import.name).reason(&import.item))
    });
    let other = || {
        interfaces(text, resolve).find_map(|(_, id)| {
            let world = World::exporting(resolve, id);
            let mut exports = world.exports.iter();
            exports
                .find_map(|export| HostItem::new(input, &world, &export.name).reason(&export.item))
        })
    };
    let (reason, fix) = imported.or_else(other)?;
    Some(format!("the host's `{text}` {reason}\n  fix: {fix}"))
}

/// An item that the embedder implements.
struct HostItem<'i> {
    input: &'i ComposeInput,
    world: &'i World,
    name: &'i Name,
}

/// Why there is no trait for it, and the fix.
type Refusal = (String, String);

impl<'i> HostItem<'i> {
    fn new(input: &'i ComposeInput, world: &'i World, name: &'i Name) -> Self {
        HostItem { input, world, name }
    }

    fn reason(&self, item: &Item) -> Option<Refusal> {
        match item {
            Item::Func(func) => self.refused(None, func),
            Item::Interface(interface) => {
                let mut funcs = interface.funcs.iter();
                funcs.find_map(|(name, func)| self.refused(Some(name), func))
            }
            _ => None,
        }
    }

    /// Whether the embedder implements a resource of the world.
    fn implements(&self, resource: &Resource) -> bool {
        let mut host = self.input.host.iter();
        host.any(|host| host.name.value() == resource.name)
    }

    fn refused(&self, name: Option<&String>, func: &FuncType) -> Option<Refusal> {
        unsupported_type(self.world, name, func)
            .or_else(|| self.untold(name, func))
            .or_else(|| lent_inside(name, func))
    }

    /// Refuses a function with a resource whose Rust type must be told and is not: it
    /// belongs to another interface, or the function has resources in records or variants,
    /// or streams beside them. Refuses a resource of the world, too, that the embedder does
    /// not implement.
    fn untold(&self, name: Option<&String>, func: &FuncType) -> Option<Refusal> {
        let is_converted = is_converted(func);
        let place = func.locate(&mut |ty| match ty {
            Type::Own(id) | Type::Borrow(id) => {
                let resource = self.world.resource(*id);
                let is_own = match &resource.interface {
                    Some(interface) => interface == self.name,
                    None => self.implements(resource),
                };
                (is_converted || !is_own) && !with::is_told(self.input, resource)
            }
            _ => false,
        })?;
        let (Type::Own(id) | Type::Borrow(id)) = place.ty else {
            return None;
        };
        let resource = self.world.resource(*id);
        if resource.interface.is_none() && !self.implements(resource) {
            return Some((
                format!(
                    "has the resource `{}` of its world at {}{}, which this program does not \
                     implement",
                    resource.name,
                    place.path,
                    within(name)
                ),
                format!("list `\"{}\"` under `host`, too, or {FIX}", resource.name),
            ));
        }
        let example = with::example(resource);
        let why = match is_converted {
            true if has_streams(func) => "beside a stream",
            true => "in a record or a variant, or beside one",
            false => "of another interface",
        };
        Some((
            format!(
                "has the resource `{}` {why} at {}{}, and its Rust type is not told",
                resource.name,
                place.path,
                within(name)
            ),
            format!("tell it, as in `{example}`, or {FIX}"),
        ))
    }
}

fn unsupported(reason: &str) -> Refusal {
    (format!("{reason} yet"), FIX.to_owned())
}

fn within(name: Option<&String>) -> String {
    name.map_or(String::new(), |name| format!(" of its function `{name}`"))
}

fn types(func: &FuncType) -> impl Iterator<Item = &Type> {
    func.params.iter().map(|(_, ty)| ty).chain(&func.result)
}

fn is_resource(ty: &Type) -> bool {
    matches!(ty, Type::Own(_) | Type::Borrow(_))
}

/// Whether the values of a function are other ones for the program than for the store, so
/// that the Rust types of its resources must be known.
fn is_converted(func: &FuncType) -> bool {
    has_streams(func) || types(func).any(is_compound)
}

fn has_streams(func: &FuncType) -> bool {
    let streams = func.locate(&mut |ty| matches!(ty, Type::Stream(_) | Type::Future(_)));
    streams.is_some()
}

/// Whether a type has resources in a record or a variant.
fn is_compound(ty: &Type) -> bool {
    ty.any(&mut |ty| matches!(ty, Type::Record(_) | Type::Variant(_)) && ty.any(&mut is_resource))
}

/// Refuses resources that are lent inside of another type, in a record or a variant, or
/// beside one or a stream.
fn lent_inside(name: Option<&String>, func: &FuncType) -> Option<Refusal> {
    let mut inside = types(func).filter(|ty| !matches!(ty, Type::Borrow(_)));
    let is_lent = inside.any(|ty| ty.any(&mut |ty| matches!(ty, Type::Borrow(_))));
    (is_lent && is_converted(func)).then(|| {
        let function = name.map_or(String::new(), |name| format!(" to its function `{name}`"));
        unsupported(&format!(
            "is lent a resource inside of another type{function}, in a record or a variant, or \
             beside one or a stream, and traits for that are not supported"
        ))
    })
}

fn unsupported_type(world: &World, name: Option<&String>, func: &FuncType) -> Option<Refusal> {
    let function = within(name);
    if func.params.len() > MOST_PARAMS {
        let reason = format!(
            "has more than {MOST_PARAMS} parameters{function}, which traits do not support"
        );
        return Some(unsupported(&reason));
    }
    let place = func.locate(&mut |ty| matches!(ty, Type::ErrorContext))?;
    Some(unsupported(&format!(
        "has `{}` at {}{function}, which traits do not support",
        place.ty.display(world),
        place.path
    )))
}
