//! Checks of the embedder's hints, made before they are applied.

use std::collections::{BTreeMap, HashMap};

use crate::resolve::error::PlanError;
use crate::resolve::exports::ExportList;
use crate::resolve::near::NearMisses;
use crate::resolve::offers::{
    ExportOffer, ExportOffers, LookupResult, NameLookup, SortedComponents, others,
};
use crate::resolve::report::Hint;
use crate::similar::SimilarSearch;
use crate::{ExportKind, Extern, HintTarget, Name};

/// The offer that a hint picks for an import, by `(node, import)`.
pub(super) type ImportHints = HashMap<(usize, usize), ExportOffer>;

/// The component that a hint picks for an export, by position in the sorted
/// names of exports.
pub(super) type ExportHints = HashMap<usize, usize>;

/// The inputs of the checks, and the errors that they find.
pub(super) struct HintCheck<'a, 'g> {
    members: &'a SortedComponents<'g>,
    offers: &'a ExportOffers<'g>,
    near: Option<NearMisses<'a, 'g>>,
    similar: SimilarSearch,
    errors: &'a mut Vec<PlanError>,
}

impl<'a, 'g> HintCheck<'a, 'g> {
    pub(super) fn new(
        members: &'a SortedComponents<'g>,
        offers: &'a ExportOffers<'g>,
        errors: &'a mut Vec<PlanError>,
    ) -> Self {
        HintCheck {
            members,
            offers,
            near: None,
            similar: SimilarSearch::new(),
            errors,
        }
    }

    /// The valid import hints.
    pub(super) fn import_hints(&mut self) -> ImportHints {
        let mut good = ImportHints::new();
        for (node, member) in self.members.nodes.iter().enumerate() {
            if member.import_hints.is_empty() {
                continue;
            }
            let names = || member.world.imports.iter().map(|import| &import.name);
            let component = Some(member.name.as_str());
            for (import, hint) in self.targets(component, &member.import_hints, names) {
                let imported = self.members.import(node, import);
                if let Some(offer) = self.import_target(node, imported, &hint) {
                    good.insert((node, import), offer);
                }
            }
        }
        good
    }

    /// The valid export hints.
    pub(super) fn export_hints(
        &mut self,
        hints: &[(String, String)],
        listed: &ExportList<'g>,
    ) -> ExportHints {
        let mut good = ExportHints::new();
        if hints.is_empty() {
            return good;
        }
        let names: Vec<&Name> = listed.names().collect();
        let hints = hints.iter().map(|(name, to)| (name.clone(), to.into()));
        let hints: Vec<(String, HintTarget)> = hints.collect();
        for (export, hint) in self.targets(None, &hints, || names.iter().copied()) {
            if let Some(node) = self.export_target(names[export], hint) {
                good.insert(export, node);
            }
        }
        good
    }

    /// Whether a type stands under this name directly in the component's world, or without
    /// a component, in the world of any.
    fn is_type(&self, component: Option<&str>, name: &str) -> bool {
        let mut nodes = self.members.nodes.iter();
        nodes.any(|node| {
            component.is_none_or(|component| node.name == component)
                && node.world.types.iter().any(|known| known == name)
        })
    }

