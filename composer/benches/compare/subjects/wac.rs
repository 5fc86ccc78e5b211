//! Components that `wac-graph` has composed into one ahead of time: one store, one
//! instance, and wasmtime's own adapters between them.

use futures::future::BoxFuture;
use wac_graph::types::Package;
use wac_graph::{CompositionGraph, EncodeOptions, NodeId};
use wasmtime::Store;
use wasmtime::component::{Component, Func, Instance, Val};

use super::Ready;
use crate::case::{Call, Case, Compiler};

pub(crate) struct Whole {
    store: Store<()>,
    func: Func,
}

pub(crate) async fn ready(compiler: &Compiler, case: &Case) -> Whole {
    let component = Component::new(&compiler.engine, fuse(compiler, case)).unwrap();
    let mut linker = wasmtime::component::Linker::new(&compiler.engine);
    if let Some(host) = case.host {
        (host.define)(&mut linker);
    }
    let mut store = Store::new(&compiler.engine, ());
    let instance = linker
        .instantiate_async(&mut store, &component)
        .await
        .unwrap();
    let func = find(&mut store, &instance, &case.call);
    Whole { store, func }
}

/// The function that a case calls.
pub(crate) fn find(store: &mut Store<()>, instance: &Instance, call: &Call) -> Func {
    let interface = call.interface.map(|name| {
        let (_, index) = instance.get_export(&mut *store, None, name).unwrap();
        index
    });
    let (_, index) = instance
        .get_export(&mut *store, interface.as_ref(), call.name)
        .unwrap();
    instance.get_func(store, index).unwrap()
}

fn fuse(compiler: &Compiler, case: &Case) -> Vec<u8> {
    let mut graph = CompositionGraph::new();
    let mut instances: Vec<NodeId> = Vec::new();
    for (n, part) in case.parts.iter().enumerate() {
        let name = format!("bench:{}", part.name);
        let package = Package::from_bytes(&name, None, &*part.bytes, graph.types_mut()).unwrap();
        let package = graph.register_package(package).unwrap();
        let instance = graph.instantiate(package);
        for (import, _) in compiler.imports(part) {
            let Some(&provider) = compiler.exporters(&case.parts[..n], &import).last() else {
                continue;
            };
            let offer = graph
                .alias_instance_export(instances[provider], &import)
                .unwrap();
            graph
                .set_instantiation_argument(instance, &import, offer)
                .unwrap();
        }
        instances.push(instance);
    }
    // Where several parts have an export, the last one's counts, as in every subject. An
    // interface must precede those that use its types, so all exports are kept.
    for (n, part) in case.parts.iter().enumerate() {
        for export in compiler.exports(part) {
            if compiler.exporters(&case.parts, &export).last() == Some(&n) {
                let offer = graph.alias_instance_export(instances[n], &export).unwrap();
                graph.export(offer, export).unwrap();
            }
        }
    }
    graph.encode(EncodeOptions::default()).unwrap()
}

impl Ready for Whole {
    fn call<'a>(&'a mut self, args: &'a [Val]) -> BoxFuture<'a, Vec<Val>> {
        Box::pin(async move {
            let mut results = vec![Val::Bool(false)];
            self.func
                .call_async(&mut self.store, args, &mut results)
                .await
                .unwrap();
            results
        })
    }
}
