//! A composition that was read from files, as a [`Composer`].

use std::fs;
use std::ops::Deref;
use std::path::{Path, PathBuf};

use composer::fused::FusedComponents;
use composer::plan::{HintTarget, PlanErrors, Subject, World};
use composer::runtime::{Grants, LoadedComponent, SandboxedComponent};
use composer::wasmtime::Engine;
use composer::{
    Composable, ComposableDescriptor, Composer, CompositionError, ExportFilter, LoadError,
    PartError, Runtime, read_world,
};

use crate::dialect::ManifestDialect;
use crate::problem::{Problem, Problems};
use crate::source::{Described, DescribedComponent, Filter, PartSettings};

/// A composition, loaded and ready to be planned.
pub struct App {
    /// The runtime of its components.
    pub runtime: AppRuntime,
    described: Described,
    loaded: Vec<(String, LoadedComponent)>,
    /// Its parts.
    pub composer: Composer,
}

/// A runtime that watches what the limits of a composition need.
#[derive(Clone)]
pub struct AppRuntime {
    runtime: Runtime,
    counts_fuel: bool,
}

impl Deref for AppRuntime {
    type Target = Runtime;

    fn deref(&self) -> &Runtime {
        &self.runtime
    }
}

impl AppRuntime {
    /// Counting fuel makes code slower, so it is done only where something limits it.
    fn new(described: &Described) -> Result<AppRuntime, Problems> {
        let counts_fuel = described.counts_fuel();
        let runtime = Runtime::builder().count_fuel(counts_fuel).build();
        let runtime = runtime.map_err(Problem::said)?;
        Ok(AppRuntime {
            runtime,
            counts_fuel,
        })
    }
}

/// What a command gives to parts beside what is written.
pub type GiveGrants<'g> = &'g dyn Fn(&LoadedComponent, Grants) -> Grants;

impl App {
    /// Reads and loads the composition that `paths` are.
    ///
    /// # Errors
    ///
    /// Everything that is wrong with the files, all of it at once.
    pub async fn load(paths: &[PathBuf], give: GiveGrants<'_>) -> Result<App, Problems> {
        let described = Described::read(paths)?;
        let runtime = AppRuntime::new(&described)?;
        App::of(described, runtime, give).await
    }

    /// Reads and loads the composition once more, in the runtime of an earlier one if that
    /// watches enough: so what has not changed is not compiled again.
    ///
    /// # Errors
    ///
    /// As [`load`](App::load).
    pub async fn load_again(
        paths: &[PathBuf],
        before: &AppRuntime,
        give: GiveGrants<'_>,
    ) -> Result<App, Problems> {
        let described = Described::read(paths)?;
        let runtime = match described.counts_fuel() == before.counts_fuel {
            true => before.clone(),
            false => AppRuntime::new(&described)?,
        };
        App::of(described, runtime, give).await
    }

    async fn of(
        described: Described,
        runtime: AppRuntime,
        give: GiveGrants<'_>,
    ) -> Result<App, Problems> {
        let mut problems = Problems::default();
        let mut composer = Composer::new();
        let mut parts = Vec::new();
        for component in &described.components {
            if described.group_of(&component.name.text).is_some() {
                continue;
            }
            match runtime.load_file(&component.path).await {
                Ok(loaded) => {
                    let part = part(&loaded, &component.settings, give);
                    let part =
                        ComposableDescriptor::new(&component.name.text, filtered(part, component));
                    let part = with_restart(part, &component.settings);
                    composer.add(with_hints(part, component, &described, &|_| true));
                    parts.push((component.name.text.clone(), loaded));
                }
                Err(error) => problems.push(unloaded(component, error)),
            }
        }
        for group in &described.groups {
            let mut fused = FusedComponents::bare(&Engine::default());
            let members = described.components.iter();
            let members = members.filter(|member| group.members.contains(&member.name.text));
            let within = |target: &HintTarget| group.members.contains(&target.component);
            let members: Vec<&DescribedComponent> = members.collect();
            for member in &members {
                match load_member(&runtime, member, &within).await {
                    Ok(member) => {
                        fused.add(member);
                    }
                    Err(problem) => problems.push(problem),
                }
            }
            if !problems.is_empty() {
                continue;
            }
            match runtime.fuse(&group.name.text, fused).await {
                Ok(loaded) => {
                    let part = part(&loaded, &group.settings, give);
                    let part: Box<dyn Composable> = Box::new(part);
                    let part = ComposableDescriptor::new(&group.name.text, part);
                    let part = with_restart(part, &group.settings);
                    let outside = |target: &HintTarget| !within(target);
                    let part = members.iter().fold(part, |part, member| {
                        with_hints(part, member, &described, &outside)
                    });
                    composer.add(part);
                    parts.push((group.name.text.clone(), loaded));
                }
                Err(error) => {
                    let problem = Problem::said(format!(
                        "the group `{}` cannot be fused: {error}",
                        group.name.text
                    ));
                    problems.push(placed(problem, group.name.place.clone()));
                }
            }
        }
        for (export, owner) in described.exports.iter().flatten() {
            composer.with_export_hint(&export.text, described.part_of(&owner.text));
        }
        if described.exports.is_some() {
            composer.export_only_hinted();
        }
        for import in &described.open_imports {
            composer.with_open_import(&import.text);
        }
        let app = App {
            runtime,
            described,
            loaded: parts,
            composer,
        };
        problems.check().map_err(|problems| app.in_file(problems))?;
        Ok(app)
    }

