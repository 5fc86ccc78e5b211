//! The planner's errors, each reported at the user's own token and with a fix in the
//! macro's syntax.

use composer_plan::{Candidate, Hint, Name, NearMiss, PlanError, PlanErrors, similar_names};
use proc_macro2::Span;
use syn::LitStr;

use crate::ast;
use crate::ast::{ComposeInput, text};
use crate::check::{lists, wasi};
use crate::errors::{MacroErrors, any_of, details, did_you_mean};

/// The messages that have been reported.
#[derive(Default)]
pub(super) struct ReportedErrors(Vec<String>);

/// Reports the errors of the planner.
pub(super) fn report(
    input: &ComposeInput,
    found: &PlanErrors,
    reported: &mut ReportedErrors,
    errors: &mut MacroErrors,
) {
    let at = ErrorLocation { input };
    for error in found {
        if is_hint_to_a_list(error) {
            continue;
        }
        let (span, message) = at.place(error);
        let message = lists::read_well(input, message);
        // The nodes that stand for a list all produce the same mistakes.
        if !reported.0.contains(&message) {
            errors.at(span, &message);
            reported.0.push(message);
        }
    }
}

/// Whether the error is about a hint to a list. Such a hint is a mistake wherever it
/// leads, and has been reported.
fn is_hint_to_a_list(error: &PlanError) -> bool {
    match error {
        PlanError::HintNotOffered { hint, .. }
        | PlanError::HintToItself { hint }
        | PlanError::HintUseless { hint, .. } => lists::list_of(&hint.to).is_some(),
        _ => false,
    }
}

struct ErrorLocation<'i> {
    input: &'i ComposeInput,
}

