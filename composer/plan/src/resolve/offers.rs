//! The components of a graph and their exports, indexed by name.

use std::collections::HashMap;

use crate::name::NameClass;
use crate::{Boundary, Extern, Graph, Name, Node, Placement};

/// The components of a graph, sorted by name: everything downstream works in this order,
/// so that the order in which they were added cannot matter.
pub(super) struct SortedComponents<'g> {
    pub(super) nodes: Vec<&'g Node>,
    by_name: HashMap<&'g str, usize>,
}

impl<'g> SortedComponents<'g> {
    pub(super) fn new(graph: &'g Graph) -> Self {
        let mut nodes: Vec<&Node> = graph.nodes.iter().collect();
        // Equal names are an error, and errors too must not depend on the order of
        // adding. Only in that case does the rest of the node decide.
        let all = |node: &Node| format!("{node:?}");
        nodes.sort_by(|a, b| a.name.cmp(&b.name).then_with(|| all(a).cmp(&all(b))));
        let by_name = nodes
            .iter()
            .enumerate()
            .map(|(i, node)| (node.name.as_str(), i))
            .collect();
        SortedComponents { nodes, by_name }
    }

    pub(super) fn find(&self, name: &str) -> Option<usize> {
        self.by_name.get(name).copied()
    }

    pub(super) fn name(&self, node: usize) -> &'g str {
        &self.nodes[node].name
    }

    pub(super) fn names(&self) -> impl Iterator<Item = &'g str> + '_ {
        self.nodes.iter().map(|node| node.name.as_str())
    }

    /// Whether the component becomes a member of one component, which then imports what
    /// none of them exports.
    pub(super) fn is_member(&self, node: usize) -> bool {
        self.nodes[node].placement == Placement::SharedStore
    }

    /// The boundary between an importer and its provider.
    pub(super) fn boundary(&self, importer: usize, provider: usize) -> Boundary {
        let placement = |node: usize| self.nodes[node].placement;
        placement(importer).boundary_to(placement(provider))
    }

    pub(super) fn import(&self, node: usize, import: usize) -> &'g Extern {
        &self.nodes[node].world.imports[import]
    }

    pub(super) fn export(&self, offer: ExportOffer) -> &'g Extern {
        &self.nodes[offer.node].world.exports[offer.export]
    }
}

/// One export of one component.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct ExportOffer {
    pub(super) node: usize,
    pub(super) export: usize,
}

/// Every export of every component.
///
/// Components of lists are apart: they are chosen by hints alone, so they must not count
/// where an exact name takes precedence over a compatible one.
pub(super) struct ExportOffers<'g> {
    single: OffersByName<'g>,
    in_lists: OffersByName<'g>,
}

/// Exports by name. Each list has at most one offer per component, in order of the
/// components.
struct OffersByName<'g> {
    exact: HashMap<&'g str, Vec<ExportOffer>>,
    /// The highest version, if a component has several of one class.
    compatible: HashMap<NameClass<'g>, Vec<ExportOffer>>,
}

impl<'g> ExportOffers<'g> {
    pub(super) fn new(members: &SortedComponents<'g>) -> Self {
        ExportOffers {
            single: OffersByName::new(members, false),
            in_lists: OffersByName::new(members, true),
        }
    }

    /// The offers that may satisfy an import.
    pub(super) fn for_import<'a>(&'a self, import: &'a Extern, except: usize) -> &'a [ExportOffer] {
        self.single.for_import(import, except)
    }

    /// The offers of components of lists that could satisfy an import by a hint.
    pub(super) fn in_lists<'a>(&'a self, import: &'a Extern, except: usize) -> &'a [ExportOffer] {
        self.in_lists.for_import(import, except)
    }

    /// As [`OffersByName::candidates`].
    pub(super) fn candidates<'a>(&'a self, name: &'a Name, except: usize) -> &'a [ExportOffer] {
        self.single.candidates(name, except)
    }

