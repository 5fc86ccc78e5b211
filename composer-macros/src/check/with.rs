//! The Rust types of resources that the embedder implements: `with`.

use std::collections::HashMap;

use composer_plan::{Name, Resource, similar_names};
use wit_parser::{Resolve, TypeDefKind, TypeId};

use crate::ast::{ComposeInput, WithType};
use crate::bindings::names::camel;
use crate::check::host::{HostTrait, TraitOf};
use crate::errors::{MacroErrors, did_you_mean};

/// The index of each such resource's entry.
pub(crate) type RustTypes = HashMap<TypeId, usize>;

/// A resource of a trait that the embedder implements.
struct HostResource {
    interface: String,
    name: String,
    id: TypeId,
}

/// Whether an entry tells the Rust type of a resource.
pub(super) fn is_told(input: &ComposeInput, resource: &Resource) -> bool {
    let Some(interface) = &resource.interface else {
        return false;
    };
    let mut entries = input.with.iter();
    entries.any(|entry| means(entry, interface, &resource.name))
}

/// What an entry for a resource looks like.
pub(super) fn example(resource: &Resource) -> Option<String> {
    let interface = resource.interface.as_ref()?.base();
    let (name, ty) = (&resource.name, camel(&resource.name));
    Some(format!("with: {{ \"{interface}.{name}\": {ty} }}"))
}

fn means(entry: &WithType, interface: &Name, resource: &str) -> bool {
    // A version may have dots too: the resource stands behind the last one.
    let text = entry.name.value();
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
    let known = resources(resolve, host);
    let mut found = RustTypes::new();
    let mut wrong = false;
    for (index, entry) in input.with.iter().enumerate() {
        let meant: Vec<&HostResource> = known.iter().filter(|r| r.is_meant_by(entry)).collect();
        let twice = meant
            .iter()
            .any(|resource| found.contains_key(&resource.id));
        if meant.is_empty() || twice {
            errors.at(entry.name.span(), problem(entry, &known, twice));
            wrong = true;
        }
        found.extend(meant.iter().map(|resource| (resource.id, index)));
    }
    (!wrong).then_some(found)
}

fn resources(resolve: &Resolve, host: &[HostTrait]) -> Vec<HostResource> {
    let interfaces = host.iter().filter_map(|host| match host.of {
        TraitOf::Interface(id) => Some((id, &host.name)),
        TraitOf::Function(_) => None,
    });
    let resources = interfaces.flat_map(|(id, interface)| {
        let types = resolve.interfaces[id].types.iter();
        let resources =
            types.filter(|(_, id)| matches!(resolve.types[**id].kind, TypeDefKind::Resource));
        resources.map(|(name, id)| HostResource {
            interface: interface.clone(),
            name: name.clone(),
            id: *id,
        })
    });
    resources.collect()
}

fn problem(entry: &WithType, known: &[HostResource], twice: bool) -> String {
    let text = entry.name.value();
    if twice {
        return format!("the Rust type of `{text}` is given twice\n  fix: keep one");
    }
    let names: Vec<String> = known.iter().map(HostResource::text).collect();
    let similar = similar_names(&text, names.iter().map(String::as_str));
    let fix = match names.is_empty() {
        true => "list the interface of the resource under `host`",
        false => "write the interface and the resource, as in \"plugin:host/context.context\"",
    };
    format!(
        "`{text}` under `with` is no resource of an interface under `host`{}\n  fix: {fix}",
        did_you_mean(&similar)
    )
}

impl HostResource {
    fn text(&self) -> String {
        format!("{}.{}", Name::new(&*self.interface).base(), self.name)
    }

    fn is_meant_by(&self, entry: &WithType) -> bool {
        means(entry, &Name::new(&*self.interface), &self.name)
    }
}
