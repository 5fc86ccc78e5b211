//! Compositions inside compositions.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use composer_plan::{HostType, Item, Name, ResourceId, World};
use futures::FutureExt;
use futures::future::BoxFuture;

use crate::assembly::composer::{Composer, PlannedComposition};
use crate::assembly::host_imports::HostImports;
use crate::assembly::prepared::PreparedComposition;
use crate::assembly::sealed::Part;
use crate::assembly::{
    Composable, DescribedPart, LinkPart, LinkedPart, PartLocation, PartRunner, PartSettings,
    StartContext, StartPart, StartedPart,
};
use crate::boundary::binding::{ExportOffers, ImportSource, OpenImportCell};
use crate::boundary::link_context::LinkContext;
use crate::composition::{Composition, CompositionLayout, CurrentParts, WeakComposition};
use crate::error::{PartError, StartError};
use crate::sync::lock;

/// A running composition. Its [open imports](Composer::with_open_import) are
/// bound when the outer composition starts, and until then calls to them fail.
impl Composable for Composition {}

impl Part for Composition {
    fn read(self: Box<Self>, _name: &str) -> Result<DescribedPart, PartError> {
        // What it has now is what the outer one is planned with, however it changes.
        let read = ReadComposition {
            present: self.present(),
            composition: *self,
        };
        let world = read.present.layout.world_with_host_types();
        Ok(known(world, Box::new(read)))
    }
}

/// A running composition, with the parts that it had when it was read.
struct ReadComposition {
    composition: Composition,
    present: Arc<CurrentParts>,
}

impl LinkPart for ReadComposition {
    fn link(self: Box<Self>, place: LinkContext) -> Result<LinkedPart, StartError> {
        let shown = NestedExports::new(&self.present.layout, &place);
        Ok(LinkedPart {
            offers: shown.offers.clone(),
            start: Box::new(RunningCompositionStart {
                is_of: self.composition.downgrade(),
                composition: Mutex::new(Some(*self)),
                name: place.name,
                shown,
            }),
        })
    }

    fn contains(&self, composition: &Composition) -> bool {
        self.composition.contains(composition)
    }
}

/// A running composition until it is nested.
struct RunningCompositionStart {
    name: String,
    shown: NestedExports,
    is_of: WeakComposition,
    composition: Mutex<Option<ReadComposition>>,
}

impl StartPart for RunningCompositionStart {
    #[cfg(feature = "runtime")]
    fn instances(&self) -> usize {
        0
    }

    fn is_nested(&self) -> bool {
        true
    }

    fn contains(&self, composition: &Composition) -> bool {
        let own = self.is_of.upgrade();
        own.is_some_and(|own| own.contains(composition))
    }

    fn start(&self, context: StartContext) -> BoxFuture<'_, Result<StartedPart, StartError>> {
        let read = lock(&self.composition).take();
        async move {
            let component = || self.name.clone();
            let read = read.ok_or_else(|| StartError::Once {
                component: component(),
                what: "it is a composition that already runs; add its `Composer` instead",
            })?;
            let ReadComposition {
                composition,
                present,
            } = read;
            // From here on, what the outer one uses cannot be removed.
            let given = self.shown.places.iter().map(|(part, _)| *part);
            let given = composition.give_out(&present, given);
            given.map_err(|removed| StartError::Changed {
                component: component(),
                removed,
            })?;
            let bound = self.shown.bind(composition.open_import_cells(), &context);
            bound.map_err(|import| StartError::AlreadyNested {
                component: component(),
                import,
            })?;
            Ok(self.shown.started(composition, &present))
        }
        .boxed()
    }
}

/// A composition that the outer one starts when its turn comes, so that its components
/// can call the open imports from their very start.
impl Composable for Composer {}

impl Part for Composer {
    fn read(self: Box<Self>, name: &str) -> Result<DescribedPart, PartError> {
        let planned = self.into_planned().map_err(|error| PartError::Nested {
            component: name.to_owned(),
            errors: error.to_string(),
        })?;
        Ok(known(planned.world_with_host_types(), Box::new(planned)))
    }
}

impl LinkPart for PlannedComposition {
    fn link(self: Box<Self>, place: LinkContext) -> Result<LinkedPart, StartError> {
        Box::new(PlannedComposition::link(*self)?).link(place)
    }

    fn contains(&self, composition: &Composition) -> bool {
        PlannedComposition::contains(self, composition)
    }
}

/// A composition that has already been linked, and can be nested in any number of places.
impl Composable for PreparedComposition {}

impl Part for PreparedComposition {
    fn read(self: Box<Self>, _name: &str) -> Result<DescribedPart, PartError> {
        Ok(known(self.layout().world_with_host_types(), self))
    }
}

