//! The Rust types of resources that the embedder implements: `with`.

use std::collections::HashMap;

use composer_plan::{Name, similar_names};
use wit_parser::{Resolve, TypeDefKind, TypeId};

use crate::ast::{ComposeInput, WithType};
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
        // A version may have dots too: the resource stands behind the last one.
        let text = entry.name.value();
        let Some((interface, name)) = text.rsplit_once('.') else {
            return false;
        };
        name == self.name && Name::new(&*self.interface).is_meant_by(interface)
    }
}
