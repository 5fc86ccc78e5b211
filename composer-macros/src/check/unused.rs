//! Components that no code can call: what is accepted, and probably not meant.

use composer_plan::{Item, Plan, Source};
use proc_macro2::Span;

use crate::ast::{ComponentEntry, ComposeInput, text};
use crate::check::DeclaredComponent;
use crate::check::provided::ProvidedNames;

/// Something that the user is warned of.
pub(crate) struct Warning {
    pub(crate) span: Span,
    pub(crate) message: String,
}

/// Finds components of whose exports none is imported by another component or exported by
/// the composition.
///
/// Components that are known only at run time may import anything, so there are no such
/// warnings beside one.
pub(super) fn find(
    input: &ComposeInput,
    components: &[DeclaredComponent],
    provided: &ProvidedNames<'_>,
    plan: &Plan,
) -> Vec<Warning> {
    let entries = || input.components.iter().zip(components);
    let warning = |(entry, declared): (&ComponentEntry, &DeclaredComponent)| {
        let name = text(&entry.name);
        let callable = declared.world.exports.iter();
        let callable = callable.filter(|e| matches!(e.item, Item::Func(_) | Item::Interface(_)));
        let callable: Vec<_> = callable.map(|export| &export.name).collect();
        // Servers and runners of the program's call these by their names.
        let is_standard = callable
            .iter()
            .any(|name| name.as_str().starts_with("wasi:"));
        let mut others = input.components.iter();
        let is_hidden_user = |other: &ComponentEntry| other.is_dyn() && text(&other.name) != name;
        if is_standard || entry.is_list() || callable.is_empty() || others.any(is_hidden_user) {
            return None;
        }
        let mut links = plan.components.iter().flat_map(|user| &user.links);
        let is_from = |source: &Source| matches!(source, Source::Component { component, .. } if *component == name);
        let exports = plan.exports.iter();
        let mut asked = exports.filter(|export| {
            let mut asked = input.exports.iter();
            export.components == [name.as_str()]
                && asked.any(|asked| export.name.is_meant_by(&asked.name.value()))
        });
        if links.any(|link| is_from(&link.source)) || asked.next().is_some() {
            return None;
        }
        let shadowed = entries().flat_map(|(_, user)| &user.world.imports);
        let mut shadowed = shadowed.filter(|import| {
            let is_its = callable
                .iter()
                .any(|export| export.matches(&import.name).is_some());
            is_its && provided.has(&import.name)
        });
        let why = match shadowed.next() {
            Some(import) => format!(
                "who imports `{}` gets it from this program, as `host`, `linker` or `wasi` says",
                import.name
            ),
            None => "no component imports what it exports".to_owned(),
        };
        let first = callable[0].base();
        Some(Warning {
            span: entry.name.span(),
            message: format!(
                "nobody calls the component `{name}`: {why}, and the composition does not export \
                 it\n  fix: list what is called under `exports`, as in `exports: [{first:?}]`, or \
                 leave the component out"
            ),
        })
    };
    entries().filter_map(warning).collect()
}
