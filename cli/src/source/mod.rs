//! What a composition is made of: files, a folder, or a manifest.

mod written;

use std::ffi::OsStr;
use std::fs;
use std::ops::Range;
use std::path::{Path, PathBuf};

use composer::Restart;
use composer::plan::HintTarget;
use composer::runtime::{Grants, Limits};

use crate::places::placed;
use crate::problem::{Problem, Problems, SourceText};
#[cfg(feature = "registry")]
use crate::registry::fetch;
use crate::wac;

/// The file that makes a folder a composition.
pub const MANIFEST: &str = "compose.toml";

/// Where a composition is.
#[derive(Clone, Debug)]
pub struct AppSource {
    /// One folder, one manifest, one document, or files of components.
    pub paths: Vec<PathBuf>,
    /// Whether nothing may be fetched from registries.
    pub offline: bool,
}

/// A composition as it is written, with paths that can be read and settings that hold.
#[derive(Default)]
pub struct DescribedComposition {
    /// The file that it is written in, if it is.
    pub manifest: Option<PathBuf>,
    /// The folder whose files are its components, if nothing is written.
    pub folder: Option<PathBuf>,
    /// The text of that file.
    pub text: Option<SourceText>,
    /// Its components, those of groups among them.
    pub components: Vec<DescribedComponent>,
    /// Its groups.
    pub groups: Vec<DescribedGroup>,
    /// Names of exports, and the components that they are of. Without this, the composition
    /// exports what one component alone does.
    pub exports: Option<Vec<(WrittenText, WrittenText)>>,
    /// Imports that are left open.
    pub open_imports: Vec<WrittenText>,
    /// Whether something else goes on while it is loaded.
    pub in_background: bool,
}

/// A text, and its place if it is written in a file.
#[derive(Clone, Debug)]
pub struct WrittenText {
    /// The text.
    pub text: String,
    /// Its bytes in the file.
    pub place: Option<Range<usize>>,
}

/// A component.
pub struct DescribedComponent {
    /// Its name.
    pub name: WrittenText,
    /// Its file.
    pub path: PathBuf,
    /// What it is in a registry, if it comes from there.
    pub package: Option<WrittenText>,
    /// The place of the name of the file or the package.
    pub path_place: Option<Range<usize>>,
    /// What satisfies its imports, where that is said.
    pub imports: Vec<(WrittenText, HintTarget)>,
    /// Its filters, in the order in which they apply.
    pub filters: Vec<DescribedFilter>,
    /// Limits and grants.
    pub settings: PartSettings,
}

/// A filter of exports.
pub enum DescribedFilter {
    /// Only these are seen.
    Expose(Vec<String>),
    /// These are not seen.
    Hide(Vec<String>),
}

impl DescribedFilter {
    /// Its patterns.
    pub fn patterns(&self) -> Vec<&str> {
        let (DescribedFilter::Expose(patterns) | DescribedFilter::Hide(patterns)) = self;
        patterns.iter().map(String::as_str).collect()
    }
}

/// A group of components that become one.
pub struct DescribedGroup {
    /// Its name.
    pub name: WrittenText,
    /// The names of its members.
    pub members: Vec<String>,
    /// Limits and grants of the whole.
    pub settings: PartSettings,
}

/// Limits, grants and the restart policy of a part.
#[derive(Clone, Default)]
pub struct PartSettings {
    /// Its limits, if they are not the default ones.
    pub limits: Option<Limits>,
    /// What it may reach outside, and its configuration values.
    pub grants: Grants,
    /// Whether it is started again after its death.
    pub restart: Option<Restart>,
}

impl DescribedComposition {
    /// Reads what a composition is, and fetches the components of it that are in registries.
    ///
    /// # Errors
    ///
    /// All mistakes that can be found without loading a component.
    pub async fn read(source: &AppSource) -> Result<DescribedComposition, Problems> {
        DescribedComposition::read_files(&source.paths)?
            .complete(source.offline)
            .await
    }

    /// Fetches the components that are in registries.
    pub(crate) async fn complete(mut self, offline: bool) -> Result<Self, Problems> {
        let fetched = fetch(&mut self, offline).await;
        fetched.map_err(|problems| self.in_file(problems))?;
        Ok(self)
    }

    /// Checks that all of its components have files: without the feature `registry`, nothing
    /// is fetched.
    ///
    /// # Errors
    ///
    /// The components that have none.
    pub fn has_files(&self) -> Result<(), Problems> {
        let mut problems = Problems::default();
        for component in &self.components {
            if let Some(package) = &component.package
                && component.path.as_os_str().is_empty()
            {
                let name = &package.text;
                let problem = format!("`{name}` is in a registry, which this build does not read");
                let problem = Problem::new(problem).with_help(
                    "install it with `cargo install wasm-composer-cli --features registry`",
                );
                problems.push(placed(problem, package.place.clone()));
            }
        }
        problems.check()
    }

