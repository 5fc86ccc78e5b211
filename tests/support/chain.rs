//! Chains of guests, in which each uses the ones before it.

use std::fmt;

use composer::fused::{FusedComponents, FusedMember};
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
            for (import, provider) in self.import_hints(i) {
                descriptor = descriptor.with_import_hint(import, provider);
            }
            composer.add(descriptor);
        }
        for (export, exporter) in self.export_hints() {
            composer.with_export_hint(export, exporter);
        }
        composer.compose().await.unwrap()
    }

    /// The guests as a group that is one part of a composition.
    pub(crate) async fn group(&self) -> Composition {
        let mut group = FusedComponents::bare(&self.engine);
        for (i, link) in self.links.iter().enumerate() {
            let path = guest_path(&link.name);
            let mut member = FusedMember::from_file(&self.engine, &link.name, path).unwrap();
            for (import, provider) in self.import_hints(i) {
                member = member.with_import_hint(import, provider);
            }
            group.add(member);
        }
        for (export, exporter) in self.export_hints() {
            group.with_export_hint(export, exporter);
        }
        let mut composer = Composer::new();
        composer.add(ComposableDescriptor::new("group", group));
        composer.compose().await.unwrap()
    }

    /// Who provides what `link` imports, where it is not clear: a hint that
    /// changes nothing would be an error.
    fn import_hints(&self, link: usize) -> Vec<(&str, &str)> {
        let hint = |import: &'_ String| {
            let mut exporters = self.exporters(import);
            exporters.retain(|&exporter| exporter != link);
            let provider = exporters.iter().rfind(|&&exporter| exporter < link);
            let provider = &self.links[*provider.unwrap()].name;
            (exporters.len() > 1).then_some(provider.as_str())
        };
        let imports = self.links[link].imports.iter();
        imports
            .filter_map(|import| Some((import.as_str(), hint(import)?)))
            .collect()
    }

    /// Whose export the whole shows, where several have it.
    fn export_hints(&self) -> Vec<(&str, &str)> {
        let mut hints = Vec::new();
        for (i, link) in self.links.iter().enumerate() {
            for export in &link.exports {
                let exporters = self.exporters(export);
                if exporters.len() > 1 && exporters.last() == Some(&i) {
                    hints.push((export.as_str(), link.name.as_str()));
                }
            }
        }
        hints
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
