//! The texts of the planner's errors. Each ends with a fix.

use std::fmt;

use crate::HintTarget;
use crate::resolve::dialect::{Dialect, RustApi};
use crate::resolve::error::PlanError;
use crate::resolve::report::Hint;
use crate::resolve::wording::{
    a, about, cycle_path, details, found_in, inside, labelled, lacking_fix, link, mismatch_fix,
    missing, missing_fix, split,
};
use crate::words::{all_of, any_of, did_you_mean};

impl fmt::Display for PlanError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message(&RustApi))
    }
}

impl std::error::Error for PlanError {}

impl PlanError {
    /// The error as text, in the words of its reader.
    pub fn message(&self, dialect: &dyn Dialect) -> String {
        match self {
            PlanError::HintUnknownComponent { .. }
            | PlanError::HintUnknownName { .. }
            | PlanError::HintForType { .. }
            | PlanError::HintUnclear { .. }
            | PlanError::HintNotOffered { .. }
            | PlanError::HintToItself { .. }
            | PlanError::HintRepeated { .. }
            | PlanError::HintsDisagree { .. } => self.about_hint(dialect),
            PlanError::KindMismatch { .. }
            | PlanError::MissingFunction { .. }
            | PlanError::MissingResource { .. }
            | PlanError::SplitResource { .. }
            | PlanError::Mismatch { .. }
            | PlanError::Untransferable { .. }
            | PlanError::OpenImportConflict { .. } => self.about_types(dialect),
            _ => self.about_source(dialect),
        }
    }

    fn about_hint(&self, dialect: &dyn Dialect) -> String {
        let written = |hint: &Hint| dialect.hint(hint);
        match self {
            PlanError::HintUnknownComponent { hint, similar } => {
                let to = dialect.name(&hint.to);
                let similar = similar.iter().filter(|name| dialect.can_name(name));
                let similar: Vec<&String> = similar.collect();
                let fix = match similar.as_slice() {
                    [] => format!("add a component `{to}`, or remove the hint"),
                    similar => format!("write {}", any_of(similar)),
                };
                format!(
                    "{} points to `{to}`, but no component has that name\n  fix: {fix}",
                    written(hint)
                )
            }
            PlanError::HintUnknownName { hint, similar } => {
                let what = match &hint.component {
                    Some(component) => format!("`{}` does not import", dialect.name(component)),
                    None => "no component exports".to_owned(),
                };
                format!(
                    "{} is about `{}`, which {what}{}\n  \
                     fix: write the name as it stands in the WIT, or remove the hint",
                    written(hint),
                    hint.name,
                    did_you_mean(similar)
                )
            }
            PlanError::HintForType { hint } => format!(
                "{} is about the type `{}`, and a type needs no provider\n  fix: remove the hint",
                written(hint),
                hint.name
            ),
            PlanError::HintUnclear { hint, names } => format!(
                "{} could be about {}\n  \
                 fix: write the one that is meant in full, with its version",
                written(hint),
                any_of(names)
            ),
            PlanError::HintNotOffered {
                hint,
                name,
                near,
                offered_by,
            } => format!(
                "{} points to `{}`, which does not export `{name}`{}\n  \
                 fix: point to a component that exports it{}",
                written(hint),
                dialect.name(&hint.to),
                details(near, |near| near.text(dialect)),
                found_in(dialect, offered_by)
            ),
            PlanError::HintToItself { hint } => format!(
                "{} points `{}` to itself: a component cannot run before it has its imports\n  \
                 fix: point to another component, or remove the hint",
                written(hint),
                dialect.name(&hint.to)
            ),
            PlanError::HintRepeated { hint, count } => {
                format!("{} is given {count} times\n  fix: keep one", written(hint))
            }
            PlanError::HintsDisagree { name, hints } => format!(
                "hints for `{name}` disagree:{}\n  fix: keep one",
                details(hints, |hint| dialect.hint_with_target(hint))
            ),
            other => format!("{other:?}"),
        }
    }

