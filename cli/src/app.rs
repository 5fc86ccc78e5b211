//! A composition that was read from files, loaded as a [`Composer`].

use std::collections::BTreeMap;

use composer::plan::{HintTarget, World};
use composer::runtime::{ContentHash, Grants, LoadedComponent};
use composer::{
    Composable, ComposableDescriptor, Composer, CompositionError, Plan, Runtime, read_world,
};

use crate::fused::{self, GroupMembers};
use crate::parts;
use crate::places;
use crate::problem::{Problem, Problems};
use crate::progress::ProgressLine;
use crate::source::{
    AppSource, DescribedComponent, DescribedComposition, DescribedGroup, PartSettings,
};

/// A composition, loaded and ready to be planned.
pub struct App {
    /// The runtime of its components.
    pub runtime: Runtime,
    pub(crate) described: DescribedComposition,
    loaded: Vec<(String, LoadedComponent)>,
    /// Its parts.
    pub composer: Composer,
}

/// A runtime that counts fuel, which makes code slower, only where something limits it.
pub(crate) fn runtime_for(described: &DescribedComposition) -> Result<Runtime, Problems> {
    let runtime = Runtime::builder()
        .count_fuel(described.limits_fuel())
        .build();
    Ok(runtime.map_err(Problem::said)?)
}

/// What a command gives to a part of this name beside what is written for it.
pub type GiveGrants<'g> = &'g (dyn Fn(&str, &PartSettings) -> Grants + Sync);

impl App {
    /// Reads and loads a composition.
    ///
    /// # Errors
    ///
    /// Everything that is wrong with the files, all of it at once.
    pub async fn load(source: &AppSource, give: GiveGrants<'_>) -> Result<App, Problems> {
        let described = DescribedComposition::read(source).await?;
        let runtime = runtime_for(&described)?;
        App::of(described, runtime, give).await
    }

    /// Loads a composition that has been read, in the runtime of an earlier one if that will
    /// do.
    ///
    /// # Errors
    ///
    /// As [`load`](App::load).
    pub async fn load_beside(
        described: DescribedComposition,
        before: &Runtime,
        give: GiveGrants<'_>,
    ) -> Result<App, Problems> {
        let runtime = match described.limits_fuel() == before.counts_fuel() {
            true => before.clone(),
            false => runtime_for(&described)?,
        };
        App::of(described, runtime, give).await
    }

    async fn of(
        described: DescribedComposition,
        runtime: Runtime,
        give: GiveGrants<'_>,
    ) -> Result<App, Problems> {
        let mut app = App {
            runtime,
            described,
            loaded: Vec::new(),
            composer: Composer::new(),
        };
        let loaded = app.add_all(give).await;
        loaded.map_err(|problems| app.described.in_file(problems))?;
        Ok(app)
    }

    async fn add_all(&mut self, give: GiveGrants<'_>) -> Result<(), Problems> {
        let described = &self.described;
        let mut problems = Problems::default();
        let single = |it: &&DescribedComponent| described.group_of(&it.name.text).is_none();
        let singles = described.components.iter().filter(single);
        let steps = singles.clone().count() + described.groups.len();
        let mut progress = ProgressLine::new("loads", steps, described.in_background);
        for component in singles {
            let name = &component.name.text;
            progress.step(name);
            match self.runtime.load_file(&component.path).await {
                Ok(loaded) => {
                    self.composer
                        .add(single_part(&loaded, component, described, give));
                    self.loaded.push((name.clone(), loaded));
                }
                Err(error) => {
                    let problem = match &component.package {
                        Some(package) => Problem::new(format!("`{}`: {error}", package.text)),
                        None => Problem::said(error),
                    };
                    problems.push(places::placed(problem, component.path_place.clone()));
                }
            }
        }
        for group in &described.groups {
            progress.step(&group.name.text);
            match add_group(group, described, &self.runtime, give).await {
                Ok((loaded, part)) => {
                    self.composer.add(part);
                    self.loaded.push((group.name.text.clone(), loaded));
                }
                Err(found) => problems.extend(found),
            }
        }
        for (export, owner) in described.exports.iter().flatten() {
            let owner = described.part_of(&owner.text);
            self.composer.with_export_hint(&export.text, owner);
        }
        if described.exports.is_some() {
            self.composer.export_only_hinted();
        }
        for import in &described.open_imports {
            self.composer.with_open_import(&import.text);
        }
        problems.check()
    }

    /// A component of it that is in no group, as a part of its own.
    pub(crate) fn single_part(
        &self,
        name: &str,
        give: GiveGrants<'_>,
    ) -> Option<(ComposableDescriptor, ContentHash)> {
        let mut components = self.described.components.iter();
        let component = components.find(|component| component.name.text == name)?;
        let mut loaded = self.loaded.iter();
        let (_, loaded) = loaded.find(|(loaded, _)| loaded == name)?;
        let part = single_part(loaded, component, &self.described, give);
        Some((part, loaded.hash()))
    }

    /// Whether a part is one component, and no group.
    pub(crate) fn is_component(&self, part: &str) -> bool {
        let mut groups = self.described.groups.iter();
        groups.all(|group| group.name.text != part)
    }

