//! Checks that the two sides of every link agree.

use std::collections::BTreeMap;

use crate::resolve::candidate::SourceChoice;
use crate::resolve::error::PlanError;
use crate::resolve::identity::ResourceIdentities;
use crate::resolve::offers::{ExportOffer, SortedComponents};
use crate::resolve::open::OpenImports;
use crate::resolve::report::Untransferable;
use crate::resolve::split::SplitResources;
use crate::similar::SimilarSearch;
use crate::world::{ResourceRelation, compare_func};
use crate::{
    Boundary, ConfinedType, Difference, FuncType, Graph, Identity, Interface, Item,
    RefusedFunction, ResourceId, Type,
};

/// Compares the types that importers expect with those of the exports they get.
pub(super) struct TypeCheck<'a, 'g> {
    pub(super) members: &'a SortedComponents<'g>,
    pub(super) identities: &'a ResourceIdentities<'a, 'g>,
    /// Functions that use them are not compared: see [`SplitSearch`](super::split).
    pub(super) split: &'a SplitResources,
    pub(super) graph: &'g Graph,
    pub(super) similar: SimilarSearch,
    pub(super) errors: &'a mut Vec<PlanError>,
    /// The functions that cannot be called, by component and import.
    pub(super) refused: RefusedFunctions,
}

/// The refused functions of each import that has some, by component and import.
pub(super) type RefusedFunctions = BTreeMap<(usize, usize), Vec<RefusedFunction>>;

/// An import and the export that satisfies it.
#[derive(Clone, Copy)]
struct LinkedImport {
    node: usize,
    import: usize,
    offer: ExportOffer,
}

/// An import, and the boundary that calls of it cross.
#[derive(Clone, Copy)]
struct CrossingImport {
    node: usize,
    import: usize,
    /// `None` for an open import.
    provider: Option<usize>,
    boundary: Boundary,
}

impl TypeCheck<'_, '_> {
    /// Checks every link between two components.
    pub(super) fn check_links(&mut self, order: &[usize], choices: &[Vec<SourceChoice>]) {
        for &node in order {
            for (import, choice) in choices[node].iter().enumerate() {
                if let SourceChoice::Provider(offer) = *choice {
                    let link = LinkedImport {
                        node,
                        import,
                        offer,
                    };
                    self.link(link);
                }
            }
        }
    }

    fn link(&mut self, link: LinkedImport) {
        let import = self.members.import(link.node, link.import);
        let export = self.members.export(link.offer);
        match (&import.item, &export.item) {
            (Item::Func(wanted), Item::Func(found)) => self.func(link, None, wanted, found),
            (Item::Interface(wanted), Item::Interface(found)) => {
                self.interface(link, wanted, found);
            }
            // The check of identities covers resources.
            (Item::Resource(_), Item::Resource(_)) => {}
            (wanted, found) => {
                let error = PlanError::KindMismatch {
                    component: self.name(link.node),
                    import: import.name.clone(),
                    import_kind: wanted.kind().to_owned(),
                    provider: self.name(link.offer.node),
                    export: export.name.clone(),
                    export_kind: found.kind().to_owned(),
                };
                self.errors.push(error);
            }
        }
    }

    fn interface(&mut self, link: LinkedImport, wanted: &Interface, found: &Interface) {
        for (name, func) in &wanted.funcs {
            if let Some(provided) = found.funcs.get(name) {
                self.func(link, Some(name), func, provided);
                continue;
            }
            let export = &self.members.export(link.offer).name;
            let hidden = self.members.nodes[link.offer.node]
                .world
                .hides(export, name);
            let similar = if hidden {
                Vec::new()
            } else {
                self.similar
                    .to(name, found.funcs.keys().map(String::as_str))
            };
            let error = PlanError::MissingFunction {
                component: self.name(link.node),
                import: self.members.import(link.node, link.import).name.clone(),
                provider: self.name(link.offer.node),
                export: export.clone(),
                function: name.clone(),
                hidden,
                similar,
            };
            self.errors.push(error);
        }
    }