    /// The best offer that one component has for an import.
    pub(super) fn best(&self, node: usize, import: &Extern) -> Option<ExportOffer> {
        let of_interface = self.of(node, import.interface());
        of_interface.or_else(|| self.of(node, &import.name))
    }

    /// The best offer that one component has for a name.
    pub(super) fn of(&self, node: usize, name: &Name) -> Option<ExportOffer> {
        let single = self.single.of(node, name);
        single.or_else(|| self.in_lists.of(node, name))
    }

    /// The offers of exactly this name, of components of lists.
    pub(super) fn exact_in_lists(&self, name: &Name) -> &[ExportOffer] {
        self.in_lists.exact(name)
    }

    /// The offers of exactly this name, of all components.
    pub(super) fn exact(&self, name: &Name) -> impl Iterator<Item = ExportOffer> + '_ {
        let single = self.single.exact(name).iter();
        single.chain(self.in_lists.exact(name)).copied()
    }
}

impl<'g> OffersByName<'g> {
    fn new(members: &SortedComponents<'g>, in_lists: bool) -> Self {
        let nodes = || {
            let nodes = members.nodes.iter().enumerate();
            nodes.filter(move |(_, member)| member.in_list == in_lists)
        };
        let count = nodes().map(|(_, n)| n.world.exports.len()).sum();
        let mut exact: HashMap<&str, Vec<ExportOffer>> = HashMap::with_capacity(count);
        let mut compatible: HashMap<NameClass<'_>, Vec<ExportOffer>> =
            HashMap::with_capacity(count);
        for (node, member) in nodes() {
            for (export, Extern { name, .. }) in member.world.exports.iter().enumerate() {
                let offer = ExportOffer { node, export };
                let list = exact.entry(name.as_str()).or_default();
                if list.last().is_none_or(|last| last.node != node) {
                    list.push(offer);
                }
                let list = compatible.entry(name.class()).or_default();
                match list.last_mut() {
                    Some(last) if last.node == node => {
                        if members.export(*last).name.version() < name.version() {
                            *last = offer;
                        }
                    }
                    _ => list.push(offer),
                }
            }
            for (interface, offer) in labelled(node, &member.world.exports) {
                let exact = exact.entry(interface.as_str()).or_default();
                let compatible = compatible.entry(interface.class()).or_default();
                for list in [exact, compatible] {
                    if list.last().is_none_or(|last| last.node != node) {
                        list.push(offer);
                    }
                }
            }
        }
        OffersByName { exact, compatible }
    }

    /// The offers that may satisfy an import. For an import under a label these are the
    /// offers of its interface; only if there are none is the label matched like any
    /// other name.
    fn for_import<'a>(&'a self, import: &'a Extern, except: usize) -> &'a [ExportOffer] {
        let of_interface = self.candidates(import.interface(), except);
        match others(of_interface, except).next() {
            None => self.candidates(&import.name, except),
            Some(_) => of_interface,
        }
    }

    /// The offers that may satisfy a name: those that match it exactly if another
    /// component than `except` has any, or else the compatible ones. Offers of `except`
    /// may be among them.
    fn candidates<'a>(&'a self, name: &'a Name, except: usize) -> &'a [ExportOffer] {
        let exact = self.exact(name);
        if others(exact, except).next().is_some() {
            exact
        } else {
            self.compatible(name)
        }
    }

    /// The best offer that one component has for a name.
    fn of(&self, node: usize, name: &Name) -> Option<ExportOffer> {
        let in_list = |list: &[ExportOffer]| {
            let found = list.binary_search_by_key(&node, |offer| offer.node);
            found.ok().map(|i| list[i])
        };
        in_list(self.exact(name)).or_else(|| in_list(self.compatible(name)))
    }

    /// The offers of exactly this name.
    fn exact(&self, name: &Name) -> &[ExportOffer] {
        self.exact.get(name.as_str()).map_or(&[], Vec::as_slice)
    }

