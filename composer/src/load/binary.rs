//! What the sections of a component tell before it is compiled.

use wasmparser::{
    BinaryReaderError, CanonicalFunction, CanonicalOption, ComponentType, ExternalKind, Parser,
    Payload, TypeRef,
};

/// What is in a binary, as far as it is not what can be loaded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum BinaryContents {
    /// Types of components, and nothing that could run: so WIT packages look.
    WitPackage,
    /// A component that passes values by a 64-bit memory. wasmtime reads pointers of 32
    /// bits in all of them.
    WideValues,
    Other,
}

/// Reads the sections. What is broken is left to wasmtime, which says more of it.
pub(super) fn contents(bytes: &[u8]) -> BinaryContents {
    read(bytes).unwrap_or(BinaryContents::Other)
}

fn read(bytes: &[u8]) -> Result<BinaryContents, BinaryReaderError> {
    let mut describes = false;
    let mut runs = false;
    let mut depth = 0_usize;
    let mut memories = ModuleMemories::default();
    for payload in Parser::new(0).parse_all(bytes) {
        let payload = payload?;
        let is_outside = depth == 0;
        match &payload {
            Payload::Version { .. } | Payload::CustomSection(_) => {}
            Payload::ComponentExportSection(_) if is_outside => {}
            Payload::ComponentTypeSection(types) if is_outside => {
                for ty in types.clone() {
                    match ty? {
                        ComponentType::Component(_) => describes = true,
                        _ => runs = true,
                    }
                }
            }
            Payload::ModuleSection { .. } | Payload::ComponentSection { .. } => {
                depth += 1;
                runs = true;
            }
            Payload::End(_) => depth = depth.saturating_sub(1),
            _ => runs = true,
        }
        memories.read(&payload)?;
    }
    Ok(match (describes, runs) {
        (true, false) => BinaryContents::WitPackage,
        _ if memories.pass_values && memories.are_wide => BinaryContents::WideValues,
        _ => BinaryContents::Other,
    })
}

/// The memories of the core modules in a component.
#[derive(Default)]
struct ModuleMemories {
    /// Whether each memory of the present module has 64 bits.
    module: Vec<bool>,
    /// Whether a module exports one that has.
    are_wide: bool,
    /// Whether functions of the component pass values by memory.
    pass_values: bool,
}

impl ModuleMemories {
    fn read(&mut self, payload: &Payload<'_>) -> Result<(), BinaryReaderError> {
        match payload {
            Payload::ModuleSection { .. } => self.module.clear(),
            Payload::ImportSection(imports) => {
                for import in imports.clone().into_imports() {
                    if let TypeRef::Memory(memory) = import?.ty {
                        self.module.push(memory.memory64);
                    }
                }
            }
            Payload::MemorySection(memories) => {
                for memory in memories.clone() {
                    self.module.push(memory?.memory64);
                }
            }
            Payload::ExportSection(exports) => {
                for export in exports.clone() {
                    let export = export?;
                    let is_wide = usize::try_from(export.index)
                        .ok()
                        .and_then(|index| self.module.get(index));
                    if export.kind == ExternalKind::Memory && is_wide == Some(&true) {
                        self.are_wide = true;
                    }
                }
            }
            Payload::ComponentCanonicalSection(functions) => {
                for function in functions.clone() {
                    if let CanonicalFunction::Lift { options, .. }
                    | CanonicalFunction::Lower { options, .. } = function?
                    {
                        let mut options = options.iter();
                        self.pass_values |=
                            options.any(|option| matches!(option, CanonicalOption::Memory(_)));
                    }
                }
            }
            _ => {}
        }
        Ok(())
    }
}