    /// What it is made of.
    pub(crate) fn content(&self) -> AppContent {
        let text = self.described.text.as_ref();
        let parts = self.loaded.iter();
        AppContent {
            text: text.map(|text| text.text().to_owned()),
            parts: parts
                .map(|(name, loaded)| (name.clone(), loaded.hash()))
                .collect(),
        }
    }

    /// How its components fit together.
    ///
    /// # Errors
    ///
    /// Why they do not, each mistake at the line that causes it.
    pub fn plan(&self) -> Result<Plan, Problems> {
        self.composer.plan().map_err(|error| self.problems(error))
    }

    fn problems(&self, error: CompositionError) -> Problems {
        let problems = match error {
            CompositionError::Plan(errors) => places::of_plan(&self.described, &errors),
            CompositionError::Parts(errors) => places::of_parts(&self.described, &errors),
            error => Problem::said(error).into(),
        };
        self.described.in_file(problems)
    }

    /// The name of a part's file, or the part's own name if it has none.
    pub fn file_name_of(&self, part: &str) -> String {
        let mut components = self.described.components.iter();
        let component = components.find(|component| component.name.text == part);
        let component = component.filter(|component| component.package.is_none());
        let file = component.and_then(|component| component.path.file_name());
        file.map_or_else(
            || part.to_owned(),
            |file| file.to_string_lossy().into_owned(),
        )
    }

    /// The world of a part.
    pub fn world_of(&self, part: &str) -> Option<World> {
        let mut loaded = self.loaded.iter();
        let (_, loaded) = loaded.find(|(name, _)| name == part)?;
        Some(read_world(loaded.component()))
    }
}

/// What a composition is made of, to tell whether another one differs.
#[derive(PartialEq, Eq)]
pub(crate) struct AppContent {
    /// What is written.
    text: Option<String>,
    /// The bytes of its parts.
    parts: BTreeMap<String, ContentHash>,
}

impl AppContent {
    /// The parts with other bytes, if nothing else is different.
    pub(crate) fn different_parts(&self, other: &AppContent) -> Option<Vec<String>> {
        if self.text != other.text || !self.parts.keys().eq(other.parts.keys()) {
            return None;
        }
        let differs = |(name, hash): &(&String, &ContentHash)| self.parts.get(*name) != Some(*hash);
        let different = other.parts.iter().filter(differs);
        Some(different.map(|(name, _)| name.clone()).collect())
    }

    /// Another component has taken the place of this part.
    pub(crate) fn set(&mut self, part: &str, hash: ContentHash) {
        self.parts.insert(part.to_owned(), hash);
    }
}

/// Makes a part of a component that is in no group.
fn single_part(
    loaded: &LoadedComponent,
    component: &DescribedComponent,
    described: &DescribedComposition,
    give: GiveGrants<'_>,
) -> ComposableDescriptor {
    let name = &component.name.text;
    let settings = &component.settings;
    let part = parts::sandboxed(loaded, settings, give(name, settings));
    let part = parts::filtered(Box::new(part), &component.filters);
    let part = ComposableDescriptor::new(name, part);
    let part = parts::with_restart(part, settings);
    parts::with_hints(part, component.imports.iter(), described)
}

/// Fuses a group, and makes a part of it.
async fn add_group(
    group: &DescribedGroup,
    described: &DescribedComposition,
    runtime: &Runtime,
    give: GiveGrants<'_>,
) -> Result<(LoadedComponent, ComposableDescriptor), Problems> {
    let name = &group.name.text;
    let members = GroupMembers::of_group(group, described);
    let fused = members.load(described, runtime).await?;
    let loaded = runtime.fuse(name, fused).await;
    let loaded = loaded.map_err(|error| fused::problems(described, error))?;
    let grants = give(name, &group.settings);
    let part = parts::sandboxed(&loaded, &group.settings, grants);
    let part: Box<dyn Composable> = Box::new(part);
    let part = ComposableDescriptor::new(name, part);
    let part = parts::with_restart(part, &group.settings);
    let hints = members.components.iter().flat_map(|member| &member.imports);
    let outside = |(_, target): &&(_, HintTarget)| !members.has(&target.component);
    Ok((
        loaded,
        parts::with_hints(part, hints.filter(outside), described),
    ))
}

/// All components of a composition as one, groups or none.
///
/// # Errors
///
/// As [`App::load`], and what keeps the components from being one.
pub async fn fused_whole(source: &AppSource) -> Result<Vec<u8>, Problems> {
    let described = DescribedComposition::read(source).await?;
    let runtime = runtime_for(&described)?;
    let members = GroupMembers::all(&described);
    let mut progress = ProgressLine::new("fuses", 1, described.in_background);
    progress.step("the components");
    let fused = members.load(&described, &runtime).await;
    let bytes = fused.and_then(|fused| {
        let bytes = fused.into_bytes();
        bytes.map_err(|error| fused::problems(&described, error))
    });
    bytes.map_err(|problems| described.in_file(problems))
}
