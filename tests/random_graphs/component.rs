//! The components of a random composition, as text, compiled, and as parts.

use std::collections::BTreeMap;

use composer::{ComposableComponent, ComposableDescriptor, Composer};
use wasmtime::Store;
use wasmtime::component::{Component, Linker};

use super::spec::{Part, Spec, Wish};
use crate::support::engine;

/// The components of a spec, by salt.
pub(super) struct Components(BTreeMap<u32, Component>);

pub(super) fn compile(spec: &Spec) -> Components {
    let compile = |part: &Part| {
        let text = text(part);
        composer::component_from_bytes(engine(), &part.name, text.as_bytes()).unwrap()
    };
    Components(
        spec.parts
            .iter()
            .map(|part| (part.salt, compile(part)))
            .collect(),
    )
}

/// A composer with all parts and hints of a spec, added in its order.
pub(super) fn composer(spec: &Spec, components: &Components) -> Composer {
    let mut composer = Composer::new();
    for part in &spec.parts {
        let component = components.0[&part.salt].clone();
        let component =
            ComposableComponent::new(component, linker(part), || Store::new(engine(), ()));
        let mut descriptor = ComposableDescriptor::new(&part.name, component);
        for import in &part.imports {
            if let Wish::Hint(to) = &import.wish {
                descriptor = descriptor.with_import_hint(&import.name, to);
            }
        }
        composer.add(descriptor);
    }
    for (export, component) in &spec.export_hints {
        composer.with_export_hint(export, component);
    }
    composer
}

fn linker(part: &Part) -> Linker<()> {
    let mut linker = Linker::new(engine());
    let salt = part.salt;
    for import in &part.imports {
        if let Wish::Linker = import.wish {
            let mut interface = linker.instance(&import.name).unwrap();
            let run = move |_: wasmtime::StoreContextMut<'_, ()>, (x,): (u32,)| {
                Ok((Part::host(salt, x),))
            };
            interface.func_wrap("run", run).unwrap();
        }
    }
    linker
}

/// Each export adds its constant to `x`, and then for each import rotates it
/// and mixes in what the import answers for it.
pub(super) fn text(part: &Part) -> String {
    let mut imports = String::new();
    let mut core_imports = String::new();
    let mut core_args = String::new();
    let mut mix = String::new();
    for (i, import) in part.imports.iter().enumerate() {
        let name = &import.name;
        imports += &format!(
            r#"
  (import "{name}" (instance $import{i}
    (export "run" (func (param "x" u32) (result u32)))))
  (core func $import{i} (canon lower (func $import{i} "run")))"#
        );
        core_imports += &format!(
            r#"
    (import "" "{i}" (func $import{i} (param i32) (result i32)))"#
        );
        core_args += &format!(r#" (export "{i}" (func $import{i}))"#);
        mix += &format!(
            r#"
      (local.set $x (i32.xor
        (i32.rotl (local.get $x) (i32.const 7))
        (call $import{i} (local.get $x))))"#
        );
    }
    let mut core_exports = String::new();
    let mut exports = String::new();
    for (i, name) in part.exports.iter().enumerate() {
        let constant = part.constant(name);
        core_exports += &format!(
            r#"
    (func (export "{i}") (param $x i32) (result i32)
      (local.set $x (i32.add (local.get $x) (i32.const {constant}))){mix}
      (local.get $x))"#
        );
        exports += &format!(
            r#"
  (func $export{i} (param "x" u32) (result u32) (canon lift (core func $code "{i}")))
  (instance $export{i} (export "run" (func $export{i})))
  (export "{name}" (instance $export{i}))"#
        );
    }
    format!(
        r#"(component{imports}
  (core module $code{core_imports}{core_exports})
  (core instance $imports{core_args})
  (core instance $code (instantiate $code (with "" (instance $imports)))){exports})"#
    )
}
