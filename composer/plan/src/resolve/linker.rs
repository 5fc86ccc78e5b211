//! Checks of the embedder's linkers: imports that they have only a part of, and imports
//! that a link would capture.

use crate::resolve::candidate::SourceChoice;
use crate::resolve::error::PlanError;
use crate::resolve::offers::{ExportOffers, SortedComponents, others};

/// Reports imports that the embedder's linker is to provide but has only a part of.
pub(super) fn lacking(
    members: &SortedComponents<'_>,
    offers: &ExportOffers<'_>,
    choices: &[Vec<SourceChoice>],
) -> Vec<PlanError> {
    let mut errors = Vec::new();
    for (node, choices) in choices.iter().enumerate() {
        for (import, choice) in choices.iter().enumerate() {
            let import = members.import(node, import);
            let lacking = members.nodes[node].host_lacking.get(import.name.as_str());
            let (SourceChoice::Host, Some(lacking)) = (choice, lacking) else {
                continue;
            };
            let candidates = others(offers.for_import(import, node), node);
            errors.push(PlanError::LinkerLacks {
                component: members.name(node).to_owned(),
                import: import.name.clone(),
                lacking: lacking.clone(),
                offered_by: candidates
                    .map(|o| members.name(o.node).to_owned())
                    .collect(),
            });
        }
    }
    errors
}

/// Reports imports that the embedder's linker is to provide but that a link would
/// capture.
///
/// A link is implemented by a definition of its import in the component's linker, and a
/// linker that lacks a name takes the highest compatible version it has. So an import
/// that it has only in another version can be captured by a link for a third version.
pub(super) fn captured(
    members: &SortedComponents<'_>,
    choices: &[Vec<SourceChoice>],
) -> Vec<PlanError> {
    let mut errors = Vec::new();
    for (node, choices) in choices.iter().enumerate() {
        let in_other_version = &members.nodes[node].host_in_other_version;
        if in_other_version.is_empty() {
            continue;
        }
        let name = |import| &members.import(node, import).name;
        for (import, choice) in choices.iter().enumerate() {
            let import = name(import);
            if *choice != SourceChoice::Host || !in_other_version.contains(import.as_str()) {
                continue;
            }
            let mut linked = choices.iter().enumerate().filter_map(|(other, choice)| {
                let linked = matches!(choice, SourceChoice::Provider(_) | SourceChoice::Open);
                linked.then(|| name(other))
            });
            if let Some(captor) = linked.find(|other| other.matches(import).is_some()) {
                errors.push(PlanError::LinkerCaptured {
                    component: members.name(node).to_owned(),
                    import: import.clone(),
                    captor: captor.clone(),
                });
            }
        }
    }
    errors
}
