//! Guests fused into one component by `wac-graph`, as a reference for compositions of the
//! same guests.

use wac_graph::types::Package;
use wac_graph::{CompositionGraph, EncodeOptions, NodeId};

use crate::support::guest_path;

/// Fuses guests. Each gets its imports from the last one before it that exports
/// them; the whole exports everything, what several export from the last.
pub(crate) fn fuse(guests: &[&str]) -> Vec<u8> {
    let mut graph = CompositionGraph::new();
    // In the order of the worlds: an interface stands before those that use it.
    let mut exporters: Vec<(String, NodeId)> = Vec::new();
    for guest in guests {
        let name = format!("guest:{guest}");
        let package = Package::from_file(&name, None, guest_path(guest), graph.types_mut());
        let package = graph.register_package(package.unwrap()).unwrap();
        let world = &graph.types()[graph[package].ty()];
        let imports: Vec<String> = world.imports.keys().cloned().collect();
        let exports: Vec<String> = world.exports.keys().cloned().collect();
        let instance = graph.instantiate(package);
        for import in imports {
            let (_, exporter) = exporters.iter().find(|(name, _)| *name == import).unwrap();
            let offer = graph.alias_instance_export(*exporter, &import).unwrap();
            graph
                .set_instantiation_argument(instance, &import, offer)
                .unwrap();
        }
        exporters.retain(|(name, _)| !exports.contains(name));
        exporters.extend(exports.into_iter().map(|export| (export, instance)));
    }
    for (export, instance) in exporters {
        let offer = graph.alias_instance_export(instance, &export).unwrap();
        graph.export(offer, export).unwrap();
    }
    graph.encode(EncodeOptions::default()).unwrap()
}
