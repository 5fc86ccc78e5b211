//! Compositions inside compositions.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use composer_plan::{Item, World};
use futures::FutureExt;
use futures::future::BoxFuture;

use crate::assembly::composer::{Composer, Planned};
use crate::assembly::host_imports::HostImports;
use crate::assembly::prepared::PreparedComposition;
use crate::assembly::sealed::Part;
use crate::assembly::{At, Composable, Env, Known, Life, Link, Linked, Place, Start, Started};
use crate::boundary::binding::{ImportSource, Offers, Socket};
use crate::composition::restart::Restart;
use crate::composition::{Composition, Layout};
use crate::error::{PartError, StartError};
use crate::sync::lock;

/// A running composition. Its [open imports](Composer::with_open_import) are
/// bound when the outer composition starts, and until then calls to them fail.
impl Composable for Composition {}

impl Part for Composition {
    fn read(self: Box<Self>, _name: &str) -> Result<Known, PartError> {
        Ok(known(self.layout().world(), self))
    }
}

impl Link for Composition {
    fn link(self: Box<Self>, place: Place) -> Result<Linked, StartError> {
        let shown = Shown::new(&self.layout(), &place);
        Ok(Linked {
            offers: shown.offers.clone(),
            start: Box::new(Once {
                composition: Mutex::new(Some(*self)),
                name: place.name,
                shown,
            }),
        })
    }
}

/// A running composition until it is nested.
struct Once {
    name: String,
    shown: Shown,
    composition: Mutex<Option<Composition>>,
}

impl Start for Once {
    #[cfg(feature = "runtime")]
    fn instances(&self) -> usize {
        0
    }

    fn start(&self, env: Env) -> BoxFuture<'_, Result<Started, StartError>> {
        let composition = lock(&self.composition).take();
        async move {
            let composition = composition.ok_or_else(|| StartError::Once {
                component: self.name.clone(),
                what: "it is a composition that already runs; add its `Composer` instead",
            })?;
            self.shown
                .bind(composition.sockets(), &env)
                .map_err(|import| StartError::AlreadyNested {
                    component: self.name.clone(),
                    import,
                })?;
            Ok(self.shown.started(composition))
        }
        .boxed()
    }
}

/// A composition that the outer one starts when its turn has come, so that
/// its components can call the open imports from their very start.
impl Composable for Composer {}

impl Part for Composer {
    fn read(self: Box<Self>, name: &str) -> Result<Known, PartError> {
        let planned = self.into_planned().map_err(|error| PartError::Nested {
            component: name.to_owned(),
            errors: error.to_string(),
        })?;
        Ok(known(planned.world(), Box::new(planned)))
    }
}

impl Link for Planned {
    fn link(self: Box<Self>, place: Place) -> Result<Linked, StartError> {
        Box::new(Planned::link(*self)?).link(place)
    }
}

/// The same, linked before: it can be nested in any number of places.
impl Composable for PreparedComposition {}

impl Part for PreparedComposition {
    fn read(self: Box<Self>, _name: &str) -> Result<Known, PartError> {
        Ok(known(self.layout().world(), self))
    }
}

impl Link for PreparedComposition {
    fn link(self: Box<Self>, place: Place) -> Result<Linked, StartError> {
        let shown = Shown::new(self.layout(), &place);
        Ok(Linked {
            offers: shown.offers.clone(),
            start: Box::new(Again {
                prepared: *self,
                shown,
            }),
        })
    }
}

/// A composition that is started with each outer one.
struct Again {
    prepared: PreparedComposition,
    shown: Shown,
}

impl Start for Again {
    #[cfg(feature = "runtime")]
    fn instances(&self) -> usize {
        self.prepared.instances()
    }

    fn start(&self, env: Env) -> BoxFuture<'_, Result<Started, StartError>> {
        async move {
            let sockets = self.prepared.sockets();
            // They are new, so nobody has bound them.
            let _ = self.shown.bind(&sockets, &env);
            let composition = self.prepared.run(sockets).await?;
            Ok(self.shown.started(composition))
        }
        .boxed()
    }
}

fn known(world: World, link: Box<dyn Link>) -> Known {
    Known {
        world: Arc::new(world),
        host: HostImports::default(),
        fused: None,
        restart: Restart::never(),
        link,
    }
}

/// What of a nested composition its surroundings see.
struct Shown {
    offers: Arc<Offers>,
    /// For each offer, the part it is of and its place among that part's own.
    places: Vec<(usize, usize)>,
    /// For each open import, which import of the nested composition's world it
    /// is.
    open: Vec<Option<usize>>,
}

impl Shown {
    fn new(layout: &Layout, place: &Place) -> Self {
        let world = &place.world;
        let mut found = BTreeMap::new();
        for export in &world.exports {
            let name = export.name.as_str();
            let Some((part, index)) = layout.find_export(name) else {
                continue;
            };
            let offer = layout.offers[part].get(index);
            // A filter may show a part of it.
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
        Shown {
            offers: Offers::new(offers.collect()),
            places,
            open: open.collect(),
        }
    }

    /// Binds what the composition leaves open, or gives back the name of an
    /// import that was bound before.
    fn bind(&self, sockets: &[Arc<Socket>], env: &Env) -> Result<(), String> {
        for (socket, import) in sockets.iter().zip(&self.open) {
            let source = import.map(|import| &env.imports[import]);
            match source {
                None | Some(ImportSource::Elsewhere) => {}
                Some(source) => {
                    if !socket.bind(source.clone()) {
                        return Err(socket.name().to_owned());
                    }
                }
            }
        }
        Ok(())
    }

    fn started(&self, composition: Composition) -> Started {
        let spot = |(part, export): &(usize, usize)| composition.spot(*part, *export);
        Started {
            at: At::Spots(self.places.iter().map(spot).collect()),
            life: Life::Nested(composition),
        }
    }
}
