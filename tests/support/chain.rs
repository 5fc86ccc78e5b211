//! Guests that stand in a chain: each uses those before it.

use std::fmt;

use composer::{ComposableComponent, ComposableDescriptor, Composer, Composition};
use wasmtime::component::types::ComponentItem;
use wasmtime::component::{Component, Instance, Linker};
use wasmtime::{Engine, Store};

use crate::support::{guest_path, wac};

/// Guests, to be run in two ways: composed, each in its own store, and fused
/// into one component. In both, each gets an import from the last one before it
/// that exports it, and an export that several have is the last one's.
pub(crate) struct Chain {
    engine: Engine,
    links: Vec<Link>,
    fused: Component,
}

struct Link {
    name: String,
    component: Component,
    imports: Vec<String>,
    exports: Vec<String>,
}

/// A function of an interface.
pub(crate) struct Function {
    pub(crate) interface: String,
    pub(crate) name: String,
}

impl Function {
    pub(crate) fn new(interface: &str, name: &str) -> Self {
        Function {
            interface: interface.to_owned(),
            name: name.to_owned(),
        }
    }
}

impl fmt::Display for Function {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}#{}", self.interface, self.name)
    }
}

impl Chain {
    pub(crate) fn new(engine: &Engine, guests: &[&str]) -> Self {
        let link = |guest: &&str| {
            let component = composer::load_component(engine, guest_path(guest)).unwrap();
            let ty = component.component_type();
            let imports = ty.imports(engine).map(|(name, _)| name.to_owned());
            let exports = ty.exports(engine).map(|(name, _)| name.to_owned());
            Link {
                name: (*guest).to_owned(),
                imports: imports.collect(),
                exports: exports.collect(),
                component,
            }
        };
        Chain {
            engine: engine.clone(),
            links: guests.iter().map(link).collect(),
            fused: Component::new(engine, wac::fuse(guests)).unwrap(),
        }
    }

    /// Every function in an interface of the whole.
    pub(crate) fn functions(&self) -> Vec<Function> {
        let mut functions = Vec::new();
        for (interface, item) in self.fused.component_type().exports(&self.engine) {
            let ComponentItem::ComponentInstance(items) = item.ty else {
                continue;
            };
            for (name, item) in items.exports(&self.engine) {
                if matches!(item.ty, ComponentItem::ComponentFunc(_)) {
                    functions.push(Function::new(interface, name));
                }
            }
        }
        functions
    }

    /// Each guest in a store of its own.
    pub(crate) async fn compose(&self) -> Composition {
        let mut composer = Composer::new();
        for (i, link) in self.links.iter().enumerate() {
            let engine = self.engine.clone();
            let part = ComposableComponent::new(
                link.component.clone(),
                Linker::new(&self.engine),
                move || Store::new(&engine, ()),
            );
            let mut descriptor = ComposableDescriptor::new(&link.name, part);
            // A hint that changes nothing would be an error.
            for import in &link.imports {
                let mut exporters = self.exporters(import);
                exporters.retain(|&exporter| exporter != i);
                if exporters.len() > 1 {
                    let provider = exporters.into_iter().rfind(|&j| j < i).unwrap();
                    descriptor = descriptor.with_import_hint(import, &self.links[provider].name);
                }
            }
            for export in &link.exports {
                let exporters = self.exporters(export);
                if exporters.len() > 1 && exporters.last() == Some(&i) {
                    composer.with_export_hint(export, &link.name);
                }
            }
            composer.add(descriptor);
        }
        composer.compose().await.unwrap()
    }

    /// All guests in one store.
    pub(crate) async fn fuse(&self) -> (Store<()>, Instance) {
        let mut store = Store::new(&self.engine, ());
        let linker = Linker::new(&self.engine);
        let instance = linker
            .instantiate_async(&mut store, &self.fused)
            .await
            .unwrap();
        (store, instance)
    }

    /// The positions of those that export a name.
    fn exporters(&self, name: &str) -> Vec<usize> {
        let links = self.links.iter().enumerate();
        let exporters = links.filter(|(_, link)| link.exports.iter().any(|export| export == name));
        exporters.map(|(i, _)| i).collect()
    }
}
