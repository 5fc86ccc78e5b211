//! Parts with what is written for them.

use composer::plan::HintTarget;
use composer::runtime::{Grants, LoadedComponent, SandboxedComponent};
use composer::{Composable, ComposableDescriptor, ExportFilter};

use crate::source::{DescribedComposition, DescribedFilter, PartSettings, WrittenText};

/// A part with its limits, and these grants.
pub(crate) fn sandboxed(
    loaded: &LoadedComponent,
    settings: &PartSettings,
    grants: Grants,
) -> SandboxedComponent {
    let part = loaded.part();
    let part = match &settings.limits {
        Some(limits) => part.with_limits(limits.clone()),
        None => part,
    };
    part.with_grants(grants)
}

pub(crate) fn filtered(
    part: Box<dyn Composable>,
    filters: &[DescribedFilter],
) -> Box<dyn Composable> {
    filters.iter().fold(part, |part, filter| match filter {
        DescribedFilter::Expose(_) => Box::new(part.exposing(&filter.patterns())),
        DescribedFilter::Hide(_) => Box::new(part.hiding(&filter.patterns())),
    })
}

/// Gives a part hints. A component that is a member of a group is meant as that group.
pub(crate) fn with_hints<'d>(
    part: ComposableDescriptor,
    hints: impl Iterator<Item = &'d (WrittenText, HintTarget)>,
    described: &DescribedComposition,
) -> ComposableDescriptor {
    hints.fold(part, |part, (import, target)| {
        let target = HintTarget {
            component: described.part_of(&target.component).to_owned(),
            ..target.clone()
        };
        part.with_import_hint(&import.text, target)
    })
}

pub(crate) fn with_restart(
    part: ComposableDescriptor,
    settings: &PartSettings,
) -> ComposableDescriptor {
    match &settings.restart {
        Some(restart) => part.with_restart(restart.clone()),
        None => part,
    }
}
