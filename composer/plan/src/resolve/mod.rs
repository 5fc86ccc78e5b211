//! Resolution of a graph to a plan, or to every mistake at once.
//!
//! There are four stages, and each checks everything it can before the next begins: what
//! the embedder wrote (names and hints), the source of every import, the order of
//! instantiation, the types on both sides of every link.

mod candidate;
mod cycle;
mod dialect;
mod error;
mod errors;
mod exports;
mod hints;
mod identity;
mod linker;
mod message;
mod near;
mod offers;
mod open;
mod report;
mod split;
mod subject;
mod types;
mod wording;

pub use dialect::{Dialect, RustApi};
pub use error::PlanError;
pub use errors::PlanErrors;
pub(crate) use report::Hint as HintText;
pub use report::{Candidate, CycleStep, Hint, NearMiss, ResourceUser, Satisfied, Untransferable};
pub use subject::Subject;

use crate::resolve::candidate::{ChosenExport, SourceChoice, SourceChooser, SourceFailure};
use crate::resolve::exports::ExportList;
use crate::resolve::identity::ResourceIdentities;
use crate::resolve::near::NearMisses;
use crate::resolve::offers::{ExportOffer, ExportOffers, SortedComponents, others};
use crate::resolve::open::{OpenImports, OpenNames};
use crate::resolve::split::SplitSearch;
use crate::resolve::types::{RefusedFunctions, TypeCheck};
use crate::similar::SimilarSearch;
use crate::{Extern, Graph, Link, Name, Plan, PlannedComponent, Source};

/// Decides the source of every import and the start order.
///
/// An import comes from, in this order: the component its hint points to; the linker of
/// its component; the composition's own imports, if it is among [`Graph::open_imports`];
/// the one other component that exports it, where an equal name takes precedence over a
/// compatible version. Components of lists are no such others. An interface of plain
/// types needs no source. A component is never its own provider.
///
/// A function with a type that cannot cross the boundary of its link is
/// [refused](crate::RefusedFunction), and does not keep the rest from being linked, unless
/// [`Graph::requires_all_functions`] is set.
///
/// # Errors
///
/// [`PlanErrors`]: every mistake of the first stage that finds one.
pub fn resolve(graph: &Graph) -> Result<Plan, PlanErrors> {
    let members = SortedComponents::new(graph);
    let offers = ExportOffers::new(&members);
    let open_names = open_names(graph);
    let open = OpenNames::new(&open_names);
    let chooser = SourceChooser {
        members: &members,
        offers: &offers,
        open: &open,
    };

    let listed = ExportList::new(&members);
    let mut errors = duplicates(&members);
    let mut check = hints::HintCheck::new(&members, &offers, &mut errors);
    let import_hints = check.import_hints();
    let export_hints = check.export_hints(&graph.export_hints, &listed);
    let chosen: Vec<Vec<ChosenExport>> = (0..members.nodes.len())
        .map(|node| {
            let imports = 0..members.nodes[node].world.imports.len();
            let hint = |import| import_hints.get(&(node, import)).copied();
            imports
                .map(|import| chooser.choose(node, import, hint(import)))
                .collect()
        })
        .collect();
    open.check(&members, &chosen, &mut errors);
    PlanErrors::stop(errors)?;

    let choices = sources(&members, &offers, chosen)?;
    let mut errors = linker::lacking(&members, &offers, &choices);
    errors.extend(linker::captured(&members, &choices));
    PlanErrors::stop(errors)?;
    let order = cycle::start_order(&members, &choices)?;

    let open = OpenImports::new(&members, &choices);
    let mut errors = Vec::new();
    let mut identities = ResourceIdentities::new(&members, &choices, &open, &order, &mut errors);
    let search = SplitSearch {
        members: &members,
        offers: &offers,
        identities: &identities,
        choices: &choices,
    };
    let split = search.find(&mut errors);
    let mut types = TypeCheck {
        members: &members,
        identities: &identities,
        split: &split,
        graph,
        similar: SimilarSearch::new(),
        errors: &mut errors,
        refused: RefusedFunctions::new(),
    };
    types.check_links(&order, &choices);
    types.check_open(&open);
    let refused = types.refused;
    PlanErrors::stop(errors)?;

    Ok(Plan {
        components: components(&members, &choices, &open, &order, &mut identities, refused),
        exports: listed.exports(&members, &export_hints, graph.exports_only_hinted),
        open_imports: open.imports,
    })
}

