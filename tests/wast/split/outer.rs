//! Extraction of a component from the one around it: its outer aliases are replaced by
//! what they refer to.

use anyhow::{Context as _, Result, bail};
use wasmparser::{ComponentAlias, ComponentOuterAliasKind as OuterKind, Payload};

use super::sections::{
    COMPONENT_SECTION, CORE_MODULE_SECTION, CORE_TYPE_SECTION, PREAMBLE, TYPE_SECTION, append,
    sections,
};
use super::spaces::{Definition, Spaces, TypeSort, with_ranges};

/// The bytes of a component that stands in `outer`, such that it could stand anywhere.
pub(super) fn taken_out(outer: &[u8], spaces: &Spaces<'_>, component: &[u8]) -> Result<Vec<u8>> {
    let mut bytes = component[..PREAMBLE].to_vec();
    for section in sections(component)? {
        let Payload::ComponentAliasSection(aliases) = section.payload else {
            append(&mut bytes, section.id, &component[section.content]);
            continue;
        };
        // Each alias defines one index, and so does what it is replaced by.
        for (content, alias) in with_ranges(aliases, section.content.end)? {
            match alias {
                ComponentAlias::Outer {
                    kind,
                    count: 1,
                    index,
                } => {
                    let meant = spaces.outer(kind, index).context("an alias of nothing")?;
                    let (id, content) = written_out(outer, spaces, kind, meant)?;
                    append(&mut bytes, id, &content);
                }
                ComponentAlias::Outer { count: 2.., .. } => {
                    bail!("an inner component has an alias that goes out of the file's component")
                }
                _ => {
                    let mut one = vec![1];
                    one.extend_from_slice(&component[content]);
                    append(&mut bytes, section.id, &one);
                }
            }
        }
    }
    Ok(bytes)
}

/// What an alias means, as a section of its own: its number and its content.
fn written_out(
    outer: &[u8],
    spaces: &Spaces<'_>,
    kind: OuterKind,
    meant: &Definition<'_>,
) -> Result<(u8, Vec<u8>)> {
    let one = |content: &[u8]| [&[1], content].concat();
    Ok(match (kind, meant) {
        (OuterKind::CoreModule, Definition::Inline(content)) => {
            (CORE_MODULE_SECTION, outer[content.clone()].to_vec())
        }
        (OuterKind::CoreType, Definition::Inline(content)) => {
            (CORE_TYPE_SECTION, one(&outer[content.clone()]))
        }
        (OuterKind::Component, Definition::Inline(content)) => {
            let component = taken_out(outer, spaces, &outer[content.clone()])?;
            (COMPONENT_SECTION, component)
        }
        (OuterKind::Type, Definition::Type { content, sort }) if *sort == TypeSort::Alone => {
            (TYPE_SECTION, one(&outer[content.clone()]))
        }
        (OuterKind::Type, Definition::Type { sort, .. }) if *sort == TypeSort::Resource => {
            bail!("an inner component has an alias of a resource that the outer one defines")
        }
        (kind, _) => {
            bail!("an inner component has an alias of a {kind:?} that cannot be written elsewhere")
        }
    })
}
