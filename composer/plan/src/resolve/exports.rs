//! The exports of the composition.

use crate::resolve::hints::ExportHints;
use crate::resolve::offers::SortedComponents;
use crate::{Export, ExportKind, Name};

/// Every callable export of every component outside of lists, sorted by name and then by component.
pub(super) struct ExportList<'g> {
    exports: Vec<(&'g Name, usize, ExportKind)>,
}

impl<'g> ExportList<'g> {
    pub(super) fn new(members: &SortedComponents<'g>) -> Self {
        let mut exports = Vec::new();
        let single = members.nodes.iter().enumerate();
        for (node, member) in single.filter(|(_, member)| !member.in_list) {
            for export in &member.world.exports {
                if let Some(kind) = ExportKind::of(&export.item) {
                    exports.push((&export.name, node, kind));
                }
            }
        }
        exports.sort();
        exports.dedup();
        ExportList { exports }
    }

    /// The names, each once.
    pub(super) fn names(&self) -> impl Iterator<Item = &'g Name> + '_ {
        self.by_name().map(|same| same[0].0)
    }

    /// The exports of the composition. A name that several components export is kept with
    /// all of them: it is an error only when it is looked up.
    pub(super) fn exports(
        &self,
        members: &SortedComponents<'_>,
        hints: &ExportHints,
        only_hinted: bool,
    ) -> Vec<Export> {
        let mut exports = Vec::with_capacity(self.exports.len());
        for (i, same) in self.by_name().enumerate() {
            let hinted = hints.get(&i);
            if only_hinted && hinted.is_none() {
                continue;
            }
            for kind in [ExportKind::Func, ExportKind::Interface] {
                let components: Vec<String> = same
                    .iter()
                    .filter(|export| hinted.is_none_or(|hinted| *hinted == export.1))
                    .filter(|export| export.2 == kind)
                    .map(|export| members.name(export.1).to_owned())
                    .collect();
                if !components.is_empty() {
                    let name = same[0].0.clone();
                    exports.push(Export {
                        name,
                        kind,
                        components,
                    });
                }
            }
        }
        exports
    }

    fn by_name(&self) -> impl Iterator<Item = &[(&'g Name, usize, ExportKind)]> {
        self.exports.chunk_by(|a, b| a.0 == b.0)
    }
}