    /// The offers of this name and compatible ones.
    fn compatible<'a>(&'a self, name: &'a Name) -> &'a [ExportOffer] {
        self.compatible
            .get(&name.class())
            .map_or(&[], Vec::as_slice)
    }
}

/// The interfaces that a component exports under exactly one label. An interface that it
/// exports under several cannot be selected by the interface's name.
fn labelled(node: usize, exports: &[Extern]) -> Vec<(&Name, ExportOffer)> {
    let labels = exports.iter().enumerate();
    let labels = labels.filter_map(|(i, export)| Some((i, export.implements.as_ref()?)));
    let is_only = |(i, interface): &(usize, &Name)| {
        let mut same = labels
            .clone()
            .filter(|(_, other)| other.matches(interface).is_some());
        same.all(|(other, _)| other == *i)
    };
    let sole = labels.clone().filter(is_only);
    sole.map(|(export, interface)| (interface, ExportOffer { node, export }))
        .collect()
}

/// The offers of others than `except`.
pub(super) fn others(
    offers: &[ExportOffer],
    except: usize,
) -> impl Iterator<Item = ExportOffer> + '_ {
    offers
        .iter()
        .copied()
        .filter(move |offer| offer.node != except)
}

/// The names in which texts of the embedder are looked up.
pub(super) struct NameLookup<'a> {
    exact: HashMap<&'a str, usize>,
    compatible: HashMap<NameClass<'a>, Vec<usize>>,
    base: HashMap<&'a str, Vec<usize>>,
}

/// The result of a lookup.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum LookupResult {
    Nothing,
    One(usize),
    /// Several, none of them a better match than the others.
    Several(Vec<usize>),
}

impl<'a> NameLookup<'a> {
    pub(super) fn new(names: impl IntoIterator<Item = &'a Name>) -> Self {
        let mut lookup = NameLookup {
            exact: HashMap::new(),
            compatible: HashMap::new(),
            base: HashMap::new(),
        };
        for (i, name) in names.into_iter().enumerate() {
            lookup.exact.entry(name.as_str()).or_insert(i);
            lookup.compatible.entry(name.class()).or_default().push(i);
            lookup.base.entry(name.base()).or_default().push(i);
        }
        lookup
    }

    /// Looks up a text: the same name, else a compatible version, else, if it has no
    /// version, the interface in any version.
    pub(super) fn find(&self, text: &str) -> LookupResult {
        if let Some(&i) = self.exact.get(text) {
            return LookupResult::One(i);
        }
        let name = Name::new(text);
        let compatible = self.compatible.get(&name.class());
        match compatible
            .or_else(|| self.base.get(text))
            .map(Vec::as_slice)
        {
            None | Some([]) => LookupResult::Nothing,
            Some([one]) => LookupResult::One(*one),
            Some(several) => LookupResult::Several(several.to_vec()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_looked_up_exactly_then_compatibly_then_without_version() {
        let names = ["a@1.0.0", "a@1.1.0", "a@2.0.0", "b@1.0.0", "b", "c@0.1.0"].map(Name::from);
        let lookup = NameLookup::new(&names);
        for (text, found) in [
            ("a@1.1.0", LookupResult::One(1)),
            ("a@2.5.0", LookupResult::One(2)),
            ("a@1.5.0", LookupResult::Several(vec![0, 1])),
            ("a", LookupResult::Several(vec![0, 1, 2])),
            ("b", LookupResult::One(4)),
            ("b@1.2.0", LookupResult::One(3)),
            ("c", LookupResult::One(5)),
            ("c@0.2.0", LookupResult::Nothing),
            ("d", LookupResult::Nothing),
        ] {
            assert_eq!(lookup.find(text), found, "{text}");
            let meant = names.iter().any(|name| name.is_meant_by(text));
            assert_eq!(meant, found != LookupResult::Nothing, "{text}");
        }
    }
}
