//! The planner's errors, each reported at the user's own token.

use composer_plan::{Hint, Name, PlanError, PlanErrors, Subject};
use proc_macro2::Span;
use syn::LitStr;

use crate::ast;
use crate::ast::{ComposeInput, text};
use crate::check::dialect::MacroDialect;
use crate::check::lists;
use crate::errors::MacroErrors;

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
    let (tokens, dialect) = (InputTokens { input }, MacroDialect { input });
    for error in found {
        if is_hint_to_a_list(error) || !input.is_complete && is_about_what_lacks(error) {
            continue;
        }
        let message = error.message(&dialect);
        // What was left out after a mistake can lead to the same one again.
        if !reported.0.contains(&message) {
            errors.at(tokens.span(error.subject()), &message);
            reported.0.push(message);
        }
    }
}

/// Whether the error is about a hint to a list. Such a hint is a mistake wherever it
/// leads, and has been reported.
fn is_hint_to_a_list(error: &PlanError) -> bool {
    match error {
        PlanError::HintNotOffered { hint, .. } | PlanError::HintToItself { hint } => {
            lists::list_of(&hint.to).is_some()
        }
        _ => false,
    }
}

/// Whether the error is that something is not there, or not said, with nothing similar
/// that may be meant.
fn is_about_what_lacks(error: &PlanError) -> bool {
    match error {
        PlanError::Unresolved { .. } | PlanError::Ambiguous { .. } => true,
        PlanError::HintUnknownComponent { similar, .. }
        | PlanError::OpenImportUnknown { similar, .. } => similar.is_empty(),
        _ => false,
    }
}

/// The tokens of the input, by what an error is about.
struct InputTokens<'i> {
    input: &'i ComposeInput,
}

impl InputTokens<'_> {
    fn span(&self, subject: Subject<'_>) -> Span {
        match subject {
            Subject::HintName(hint) => self.hint(hint).0,
            Subject::HintTarget(hint) => self.hint(hint).1,
            Subject::OpenImport(import) => self.open(import),
            Subject::Component(component) => self.component(component),
            Subject::Link { component, import } => self.link(component, import),
            // The planner may have subjects that this match does not know yet.
            _ => self.whole(),
        }
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
