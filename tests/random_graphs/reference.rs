//! The expected answers of a planned composition.

use composer::{Plan, Source};

use super::spec::{Part, Spec};

/// The answer of a component's export for `x`.
pub(super) fn answer(spec: &Spec, plan: &Plan, component: &str, export: &str, x: u32) -> u32 {
    let part = spec.part(component);
    let mut x = x.wrapping_add(part.constant(export));
    for import in &part.imports {
        let mixed_in = match source(plan, component, &import.name) {
            Source::Component {
                component, export, ..
            } => answer(spec, plan, component, export.as_str(), x),
            Source::Host => Part::host(part.salt, x),
            other => panic!("{} cannot come from {other:?}", import.name),
        };
        x = x.rotate_left(7) ^ mixed_in;
    }
    x
}

/// Where an import comes from.
pub(super) fn source<'a>(plan: &'a Plan, component: &str, import: &str) -> &'a Source {
    let mut links = plan.component(component).unwrap().links.iter();
    let link = links.find(|link| link.import.as_str() == import);
    &link.unwrap().source
}