impl ErrorLocation<'_> {
    fn place(&self, error: &PlanError) -> (Span, String) {
        match error {
            PlanError::HintUnknownComponent { hint, .. } => {
                let components = self.input.components.iter().filter(|c| !c.is_list());
                let names: Vec<String> = components.map(|c| text(&c.name)).collect();
                let similar = similar_names(&hint.to, names.iter().map(String::as_str));
                let fix = match similar.as_slice() {
                    [] => format!("add a component `{}`, or remove the hint", hint.to),
                    similar => format!("write {}", any_of(similar)),
                };
                let message = format!(
                    "{} points to `{}`, but no component has that name\n  fix: {fix}",
                    hinted(hint),
                    hint.to
                );
                (self.hint(hint).1, message)
            }
            PlanError::HintUnknownName { hint, similar } => {
                let what = match &hint.component {
                    Some(component) => format!("`{component}` does not import"),
                    None => "no component exports".to_owned(),
                };
                let message = format!(
                    "{} is about `{}`, which {what}{}\n  \
                     fix: write the name as it stands in the WIT, or remove the hint",
                    hinted(hint),
                    hint.name,
                    did_you_mean(similar)
                );
                (self.hint(hint).0, message)
            }
            PlanError::HintUnclear { hint, names } => {
                let message = format!(
                    "{} could be about {}\n  \
                     fix: write the one that is meant in full, with its version",
                    hinted(hint),
                    any_of(names)
                );
                (self.hint(hint).0, message)
            }
            PlanError::HintNotOffered {
                hint,
                name,
                near,
                offered_by,
            } => {
                let single = offered_by.iter().filter(|c| lists::list_of(c).is_none());
                let others = match single.collect::<Vec<_>>().as_slice() {
                    [] => ", or remove the hint".to_owned(),
                    others => format!(", such as {}", any_of(others)),
                };
                let message = format!(
                    "{} points to `{}`, which does not export `{name}`{}\n  \
                     fix: point to a component that exports it{others}",
                    hinted(hint),
                    hint.to,
                    details(near)
                );
                (self.hint(hint).1, message)
            }
            PlanError::HintToItself { hint } => {
                let message = format!(
                    "{} points `{}` to itself: a component cannot run before it has its imports\n  \
                     fix: point to another component, or remove the hint",
                    hinted(hint),
                    hint.to
                );
                (self.hint(hint).1, message)
            }
            PlanError::HintRepeated { hint, count } => {
                let message = format!("{} is given {count} times\n  fix: keep one", hinted(hint));
                (self.hint(hint).0, message)
            }
            PlanError::HintsDisagree { name, hints } => {
                let all: Vec<String> = hints
                    .iter()
                    .map(|hint| format!("{} points to `{}`", hinted(hint), hint.to))
                    .collect();
                let message = format!(
                    "hints for `{name}` disagree:{}\n  fix: keep one",
                    details(&all)
                );
                let span = hints.last().map(|hint| self.hint(hint).1);
                (span.unwrap_or_else(|| self.whole()), message)
            }
            PlanError::HintUseless { hint, name } => {
                let why = match &hint.component {
                    Some(component) => {
                        format!("`{component}` gets `{name}` from `{}` without it", hint.to)
                    }
                    None => format!("`{}` is the only component that exports `{name}`", hint.to),
                };
                let message = format!("{} changes nothing: {why}\n  fix: remove it", hinted(hint));
                (self.hint(hint).1, message)
            }
            PlanError::OpenImportUnknown { import, .. }
            | PlanError::OpenImportUseless { import, .. } => (self.open(import), error.to_string()),
            PlanError::OpenImportConflict { import, .. } => {
                (self.open(import.as_str()), error.to_string())
            }
            PlanError::Unresolved {
                component,
                import,
                near,
                interface,
            } => {
                let export = interface.as_ref().unwrap_or(import);
                let message = self.unresolved(component, (import, export), near);
                (self.component(component), message)
            }
            PlanError::Ambiguous {
                component,
                import,
                candidates,
            } => {
                let message = ambiguous(component, import, candidates);
                (self.component(component), message)
            }
            PlanError::KindMismatch {
                component, import, ..
            }
            | PlanError::MissingFunction {
                component, import, ..
            }
            | PlanError::MissingResource {
                component, import, ..
            }
            | PlanError::Mismatch {
                component, import, ..
            }
            | PlanError::Untransferable {
                component, import, ..
            } => (self.link(component, import), error.to_string()),
            PlanError::Unsupported { component, .. }
            | PlanError::DuplicateComponent { component, .. }
            | PlanError::LinkerCaptured { component, .. } => {
                (self.component(component), error.to_string())
            }
            PlanError::Cycle { steps, .. } => {
                let first = steps.first().map(|step| self.component(&step.component));
                (first.unwrap_or_else(|| self.whole()), error.to_string())
            }
            // The planner may have errors that this match does not know yet.
            other => (self.whole(), other.to_string()),
        }
    }

    fn unresolved(
        &self,
        component: &str,
        (import, export): (&Name, &Name),
        near: &[NearMiss],
    ) -> String {
        let name = lists::written(component);
        let mut components = self.input.components.iter();
        // The declaration gives such a component's interface, not its imports.
        let is_dyn = components.any(|c| c.is_dyn() && text(&c.name) == name);
        let what = if is_dyn {
            format!("the interface of `{name}` uses resources of `{import}`")
        } else {
            let of_interface = match import == export {
                true => String::new(),
                false => format!(" (the interface `{export}`)"),
            };
            format!("component `{component}` imports `{import}`{of_interface}")
        };
        let fix = unresolved_fix((import, export), near, is_dyn);
        format!(
            "{what}, which nothing provides{}\n  fix: {fix}",
            details(near)
        )
    }

    fn whole(&self) -> Span {
        self.input.composition.span()
    }

    fn component(&self, name: &str) -> Span {
        let mut components = self.input.components.iter();
        let name = lists::written(name);
        let found = components.find(|component| text(&component.name) == name);
        found.map_or_else(|| self.whole(), |component| component.name.span())
    }

    /// The spans of a hint's import and of the component that it points to. Of several
    /// identical hints it is the last: the first is the one to keep.
    fn hint(&self, hint: &Hint) -> (Span, Span) {
        let to = lists::written(&hint.to);
        let found = match &hint.component {
            Some(component) => self
                .hints_for(component)
                .filter(|written| written.name.value() == hint.name && text(&written.to) == to)
                .filter(|written| written.export.as_ref().map(LitStr::value) == hint.export)
                .map(|written| (written.name.span(), written.to.span()))
                .last(),
            None => self
                .input
                .exports
                .iter()
                .filter(|export| export.name.value() == hint.name)
                .filter_map(|export| {
                    let from = export.from.as_ref().filter(|from| text(from) == to)?;
                    Some((export.name.span(), from.span()))
                })
                .next_back(),
        };
        found.unwrap_or_else(|| (self.whole(), self.whole()))
    }

    fn hints_for(&self, component: &str) -> impl Iterator<Item = &ast::ImportHint> {
        let blocks = self.input.hints.iter();
        let component = lists::written(component);
        blocks
            .filter(move |hints| text(&hints.component) == component)
            .flat_map(|hints| &hints.hints)
    }

    /// The span of what made a link: a hint, or else the component.
    fn link(&self, component: &str, import: &Name) -> Span {
        let mut hints = self.hints_for(component);
        match hints.find(|hint| import.is_meant_by(&hint.name.value())) {
            Some(hint) => hint.to.span(),
            None => self.component(component),
        }
    }

    fn open(&self, import: &str) -> Span {
        let mut open = self.input.open.iter();
        let found = open.find(|open| {
            let text = open.value();
            text == import || Name::new(import).is_meant_by(&text)
        });
        found.map_or_else(|| self.whole(), |open| open.span())
    }
}

