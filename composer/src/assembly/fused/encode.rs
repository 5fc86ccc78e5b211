//! The encoding of a plan of components as one component, by wac-graph.

use std::any::Any;
use std::collections::{BTreeMap, BTreeSet};
use std::error::Error;
use std::panic::{AssertUnwindSafe, catch_unwind};

use composer_plan::{Name, Plan, PlannedComponent, Source};
use wac_graph::types::{ItemKind, Package, Type};
use wac_graph::{CompositionGraph, EncodeError, EncodeOptions, NodeId, PackageId};

use crate::error::fuse::FuseError;

/// The binary and the exports of a member.
pub(super) struct MemberBody {
    pub(super) bytes: Vec<u8>,
    /// The names of all its exports, hidden or not, in its own order.
    pub(super) exports: Vec<MemberExport>,
    /// The types that stand directly in its world, resources among them.
    pub(super) types: Vec<String>,
}

/// An export of a member.
pub(super) struct MemberExport {
    pub(super) name: String,
    /// Whether it contains types, which other exports may have to name.
    pub(super) has_types: bool,
}

/// Writes the components of a plan as one component. The keys of `bodies` are the
/// components' names.
///
/// wac-graph decides nothing here: it gets every link, and imports what the plan leaves
/// open. The exports in `shown` are exported, and so are those others that have types: a
/// type that occurs in one export must be exported by another, even if that is not meant
/// to be seen.
pub(super) fn encode(
    plan: &Plan,
    shown: &BTreeMap<String, String>,
    bodies: &BTreeMap<String, MemberBody>,
) -> Result<Vec<u8>, FuseError> {
    let mut graph = CompositionGraph::new();
    let mut packages: Vec<(&[u8], PackageId)> = Vec::new();
    let mut instances: Vec<NodeId> = Vec::new();
    for component in &plan.components {
        let body = bodies.get(&component.name);
        let bytes = body.map_or(&[][..], |body| &body.bytes);
        // Members of the same bytes are instances of one component.
        let known = packages.iter().find(|(known, _)| *known == bytes);
        let package = match known {
            Some((_, package)) => *package,
            None => {
                let package = register(&mut graph, packages.len(), bytes);
                let package = package.map_err(|reason| FuseError::Member {
                    member: component.name.clone(),
                    reason,
                })?;
                packages.push((bytes, package));
                package
            }
        };
        write_out(&mut graph, package, component);
        let instance = graph.instantiate(package);
        for link in &component.links {
            let Source::Component {
                index,
                component: provider,
                export,
                ..
            } = &link.source
            else {
                continue;
            };
            let linked = guarded(|| {
                let offer = graph.alias_instance_export(instances[*index], export.as_str())?;
                graph.set_instantiation_argument(instance, link.import.as_str(), offer)?;
                let interface = (link.import.as_str(), offer);
                give_used_resources(&mut graph, (package, instance), interface)
            });
            linked.map_err(|reason| FuseError::Link {
                member: component.name.clone(),
                import: Box::new(link.import.clone()),
                provider: provider.clone(),
                export: Box::new(export.clone()),
                reason,
            })?;
        }
        instances.push(instance);
    }
    finish(graph, plan, shown, bodies, &instances)
}

/// Registers a component whose bytes are new.
fn register(graph: &mut CompositionGraph, index: usize, bytes: &[u8]) -> Result<PackageId, String> {
    guarded(|| {
        let name = format!("composer:member{index}");
        let package = Package::from_bytes(&name, None, bytes, graph.types_mut())
            .map_err(|error| format!("{error:#}"))?;
        Ok(graph.register_package(package)?)
    })
}

/// Gives a member the resources that its world uses from an interface of another member
/// (`use counters.{counter}`), except those that it has. Each is an import of its own, and
/// wac-graph would import it into the group, where it would be another resource.
fn give_used_resources(
    graph: &mut CompositionGraph,
    (package, instance): (PackageId, NodeId),
    (interface, offer): (&str, NodeId),
) -> Result<(), Box<dyn Error>> {
    let types = graph.types();
    let resource = |kind: &ItemKind| match kind {
        ItemKind::Type(Type::Resource(id)) => Some(types.resolve_resource(*id)),
        _ => None,
    };
    let imports = &types[graph[package].ty()].imports;
    let Some(ItemKind::Instance(interface)) = imports.get(interface) else {
        return Ok(());
    };
    let exports = &types[*interface].exports;
    let arguments = graph.get_instantiation_arguments(instance);
    let given: BTreeSet<&str> = arguments.map(|(name, _)| name).collect();
    let missing = imports
        .iter()
        .filter(|(import, _)| !given.contains(import.as_str()));
    let used: Vec<(String, String)> = missing
        .filter_map(|(import, kind)| {
            let wanted = Some(resource(kind)?);
            let (export, _) = exports.iter().find(|(_, kind)| resource(kind) == wanted)?;
            Some((import.clone(), export.clone()))
        })
        .collect();
    for (import, export) in used {
        let resource = graph.alias_instance_export(offer, &export)?;
        graph.set_instantiation_argument(instance, &import, resource)?;
    }
    Ok(())
}

