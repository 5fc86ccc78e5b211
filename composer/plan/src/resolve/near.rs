//! Near misses: exports that almost satisfy an import, for error messages.

use std::collections::{BTreeSet, HashMap};

use crate::Name;
use crate::resolve::offers::{ExportOffer, ExportOffers, SortedComponents};
use crate::resolve::report::NearMiss;
use crate::similar::SimilarSearch;

/// Finds near misses. Built only once something is wrong.
pub(super) struct NearMisses<'a, 'g> {
    members: &'a SortedComponents<'g>,
    offers: &'a ExportOffers<'g>,
    /// Offers by name without version.
    bases: HashMap<&'g str, Vec<ExportOffer>>,
    /// Whole exports that filters hide, by name without version.
    hidden: HashMap<String, Vec<(usize, Name)>>,
    names: BTreeSet<&'g str>,
    similar: SimilarSearch,
}

impl<'a, 'g> NearMisses<'a, 'g> {
    pub(super) fn new(members: &'a SortedComponents<'g>, offers: &'a ExportOffers<'g>) -> Self {
        let mut near = NearMisses {
            members,
            offers,
            bases: HashMap::new(),
            hidden: HashMap::new(),
            names: BTreeSet::new(),
            similar: SimilarSearch::new(),
        };
        for (node, member) in members.nodes.iter().enumerate() {
            for (export, exported) in member.world.exports.iter().enumerate() {
                let name = &exported.name;
                let offer = ExportOffer { node, export };
                near.bases.entry(name.base()).or_default().push(offer);
                near.names.insert(name.as_str());
            }
            for hidden in member
                .world
                .hidden
                .iter()
                .filter(|text| !text.contains('#'))
            {
                let name = Name::new(hidden.as_str());
                let list = near.hidden.entry(name.base().to_owned()).or_default();
                list.push((node, name));
            }
        }
        near
    }

    /// The near misses of an import that nothing satisfies.
    pub(super) fn for_import(&mut self, node: usize, import: &Name) -> Vec<NearMiss> {
        let mut near = Vec::new();
        if let Some(offer) = self.offers.of(node, import) {
            near.push(NearMiss::Itself {
                component: self.members.name(node).to_owned(),
                export: self.members.export(offer).name.clone(),
            });
        }
        near.extend(self.hidden(import, |other| other != node));
        near.extend(self.versions(import, |other| other != node));
        if near.is_empty() {
            let names = self.names.iter().copied();
            for name in self.similar.to(import.as_str(), names) {
                let name = Name::new(name);
                let mut offers = self.offers.exact(&name).filter(|offer| offer.node != node);
                near.extend(offers.next().map(|offer| NearMiss::Similar {
                    component: self.members.name(offer.node).to_owned(),
                    export: self.members.export(offer).name.clone(),
                }));
            }
        }
        near
    }

    /// The near misses in one component for a name that it does not export.
    pub(super) fn in_component(&mut self, node: usize, wanted: &Name) -> Vec<NearMiss> {
        let mut near: Vec<NearMiss> = self.hidden(wanted, |other| other == node).collect();
        near.extend(self.versions(wanted, |other| other == node));
        if near.is_empty() {
            let exports = &self.members.nodes[node].world.exports;
            let names = exports.iter().map(|export| export.name.as_str());
            let similar = self.similar.to(wanted.as_str(), names);
            near.extend(similar.into_iter().map(|export| NearMiss::Similar {
                component: self.members.name(node).to_owned(),
                export: Name::new(export),
            }));
        }
        near
    }

    fn hidden(&self, wanted: &Name, of: impl Fn(usize) -> bool) -> impl Iterator<Item = NearMiss> {
        let hidden = self.hidden.get(wanted.base()).into_iter().flatten();
        hidden
            .filter(move |(node, name)| of(*node) && name.matches(wanted).is_some())
            .map(|(node, name)| NearMiss::Hidden {
                component: self.members.name(*node).to_owned(),
                export: name.clone(),
            })
    }

    /// Exports in other versions. None of them is compatible, or the import would have a
    /// source.
    fn versions(
        &self,
        wanted: &Name,
        of: impl Fn(usize) -> bool,
    ) -> impl Iterator<Item = NearMiss> {
        let offers = self.bases.get(wanted.base()).into_iter().flatten();
        offers
            .filter(move |offer| of(offer.node))
            .map(|offer| (offer.node, &self.members.export(*offer).name))
            .map(|(node, name)| NearMiss::Version {
                component: self.members.name(node).to_owned(),
                export: name.clone(),
                wanted: wanted.clone(),
            })
    }
}