impl LinkPart for PreparedComposition {
    fn link(self: Box<Self>, place: LinkContext) -> Result<LinkedPart, StartError> {
        let shown = NestedExports::new(self.layout(), &place);
        Ok(LinkedPart {
            offers: shown.offers.clone(),
            start: Box::new(PreparedCompositionStart {
                prepared: *self,
                shown,
            }),
        })
    }

    fn contains(&self, composition: &Composition) -> bool {
        PreparedComposition::contains(self, composition)
    }
}

/// A composition that is started with each outer one.
struct PreparedCompositionStart {
    prepared: PreparedComposition,
    shown: NestedExports,
}

impl StartPart for PreparedCompositionStart {
    #[cfg(feature = "runtime")]
    fn instances(&self) -> usize {
        self.prepared.instances()
    }

    fn is_nested(&self) -> bool {
        true
    }

    fn contains(&self, composition: &Composition) -> bool {
        self.prepared.contains(composition)
    }

    fn start(&self, context: StartContext) -> BoxFuture<'_, Result<StartedPart, StartError>> {
        async move {
            let open_import_cells = self.prepared.open_import_cells();
            // The cells are new, so none of them is bound.
            let _ = self.shown.bind(&open_import_cells, &context);
            let composition = self.prepared.run(open_import_cells).await?;
            let present = composition.present();
            Ok(self.shown.started(composition, &present))
        }
        .boxed()
    }
}

fn known(
    (world, host_types): (World, BTreeMap<ResourceId, HostType>),
    link: Box<dyn LinkPart>,
) -> DescribedPart {
    DescribedPart {
        world: Arc::new(world),
        host_types,
        host: HostImports::default(),
        fused: None,
        settings: PartSettings::default(),
        link,
    }
}

/// The offers and open imports of a nested composition, as its surroundings see them.
struct NestedExports {
    offers: Arc<ExportOffers>,
    /// For each offer, the index of its part and its index among that part's offers.
    places: Vec<(usize, usize)>,
    /// Each open import, with its index among the imports of the nested composition's
    /// world.
    open: Vec<(Name, Option<usize>)>,
}

impl NestedExports {
    fn new(layout: &CompositionLayout, place: &LinkContext) -> Self {
        let world = &place.world;
        let mut found = BTreeMap::new();
        for export in &world.exports {
            let name = export.name.as_str();
            let Some((part, index)) = layout.find_export(name) else {
                continue;
            };
            let offer = layout.offers[part].get(index);
            // A filter may show only some of its functions.
            let offer = match &export.item {
                Item::Interface(interface) => {
                    Arc::new(offer.only(|func| interface.funcs.contains_key(func)))
                }
                _ => offer.clone(),
            };
            found.insert(name.to_owned(), (offer, (part, index)));
        }
        let places = found.values().map(|(_, place)| *place).collect();
        let offers = found.into_iter().map(|(name, (offer, _))| (name, offer));
        let open = layout.plan.open_imports.iter().map(|open| {
            let mut imports = world.imports.iter();
            let place = imports.position(|import| import.name == open.name);
            (open.name.clone(), place)
        });
        NestedExports {
            offers: ExportOffers::new(offers.collect()),
            places,
            open: open.collect(),
        }
    }

    /// Binds the imports that the composition leaves open, or returns the name of one
    /// that was bound before.
    fn bind(
        &self,
        open_import_cells: &[Arc<OpenImportCell>],
        context: &StartContext,
    ) -> Result<(), String> {
        for (name, import) in &self.open {
            // A cell may be for a higher version than what is left asks for.
            let exact = |cell: &&Arc<OpenImportCell>| cell.name() == name.as_str();
            let same = |cell: &&Arc<OpenImportCell>| Name::new(cell.name()).matches(name).is_some();
            let mut cells = open_import_cells.iter();
            let found = cells.clone().find(exact).or_else(|| cells.find(same));
            let source = import.map(|import| &context.imports[import]);
            match (source, found) {
                (None | Some(ImportSource::Elsewhere), _) | (_, None) => {}
                (Some(source), Some(cell)) => {
                    if !cell.bind(source.clone()) {
                        return Err(cell.name().to_owned());
                    }
                }
            }
        }
        Ok(())
    }

    fn started(&self, composition: Composition, present: &CurrentParts) -> StartedPart {
        let export_ref = |(part, export): &(usize, usize)| {
            let part = &present.parts[*part];
            part.export_refs().of(*export)
        };
        StartedPart {
            at: PartLocation::ExportRefs(self.places.iter().map(export_ref).collect()),
            runner: PartRunner::Nested(composition),
        }
    }
}
