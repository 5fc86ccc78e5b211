//! Compositions inside compositions.

use std::sync::Arc;

use composer_plan::{Item, World};
use futures::FutureExt;
use futures::future::BoxFuture;

use crate::composable::sealed::Part;
use crate::composable::{Composable, Env, Life, Prepared, Start, Started};
use crate::composer::{Composer, Planned};
use crate::composition::Composition;
use crate::error::{PartError, StartError};
use crate::link::{Binding, Exports, HostImports, Socket};

/// A running composition. Its [open imports](Composer::with_open_import) are
/// bound when the outer composition starts, and until then calls to them fail.
impl Composable for Composition {}

impl Part for Composition {
    fn prepare(self: Box<Self>, _name: &str) -> Result<Prepared, PartError> {
        Ok(Prepared {
            world: Arc::new(self.world()),
            host: HostImports::default(),
            fused: None,
            start: self,
        })
    }
}

impl Start for Composition {
    fn start(self: Box<Self>, env: Env) -> BoxFuture<'static, Result<Started, StartError>> {
        async move {
            bind(self.sockets(), &env)?;
            Ok(nested(*self, &env.world))
        }
        .boxed()
    }
}

/// A composition that the outer one starts when its turn has come, so that
/// its components can call the open imports from their very start.
impl Composable for Composer {}

impl Part for Composer {
    fn prepare(self: Box<Self>, name: &str) -> Result<Prepared, PartError> {
        let planned = self.into_planned().map_err(|error| PartError::Nested {
            component: name.to_owned(),
            errors: error.to_string(),
        })?;
        Ok(Prepared {
            world: Arc::new(planned.world()),
            host: HostImports::default(),
            fused: None,
            start: Box::new(planned),
        })
    }
}

impl Start for Planned {
    fn start(self: Box<Self>, env: Env) -> BoxFuture<'static, Result<Started, StartError>> {
        async move {
            bind(self.sockets(), &env)?;
            let composition = (*self).run().await?;
            Ok(nested(composition, &env.world))
        }
        .boxed()
    }
}

fn bind(sockets: &[Arc<Socket>], env: &Env) -> Result<(), StartError> {
    for socket in sockets {
        let Some(source) = env.imports.get(socket.name()) else {
            continue;
        };
        if !socket.bind(source.clone()) {
            return Err(StartError::AlreadyNested {
                component: env.name.clone(),
                import: socket.name().to_owned(),
            });
        }
    }
    Ok(())
}

fn nested(composition: Composition, world: &World) -> Started {
    Started {
        exports: visible(composition.exports(), world),
        life: Life::Nested(composition),
    }
}

/// What of `exports` the filtered `world` still shows.
fn visible(mut exports: Exports, world: &World) -> Exports {
    let mut shown = Exports::new();
    for export in &world.exports {
        let Some(binding) = exports.remove(export.name.as_str()) else {
            continue;
        };
        let binding = match &export.item {
            Item::Interface(interface) => Arc::new(Binding {
                funcs: binding
                    .funcs
                    .iter()
                    .filter(|(name, _)| interface.funcs.contains_key(*name))
                    .map(|(name, callee)| (name.clone(), callee.clone()))
                    .collect(),
                resources: binding.resources.clone(),
            }),
            _ => binding,
        };
        shown.insert(export.name.to_string(), binding);
    }
    shown
}