/// A hint as the input writes it.
fn hinted(hint: &Hint) -> String {
    match &hint.component {
        Some(component) => {
            let export = hint.export.as_ref().map(|export| format!("[{export:?}]"));
            let (to, export) = (&hint.to, export.unwrap_or_default());
            format!("the hint `{:?}: {to}{export}` for `{component}`", hint.name)
        }
        None => format!("the export `{:?}: {}`", hint.name, hint.to),
    }
}

fn unresolved_fix(
    (import, export): (&Name, &Name),
    near: &[NearMiss],
    is_resource: bool,
) -> String {
    let version = near.iter().find_map(|near| match near {
        NearMiss::Version { component, .. } => Some(component),
        _ => None,
    });
    let entry = |key: &str| format!("`{key}: [{:?}]`", import.as_str());
    let mut fixes = Vec::new();
    if let Some(component) = version {
        fixes.push(format!(
            "use a version of `{component}` that exports `{export}`"
        ));
    }
    fixes.push(format!("add a component that exports `{export}`"));
    // There are no traits for resources.
    if !is_resource {
        fixes.push(format!(
            "implement it in this program with {}",
            entry("host")
        ));
    }
    let linker = match wasi::word_for(import) {
        Some(word) => format!("`wasi: {word}`"),
        None => entry("linker"),
    };
    fixes.push(format!("let the parts' linkers provide it with {linker}"));
    format!(
        "{}, or leave it open with {}",
        fixes.join(", "),
        entry("open")
    )
}

fn ambiguous(component: &str, import: &Name, candidates: &[Candidate]) -> String {
    let single = candidates.iter().map(|c| c.component.as_str());
    let single = single.filter(|c| lists::list_of(c).is_none());
    let hint = |c| format!("hints: {{ {component}: {{ {:?}: {c} }} }}", import.as_str());
    let hints: Vec<String> = single.take(3).map(hint).collect();
    let (who, fix) = match hints.as_slice() {
        [] => (
            "only lists export, and a list is no single component",
            lists::own_name_fix(import.as_str()),
        ),
        [hint] => (
            "several components export",
            format!("add the hint `{hint}`"),
        ),
        hints => (
            "several components export",
            format!("add one of the hints {}", any_of(hints)),
        ),
    };
    format!(
        "component `{component}` imports `{import}`, which {who}:{}\n  fix: {fix}",
        details(candidates)
    )
}