    fn func(
        &mut self,
        link: LinkedImport,
        name: Option<&str>,
        wanted: &FuncType,
        found: &FuncType,
    ) {
        let LinkedImport {
            node,
            import,
            offer,
        } = link;
        let is_split = |ty: &Type| match ty {
            Type::Own(id) | Type::Borrow(id) => self.split.contains(&(node, *id)),
            _ => false,
        };
        if wanted.types().any(|ty| ty.any(&mut |ty| is_split(ty))) {
            return;
        }
        let crossing = CrossingImport {
            node,
            import,
            provider: Some(offer.node),
            boundary: self.members.boundary(node, offer.node),
        };
        if !self.crosses(crossing, name, wanted) {
            return;
        }
        if self.expects_host_type(node, wanted)
            && let Some((path, what)) = self.host_resource(offer.node, found)
        {
            self.errors.push(PlanError::Untransferable {
                component: self.name(node),
                import: self.members.import(node, import).name.clone(),
                provider: Some(self.name(offer.node)),
                function: name.map(str::to_owned),
                path,
                what,
            });
            return;
        }
        if let Some(difference) = self.compare((node, wanted), (offer.node, found)) {
            let error = PlanError::Mismatch {
                component: self.name(node),
                import: self.members.import(node, import).name.clone(),
                provider: self.name(offer.node),
                export: self.members.export(offer).name.clone(),
                function: name.map(str::to_owned),
                difference,
            };
            self.errors.push(error);
        }
    }

    /// Checks that all components that leave one import open expect the same types, and
    /// that these can cross from outside.
    pub(super) fn check_open(&mut self, open: &OpenImports) {
        for users in &open.users {
            let mut kinds: Option<(usize, &Item)> = None;
            let mut funcs: BTreeMap<Option<&str>, (usize, &FuncType)> = BTreeMap::new();
            for &(node, index) in users {
                let import = self.members.import(node, index);
                let (first, kind) = *kinds.get_or_insert((node, &import.item));
                if kind.kind() != import.item.kind() {
                    let difference = Difference::of_kinds(kind.kind(), import.item.kind());
                    let error = PlanError::OpenImportConflict {
                        import: import.name.clone(),
                        function: None,
                        first: self.name(first),
                        second: self.name(node),
                        difference,
                    };
                    self.errors.push(error);
                    continue;
                }
                let crossing = CrossingImport {
                    node,
                    import: index,
                    provider: None,
                    boundary: match self.members.is_member(node) {
                        // Their component may have a linker that provides the import.
                        true => Boundary::Fused,
                        false => Boundary::Isolated,
                    },
                };
                for (name, func) in functions(&import.item) {
                    if !self.crosses(crossing, name, func) {
                        continue;
                    }
                    let first = *funcs.entry(name).or_insert((node, func));
                    if let Some(difference) = self.compare(first, (node, func)) {
                        let error = PlanError::OpenImportConflict {
                            import: import.name.clone(),
                            function: name.map(str::to_owned),
                            first: self.name(first.0),
                            second: self.name(node),
                            difference,
                        };
                        self.errors.push(error);
                    }
                }
            }
        }
    }

    /// Checks that the types of a function can cross, and refuses the function if one of
    /// them is confined. Returns whether the types can be compared with those of the other
    /// side: a resource of a linker is never the same there, and is reported already.
    fn crosses(&mut self, crossing: CrossingImport, name: Option<&str>, func: &FuncType) -> bool {
        let (path, what) = if let Some(found) = self.host_resource(crossing.node, func) {
            found
        } else if let Some((path, ty)) = self.confined(crossing, func) {
            if !self.graph.requires_all_functions {
                let refused = RefusedFunction {
                    function: name.map(str::to_owned),
                    path,
                    ty,
                };
                let import = (crossing.node, crossing.import);
                self.refused.entry(import).or_default().push(refused);
                return true;
            }
            (path, Untransferable::Type(ty))
        } else {
            return true;
        };
        let comparable = matches!(what, Untransferable::Type(_));
        let import = self.members.import(crossing.node, crossing.import);
        let error = PlanError::Untransferable {
            component: self.name(crossing.node),
            import: import.name.clone(),
            provider: crossing.provider.map(|provider| self.name(provider)),
            function: name.map(str::to_owned),
            path,
            what,
        };
        self.errors.push(error);
        comparable
    }

