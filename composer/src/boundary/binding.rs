//! Export offers of parts, and the bindings of imports to them.
//!
//! An [`ExportOffer`] holds everything about an export that is known before anything
//! runs; all runs of a composition share it. A run adds the addresses.

use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock};

use composer_plan::{Item, ResourceId, Side, World};

use crate::boundary::isolated::address::ExportRef;
use crate::boundary::isolated::waiting_line::CallInLine;
use crate::boundary::outline::{ComponentOutline, ExportedFunc};
use crate::boundary::resources::origin::ResourceOrigin;
use crate::call::admission::Admission;
use crate::error::{CallError, Site};
use crate::observe::call_record::{CallOrigin, CallerRecord};

/// One exported interface of a component, or one exported function or resource
/// under its own name.
pub(crate) struct ExportOffer {
    /// The component that runs the functions.
    component: Arc<ComponentOutline>,
    /// The index of each function in its component, by name.
    funcs: BTreeMap<String, usize>,
    /// The id of each resource in the component's world, by name.
    resources: BTreeMap<String, ResourceId>,
    /// Whether this is a single function or resource of the world itself. It is found
    /// under any name that an import has for it.
    is_bare: bool,
}

impl ExportOffer {
    fn new(component: &Arc<ComponentOutline>) -> Self {
        ExportOffer {
            component: component.clone(),
            funcs: BTreeMap::new(),
            resources: BTreeMap::new(),
            is_bare: false,
        }
    }

    /// The index of the function `name` in its component.
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

    pub(crate) fn component(&self) -> &Arc<ComponentOutline> {
        &self.component
    }

    /// Whether the offer belongs to `component`, compared by the outline that all its
    /// runs share.
    pub(crate) fn is_of(&self, component: &Arc<ComponentOutline>) -> bool {
        Arc::ptr_eq(&self.component, component)
    }

    /// The names of the functions, sorted.
    pub(crate) fn names(&self) -> impl Iterator<Item = &str> {
        self.funcs.keys().map(String::as_str)
    }

    /// A copy with only the functions whose names `keep` accepts.
    pub(crate) fn only(&self, keep: impl Fn(&str) -> bool) -> Self {
        let mut offer = ExportOffer::new(&self.component);
        let funcs = self.funcs.iter().filter(|(name, _)| keep(name));
        offer.funcs = funcs.map(|(name, func)| (name.clone(), *func)).collect();
        offer.resources = self.resources.clone();
        offer.is_bare = self.is_bare;
        offer
    }
}

/// What a part exports.
pub(crate) struct ExportOffers {
    offers: Vec<Arc<ExportOffer>>,
    /// The index of each export in `offers`.
    places: BTreeMap<String, usize>,
}

impl ExportOffers {
    pub(crate) fn new(offers: BTreeMap<String, Arc<ExportOffer>>) -> Arc<Self> {
        let (names, offers): (Vec<_>, Vec<_>) = offers.into_iter().unzip();
        let places = names.into_iter().enumerate();
        Arc::new(ExportOffers {
            offers,
            places: places.map(|(place, name)| (name, place)).collect(),
        })
    }

    /// A copy in which each export of `before` has the index that it has there. `matches`
    /// compares the name of an old export with that of a new one that may replace it. An
    /// export without a replacement leaves an offer of nothing in its place: the interface
    /// of the lifecycle, which a new component need not have.
    pub(crate) fn aligned(
        &self,
        before: &ExportOffers,
        matches: impl Fn(&str, &str) -> bool,
    ) -> Arc<Self> {
        let mut names: Vec<Option<&String>> = vec![None; before.offers.len()];
        for (name, place) in &before.places {
            let exact = self.places.get_key_value(name);
            let same = || self.places.iter().find(|(new, _)| matches(name, new));
            names[*place] = exact.or_else(same).map(|(new, _)| new);
        }
        let more = self
            .places
            .keys()
            .filter(|name| !names.contains(&Some(name)));
        let more: Vec<_> = more.map(Some).collect();
        names.extend(more);
        let offers = names.iter().enumerate().map(|(place, name)| match name {
            Some(name) => self.offers[self.places[*name]].clone(),
            None => Arc::new(ExportOffer::new(before.offers[place].component())),
        });
        let places = names.iter().enumerate();
        let places = places.filter_map(|(place, name)| Some(((*name)?.clone(), place)));
        Arc::new(ExportOffers {
            offers: offers.collect(),
            places: places.collect(),
        })
    }

    /// What a component exports.
    pub(crate) fn of(component: &Arc<ComponentOutline>) -> Arc<Self> {
        let mut offers: BTreeMap<String, ExportOffer> = BTreeMap::new();
        let mut offer = |name: &str, add: &mut dyn FnMut(&mut ExportOffer)| {
            let new = || ExportOffer::new(component);
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
        ExportOffers::new(shared.collect())
    }

    /// The index of an export.
    pub(crate) fn find(&self, export: &str) -> Option<usize> {
        self.places.get(export).copied()
    }

    pub(crate) fn get(&self, index: usize) -> &Arc<ExportOffer> {
        &self.offers[index]
    }

    /// The names of the exports, sorted.
    pub(crate) fn names(&self) -> impl Iterator<Item = &str> {
        self.places.keys().map(String::as_str)
    }
}

/// An [`ExportOffer`] of a running component.
#[derive(Clone)]
pub(crate) struct ImportBinding {
    /// The offer that the import was planned with.
    pub(crate) offer: Arc<ExportOffer>,
    pub(crate) export_ref: ExportRef,
}

/// The source of an import, at run time.
#[derive(Clone)]
pub(crate) enum ImportSource {
    Bound(ImportBinding),
    Open(Arc<OpenImportCell>),
    /// The composition does not provide the import: the embedder's linker does, or the
    /// import contains nothing that needs a provider.
    Elsewhere,
}

/// The source of an import, before anything runs.
pub(crate) enum PlannedSource {
    /// An export of a part that starts earlier.
    Part {
        part: usize,
        export: usize,
        offer: Arc<ExportOffer>,
    },
    /// An import that the composition leaves open, by its index there.
    Open(usize),
    Elsewhere,
}

impl PlannedSource {
    /// Whether the linker has an adapter for the import.
    pub(crate) fn is_linked(&self) -> bool {
        !matches!(self, PlannedSource::Elsewhere)
    }

