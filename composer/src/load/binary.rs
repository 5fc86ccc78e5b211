//! Recognizes binaries that cannot be loaded, from their sections and before they are
//! compiled.

use wasmparser::{
    BinaryReaderError, CanonicalFunction, CanonicalOption, ComponentType, ExternalKind, Parser,
    Payload, TypeRef,
};

/// The contents of a binary, where they cannot be loaded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum BinaryContents {
    /// A WIT package: types of components, and nothing that could run.
    WitPackage,
    /// A component that passes values through a 64-bit memory. wasmtime reads pointers as
    /// 32 bits in every memory.
    Memory64Values,
    Other,
}

/// Reads the sections. A broken binary is left to wasmtime, whose error says more.
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
        _ if memories.pass_values && memories.are_wide => BinaryContents::Memory64Values,
        _ => BinaryContents::Other,
    })
}

/// The memories of the core modules in a component.
#[derive(Default)]
struct ModuleMemories {
    /// Whether each memory of the current module has 64-bit addresses.
    module: Vec<bool>,
    /// Whether any module exports a 64-bit memory.
    are_wide: bool,
    /// Whether functions of the component pass values through a memory.
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
