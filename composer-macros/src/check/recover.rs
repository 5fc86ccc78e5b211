//! Recovery from a mistake, so that later mistakes are found in the same run.
//!
//! The planner stops at the first stage that finds anything, since the later stages build
//! on it. The compiler is to report everything at once, and to know the names of what is
//! generated all the same: so what has been reported is set aside, as if the embedder
//! provided it, and the rest is planned again.

use composer_plan::{Graph, Hint, Name, PlanError, PlanErrors};

/// The graph without the subjects of these mistakes; `None` if nothing can be left out.
pub(super) fn without(graph: &Graph, found: &PlanErrors) -> Option<Graph> {
    let mut rest = RemainingInput {
        graph: graph.clone(),
        changed: false,
    };
    for error in found {
        match error {
            PlanError::HintForType { hint } => {
                rest.drop_hint(hint);
            }
            PlanError::HintUnknownComponent { hint, .. }
            | PlanError::HintUnclear { hint, .. }
            | PlanError::HintNotOffered { hint, .. }
            | PlanError::HintToItself { hint }
            | PlanError::HintRepeated { hint, .. } => rest.drop_hinted(hint),
            PlanError::HintUnknownName { hint, similar } => {
                rest.drop_hinted(hint);
                // One of these was probably meant, and now lacks its hint.
                if let Some(component) = &hint.component {
                    let meant = similar.iter().map(Name::new);
                    meant.for_each(|import| rest.provide(component, &import));
                }
            }
            PlanError::HintsDisagree { hints, .. } => {
                hints.iter().for_each(|hint| rest.drop_hinted(hint));
            }
            PlanError::OpenImportUnknown { import, .. }
            | PlanError::OpenImportUseless { import, .. } => rest.close(import),
            PlanError::LinkerCaptured {
                component, import, ..
            }
            | PlanError::LinkerLacks {
                component, import, ..
            }
            | PlanError::Unresolved {
                component, import, ..
            }
            | PlanError::Ambiguous {
                component, import, ..
            }
            | PlanError::Unsupported {
                component, import, ..
            }
            | PlanError::KindMismatch {
                component, import, ..
            }
            | PlanError::MissingFunction {
                component, import, ..
            }
            | PlanError::MissingResource {
                component, import, ..
            }
            | PlanError::Mismatch {
                component, import, ..
            }
            | PlanError::Untransferable {
                component, import, ..
            } => rest.provide(component, import),
            PlanError::Cycle { steps, .. } => {
                if let Some(step) = steps.first() {
                    rest.provide(&step.component, &step.import);
                }
            }
            // If two components share a name, it is not known which one is meant.
            _ => return None,
        }
    }
    rest.changed.then_some(rest.graph)
}

struct RemainingInput {
    graph: Graph,
    changed: bool,
}

impl RemainingInput {
    fn drop_hint(&mut self, hint: &Hint) {
        self.changed |= self.graph.drop_hint(hint);
    }

    /// Drops a hint, and sets aside the imports that it is about: without the hint each
    /// of them would be a mistake of its own.
    fn drop_hinted(&mut self, hint: &Hint) {
        self.drop_hint(hint);
        let Some(component) = &hint.component else {
            return;
        };
        let mut nodes = self.graph.nodes.iter();
        let Some(node) = nodes.find(|node| node.name == *component) else {
            return;
        };
        let imports = node.world.imports.iter().map(|import| &import.name);
        let hinted: Vec<Name> = imports
            .filter(|name| name.is_meant_by(&hint.name))
            .cloned()
            .collect();
        for import in hinted {
            self.provide(component, &import);
        }
    }

    fn close(&mut self, import: &str) {
        let before = self.graph.open_imports.len();
        self.graph.open_imports.retain(|open| open != import);
        self.changed |= self.graph.open_imports.len() < before;
    }

    fn provide(&mut self, component: &str, import: &Name) {
        let mut nodes = self.graph.nodes.iter_mut();
        if let Some(node) = nodes.find(|node| node.name == component) {
            node.import_hints
                .retain(|(name, _)| !import.is_meant_by(name));
            self.changed |= node.host.insert(import.to_string());
        }
    }
}
