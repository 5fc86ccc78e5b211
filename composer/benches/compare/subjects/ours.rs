//! Components composed by this crate: isolated, or as a fused group.

use composer::fused::{FusedComponents, FusedMember};
use composer::{ComposableComponent, ComposableDescriptor, Composer, Composition, ExportFunc};
use futures::future::BoxFuture;
use wasmtime::Store;
use wasmtime::component::{Component, Linker, Val};

use super::Ready;
use crate::case::{Call, Case, Compiler};

/// A composition, and the function that is called in it.
pub(crate) struct Composed {
    func: ExportFunc,
    _composition: Composition,
}

impl Composed {
    pub(crate) fn new(composition: Composition, call: &Call) -> Composed {
        Composed {
            func: composition.get_func(call.interface, call.name).unwrap(),
            _composition: composition,
        }
    }
}

/// Each component in a store of its own.
pub(crate) fn apart(compiler: &Compiler, case: &Case) -> Composer {
    let mut composer = Composer::new();
    for (n, part) in case.parts.iter().enumerate() {
        let mut descriptor = match case.host {
            Some(_) => ComposableDescriptor::new(&part.name, hosted(compiler, case, n)),
            None => ComposableDescriptor::new(&part.name, bare(compiler, case, n)),
        };
        for (import, provider) in hints(compiler, case, n) {
            descriptor = descriptor.with_import_hint(import, provider);
        }
        composer.add(descriptor);
    }
    composer
}

/// One of the components as a part.
pub(crate) fn bare(compiler: &Compiler, case: &Case, n: usize) -> Component {
    compiler.component(&case.parts[n])
}

/// The same component, with what the embedder provides to it.
pub(crate) fn hosted(compiler: &Compiler, case: &Case, n: usize) -> ComposableComponent<()> {
    let part = &case.parts[n];
    let engine = compiler.engine.clone();
    let linker = compiler.linker(case, part);
    ComposableComponent::new(compiler.component(part), linker, move || {
        Store::new(&engine, ())
    })
}

/// All components as one group.
pub(crate) fn fused(compiler: &Compiler, case: &Case) -> Composer {
    let mut linker = Linker::new(&compiler.engine);
    if let Some(host) = case.host {
        (host.define)(&mut linker);
    }
    let engine = compiler.engine.clone();
    let mut group = FusedComponents::new(linker, move || Store::new(&engine, ()));
    for (n, part) in case.parts.iter().enumerate() {
        let member = FusedMember::from_bytes(&compiler.engine, &part.name, &*part.bytes);
        let mut member = member.unwrap();
        for (import, provider) in hints(compiler, case, n) {
            member = member.with_import_hint(import, provider);
        }
        group.add(member);
    }
    for part in &case.parts {
        for export in compiler.exports(part) {
            let exporters = compiler.exporters(&case.parts, &export);
            let last = &case.parts[exporters[exporters.len() - 1]].name;
            if exporters.len() > 1 && *last == part.name {
                group.with_export_hint(export, last);
            }
        }
    }
    let mut composer = Composer::new();
    composer.add(ComposableDescriptor::new("group", group));
    composer
}

/// The providers of the imports that would be ambiguous; a hint that changes nothing is
/// an error.
fn hints(compiler: &Compiler, case: &Case, part: usize) -> Vec<(String, String)> {
    let imports = compiler.imports(&case.parts[part]).into_iter();
    let hint = |(import, _): (String, _)| {
        let mut exporters = compiler.exporters(&case.parts, &import);
        exporters.retain(|&exporter| exporter != part);
        let provider = exporters.iter().rfind(|&&exporter| exporter < part)?;
        let provider = case.parts[*provider].name.clone();
        (exporters.len() > 1).then_some((import, provider))
    };
    imports.filter_map(hint).collect()
}

impl Ready for Composed {
    fn call<'a>(&'a mut self, args: &'a [Val]) -> BoxFuture<'a, Vec<Val>> {
        Box::pin(async move {
            let mut results = vec![Val::Bool(false); self.func.result().iter().count()];
            self.func.call(args, &mut results).await.unwrap();
            results
        })
    }
}