    /// Reads what `paths` are: one folder, one manifest, or files of components. Those that
    /// are in registries have no files then.
    ///
    /// # Errors
    ///
    /// All mistakes that can be found without loading a component.
    pub fn read_files(paths: &[PathBuf]) -> Result<DescribedComposition, Problems> {
        let Some(first) = paths.first() else {
            return Err(Problem::new("no component is given").into());
        };
        for path in paths {
            if let Err(error) = fs::metadata(path) {
                return Err(unread(path, &error).into());
            }
        }
        if paths.len() > 1 {
            let is_composition = |path: &&PathBuf| {
                path.is_dir() || has_extension(path, "toml") || has_extension(path, "wac")
            };
            return match paths.iter().find(is_composition) {
                None => DescribedComposition::of_files(paths.to_vec()),
                Some(path) => {
                    let path = path.display();
                    let problem = Problem::new(format!("`{path}` is a composition of its own"));
                    let help = "give it alone, or component files alone";
                    Err(problem.with_help(help).into())
                }
            };
        }
        if first.is_dir() {
            let manifest = first.join(MANIFEST);
            return match manifest.is_file() {
                true => DescribedComposition::of_manifest(&manifest),
                false => DescribedComposition::of_folder(first),
            };
        }
        match first.extension().and_then(OsStr::to_str) {
            Some("toml") => DescribedComposition::of_manifest(first),
            Some("wac") => wac::read(first),
            _ => DescribedComposition::of_files(vec![first.clone()]),
        }
    }

    /// Components without anything said about them, by the names of their files.
    fn of_files(paths: Vec<PathBuf>) -> Result<DescribedComposition, Problems> {
        let mut problems = Problems::default();
        let mut described = DescribedComposition::default();
        for path in paths {
            let name = path.file_stem().unwrap_or_default().to_string_lossy();
            let name = name.into_owned();
            if let Some(other) = described.components.iter().find(|c| c.name.text == name) {
                let message = format!(
                    "`{}` and `{}` would both be called `{name}`",
                    other.path.display(),
                    path.display(),
                );
                let help = format!("give them names in a `{MANIFEST}`");
                problems.push(Problem::new(message).with_help(help));
                continue;
            }
            described.components.push(DescribedComponent {
                name: WrittenText {
                    text: name,
                    place: None,
                },
                path,
                package: None,
                path_place: None,
                imports: Vec::new(),
                filters: Vec::new(),
                settings: PartSettings::default(),
            });
        }
        problems.check()?;
        Ok(described)
    }

    fn of_folder(folder: &Path) -> Result<DescribedComposition, Problems> {
        let read = || -> std::io::Result<Vec<PathBuf>> {
            let entries = fs::read_dir(folder)?;
            let files = entries.map(|entry| Ok(entry?.path()));
            files.collect()
        };
        let files = read().map_err(|error| unread(folder, &error));
        let mut files: Vec<PathBuf> = files?
            .into_iter()
            .filter(|file| has_extension(file, "wasm"))
            .collect();
        files.sort();
        if files.is_empty() {
            let problem = Problem::new(format!(
                "the folder `{}` has neither a `{MANIFEST}` nor a file `*.wasm`",
                folder.display()
            ));
            return Err(problem.into());
        }
        let described = DescribedComposition::of_files(files)?;
        Ok(DescribedComposition {
            folder: Some(folder.to_owned()),
            ..described
        })
    }

    /// What it is made of: the files of the components, and the one that it is written in or
    /// the folder that they are in.
    pub fn files(&self) -> Vec<PathBuf> {
        // Those in registries have no file of their own.
        let components = self.components.iter().filter(|it| it.package.is_none());
        let components = components.map(|component| component.path.clone());
        let written = self.manifest.iter().chain(&self.folder).cloned();
        components.chain(written).collect()
    }

    /// The mistakes, with the file that they are in.
    pub fn in_file(&self, problems: Problems) -> Problems {
        match &self.text {
            Some(text) => problems.in_file(text),
            None => problems,
        }
    }

    /// Whether a part has a limit of fuel.
    pub fn limits_fuel(&self) -> bool {
        let parts = self.components.iter().map(|component| &component.settings);
        let groups = self.groups.iter().map(|group| &group.settings);
        let limits = parts
            .chain(groups)
            .filter_map(|settings| settings.limits.as_ref());
        limits.map(Limits::fuel).any(|fuel| fuel.is_some())
    }

    /// The group that a component belongs to.
    pub fn group_of(&self, component: &str) -> Option<&DescribedGroup> {
        let mut groups = self.groups.iter();
        groups.find(|group| group.members.iter().any(|member| member == component))
    }

    /// The part that a component is: itself, or the group that it belongs to.
    pub fn part_of<'d>(&'d self, component: &'d str) -> &'d str {
        let group = self.group_of(component);
        group.map_or(component, |group| &group.name.text)
    }

    /// The place of the name of a component or a group.
    pub fn place_of(&self, part: &str) -> Option<Range<usize>> {
        let components = self.components.iter().map(|component| &component.name);
        let groups = self.groups.iter().map(|group| &group.name);
        let mut names = components.chain(groups);
        names.find(|name| name.text == part)?.place.clone()
    }
}

#[cfg(not(feature = "registry"))]
async fn fetch(described: &mut DescribedComposition, _: bool) -> Result<(), Problems> {
    described.has_files()
}

/// The bytes of a file.
pub(crate) fn read_bytes(path: &Path) -> Result<Vec<u8>, Problem> {
    fs::read(path).map_err(|error| unread(path, &error))
}

pub(crate) fn read_text(path: &Path) -> Result<String, Problem> {
    fs::read_to_string(path).map_err(|error| unread(path, &error))
}

pub(crate) fn unread(path: &Path, error: &std::io::Error) -> Problem {
    Problem::new(format!("`{}` cannot be read: {error}", path.display()))
}

fn has_extension(path: &Path, extension: &str) -> bool {
    path.extension() == Some(OsStr::new(extension))
}