    /// Whether a function has a resource whose values can leave its importer's store.
    fn expects_host_type(&self, node: usize, func: &FuncType) -> bool {
        let place = func.locate(&mut |ty| match ty {
            Type::Own(id) | Type::Borrow(id) => {
                matches!(self.identities.of(node, *id), Some(Identity::HostType(_)))
            }
            _ => false,
        });
        place.is_some()
    }

    /// The first resource in a function that a component's linker defines.
    fn host_resource(&self, node: usize, func: &FuncType) -> Option<(String, Untransferable)> {
        let mut id = None;
        let place = func.locate(&mut |ty| {
            if let Type::Own(of) | Type::Borrow(of) = ty
                && self.identities.of(node, *of) == Some(&Identity::Host)
            {
                id = Some(*of);
            }
            id.is_some()
        })?;
        Some((place.path, self.identities.host_resource(node, id?)))
    }

    /// The first type in a function that does not cross its boundary.
    fn confined(
        &self,
        crossing: CrossingImport,
        func: &FuncType,
    ) -> Option<(String, ConfinedType)> {
        let items = self.graph.stream_items;
        let place = func.locate(&mut |ty| !crossing.boundary.carries(ty, items))?;
        let world = &self.members.nodes[crossing.node].world;
        Some((place.path, ConfinedType::of(place.ty, world)))
    }

    fn compare(
        &self,
        (importer, wanted): (usize, &FuncType),
        (provider, found): (usize, &FuncType),
    ) -> Option<Difference> {
        let between = ResourcesBetween {
            identities: self.identities,
            importer,
            provider,
        };
        let world = |node: usize| &*self.members.nodes[node].world;
        compare_func(wanted, world(importer), found, world(provider), &between)
    }

    fn name(&self, node: usize) -> String {
        self.members.name(node).to_owned()
    }
}

/// The functions of an import, `None` for one that is itself a function.
fn functions(item: &Item) -> Vec<(Option<&str>, &FuncType)> {
    match item {
        Item::Func(func) => vec![(None, &**func)],
        Item::Interface(interface) => {
            let funcs = interface.funcs.iter();
            funcs
                .map(|(name, func)| (Some(name.as_str()), &**func))
                .collect()
        }
        Item::Resource(_) | Item::Unsupported(_) => Vec::new(),
    }
}

/// Compares the resources of two components by their identities.
struct ResourcesBetween<'a, 'g> {
    identities: &'a ResourceIdentities<'a, 'g>,
    importer: usize,
    provider: usize,
}

impl ResourceRelation for ResourcesBetween<'_, '_> {
    fn same(&self, importer: ResourceId, provider: ResourceId) -> bool {
        match (
            self.identities.of(self.importer, importer),
            self.identities.of(self.provider, provider),
        ) {
            // An error about one of them has been reported already.
            (None, _) | (_, None) => true,
            // Each component has a linker, so host resources of two components
            // are never the same.
            (Some(Identity::Host), _) | (_, Some(Identity::Host)) => self.importer == self.provider,
            (Some(a), Some(b)) => a == b,
        }
    }

    fn importer_name(&self, id: ResourceId) -> String {
        self.identities.name(self.importer, id)
    }

    fn provider_name(&self, id: ResourceId) -> String {
        self.identities.name(self.provider, id)
    }
}
