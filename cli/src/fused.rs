//! Components that become one.

use composer::fused::{FuseError, FusedComponents, FusedMember};
use composer::plan::{HintTarget, World};
use composer::wasmtime::Engine;
use composer::{Name, Runtime};

use crate::places;
use crate::problem::{Problem, Problems};
use crate::source::{
    DescribedComponent, DescribedComposition, DescribedFilter, DescribedGroup, WrittenText,
    read_bytes,
};

/// The members of a group, or all components of a composition.
pub(crate) struct GroupMembers<'d> {
    pub(crate) components: Vec<&'d DescribedComponent>,
    /// The exports that the members are to have, each with its owner.
    exports: Vec<(String, String)>,
    is_whole: bool,
}

impl<'d> GroupMembers<'d> {
    /// Everything.
    pub(crate) fn all(described: &'d DescribedComposition) -> Self {
        let exports = described.exports.iter().flatten();
        GroupMembers {
            components: described.components.iter().collect(),
            exports: exports
                .map(|(export, owner)| (export.text.clone(), owner.text.clone()))
                .collect(),
            is_whole: true,
        }
    }

    /// The members of a group. Where others, or the whole, want an export of one member, that
    /// is the one which the group exports.
    pub(crate) fn of_group(group: &DescribedGroup, described: &'d DescribedComposition) -> Self {
        let is_member = |name: &str| group.members.iter().any(|member| member == name);
        let components = described.components.iter();
        let (members, others): (Vec<_>, Vec<_>) =
            components.partition(|component| is_member(&component.name.text));
        let of_whole = described.exports.iter().flatten();
        let of_whole = of_whole.map(|(export, owner)| (export.text.clone(), owner.text.clone()));
        let hints = others.iter().flat_map(|other| &other.imports);
        let of_others = hints.map(|(import, target)| {
            let export = target.export.as_ref().unwrap_or(&import.text);
            (export.clone(), target.component.clone())
        });
        let mut exports: Vec<(String, String)> = of_whole.chain(of_others).collect();
        exports.retain(|(_, owner)| is_member(owner));
        exports.sort();
        exports.dedup();
        GroupMembers {
            components: members,
            exports,
            is_whole: false,
        }
    }

    pub(crate) fn has(&self, component: &str) -> bool {
        let mut members = self.components.iter();
        members.any(|member| member.name.text == component)
    }

    /// Loads the members.
    pub(crate) async fn load(
        &self,
        described: &DescribedComposition,
        runtime: &Runtime,
    ) -> Result<FusedComponents<()>, Problems> {
        let mut problems = Problems::default();
        let mut fused = FusedComponents::bare(&Engine::default());
        let mut imported: Vec<&WrittenText> = Vec::new();
        for member in &self.components {
            match self.member(member, runtime).await {
                Ok(member) => {
                    let open = described.open_imports.iter();
                    imported.extend(open.filter(|import| imports(member.world(), import)));
                    fused.add(member);
                }
                Err(problem) => {
                    problems.push(places::placed(problem, member.path_place.clone()));
                }
            }
        }
        problems.check()?;
        for (export, owner) in &self.exports {
            fused.with_export_hint(export, owner);
        }
        if self.is_whole && described.exports.is_some() {
            fused.export_only_hinted();
        }
        for import in &described.open_imports {
            if self.is_whole || imported.iter().any(|known| known.text == import.text) {
                fused.with_open_import(&import.text);
            }
        }
        Ok(fused)
    }

    /// A member with those of its hints that are about others.
    async fn member(
        &self,
        component: &DescribedComponent,
        runtime: &Runtime,
    ) -> Result<FusedMember, Problem> {
        let name = &component.name.text;
        let bytes = read_bytes(&component.path)?;
        let member = runtime.load_member(name, bytes).await;
        let mut member = member.map_err(Problem::said)?;
        let within =
            |(_, target): &&(WrittenText, HintTarget)| self.is_whole || self.has(&target.component);
        for (import, target) in component.imports.iter().filter(within) {
            member = member.with_import_hint(&import.text, target.clone());
        }
        for filter in &component.filters {
            member = match filter {
                DescribedFilter::Expose(_) => member.exposing(&filter.patterns()),
                DescribedFilter::Hide(_) => member.hiding(&filter.patterns()),
            };
        }
        Ok(member)
    }
}

fn imports(world: &World, import: &WrittenText) -> bool {
    let mut imports = world.imports.iter();
    imports.any(|known| Name::is_meant_by(&known.name, &import.text))
}

/// What keeps components from being one, each mistake at its place.
pub(crate) fn problems(described: &DescribedComposition, error: FuseError) -> Problems {
    match error {
        FuseError::Plan(errors) => places::of_plan(described, &errors),
        FuseError::Members(errors) => places::of_parts(described, &errors),
        error => Problem::said(error).into(),
    }
}
