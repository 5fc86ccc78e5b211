//! The Rust types of resources that the embedder implements: `with`.

use std::collections::HashMap;

use composer_plan::{Name, Resource, similar_names};
use wit_parser::{Resolve, TypeId};

use crate::ast::{ComposeInput, WithType};
use crate::bindings::names::camel;
use crate::check::host::{HostTrait, TraitOf};
use crate::errors::{MacroErrors, did_you_mean};

/// The index of each such resource's entry.
pub(crate) type RustTypes = HashMap<TypeId, usize>;

/// A resource of a trait that the embedder implements.
struct HostResource {
    /// `None` for a resource of a world.
    interface: Option<Name>,
    name: String,
    id: TypeId,
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
    let resources = host.iter().flat_map(|host| {
        let is_interface = matches!(host.of, TraitOf::Interface(_));
        let interface = is_interface.then(|| Name::new(&*host.name));
        let resources = host.resources(resolve).into_iter();
        resources.filter_map(move |id| {
            Some(HostResource {
                interface: interface.clone(),
                name: resolve.types[id].name.clone()?,
                id,
            })
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
        true => {
            "list the interface of the resource under `host`, or the resource itself if a \
                 world defines it"
        }
        false => {
            "write the interface and the resource, as in \"plugin:host/context.context\", \
                  or the resource alone if a world defines it"
        }
    };
    format!(
        "`{text}` under `with` is no resource of what is under `host`{}\n  fix: {fix}",
        did_you_mean(&similar)
    )
}

impl HostResource {
    fn text(&self) -> String {
        written(self.interface.as_ref(), &self.name)
    }

    fn is_meant_by(&self, entry: &WithType) -> bool {
        means(entry, self.interface.as_ref(), &self.name)
    }
}
