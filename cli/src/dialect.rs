//! The words of the command line: hints are entries of a manifest.

use composer::Name;
use composer::plan::{Candidate, Dialect, Hint, HintTarget, NearMiss};

use crate::source::DescribedComposition;

/// The dialect of the planner's errors for the readers of a manifest.
pub(crate) struct ManifestDialect<'d> {
    pub(crate) described: &'d DescribedComposition,
}

impl Dialect for ManifestDialect<'_> {
    fn hint(&self, hint: &Hint) -> String {
        match &hint.component {
            Some(component) => format!("the import {:?} of `{component}`", hint.name),
            None => format!("the export {:?}", hint.name),
        }
    }

    fn hint_with_target(&self, hint: &Hint) -> String {
        format!("{}, which is to come from `{}`,", self.hint(hint), hint.to)
    }

    fn unresolved_fix(
        &self,
        _component: &str,
        import: &Name,
        interface: Option<&Name>,
        near: &[NearMiss],
    ) -> String {
        let fixes = NearMiss::fixes(near, interface.unwrap_or(import));
        let open = format!("open-imports = [{:?}]", import.as_str());
        format!("{}, or leave it open with `{open}`", fixes.join(", "))
    }

    fn ambiguous(
        &self,
        component: &str,
        import: &Name,
        candidates: &[Candidate],
    ) -> (&'static str, String) {
        let hints = candidates.iter().take(3).map(|candidate| {
            let target = HintTarget::from(candidate.component.as_str());
            format!("`{}`", self.import_hint(component, import, &target))
        });
        let hints: Vec<String> = hints.collect();
        (
            "several components export",
            format!("write {}", hints.join(" or ")),
        )
    }

    fn import_hint(&self, component: &str, import: &Name, to: &HintTarget) -> String {
        let import = import.as_str();
        let to = match &to.export {
            None => format!("{:?}", to.component),
            Some(export) => format!("{{ component = {:?}, export = {export:?} }}", to.component),
        };
        // What a group imports, one of its members does.
        let groups = &self.described.groups;
        match groups.iter().any(|group| group.name.text == component) {
            true => format!("imports = {{ {import:?} = {to} }} for the member that imports it"),
            false => format!("[components.{component}] imports = {{ {import:?} = {to} }}"),
        }
    }
}