    /// The mistakes of a composition, each at the line that causes it.
    pub fn problems(&self, error: CompositionError) -> Problems {
        let problems = match error {
            CompositionError::Plan(errors) => self.plan_problems(&errors),
            CompositionError::Parts(errors) => errors
                .errors()
                .iter()
                .map(|error| placed(Problem::said(error), self.place_of_part(error)))
                .collect(),
            error => Problem::said(error).into(),
        };
        self.in_file(problems)
    }

    /// The files that it is made of.
    pub fn files(&self) -> Vec<PathBuf> {
        self.described.files()
    }

    /// The world of a part.
    pub fn world_of(&self, part: &str) -> Option<World> {
        let mut loaded = self.loaded.iter();
        let (_, loaded) = loaded.find(|(name, _)| name == part)?;
        Some(read_world(loaded.component()))
    }

    fn in_file(&self, problems: Problems) -> Problems {
        match &self.described.text {
            Some(text) => problems.in_file(text),
            None => problems,
        }
    }

    fn plan_problems(&self, errors: &PlanErrors) -> Problems {
        let one = |error: &composer::PlanError| {
            let message = error.message(&ManifestDialect);
            let place = match error.subject() {
                Subject::HintName(hint) | Subject::HintTarget(hint) => match &hint.component {
                    Some(component) => self.place_of_import(component, &hint.name),
                    None => {
                        let mut exports = self.described.exports.iter().flatten();
                        let found = exports.find(|(export, _)| export.text == hint.name);
                        found.and_then(|(export, _)| export.place.clone())
                    }
                },
                Subject::OpenImport(import) => {
                    let mut open = self.described.open_imports.iter();
                    open.find(|open| open.text == import)
                        .and_then(|open| open.place.clone())
                }
                Subject::Component(component) => self.described.place_of(component),
                Subject::Link { component, import } => self
                    .place_of_import(component, import.as_str())
                    .or_else(|| self.described.place_of(component)),
                _ => None,
            };
            placed(Problem::said(message), place)
        };
        let mut problems: Vec<String> = Vec::new();
        // One mistake may be found at several imports.
        let errors = errors.errors().iter().filter(|error| {
            let message = error.message(&ManifestDialect);
            let is_new = !problems.contains(&message);
            problems.push(message);
            is_new
        });
        errors.map(one).collect()
    }

    fn place_of_import(&self, component: &str, import: &str) -> Option<std::ops::Range<usize>> {
        let mut components = self.described.components.iter();
        let component = components.find(|known| known.name.text == component)?;
        let imports = component.imports.iter();
        let mut named = imports.filter(|(name, _)| {
            name.text == import || composer::Name::new(import).is_meant_by(&name.text)
        });
        named.next()?.0.place.clone()
    }

    fn place_of_part(&self, error: &PartError) -> Option<std::ops::Range<usize>> {
        match error {
            PartError::Name { name: part, .. }
            | PartError::Filter {
                component: part, ..
            }
            | PartError::Host {
                component: part, ..
            }
            | PartError::Wasi {
                component: part, ..
            }
            | PartError::Limit {
                component: part, ..
            }
            | PartError::Unwatched {
                component: part, ..
            } => self.described.place_of(part),
            _ => None,
        }
    }
}

