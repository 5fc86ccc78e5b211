//! What the composition offers.

use super::hints::ExportHints;
use super::offers::{Members, Offers};
use crate::{Export, ExportKind, Name};

/// The names under which a composition can offer something, sorted.
pub(super) fn names<'g>(members: &Members<'g>) -> Vec<&'g Name> {
    let worlds = members.nodes.iter().map(|node| &node.world);
    let exports = worlds.flat_map(|world| &world.exports);
    let mut names: Vec<&Name> = exports
        .filter(|export| ExportKind::of(&export.item).is_some())
        .map(|export| &export.name)
        .collect();
    names.sort();
    names.dedup();
    names
}

/// The exports of the composition. One that several components have is kept
/// with all of them: it is an error only for somebody who asks for it.
pub(super) fn exports(
    members: &Members<'_>,
    offers: &Offers<'_>,
    names: &[&Name],
    hints: &ExportHints,
) -> Vec<Export> {
    let mut exports = Vec::with_capacity(names.len());
    for (i, &name) in names.iter().enumerate() {
        let hinted = hints.get(&i);
        for kind in [ExportKind::Func, ExportKind::Interface] {
            let components: Vec<String> = offers
                .exact(name)
                .iter()
                .filter(|offer| hinted.is_none_or(|hinted| *hinted == offer.node))
                .filter(|offer| ExportKind::of(&members.export(**offer).item) == Some(kind))
                .map(|offer| members.name(offer.node).to_owned())
                .collect();
            if !components.is_empty() {
                let name = name.clone();
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
