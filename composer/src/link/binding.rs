//! What parts offer and what imports are bound to.
//!
//! What there is to know before anything runs is an [`Offer`]; all runs of a
//! composition share it. A run adds the slots.

use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock};

use composer_plan::{Item, ResourceId, Side, World};

use crate::error::CallError;
use crate::instance::{Callee, ExportedFunc, Outline, Slot};

/// One exported interface of a component, or one exported function or resource
/// under its own name.
pub(crate) struct Offer {
    /// The component that runs the functions.
    component: Arc<Outline>,
    /// By name, the place of each function among the component's.
    funcs: BTreeMap<String, usize>,
    /// By name, which resource of the component's world each is.
    resources: BTreeMap<String, ResourceId>,
}

impl Offer {
    fn new(component: &Arc<Outline>) -> Self {
        Offer {
            component: component.clone(),
            funcs: BTreeMap::new(),
            resources: BTreeMap::new(),
        }
    }

    /// The place of the function `name` in its component.
    pub(crate) fn func(&self, name: &str) -> Option<usize> {
        self.funcs.get(name).copied()
    }

    /// The function `name` as its component exports it.
    pub(crate) fn exported(&self, name: &str) -> Option<&ExportedFunc> {
        Some(&self.component.funcs[self.func(name)?])
    }

    /// The names of the functions, sorted.
    pub(crate) fn names(&self) -> impl Iterator<Item = &str> {
        self.funcs.keys().map(String::as_str)
    }

    /// The same with only the functions that `keep` names.
    pub(crate) fn only(&self, keep: impl Fn(&str) -> bool) -> Self {
        let mut offer = Offer::new(&self.component);
        let funcs = self.funcs.iter().filter(|(name, _)| keep(name));
        offer.funcs = funcs.map(|(name, func)| (name.clone(), *func)).collect();
        offer.resources = self.resources.clone();
        offer
    }
}

/// What a part exports, sorted by name.
pub(crate) struct Offers(Vec<(String, Arc<Offer>)>);

impl Offers {
    pub(crate) fn new(offers: BTreeMap<String, Arc<Offer>>) -> Arc<Self> {
        Arc::new(Offers(offers.into_iter().collect()))
    }

    /// What a component exports.
    pub(crate) fn of(component: &Arc<Outline>) -> Arc<Self> {
        let mut offers: BTreeMap<String, Offer> = BTreeMap::new();
        let mut offer = |name: &str, add: &mut dyn FnMut(&mut Offer)| {
            let new = || Offer::new(component);
            add(offers.entry(name.to_owned()).or_insert_with(new));
        };
        for (index, func) in component.funcs.iter().enumerate() {
            let interface = func.interface.as_ref();
            let export = interface.map_or(func.name.as_str(), |i| i.as_str());
            offer(export, &mut |offer| {
                offer.funcs.insert(func.name.clone(), index);
            });
        }
        let world: &World = &component.world;
        for export in &world.exports {
            let name = export.name.as_str();
            match &export.item {
                Item::Interface(interface) if !interface.resources.is_empty() => {
                    offer(name, &mut |offer| {
                        offer.resources.clone_from(&interface.resources);
                    });
                }
                Item::Resource(id) => offer(name, &mut |offer| {
                    offer.resources.insert(name.to_owned(), *id);
                }),
                _ => {}
            }
        }
        let shared = offers.into_iter().map(|(name, o)| (name, Arc::new(o)));
        Offers::new(shared.collect())
    }

    /// The place of an export.
    pub(crate) fn find(&self, export: &str) -> Option<usize> {
        let by_name = |(name, _): &(String, Arc<Offer>)| name.as_str().cmp(export);
        self.0.binary_search_by(by_name).ok()
    }

    pub(crate) fn get(&self, index: usize) -> &Arc<Offer> {
        &self.0[index].1
    }

    pub(crate) fn names(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(|(name, _)| name.as_str())
    }
}

/// Where the exports of a running part are.
pub(crate) enum Slots {
    /// All are of one component.
    One(Arc<Slot>),
    /// Those of a nested composition, in the order of its [`Offers`].
    Each(Vec<Arc<Slot>>),
}