    /// Finds the import or export that each hint is about, and keeps one hint for each.
    /// Reports everything that is wrong with the hints as a set.
    fn targets<'n, N: Iterator<Item = &'n Name>>(
        &mut self,
        component: Option<&str>,
        hints: &[(String, HintTarget)],
        names: impl Fn() -> N,
    ) -> Vec<(usize, Hint)> {
        let mut hints: Vec<Hint> = hints
            .iter()
            .map(|(name, to)| Hint {
                component: component.map(str::to_owned),
                name: name.clone(),
                to: to.component.clone(),
                export: to.export.clone(),
            })
            .collect();
        hints.sort();
        let lookup = NameLookup::new(names());
        let mut about: BTreeMap<usize, Vec<Hint>> = BTreeMap::new();
        for hint in hints {
            match lookup.find(&hint.name) {
                LookupResult::One(i) => about.entry(i).or_default().push(hint),
                LookupResult::Several(several) => {
                    let named = names().enumerate().filter(|(i, _)| several.contains(i));
                    let names = named.map(|(_, name)| name.clone()).collect();
                    self.errors.push(PlanError::HintUnclear { hint, names });
                }
                LookupResult::Nothing if self.is_type(component, &hint.name) => {
                    self.errors.push(PlanError::HintForType { hint });
                }
                LookupResult::Nothing => {
                    let similar = self.similar.to(&hint.name, names().map(Name::as_str));
                    self.errors
                        .push(PlanError::HintUnknownName { hint, similar });
                }
            }
        }
        let mut targets = Vec::new();
        for (i, hints) in about {
            let Some(first) = hints.first().cloned() else {
                continue;
            };
            if hints.iter().any(|hint| hint.target() != first.target()) {
                let Some(name) = names().nth(i).cloned() else {
                    continue;
                };
                self.errors.push(PlanError::HintsDisagree { name, hints });
                continue;
            }
            if hints.len() > 1 {
                let (hint, count) = (first.clone(), hints.len());
                self.errors.push(PlanError::HintRepeated { hint, count });
            }
            targets.push((i, first));
        }
        targets
    }

    /// The offer that an import hint points to.
    fn import_target(&mut self, node: usize, import: &Extern, hint: &Hint) -> Option<ExportOffer> {
        let to = self.component(hint)?;
        if to == node {
            let hint = hint.clone();
            self.errors.push(PlanError::HintToItself { hint });
            return None;
        }
        let found = match &hint.export {
            Some(export) => self.named_offer(to, export, hint)?,
            None => self
                .offers
                .best(to, import)
                .ok_or_else(|| import.interface().clone()),
        };
        let name = match found {
            Ok(offer) => return Some(offer),
            Err(name) => name,
        };
        let single = others(self.offers.candidates(&name, node), node);
        let in_lists = self.offers.exact_in_lists(&name).iter().copied();
        let offered_by = single.chain(in_lists.filter(|offer| offer.node != node));
        let offered_by = offered_by.map(|offer| self.members.name(offer.node).to_owned());
        let error = PlanError::HintNotOffered {
            hint: hint.clone(),
            offered_by: offered_by.collect(),
            near: self.near().in_component(to, &name),
            name,
        };
        self.errors.push(error);
        None
    }

    /// The export of a component that a hint names, or the name if there is none.
    fn named_offer(
        &mut self,
        node: usize,
        text: &str,
        hint: &Hint,
    ) -> Option<Result<ExportOffer, Name>> {
        let exports = &self.members.nodes[node].world.exports;
        let lookup = NameLookup::new(exports.iter().map(|export| &export.name));
        Some(match lookup.find(text) {
            LookupResult::One(export) => Ok(ExportOffer { node, export }),
            LookupResult::Nothing => Err(Name::new(text)),
            LookupResult::Several(several) => {
                let names = several.iter().map(|&i| exports[i].name.clone()).collect();
                let hint = hint.clone();
                self.errors.push(PlanError::HintUnclear { hint, names });
                return None;
            }
        })
    }

    /// The component that an export hint points to.
    fn export_target(&mut self, name: &Name, hint: Hint) -> Option<usize> {
        let to = self.component(&hint)?;
        let exporters: Vec<usize> = self
            .offers
            .exact(name)
            .filter(|offer| ExportKind::of(&self.members.export(*offer).item).is_some())
            .map(|offer| offer.node)
            .collect();
        let name = name.clone();
        if !exporters.contains(&to) {
            let names = exporters
                .iter()
                .map(|&node| self.members.name(node).to_owned());
            let error = PlanError::HintNotOffered {
                hint,
                offered_by: names.collect(),
                near: self.near().in_component(to, &name),
                name,
            };
            self.errors.push(error);
            return None;
        }
        Some(to)
    }

    fn component(&mut self, hint: &Hint) -> Option<usize> {
        let found = self.members.find(&hint.to);
        if found.is_none() {
            let similar = self.similar.to(&hint.to, self.members.names());
            let hint = hint.clone();
            self.errors
                .push(PlanError::HintUnknownComponent { hint, similar });
        }
        found
    }

    fn near(&mut self) -> &mut NearMisses<'a, 'g> {
        self.near
            .get_or_insert_with(|| NearMisses::new(self.members, self.offers))
    }
}