/// The imports that the embedder leaves open, in an order that does not depend on the
/// graph's.
fn open_names(graph: &Graph) -> Vec<Name> {
    let mut names: Vec<Name> = graph.open_imports.iter().map(Name::new).collect();
    names.sort();
    names.dedup();
    names
}

fn duplicates(members: &SortedComponents<'_>) -> Vec<PlanError> {
    let runs = members.nodes.chunk_by(|a, b| a.name == b.name);
    runs.filter(|run| run.len() > 1)
        .map(|run| PlanError::DuplicateComponent {
            component: run[0].name.clone(),
            count: run.len(),
        })
        .collect()
}

/// The sources of all imports, or an error for each that has none.
fn sources(
    members: &SortedComponents<'_>,
    offers: &ExportOffers<'_>,
    chosen: Vec<Vec<ChosenExport>>,
) -> Result<Vec<Vec<SourceChoice>>, PlanErrors> {
    let mut errors = Vec::new();
    let mut near = None;
    let mut choices = Vec::with_capacity(chosen.len());
    for (node, chosen) in chosen.into_iter().enumerate() {
        let mut sources = Vec::with_capacity(chosen.len());
        for (i, chosen) in chosen.into_iter().enumerate() {
            let failure = match chosen {
                Ok(choice) => {
                    sources.push(choice);
                    continue;
                }
                Err(failure) => failure,
            };
            let imported = members.import(node, i);
            let component = members.name(node).to_owned();
            let import = imported.name.clone();
            errors.push(match failure {
                SourceFailure::Unresolved => PlanError::Unresolved {
                    component,
                    near: near
                        .get_or_insert_with(|| NearMisses::new(members, offers))
                        .for_import(node, imported.interface()),
                    import,
                    interface: imported.implements.clone(),
                },
                SourceFailure::Ambiguous => PlanError::Ambiguous {
                    component,
                    candidates: candidates(members, offers, node, imported),
                    import,
                },
                SourceFailure::Unsupported => {
                    let (item, kind) = imported.item.unsupported().unwrap_or_default();
                    PlanError::Unsupported {
                        component,
                        import,
                        item: item.map(str::to_owned),
                        kind: kind.to_owned(),
                    }
                }
            });
        }
        choices.push(sources);
    }
    PlanErrors::stop(errors)?;
    Ok(choices)
}

fn candidates(
    members: &SortedComponents<'_>,
    offers: &ExportOffers<'_>,
    node: usize,
    import: &Extern,
) -> Vec<Candidate> {
    let candidate = |in_list: bool| {
        move |offer: ExportOffer| Candidate {
            component: members.name(offer.node).to_owned(),
            export: members.export(offer).name.clone(),
            in_list,
        }
    };
    let single = others(offers.for_import(import, node), node).map(candidate(false));
    let mut candidates: Vec<Candidate> = single.collect();
    if candidates.is_empty() {
        candidates.extend(others(offers.in_lists(import, node), node).map(candidate(true)));
    }
    candidates
}

fn components(
    members: &SortedComponents<'_>,
    choices: &[Vec<SourceChoice>],
    open: &OpenImports,
    order: &[usize],
    identities: &mut ResourceIdentities<'_, '_>,
    mut refused: RefusedFunctions,
) -> Vec<PlannedComponent> {
    let mut position = vec![0; order.len()];
    for (index, &node) in order.iter().enumerate() {
        position[node] = index;
    }
    let source = |node, import, choice: &SourceChoice| match *choice {
        SourceChoice::Provider(offer) => Source::Component {
            index: position[offer.node],
            component: members.name(offer.node).to_owned(),
            export: members.export(offer).name.clone(),
            boundary: members.boundary(node, offer.node),
        },
        SourceChoice::Host => Source::Host,
        SourceChoice::Open => match open.index(node, import) {
            Some(index) => Source::Open { index },
            None => Source::Nothing,
        },
        SourceChoice::Nothing => Source::Nothing,
    };
    let component = |&node: &usize| PlannedComponent {
        name: members.name(node).to_owned(),
        links: choices[node]
            .iter()
            .enumerate()
            .map(|(import, choice)| Link {
                import: members.import(node, import).name.clone(),
                source: source(node, import, choice),
                refused: refused.remove(&(node, import)).unwrap_or_default(),
            })
            .collect(),
        resources: identities.take(node),
        fused: members.nodes[node].fused.clone(),
    };
    order.iter().map(component).collect()
}