    fn about_source(&self, dialect: &dyn Dialect) -> String {
        let of = |component: &str| dialect.component(component);
        match self {
            PlanError::DuplicateComponent { component, count } => format!(
                "{count} components are named `{}`\n  \
                 fix: give every component of the composition a name of its own",
                dialect.name(component)
            ),
            PlanError::OpenImportUnknown { import, similar } => format!(
                "the open import `{import}` is imported by no component{}\n  \
                 fix: write the name as it stands in the WIT, or remove it",
                did_you_mean(similar)
            ),
            PlanError::OpenImportUseless { import, satisfied } => format!(
                "the open import `{import}` is not needed, since everyone who imports it has \
                 it:{}\n  \
                 fix: remove it, or take away what satisfies it",
                details(satisfied, |satisfied| satisfied.text(dialect))
            ),
            PlanError::LinkerCaptured {
                component,
                import,
                captor,
            } => format!(
                "{} imports `{import}` from its linker, which has it in another version, and \
                 `{captor}` from elsewhere, which would take its place in the linker\n  \
                 fix: define `{import}` in the linker under exactly this name",
                of(component)
            ),
            PlanError::LinkerLacks {
                component,
                import,
                lacking,
                offered_by,
            } => {
                let offered_by = offered_by.iter().find(|name| dialect.can_name(name));
                let hint = offered_by.map(|provider| {
                    dialect.import_hint(component, import, &HintTarget::from(provider.as_str()))
                });
                format!(
                    "the linker of {} has `{import}` without {}, which the component needs\n  \
                     fix: define the rest there{}",
                    of(component),
                    all_of(lacking),
                    lacking_fix(hint)
                )
            }
            PlanError::Unresolved {
                component,
                import,
                interface,
                near,
            } => format!(
                "{} {}, which nothing provides{}\n  fix: {}",
                dialect.imports(component),
                labelled(import, interface),
                details(near, |near| near.text(dialect)),
                dialect.unresolved_fix(component, import, interface.as_ref(), near)
            ),
            PlanError::Ambiguous {
                component,
                import,
                candidates,
            } => {
                let (who, fix) = dialect.ambiguous(component, import, candidates);
                format!(
                    "{} imports `{import}`, which {who}:{}\n  fix: {fix}",
                    of(component),
                    details(candidates, |candidate| candidate.text(dialect)),
                )
            }
            PlanError::Unsupported {
                component,
                import,
                item,
                kind,
            } => format!(
                "{} imports the {kind} {}, which only a linker can provide\n  \
                 fix: define {} in the linker of `{}`, or compose the two when they are built",
                of(component),
                inside(import, item),
                if item.is_some() {
                    format!("`{import}`")
                } else {
                    "it".to_owned()
                },
                dialect.name(component)
            ),
            PlanError::Cycle { steps, also } => {
                let name = |name| dialect.name(name);
                let more = match also.is_empty() {
                    true => String::new(),
                    false => format!(
                        "\n  caught in further circles with them: {}",
                        all_of(also.iter().map(|component| name(component)))
                    ),
                };
                format!(
                    "{} need each other before they can start: {}{}{more}\n  \
                     fix: satisfy one of these imports from another component or from a linker, \
                     or move what they share into a component of its own",
                    all_of(steps.iter().map(|step| name(&step.component))),
                    cycle_path(dialect, steps),
                    details(steps, |step| step.text(dialect)),
                )
            }
            other => format!("{other:?}"),
        }
    }

    fn about_types(&self, dialect: &dyn Dialect) -> String {
        let of = |component: &str| dialect.component(component);
        match self {
            PlanError::KindMismatch {
                component,
                import,
                import_kind,
                provider,
                export,
                export_kind,
            } => format!(
                "{} imports the {import_kind} `{import}`, but `{export}` of {} is {}\n  \
                 fix: rename one of the two, or hint to another component",
                of(component),
                of(provider),
                a(export_kind)
            ),
            PlanError::MissingFunction {
                component,
                import,
                provider,
                export,
                function,
                hidden,
                similar,
            } => format!(
                "{} needs the function `{function}` of `{import}`, {}\n  fix: {}",
                of(component),
                missing(&of(provider), export, *hidden, similar),
                missing_fix(
                    dialect.name(component),
                    dialect.name(provider),
                    export,
                    function,
                    *hidden
                )
            ),
            PlanError::MissingResource {
                component,
                import,
                provider,
                export,
                resource,
            } => format!(
                "{} needs the resource `{resource}` of `{import}`, but `{export}` of {} has no \
                 such resource\n  \
                 fix: build `{}` against the version that `{}` uses, or hint to another \
                 component",
                of(component),
                of(provider),
                dialect.name(provider),
                dialect.name(component)
            ),
            PlanError::SplitResource {
                component,
                resource,
                interface,
                provider,
                users,
            } => {
                let resource = (resource.as_str(), interface.as_ref());
                split(dialect, component, resource, provider, users)
            }
            PlanError::Mismatch {
                component,
                import,
                provider,
                export,
                function,
                difference,
            } => format!(
                "{} imports {}, but they disagree about {}\n  \
                 at {}:\n    \
                 `{}` expects {}\n    \
                 `{}` has {}\n  \
                 fix: {}",
                of(component),
                link(import, &of(provider), export),
                about(function, "its type"),
                difference.path,
                dialect.name(component),
                difference.expected,
                dialect.name(provider),
                difference.found,
                mismatch_fix(difference)
            ),
            PlanError::Untransferable {
                component,
                import,
                provider,
                function,
                path,
                what,
            } => format!(
                "{} imports `{import}` from {}, but {} cannot be used across stores\n  \
                 at {path}: {}\n  \
                 fix: {}",
                of(component),
                match provider {
                    Some(provider) => of(provider),
                    None => "outside the composition".to_owned(),
                },
                about(function, "it"),
                what.text(dialect),
                what.fix()
            ),
            PlanError::OpenImportConflict {
                import,
                function,
                first,
                second,
                difference,
            } => {
                let (first, second) = (dialect.name(first), dialect.name(second));
                format!(
                    "components `{first}` and `{second}` both leave `{import}` open, \
                     but they disagree about {}\n  \
                     at {}:\n    \
                     `{first}` expects {}\n    \
                     `{second}` expects {}\n  \
                     fix: build both against one version of the interface, \
                     or satisfy one of them inside the composition",
                    about(function, "its type"),
                    difference.path,
                    difference.expected,
                    difference.found
                )
            }
            other => format!("{other:?}"),
        }
    }
}