/// All components of a composition as one, groups or none.
///
/// # Errors
///
/// As [`App::load`], and what keeps the components from being one.
pub async fn fused_whole(paths: &[PathBuf]) -> Result<Vec<u8>, Problems> {
    let described = Described::read(paths)?;
    let runtime = AppRuntime::new(&described)?;
    let mut problems = Problems::default();
    let mut fused = FusedComponents::bare(&Engine::default());
    for component in &described.components {
        match load_member(&runtime, component, &|_| true).await {
            Ok(member) => {
                fused.add(member);
            }
            Err(problem) => problems.push(problem),
        }
    }
    for (export, owner) in described.exports.iter().flatten() {
        fused.with_export_hint(&export.text, &owner.text);
    }
    if described.exports.is_some() {
        fused.export_only_hinted();
    }
    for import in &described.open_imports {
        fused.with_open_import(&import.text);
    }
    let fuse = |problems: Problems| {
        problems.check()?;
        match fused.into_bytes() {
            Ok(bytes) => Ok(bytes),
            Err(error) => Err(Problem::said(error).into()),
        }
    };
    fuse(problems).map_err(|problems: Problems| match &described.text {
        Some(text) => problems.in_file(text),
        None => problems,
    })
}

fn placed(problem: Problem, place: Option<std::ops::Range<usize>>) -> Problem {
    match place {
        Some(place) => problem.at(place),
        None => problem,
    }
}

fn unloaded(component: &DescribedComponent, error: LoadError) -> Problem {
    placed(Problem::said(error), component.path_place.clone())
}

fn part(
    loaded: &LoadedComponent,
    settings: &PartSettings,
    give: GiveGrants<'_>,
) -> SandboxedComponent {
    let part = loaded.part();
    let part = match &settings.limits {
        Some(limits) => part.with_limits(limits.clone()),
        None => part,
    };
    let grants = settings.grants.clone().unwrap_or_else(Grants::none);
    part.with_grants(give(loaded, grants))
}

fn filtered(part: SandboxedComponent, component: &DescribedComponent) -> Box<dyn Composable> {
    let mut part: Box<dyn Composable> = Box::new(part);
    for filter in &component.filters {
        part = match filter {
            Filter::Expose(patterns) => {
                Box::new(part.exposing(&patterns.iter().map(String::as_str).collect::<Vec<_>>()))
            }
            Filter::Hide(patterns) => {
                Box::new(part.hiding(&patterns.iter().map(String::as_str).collect::<Vec<_>>()))
            }
        };
    }
    part
}

/// Gives a part the hints of a component that `wanted` picks. A component that is a member of
/// a group is meant as that group.
fn with_hints(
    mut part: ComposableDescriptor,
    component: &DescribedComponent,
    described: &Described,
    wanted: &dyn Fn(&HintTarget) -> bool,
) -> ComposableDescriptor {
    for (import, target) in component
        .imports
        .iter()
        .filter(|(_, target)| wanted(target))
    {
        let target = HintTarget {
            component: described.part_of(&target.component).to_owned(),
            ..target.clone()
        };
        part = part.with_import_hint(&import.text, target);
    }
    part
}

fn with_restart(part: ComposableDescriptor, settings: &PartSettings) -> ComposableDescriptor {
    match &settings.restart {
        Some(restart) => part.with_restart(restart.clone()),
        None => part,
    }
}

/// Loads a component as a member of a group, with those of its hints that `within` says to be
/// about other members.
async fn load_member(
    runtime: &Runtime,
    component: &DescribedComponent,
    within: &dyn Fn(&HintTarget) -> bool,
) -> Result<composer::fused::FusedMember, Problem> {
    let bytes = read(&component.path);
    let bytes = bytes.map_err(|problem| placed(problem, component.path_place.clone()))?;
    let member = runtime.load_member(&component.name.text, bytes).await;
    let mut member = member.map_err(|error| unloaded(component, error))?;
    for (import, target) in component.imports.iter().filter(|(_, to)| within(to)) {
        member = member.with_import_hint(&import.text, target.clone());
    }
    for filter in &component.filters {
        member = match filter {
            Filter::Expose(patterns) => {
                member.exposing(&patterns.iter().map(String::as_str).collect::<Vec<_>>())
            }
            Filter::Hide(patterns) => {
                member.hiding(&patterns.iter().map(String::as_str).collect::<Vec<_>>())
            }
        };
    }
    Ok(member)
}

/// The bytes of a file.
pub fn read(path: &Path) -> Result<Vec<u8>, Problem> {
    fs::read(path)
        .map_err(|error| Problem::new(format!("`{}` cannot be read: {error}", path.display())))
}
