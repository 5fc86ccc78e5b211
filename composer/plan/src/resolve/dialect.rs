//! The words of an error's reader: how components, hints and fixes are written.

use crate::resolve::report::{Candidate, Hint, NearMiss};
use crate::resolve::wording;
use crate::{HintTarget, Name};

/// What a reader of errors writes, and so what the errors speak of.
///
/// The default methods are for programs that call the Rust API. The macro `compose!` has
/// a dialect of its own, in which hints are entries of its input.
pub trait Dialect {
    /// A component's name, as the reader knows it.
    fn name<'n>(&self, component: &'n str) -> &'n str {
        component
    }

    /// A component in a sentence.
    fn component(&self, component: &str) -> String {
        format!("component `{}`", self.name(component))
    }

    /// Whether a fix can name the component.
    fn can_name(&self, component: &str) -> bool {
        let _ = component;
        true
    }

    /// A hint, as the reader wrote it.
    fn hint(&self, hint: &Hint) -> String {
        hint.to_string()
    }

    /// A hint with the component that it points to.
    fn hint_with_target(&self, hint: &Hint) -> String {
        self.hint(hint)
    }

    /// A component and a verb, for a sentence about one of its imports: "component `till`
    /// imports".
    fn imports(&self, component: &str) -> String {
        format!("{} imports", self.component(component))
    }

    /// The ways to satisfy an import that nothing provides.
    fn unresolved_fix(
        &self,
        component: &str,
        import: &Name,
        interface: Option<&Name>,
        near: &[NearMiss],
    ) -> String {
        wording::unresolved_fix(component, import, interface, near)
    }

    /// The components that export an import which has no hint, in a sentence, and the
    /// ways to choose one of them.
    fn ambiguous(
        &self,
        component: &str,
        import: &Name,
        candidates: &[Candidate],
    ) -> (&'static str, String) {
        let fix = wording::ambiguous_fix(component, import, candidates);
        let what = match candidates.iter().all(|candidate| candidate.in_list) {
            true => "only components of lists export, and none of them is chosen without a hint",
            false => "several components export",
        };
        (what, fix)
    }

    /// The hint that satisfies an import from a component.
    fn import_hint(&self, component: &str, import: &Name, to: &HintTarget) -> String {
        let _ = component;
        Hint::import_call(import.as_str(), &to.component, to.export.as_deref())
    }
}

/// The dialect of programs that call the Rust API.
#[derive(Clone, Copy, Debug, Default)]
pub struct RustApi;

impl Dialect for RustApi {}
