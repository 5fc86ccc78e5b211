//! Checks whether the composition can be wired as written.
//!
//! The planner decides the wiring, by the same code that runs when components are
//! composed. This module adds what is specific to the macro: names of worlds, lists, what
//! the embedder provides, what is exported, and names in Rust.

mod dialect;
mod exports;
mod hints;
mod host;
mod host_functions;
mod lists;
mod planned;
mod provided;
mod recover;
mod rust_names;
mod unused;
mod wasi;
mod with;
mod without_method;
mod worlds;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use composer_plan::{
    Boundary, FuncType, Graph, HostType, Name, Node, Place, Placement, Plan, ResourceId, Side,
    StreamItems, World, resolve,
};
use wit_parser::{InterfaceId, WorldId};

use crate::ast::{ComposeInput, text};
use crate::bindings::Bindings;
use crate::check::provided::ProvidedNames;
use crate::errors::MacroErrors;
use crate::labels;
use crate::load::LoadedWit;

pub(crate) use hints::hints_of;
pub(crate) use host::{HostTrait, TraitOf};
pub(crate) use lists::written;
pub(crate) use rust_names::type_parameter;
pub(crate) use unused::Warning;
pub(crate) use with::RustTypes;

/// The input after the checks: what of it fits together.
pub(crate) struct CheckedInput {
    pub(crate) input: ComposeInput,
    pub(crate) wit: LoadedWit,
    /// The components, in the order of the input.
    pub(crate) components: Vec<DeclaredComponent>,
    /// The exports of the composition as a whole, limited to those that the input lists.
    pub(crate) exports: World,
    /// The Rust bindings.
    pub(crate) bindings: Bindings,
    /// What is accepted, and probably not meant.
    pub(crate) warnings: Vec<Warning>,
}

/// A component and its declaration.
#[derive(Clone)]
pub(crate) struct DeclaredComponent {
    pub(crate) what: Declaration,
    /// The full name of the world or the interface.
    pub(crate) name: String,
    /// For a component that is known only at run time, the world that exports its
    /// interface.
    pub(crate) world: Arc<World>,
}

/// The item that a component is declared by.
#[derive(Clone, Copy)]
pub(crate) enum Declaration {
    World(WorldId),
    /// An interface that it exports.
    Dyn(InterfaceId),
    /// An interface that any number of components export.
    Many(InterfaceId),
}

/// Runs all checks. `None` if there was a mistake after which no code can be generated;
/// after one in the wiring there is, so that it does not undefine every name.
pub(crate) fn check(
    input: ComposeInput,
    mut wit: LoadedWit,
    errors: &mut MacroErrors,
) -> Option<CheckedInput> {
    let mut wrong = rust_names::check(&input, errors);
    hints::check_components(&input, errors);
    let components = worlds::find(&input, &wit, errors);
    // The wiring can be checked only if all worlds are known.
    let components: Vec<DeclaredComponent> = components.into_iter().collect::<Option<_>>()?;
    wrong |= labels::check(&input, &wit.resolve, &components, errors);
    // The worlds above already record which interface each label stands for.
    labels::separate(&mut wit.resolve);
    let worlds: Vec<&World> = components.iter().map(|c| &*c.world).collect();
    let provided = ProvidedNames::new(&input, &worlds);
    hints::check(&input, &components, errors);
    wrong |= provided.check(&worlds, &wit.resolve, errors);
    host_functions::check(&input, &wit.resolve, errors);
    exports::check(&input, &worlds, errors);
    if rust_names::has_duplicates(&input) {
        return None;
    }
    let graph = graph(&input, &components, &provided);
    let (plan, graph) = plan(&input, graph, errors)?;
    if errors.is_empty() {
        provided.check_used(&plan, errors);
        wrong |= exports::check_resources(&input, &graph, &plan, errors);
    }
    if wrong {
        return None;
    }
    let mut warnings = match errors.is_empty() {
        true => unused::find(&input, &components, &provided, &plan),
        false => Vec::new(),
    };
    let mut exports = plan.world(&graph);
    exports.imports = Vec::new();
    exports.exports.retain(|export| {
        let mut asked = input.exports.iter();
        asked.any(|asked| export.name.is_meant_by(&asked.name.value()))
    });
    let host = host::traits(&input, &components, &wit.resolve);
    let rust_types = with::find(&input, &wit.resolve, &host, errors)?;
    let bindings = Bindings::new(&input, &wit.resolve, &components, &plan, &exports, &host);
    let bindings = bindings.with_rust_types(rust_types);
    if rust_names::check_bindings(&input, &wit.resolve, &bindings, errors) {
        return None;
    }
    if errors.is_empty() {
        warnings.extend(without_method::find(&bindings, &wit.resolve));
    }
    Some(CheckedInput {
        warnings,
        input,
        wit,
        components,
        exports,
        bindings,
    })
}

/// The plan, and the graph that it is of: after mistakes in the wiring, which are reported,
/// that is the graph without them. `None` if nothing is left.
fn plan(input: &ComposeInput, graph: Graph, errors: &mut MacroErrors) -> Option<(Plan, Graph)> {
    let mut reported = planned::ReportedErrors::default();
    let mut rest = graph;
    // Each round leaves something out, so the loop ends.
    loop {
        match resolve(&rest) {
            Ok(plan) => return Some((plan, rest)),
            Err(found) => {
                planned::report(input, &found, &mut reported, errors);
                rest = recover::without(&rest, &found)?;
            }
        }
    }
}

fn graph(
    input: &ComposeInput,
    components: &[DeclaredComponent],
    provided: &ProvidedNames<'_>,
) -> Graph {
    let components = input.components.iter().zip(components);
    let nodes = components.map(|(component, declared)| {
        let world = &declared.world;
        let imports = world.imports.iter().map(|import| &import.name);
        let host = imports.filter(|import| provided.has(import));
        Node {
            name: lists::node(input, text(&component.name)),
            world: world.clone(),
            in_list: component.is_list(),
            host: host.map(ToString::to_string).collect(),
            host_in_other_version: BTreeSet::new(),
            host_lacking: BTreeMap::new(),
            host_types: host_types(world, provided),
            import_hints: hints::for_graph(input, component, world),
            placement: Placement::default(),
            fused: None,
        }
    });
    Graph {
        nodes: nodes.collect(),
        export_hints: hints::exports_for_graph(input),
        open_imports: input.open.iter().map(syn::LitStr::value).collect(),
        ..Graph::default()
    }
}

/// The resources that the program provides to a component. Its parts' linkers may define
/// some that cannot leave their stores, which only the parts themselves know.
fn host_types(world: &World, provided: &ProvidedNames<'_>) -> BTreeMap<ResourceId, HostType> {
    let resources = (0..).map(ResourceId).zip(&world.resources);
    let provided = resources.filter_map(|(id, resource)| {
        let import = match &resource.interface {
            Some(interface) => interface.clone(),
            None => Name::new(&*resource.name),
        };
        if resource.side == Side::Export || !provided.has(&import) {
            return None;
        }
        let host_type = HostType::new(resource, "value of the program");
        // A pollable names an entry of its own store's table.
        let moves = host_type.resource != "wasi:io/poll.pollable";
        moves.then_some((id, host_type))
    });
    provided.collect()
}

/// The first type in a function that no boundary carries.
fn confined(func: &FuncType) -> Option<Place<'_>> {
    func.locate(&mut |ty| !Boundary::Isolated.carries(ty, StreamItems::Any))
}