    /// The offer behind the import, unless the import is bound later.
    pub(crate) fn offer(&self) -> Option<&ExportOffer> {
        match self {
            PlannedSource::Part { offer, .. } => Some(offer),
            _ => None,
        }
    }
}

/// An import that a composition leaves to the composition it is nested in.
pub(crate) struct OpenImportCell {
    name: String,
    bound: OnceLock<ImportSource>,
}

impl OpenImportCell {
    pub(crate) fn new(name: String) -> Arc<Self> {
        Arc::new(OpenImportCell {
            name,
            bound: OnceLock::new(),
        })
    }

    /// Where a resource of the import comes from, once the import is bound.
    pub(crate) fn origin(&self, resource: &str) -> Option<ResourceOrigin> {
        Some(self.bound.get()?.origin(resource))
    }

    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// Whether an outer composition has bound it.
    pub(crate) fn is_bound(&self) -> bool {
        self.bound.get().is_some()
    }

    /// Binds the import; `false` if it was bound before. A cell is bound once, by the
    /// composition that its own is nested in.
    pub(crate) fn bind(&self, source: ImportSource) -> bool {
        self.bound.set(source).is_ok()
    }
}

impl ImportSource {
    /// Admits a call of the import's function `name`, unless the call has to wait. `func`
    /// is the function's index, if it was known before the run.
    #[inline]
    pub(crate) fn enter_now(
        &self,
        name: &str,
        func: Option<usize>,
        by: CallOrigin<'_>,
    ) -> Result<(Option<Admission<'_>>, CallerRecord), CallError> {
        let (ImportBinding { offer, export_ref }, func) = self.find(name, func)?;
        export_ref.enter_now(offer, name, func, by)
    }

    /// Queues a call that [could not be admitted](ImportSource::enter_now).
    pub(crate) fn queue_call(
        &self,
        name: &str,
        func: Option<usize>,
        call: CallInLine,
    ) -> Result<(), CallError> {
        let (ImportBinding { offer, export_ref }, func) = self.find(name, func)?;
        export_ref.queue_call(offer, name, func, call);
        Ok(())
    }

    /// The site of the function `name`, as it was planned.
    pub(crate) fn site(&self, name: &str, func: Option<usize>) -> Result<Site, CallError> {
        let (component, func) = self.planned(name, func)?;
        Ok(component.site(func))
    }

    /// The site and the record of a call that is refused, whatever its provider's state.
    pub(crate) fn refused_call(
        &self,
        name: &str,
        func: Option<usize>,
        by: CallOrigin<'_>,
    ) -> Result<(Site, CallerRecord), CallError> {
        let (component, func) = self.planned(name, func)?;
        Ok((component.site(func), CallerRecord::new(component, func, by)))
    }

    /// The component that was planned to provide the function `name`, and the function's
    /// index there.
    fn planned(
        &self,
        name: &str,
        func: Option<usize>,
    ) -> Result<(&Arc<ComponentOutline>, usize), CallError> {
        let (ImportBinding { offer, .. }, func) = self.find(name, func)?;
        let func = func.or_else(|| offer.func(name));
        let func = func.ok_or_else(|| CallError::Unbound {
            import: name.to_owned(),
        })?;
        Ok((offer.component(), func))
    }

    /// The binding of the import, and the index of its function if that is known for this
    /// binding.
    fn find(
        &self,
        name: &str,
        func: Option<usize>,
    ) -> Result<(&ImportBinding, Option<usize>), CallError> {
        let unbound = |import: &str| CallError::Unbound {
            import: import.to_owned(),
        };
        let (mut source, mut func) = (self, func);
        loop {
            source = match source {
                ImportSource::Bound(binding) => return Ok((binding, func)),
                ImportSource::Open(open_import_cell) => match open_import_cell.bound.get() {
                    Some(source) => source,
                    None => return Err(unbound(&open_import_cell.name)),
                },
                ImportSource::Elsewhere => return Err(unbound(name)),
            };
            func = None;
        }
    }

    /// The origin of the import's resource `name`.
    pub(crate) fn origin(&self, name: &str) -> ResourceOrigin {
        match self {
            ImportSource::Bound(ImportBinding { offer, export_ref }) => {
                let (endpoint, offer) = export_ref.present(offer);
                match offer.resource(name) {
                    Some(id) => match endpoint.world().resource(id).side {
                        Side::Export => ResourceOrigin::Component(endpoint, id),
                        Side::Import => endpoint.origin(id),
                    },
                    None => ResourceOrigin::Unknown,
                }
            }
            ImportSource::Open(open_import_cell) => {
                ResourceOrigin::Open(open_import_cell.clone(), name.to_owned())
            }
            ImportSource::Elsewhere => ResourceOrigin::Unknown,
        }
    }
}
