//! Where one import comes from, by the rules of precedence.

use super::offers::{Members, Offer, Offers, others};
use super::open::OpenNames;
use crate::Item;

/// The source of an import.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Choice {
    Provider(Offer),
    Host,
    Open,
    Nothing,
}

/// Why an import has no source.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Failure {
    Unresolved,
    Ambiguous,
    Unsupported,
}

pub(super) type Chosen = Result<Choice, Failure>;

/// All that decides about an import.
pub(super) struct Chooser<'a, 'g> {
    pub(super) members: &'a Members<'g>,
    pub(super) offers: &'a Offers<'g>,
    pub(super) open: &'a OpenNames<'g>,
    /// Whether the components become one, which then imports what none of them
    /// exports.
    pub(super) fused: bool,
}

impl Chooser<'_, '_> {
    /// The source of an import. A hint comes before everything else: it may
    /// pick a merely compatible version and may override the linker.
    pub(super) fn choose(&self, node: usize, import: usize, hint: Option<Offer>) -> Chosen {
        match hint {
            Some(_) if self.is_unsupported(node, import) => Err(Failure::Unsupported),
            Some(offer) => Ok(Choice::Provider(offer)),
            None => self.choose_unhinted(node, import),
        }
    }

    /// The source of an import for which there is no hint.
    ///
    /// What the embedder said comes before what components happen to export:
    /// an import that the linker defines or that is left open stays so, and
    /// adding a component does not silently capture it.
    pub(super) fn choose_unhinted(&self, node: usize, import: usize) -> Chosen {
        let import = self.members.import(node, import);
        if matches!(&import.item, Item::Interface(interface) if interface.is_types_only()) {
            return Ok(Choice::Nothing);
        }
        if self.members.nodes[node].host.contains(import.name.as_str()) {
            return Ok(if self.fused {
                Choice::Open
            } else {
                Choice::Host
            });
        }
        if import.item.unsupported().is_some() {
            return Err(Failure::Unsupported);
        }
        if self.open.allows(&import.name) {
            return Ok(Choice::Open);
        }
        let mut candidates = others(self.offers.for_import(import, node), node);
        match (candidates.next(), candidates.next()) {
            (Some(only), None) => Ok(Choice::Provider(only)),
            (Some(_), Some(_)) => Err(Failure::Ambiguous),
            (None, _) if self.fused => Ok(Choice::Open),
            (None, _) => Err(Failure::Unresolved),
        }
    }

    fn is_unsupported(&self, node: usize, import: usize) -> bool {
        let import = self.members.import(node, import);
        import.item.unsupported().is_some()
    }
}
