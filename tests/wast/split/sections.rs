//! The sections of a component's binary, and the encoding of a changed section.

use std::ops::Range;

use anyhow::Result;
use wasm_encoder::Encode;
use wasmparser::{Parser, Payload};

/// What the binary format begins with: the magic number and the version.
pub(super) const PREAMBLE: usize = 8;

/// The numbers of sections that define something.
pub(super) const CORE_MODULE_SECTION: u8 = 1;
pub(super) const CORE_TYPE_SECTION: u8 = 3;
pub(super) const COMPONENT_SECTION: u8 = 4;
pub(super) const TYPE_SECTION: u8 = 7;

/// A section of a component itself, and not of what is nested in it.
pub(super) struct Section<'a> {
    pub(super) id: u8,
    /// Where its content is in the component's bytes.
    pub(super) content: Range<usize>,
    pub(super) payload: Payload<'a>,
}

/// The sections of a component, in their order.
pub(super) fn sections(bytes: &[u8]) -> Result<Vec<Section<'_>>> {
    let mut depth = 0_usize;
    let mut sections = Vec::new();
    for payload in Parser::new(0).parse_all(bytes) {
        let payload = payload?;
        let opens = matches!(
            payload,
            Payload::ModuleSection { .. } | Payload::ComponentSection { .. }
        );
        if matches!(payload, Payload::End(_)) {
            depth = depth.saturating_sub(1);
            continue;
        }
        if depth == 0
            && let Some((id, content)) = payload.as_section()
        {
            sections.push(Section {
                id,
                content: content.start..content.end,
                payload,
            });
        }
        depth += usize::from(opens);
    }
    Ok(sections)
}

/// Appends a section with this content.
pub(super) fn append(bytes: &mut Vec<u8>, id: u8, content: &[u8]) {
    bytes.push(id);
    content.encode(bytes);
}

/// The bytes of each item of a section: it ends where the next one begins.
pub(super) fn item_ranges(starts: &[usize], end: usize) -> Vec<Range<usize>> {
    let ends = starts.iter().skip(1).copied().chain([end]);
    starts
        .iter()
        .copied()
        .zip(ends)
        .map(|(a, b)| a..b)
        .collect()
}
