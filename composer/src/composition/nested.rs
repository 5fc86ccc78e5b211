//! Compositions inside compositions.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use composer_plan::{HostType, Item, ResourceId, World};
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
use crate::composition::{Composition, CompositionLayout};
use crate::error::{PartError, StartError};
use crate::sync::lock;

/// A running composition. Its [open imports](Composer::with_open_import) are
/// bound when the outer composition starts, and until then calls to them fail.
impl Composable for Composition {}

impl Part for Composition {
    fn read(self: Box<Self>, _name: &str) -> Result<DescribedPart, PartError> {
        Ok(known(self.layout().world_with_host_types(), self))
    }
}

impl LinkPart for Composition {
    fn link(self: Box<Self>, place: LinkContext) -> Result<LinkedPart, StartError> {
        let shown = NestedExports::new(&self.layout(), &place);
        Ok(LinkedPart {
            offers: shown.offers.clone(),
            start: Box::new(RunningCompositionStart {
                composition: Mutex::new(Some(*self)),
                name: place.name,
                shown,
            }),
        })
    }
}

/// A running composition until it is nested.
struct RunningCompositionStart {
    name: String,
    shown: NestedExports,
    composition: Mutex<Option<Composition>>,
}

impl StartPart for RunningCompositionStart {
    #[cfg(feature = "runtime")]
    fn instances(&self) -> usize {
        0
    }

    fn start(&self, context: StartContext) -> BoxFuture<'_, Result<StartedPart, StartError>> {
        let composition = lock(&self.composition).take();
        async move {
            let composition = composition.ok_or_else(|| StartError::Once {
                component: self.name.clone(),
                what: "it is a composition that already runs; add its `Composer` instead",
            })?;
            self.shown
                .bind(composition.open_import_cells(), &context)
                .map_err(|import| StartError::AlreadyNested {
                    component: self.name.clone(),
                    import,
                })?;
            Ok(self.shown.started(composition))
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

    fn start(&self, context: StartContext) -> BoxFuture<'_, Result<StartedPart, StartError>> {
        async move {
            let open_import_cells = self.prepared.open_import_cells();
            // The cells are new, so none of them is bound.
            let _ = self.shown.bind(&open_import_cells, &context);
            let composition = self.prepared.run(open_import_cells).await?;
            Ok(self.shown.started(composition))
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
    /// For each open import, its index among the imports of the nested composition's
    /// world.
    open: Vec<Option<usize>>,
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
            imports.position(|import| import.name == open.name)
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
        for (open_import_cell, import) in open_import_cells.iter().zip(&self.open) {
            let source = import.map(|import| &context.imports[import]);
            match source {
                None | Some(ImportSource::Elsewhere) => {}
                Some(source) => {
                    if !open_import_cell.bind(source.clone()) {
                        return Err(open_import_cell.name().to_owned());
                    }
                }
            }
        }
        Ok(())
    }

    fn started(&self, composition: Composition) -> StartedPart {
        composition.set_nested();
        let export_ref = |(part, export): &(usize, usize)| composition.export_ref(*part, *export);
        StartedPart {
            at: PartLocation::ExportRefs(self.places.iter().map(export_ref).collect()),
            runner: PartRunner::Nested(composition),
        }
    }
}
