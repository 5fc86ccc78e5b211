//! A component nested in another one, which exports it as an instance.

use anyhow::{Result, bail};
use wasm_encoder::{ComponentInstanceSection, ComponentSection};
use wasmparser::{ComponentExternalKind as Kind, Payload};

use super::part::encoded;
use super::sections::{COMPONENT_SECTION, PREAMBLE, Section, append, sections};
use super::spaces::{Definition, Spaces};

/// A component with the imports of another one, and an instance of that in it.
pub(super) fn wrapped(component: &[u8]) -> Result<Vec<u8>> {
    // All up to its imports, so that they mean the same.
    let is_import = |section: &Section<'_>| {
        let payload = &section.payload;
        matches!(payload, Payload::ComponentImportSection(_))
    };
    let all = sections(component)?;
    let count = all.iter().rposition(is_import).map_or(0, |last| last + 1);
    let mut bytes = component[..PREAMBLE].to_vec();
    for section in &all[..count] {
        match section.payload {
            Payload::ComponentImportSection(_)
            | Payload::ComponentTypeSection(_)
            | Payload::ComponentAliasSection(_)
            | Payload::CoreTypeSection(_) => {
                append(&mut bytes, section.id, &component[section.content.clone()]);
            }
            _ => bail!("a component has other things before its imports, and methods"),
        }
    }
    let prefix = bytes.clone();
    let spaces = Spaces::read(&prefix)?;
    let arguments = spaces.imports.iter().map(|(name, kind)| {
        let is_it = |definition: &Definition<'_>| {
            matches!(definition, Definition::Import(import) if import == name)
        };
        let index = spaces.of(*kind).iter().position(is_it).unwrap_or_default();
        (*name, encoded(*kind), index as u32)
    });
    let arguments: Vec<_> = arguments.collect();
    append(&mut bytes, COMPONENT_SECTION, component);
    let inner = spaces.len(Kind::Component);
    let mut section = ComponentInstanceSection::new();
    section.instantiate(inner, arguments);
    section.append_to_component(&mut bytes);
    Ok(bytes)
}