impl Slots {
    /// Where the export at this place of the offers runs.
    pub(crate) fn of(&self, export: usize) -> &Arc<Slot> {
        match self {
            Slots::One(slot) => slot,
            Slots::Each(slots) => &slots[export],
        }
    }
}

/// An [`Offer`] of a running component.
#[derive(Clone)]
pub(crate) struct Binding {
    pub(crate) offer: Arc<Offer>,
    pub(crate) slot: Arc<Slot>,
}

/// Where an import comes from, at run time.
#[derive(Clone)]
pub(crate) enum ImportSource {
    Bound(Binding),
    Open(Arc<Socket>),
    /// Not from the composition: the embedder's linker has it, or there is
    /// nothing in it to be had.
    Elsewhere,
}

/// The same before anything runs.
pub(crate) enum PlannedSource {
    /// An export of a part that starts before.
    Part {
        part: usize,
        export: usize,
        offer: Arc<Offer>,
    },
    /// What the composition leaves open, by its place there.
    Open(usize),
    Elsewhere,
}

impl PlannedSource {
    /// Whether an adapter stands in the linker for it.
    pub(crate) fn is_linked(&self) -> bool {
        !matches!(self, PlannedSource::Elsewhere)
    }

    /// What is offered under the import, unless it is bound later.
    pub(crate) fn offer(&self) -> Option<&Offer> {
        match self {
            PlannedSource::Part { offer, .. } => Some(offer),
            _ => None,
        }
    }
}

/// An import that a composition leaves to whatever it is nested in.
pub(crate) struct Socket {
    name: String,
    bound: OnceLock<ImportSource>,
}

impl Socket {
    pub(crate) fn new(name: String) -> Arc<Self> {
        Arc::new(Socket {
            name,
            bound: OnceLock::new(),
        })
    }

    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// Binds the import; `false` if it was bound before. A socket is bound
    /// once, by the one composition that its own is nested in.
    pub(crate) fn bind(&self, source: ImportSource) -> bool {
        self.bound.set(source).is_ok()
    }
}

impl ImportSource {
    /// The function `name` of the import; `func` is its place, where that was
    /// known before the run.
    pub(crate) fn callee(&self, name: &str, func: Option<usize>) -> Result<Callee, CallError> {
        let unbound = |import: &str| CallError::Unbound {
            import: import.to_owned(),
        };
        match self {
            ImportSource::Bound(Binding { offer, slot }) => {
                let func = func.or_else(|| offer.func(name));
                Ok(Callee {
                    slot: slot.clone(),
                    func: func.ok_or_else(|| unbound(name))?,
                })
            }
            ImportSource::Open(socket) => match socket.bound.get() {
                Some(source) => source.callee(name, None),
                None => Err(unbound(&socket.name)),
            },
            ImportSource::Elsewhere => Err(unbound(name)),
        }
    }

    /// Whose the resource `name` of the import is.
    pub(crate) fn origin(&self, name: &str) -> Origin {
        match self {
            ImportSource::Bound(Binding { offer, slot }) => match offer.resources.get(name) {
                Some(id) => match slot.world().resource(*id).side {
                    Side::Export => Origin::There(slot.clone(), *id),
                    Side::Import => slot.origin(*id),
                },
                None => Origin::Nobody,
            },
            ImportSource::Open(socket) => Origin::Open(socket.clone(), name.to_owned()),
            ImportSource::Elsewhere => Origin::Nobody,
        }
    }
}

/// Whose a resource is.
#[derive(Clone)]
pub(crate) enum Origin {
    /// The component that knows it defines it.
    Here,
    /// A component of this or another composition.
    There(Arc<Slot>, ResourceId),
    /// Whatever an open import is bound to.
    Open(Arc<Socket>, String),
    /// The embedder's linker, or nobody: it cannot cross.
    Nobody,
}

impl Origin {
    /// The component that defines the resource, and which one it is there.
    pub(crate) fn resolve(
        &self,
        here: &Arc<Slot>,
        id: ResourceId,
    ) -> Option<(Arc<Slot>, ResourceId)> {
        match self {
            Origin::Here => Some((here.clone(), id)),
            Origin::There(slot, id) => Some((slot.clone(), *id)),
            Origin::Open(socket, name) => socket.bound.get()?.origin(name).resolve(here, id),
            Origin::Nobody => None,
        }
    }
}
