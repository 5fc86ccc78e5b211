//! What parts offer and what imports are bound to.
//!
//! What there is to know before anything runs is an [`Offer`]; all runs of a
//! composition share it. A run adds the posts.

use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock};

use composer_plan::{Item, ResourceId, Side, World};

use crate::boundary::isolated::address::{Inside, Spot};
use crate::boundary::isolated::incarnation::Slot;
use crate::boundary::isolated::waiting_line::CallInLine;
use crate::boundary::outline::{ExportedFunc, Outline};
use crate::error::{CallError, Site};
use crate::observe::call_record::{Asked, By};

/// One exported interface of a component, or one exported function or resource
/// under its own name.
pub(crate) struct Offer {
    /// The component that runs the functions.
    component: Arc<Outline>,
    /// By name, the place of each function among the component's.
    funcs: BTreeMap<String, usize>,
    /// By name, which resource of the component's world each is.
    resources: BTreeMap<String, ResourceId>,
    /// Whether it is one function or resource of the world itself, which is found by
    /// whatever name an import has for it.
    is_bare: bool,
}

impl Offer {
    fn new(component: &Arc<Outline>) -> Self {
        Offer {
            component: component.clone(),
            funcs: BTreeMap::new(),
            resources: BTreeMap::new(),
            is_bare: false,
        }
    }

    /// The place of the function `name` in its component.
    pub(crate) fn func(&self, name: &str) -> Option<usize> {
        match self.is_bare {
            true => self.funcs.values().next().copied(),
            false => self.funcs.get(name).copied(),
        }
    }

    fn resource(&self, name: &str) -> Option<ResourceId> {
        match self.is_bare {
            true => self.resources.values().next().copied(),
            false => self.resources.get(name).copied(),
        }
    }

    /// The function `name` as its component exports it.
    pub(crate) fn exported(&self, name: &str) -> Option<&ExportedFunc> {
        Some(&self.component.funcs[self.func(name)?])
    }

    pub(crate) fn component(&self) -> &Arc<Outline> {
        &self.component
    }

    /// Whether it is of this component, by what is the same in all its runs.
    pub(crate) fn is_of(&self, component: &Arc<Outline>) -> bool {
        Arc::ptr_eq(&self.component, component)
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
        offer.is_bare = self.is_bare;
        offer
    }
}

/// What a part exports.
pub(crate) struct Offers {
    offers: Vec<Arc<Offer>>,
    /// The place of each export among them.
    places: BTreeMap<String, usize>,
}

impl Offers {
    pub(crate) fn new(offers: BTreeMap<String, Arc<Offer>>) -> Arc<Self> {
        let (names, offers): (Vec<_>, Vec<_>) = offers.into_iter().unzip();
        let places = names.into_iter().enumerate();
        Arc::new(Offers {
            offers,
            places: places.map(|(place, name)| (name, place)).collect(),
        })
    }

    /// The same with what is also in `before` in the places that it has there.
    /// `matches` says which export takes the place of which; `None` if there is
    /// none for one of them.
    pub(crate) fn aligned(
        &self,
        before: &Offers,
        matches: impl Fn(&str, &str) -> bool,
    ) -> Option<Arc<Self>> {
        let mut names: Vec<&String> = Vec::new();
        let mut old: Vec<_> = before.places.iter().collect();
        old.sort_by_key(|(_, place)| **place);
        for (name, _) in old {
            let exact = self.places.get_key_value(name);
            let same = || self.places.iter().find(|(new, _)| matches(name, new));
            names.push(exact.or_else(same)?.0);
        }
        let more = self.places.keys().filter(|name| !names.contains(name));
        let more: Vec<_> = more.collect();
        names.extend(more);
        let offers = names
            .iter()
            .map(|name| self.offers[self.places[*name]].clone());
        Some(Arc::new(Offers {
            offers: offers.collect(),
            places: names.into_iter().cloned().zip(0..).collect(),
        }))
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
                offer.is_bare = interface.is_none();
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
                    offer.is_bare = true;
                }),
                _ => {}
            }
        }
        let shared = offers.into_iter().map(|(name, o)| (name, Arc::new(o)));
        Offers::new(shared.collect())
    }

    /// The place of an export.
    pub(crate) fn find(&self, export: &str) -> Option<usize> {
        self.places.get(export).copied()
    }

    pub(crate) fn get(&self, index: usize) -> &Arc<Offer> {
        &self.offers[index]
    }

    /// The names of the exports, sorted.
    pub(crate) fn names(&self) -> impl Iterator<Item = &str> {
        self.places.keys().map(String::as_str)
    }
}

/// An [`Offer`] of a running component.
#[derive(Clone)]
pub(crate) struct Binding {
    /// As it was planned.
    pub(crate) offer: Arc<Offer>,
    pub(crate) spot: Spot,
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
    /// Lets a call of the function `name` of the import in, if it need not wait;
    /// `func` is its place, where that was known before the run.
    #[inline]
    pub(crate) fn enter_now(
        &self,
        name: &str,
        func: Option<usize>,
        by: By<'_>,
    ) -> Result<(Option<Inside<'_>>, Asked), CallError> {
        let (Binding { offer, spot }, func) = self.find(name, func)?;
        spot.enter_now(offer, name, func, by)
    }

    /// Has a call wait that [could not be let in](ImportSource::enter_now).
    pub(crate) fn stand_in_line(
        &self,
        name: &str,
        func: Option<usize>,
        call: CallInLine,
    ) -> Result<(), CallError> {
        let (Binding { offer, spot }, func) = self.find(name, func)?;
        spot.stand_in_line(offer, name, func, call);
        Ok(())
    }

    /// The function `name`, as it was planned.
    pub(crate) fn site(&self, name: &str, func: Option<usize>) -> Result<Site, CallError> {
        let (Binding { offer, .. }, func) = self.find(name, func)?;
        let func = func.or_else(|| offer.func(name));
        let func = func.ok_or_else(|| CallError::Unbound {
            import: name.to_owned(),
        })?;
        Ok(offer.component().site(func))
    }

    /// What the import is bound to, and the place of its function if that is
    /// known there.
    fn find(
        &self,
        name: &str,
        func: Option<usize>,
    ) -> Result<(&Binding, Option<usize>), CallError> {
        let unbound = |import: &str| CallError::Unbound {
            import: import.to_owned(),
        };
        let (mut source, mut func) = (self, func);
        loop {
            source = match source {
                ImportSource::Bound(binding) => return Ok((binding, func)),
                ImportSource::Open(socket) => match socket.bound.get() {
                    Some(source) => source,
                    None => return Err(unbound(&socket.name)),
                },
                ImportSource::Elsewhere => return Err(unbound(name)),
            };
            func = None;
        }
    }

    /// Whose the resource `name` of the import is.
    pub(crate) fn origin(&self, name: &str) -> Origin {
        match self {
            ImportSource::Bound(Binding { offer, spot }) => {
                let (slot, offer) = spot.present(offer);
                match offer.resource(name) {
                    Some(id) => match slot.world().resource(id).side {
                        Side::Export => Origin::There(slot, id),
                        Side::Import => slot.origin(id),
                    },
                    None => Origin::Nobody,
                }
            }
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
