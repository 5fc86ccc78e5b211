//! The words of `compose!`: hints are entries of its input, and lists have one name.

use composer_plan::{Candidate, Dialect, Hint, HintTarget, Name, NearMiss};

use crate::ast::{ComposeInput, text};
use crate::check::{lists, wasi};
use crate::errors::any_of;

/// The dialect of the planner's errors for the readers of one `compose!`.
pub(super) struct MacroDialect<'i> {
    pub(super) input: &'i ComposeInput,
}

impl MacroDialect<'_> {
    /// Whether the component is declared by an interface that it exports, so that its
    /// imports are not known.
    fn is_dyn(&self, component: &str) -> bool {
        let name = lists::written(component);
        let mut components = self.input.components.iter();
        components.any(|c| c.is_dyn() && text(&c.name) == name)
    }
}

impl Dialect for MacroDialect<'_> {
    fn name<'n>(&self, component: &'n str) -> &'n str {
        lists::written(component)
    }

    fn component(&self, component: &str) -> String {
        match lists::list_of(component) {
            Some(list) => format!("the list `{list}`"),
            None => format!("component `{component}`"),
        }
    }

    fn can_name(&self, component: &str) -> bool {
        lists::list_of(component).is_none()
    }

    fn hint(&self, hint: &Hint) -> String {
        let to = self.name(&hint.to);
        match &hint.component {
            Some(component) => {
                let (component, export) = (self.name(component), of_export(&hint.export));
                format!("the hint `{:?}: {to}{export}` for `{component}`", hint.name)
            }
            None => format!("the export `{:?}: {to}`", hint.name),
        }
    }

    fn hint_with_target(&self, hint: &Hint) -> String {
        format!("{} points to `{}`", self.hint(hint), self.name(&hint.to))
    }

    fn imports(&self, component: &str) -> String {
        match self.is_dyn(component) {
            true => format!(
                "the interface of `{}` uses resources of",
                self.name(component)
            ),
            false => format!("{} imports", self.component(component)),
        }
    }

    fn unresolved_fix(
        &self,
        component: &str,
        import: &Name,
        interface: Option<&Name>,
        near: &[NearMiss],
    ) -> String {
        let export = interface.unwrap_or(import);
        let version = near.iter().find_map(|near| match near {
            NearMiss::Version { component, .. } => Some(self.name(component)),
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
        // There are no traits for resources, which are all that such a component imports.
        if !self.is_dyn(component) {
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
        let open = entry("open");
        format!("{}, or leave it open with {open}", fixes.join(", "))
    }

    fn ambiguous(
        &self,
        component: &str,
        import: &Name,
        candidates: &[Candidate],
    ) -> (&'static str, String) {
        let single = candidates.iter().map(|c| c.component.as_str());
        let single = single.filter(|component| self.can_name(component));
        let hint = |to: &str| self.import_hint(component, import, &to.into());
        let hints: Vec<String> = single.take(3).map(hint).collect();
        match hints.as_slice() {
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
        }
    }

    fn import_hint(&self, component: &str, import: &Name, to: &HintTarget) -> String {
        let (component, import) = (self.name(component), import.as_str());
        let (to, export) = (self.name(&to.component), of_export(&to.export));
        format!("hints: {{ {component}: {{ {import:?}: {to}{export} }} }}")
    }
}

/// `["…"]`, the export that a hint names, or nothing.
fn of_export(export: &Option<String>) -> String {
    let export = export.as_ref().map(|export| format!("[{export:?}]"));
    export.unwrap_or_default()
}
