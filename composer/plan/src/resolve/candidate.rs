//! The choice of an import's source, by the rules of precedence.

use crate::Item;
use crate::resolve::offers::{ExportOffer, ExportOffers, SortedComponents, others};
use crate::resolve::open::OpenNames;

/// The source of an import.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum SourceChoice {
    Provider(ExportOffer),
    Host,
    Open,
    Nothing,
}

/// The reason why an import has no source.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum SourceFailure {
    Unresolved,
    Ambiguous,
    Unsupported,
}

pub(super) type ChosenExport = Result<SourceChoice, SourceFailure>;

/// The inputs of the choice.
pub(super) struct SourceChooser<'a, 'g> {
    pub(super) members: &'a SortedComponents<'g>,
    pub(super) offers: &'a ExportOffers<'g>,
    pub(super) open: &'a OpenNames<'g>,
}

impl SourceChooser<'_, '_> {
    /// The source of an import. A hint takes precedence over everything else: it may pick
    /// a merely compatible version and may override the linker.
    pub(super) fn choose(
        &self,
        node: usize,
        import: usize,
        hint: Option<ExportOffer>,
    ) -> ChosenExport {
        match hint {
            Some(_) if self.is_unsupported(node, import) => Err(SourceFailure::Unsupported),
            Some(offer) => Ok(SourceChoice::Provider(offer)),
            None => self.choose_unhinted(node, import),
        }
    }

    /// The source of an import for which there is no hint.
    ///
    /// The embedder's declarations take precedence over the exports of components: an
    /// import that the linker defines or that is left open stays so, and adding a
    /// component does not silently capture it.
    fn choose_unhinted(&self, node: usize, import: usize) -> ChosenExport {
        let import = self.members.import(node, import);
        if matches!(&import.item, Item::Interface(interface) if interface.is_types_only()) {
            return Ok(SourceChoice::Nothing);
        }
        if self.members.nodes[node].host.contains(import.name.as_str()) {
            return Ok(if self.members.is_member(node) {
                SourceChoice::Open
            } else {
                SourceChoice::Host
            });
        }
        if import.item.unsupported().is_some() {
            return Err(SourceFailure::Unsupported);
        }
        if self.open.allows(&import.name) {
            return Ok(SourceChoice::Open);
        }
        let mut candidates = others(self.offers.for_import(import, node), node);
        let mut in_lists = others(self.offers.in_lists(import, node), node);
        match (candidates.next(), candidates.next()) {
            (Some(only), None) => Ok(SourceChoice::Provider(only)),
            (Some(_), Some(_)) => Err(SourceFailure::Ambiguous),
            (None, _) if in_lists.next().is_some() => Err(SourceFailure::Ambiguous),
            (None, _) if self.members.is_member(node) => Ok(SourceChoice::Open),
            (None, _) => Err(SourceFailure::Unresolved),
        }
    }

    fn is_unsupported(&self, node: usize, import: usize) -> bool {
        let import = self.members.import(node, import);
        import.item.unsupported().is_some()
    }
}