/// Writes out the types that an open import uses from an interface which another member
/// provides: wac-graph would otherwise import that interface as well, to name them. Only
/// resources need a name, and there are none among these types: see
/// [`resources`](crate::assembly::fused::resources).
fn write_out(graph: &mut CompositionGraph, package: PackageId, component: &PlannedComponent) {
    let world = graph[package].ty();
    let imported = |name: &str| match graph.types()[world].imports.get(name) {
        Some(ItemKind::Instance(id)) => Some(*id),
        _ => None,
    };
    let (mut inside, mut outside) = (Vec::new(), Vec::new());
    for link in &component.links {
        let side = match link.source {
            Source::Component { .. } => &mut inside,
            _ => &mut outside,
        };
        side.extend(imported(link.import.as_str()));
    }
    for id in outside {
        let uses = &mut graph.types_mut()[id].uses;
        uses.retain(|_, used| !inside.contains(&used.interface));
    }
}

/// Exports the interfaces of providers before those of their users, as in any world: an
/// interface comes before those that use its resources.
fn finish(
    mut graph: CompositionGraph,
    plan: &Plan,
    shown: &BTreeMap<String, String>,
    bodies: &BTreeMap<String, MemberBody>,
    instances: &[NodeId],
) -> Result<Vec<u8>, FuseError> {
    let mut exported = BTreeSet::new();
    for (component, instance) in plan.components.iter().zip(instances) {
        let body = bodies.get(&component.name);
        for offer in body.map_or(&[][..], |body| &body.exports) {
            let wanted = match shown.get(&offer.name) {
                Some(owner) => *owner == component.name,
                None => offer.has_types,
            };
            if wanted && exported.insert(&offer.name) {
                export(&mut graph, *instance, &offer.name)
                    .map_err(|reason| FuseError::Encode { reason })?;
            }
        }
    }
    let mut conflict = None;
    let encoded = guarded(|| {
        graph.encode(EncodeOptions::default()).map_err(|error| {
            if let EncodeError::ImportTypeMergeConflict { import, second, .. } = &error {
                let member = instances.iter().position(|instance| instance == second);
                conflict = member.map(|member| (member, import.clone()));
            }
            error.into()
        })
    });
    encoded.map_err(|reason| match conflict {
        Some((member, import)) => FuseError::Import {
            member: plan.components[member].name.clone(),
            import: Name::new(import),
            reason,
        },
        None => find_culprit(plan, bodies).unwrap_or(FuseError::Encode { reason }),
    })
}

fn export(graph: &mut CompositionGraph, instance: NodeId, name: &str) -> Result<(), String> {
    guarded(|| {
        let offer = graph.alias_instance_export(instance, name)?;
        Ok(graph.export(offer, name)?)
    })
}

/// The member, and its export, that cannot be written even alone.
fn find_culprit(plan: &Plan, bodies: &BTreeMap<String, MemberBody>) -> Option<FuseError> {
    for component in &plan.components {
        let body = bodies.get(&component.name)?;
        let Err(reason) = alone(body, &body.exports) else {
            continue;
        };
        for count in 0..body.exports.len() {
            let Err(reason) = alone(body, &body.exports[..=count]) else {
                continue;
            };
            if alone(body, &[]).is_ok() {
                let export = &body.exports[count];
                return Some(FuseError::Export {
                    member: component.name.clone(),
                    export: Name::new(&export.name),
                    types: match export.has_types {
                        true => Vec::new(),
                        false => body.types.clone(),
                    },
                    reason,
                });
            }
        }
        return Some(FuseError::Member {
            member: component.name.clone(),
            reason,
        });
    }
    None
}

/// Writes a component that is made of one member, with some of its exports.
fn alone(body: &MemberBody, exports: &[MemberExport]) -> Result<(), String> {
    let mut graph = CompositionGraph::new();
    let package = register(&mut graph, 0, &body.bytes)?;
    let instance = graph.instantiate(package);
    for offer in exports {
        export(&mut graph, instance, &offer.name)?;
    }
    guarded(|| Ok(graph.encode(EncodeOptions::default())?)).map(drop)
}

/// Runs a step of wac-graph, and returns the reason if it fails or panics.
///
/// wac-graph asserts much that holds for components which were made from WIT. Other valid
/// components can violate these assertions, and must not end the program.
fn guarded<T>(run: impl FnOnce() -> Result<T, Box<dyn Error>>) -> Result<T, String> {
    match catch_unwind(AssertUnwindSafe(run)) {
        Ok(result) => result.map_err(|error| chain(&*error)),
        Err(panic) => Err(format!("wac-graph gave up: {}", message(&*panic))),
    }
}

/// An error with its causes.
fn chain(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text.push_str(&format!(": {error}"));
        cause = error.source();
    }
    text
}

/// The message of a panic.
fn message(panic: &(dyn Any + Send)) -> &str {
    let text = panic.downcast_ref::<String>().map(String::as_str);
    text.or_else(|| panic.downcast_ref::<&str>().copied())
        .unwrap_or("for no reason that it tells")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_panics_is_an_error() {
        let failed: Result<(), String> = guarded(|| panic!("it cannot be {}", 1));
        assert_eq!(failed, Err("wac-graph gave up: it cannot be 1".to_owned()));
        let failed: Result<(), String> = guarded(|| panic!("it cannot be"));
        assert_eq!(failed, Err("wac-graph gave up: it cannot be".to_owned()));
        let failed: Result<(), String> = guarded(|| Err("no".into()));
        assert_eq!(failed, Err("no".to_owned()));
    }
}
