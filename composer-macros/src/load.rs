//! The WIT that the macro is given: folders with their `deps`, files, text.
//!
//! All of it is parsed first and then resolved together, so the order in which
//! folders are given does not matter.

use std::path::{Path, PathBuf};

use composer_plan::similar_names;
use proc_macro2::Span;
use wit_parser::{Resolve, SourceMap, UnresolvedPackageGroup};

use crate::ast::Input;
use crate::errors::{Errors, did_you_mean};

/// The resolved WIT.
pub(crate) struct Wit {
    pub(crate) resolve: Resolve,
    /// What it was read from, for the compiler to watch.
    pub(crate) files: Vec<PathBuf>,
}

/// Reads and resolves all WIT; `None` if any of it is broken.
pub(crate) fn load(input: &Input, root: &Path, errors: &mut Errors) -> Option<Wit> {
    let mut loader = Loader {
        errors,
        files: Vec::new(),
        groups: Vec::new(),
        broken: false,
    };
    for path in &input.paths {
        loader.path(path.span(), &path.value(), root);
    }
    if let Some(inline) = &input.inline {
        let mut map = SourceMap::default();
        map.push_str("(inline)", inline.value());
        loader.parse(inline.span(), map, vec![inline.value()]);
    }
    let Loader {
        files,
        mut groups,
        broken: false,
        errors,
        ..
    } = loader
    else {
        return None;
    };
    let mut resolve = Resolve {
        all_features: true,
        ..Resolve::default()
    };
    let first = groups.first().map(|group| group.span);
    let span = first.unwrap_or_else(|| input.composition.span());
    let places: Vec<(Span, Vec<String>)> = groups
        .iter()
        .map(|group| {
            let names = group.group.source_map.source_names();
            (group.span, names.map(str::to_owned).collect())
        })
        .collect();
    let mut rest = groups.drain(..).map(|group| group.group);
    let Some(main) = rest.next() else {
        errors.at(span, "there is no WIT here\n  fix: give `path` or `inline`");
        return None;
    };
    let deps = rest.collect();
    match resolve.push_groups(main, deps) {
        Ok(_) => Some(Wit { resolve, files }),
        Err(error) => {
            let location = resolve.render_location(error.kind().span());
            let holds = |name: &String| {
                let rest = location.strip_prefix(name.as_str());
                rest.is_some_and(|rest| rest.starts_with(':'))
            };
            let place = places.iter().find(|(_, names)| names.iter().any(holds));
            let span = place.map_or(span, |(span, _)| *span);
            let rendered = resolve.render_error(&error.into());
            errors.at(span, format!("the WIT is broken: {rendered}"));
            None
        }
    }
}

/// A parsed package with those nested in it.
struct Group {
    span: Span,
    texts: Vec<String>,
    group: UnresolvedPackageGroup,
}

struct Loader<'e> {
    errors: &'e mut Errors,
    files: Vec<PathBuf>,
    groups: Vec<Group>,
    broken: bool,
}

impl Loader<'_> {
    fn fail(&mut self, span: Span, message: String) {
        self.errors.at(span, message);
        self.broken = true;
    }

    fn path(&mut self, span: Span, text: &str, root: &Path) {
        let path = root.join(text);
        if path.is_file() {
            self.package(span, vec![path]);
        } else if !path.is_dir() {
            let message = format!(
                "there is no folder or file `{text}` in `{}`, where this crate's manifest is{}\n  \
                 fix: write the path as it is seen from there",
                root.display(),
                did_you_mean(&similar_names(
                    text,
                    entries(root).iter().filter_map(|p| p.file_name()?.to_str())
                ))
            );
            self.fail(span, message);
        } else if !self.folder(span, &path) {
            // A folder of packages, each in a folder of its own.
            let mut found = false;
            for folder in entries(&path) {
                found |= folder.is_dir() && self.folder(span, &folder);
            }
            if !found {
                let message = format!(
                    "there are no `.wit` files in `{}`, nor in its folders\n  \
                     fix: write the path of a folder that holds a WIT package",
                    path.display()
                );
                self.fail(span, message);
            }
        }
    }

    /// The package in a folder and those in its `deps`; `false` if it has none.
    fn folder(&mut self, span: Span, folder: &Path) -> bool {
        let files = wit_files(folder);
        if files.is_empty() {
            return false;
        }
        self.package(span, files);
        for dep in entries(&folder.join("deps")) {
            if dep.is_dir() {
                self.package(span, wit_files(&dep));
            } else if is_wit(&dep) {
                self.package(span, vec![dep]);
            }
        }
        true
    }

    /// A package that is written in these files.
    fn package(&mut self, span: Span, files: Vec<PathBuf>) {
        if files.is_empty() {
            return;
        }
        let mut map = SourceMap::default();
        let mut texts = Vec::new();
        for file in files {
            match std::fs::read_to_string(&file) {
                Ok(text) => {
                    map.push(&file, text.clone());
                    texts.push(text);
                }
                Err(error) => {
                    self.fail(span, format!("cannot read `{}`: {error}", file.display()));
                    return;
                }
            }
            self.files.push(file);
        }
        // Folders that need the same package often hold copies of it.
        if self.groups.iter().all(|group| group.texts != texts) {
            self.parse(span, map, texts);
        }
    }

    fn parse(&mut self, span: Span, map: SourceMap, texts: Vec<String>) {
        match map.parse() {
            Ok(group) => self.groups.push(Group { span, texts, group }),
            Err((map, error)) => {
                let message = format!("the WIT is broken: {}", error.render(&map));
                self.fail(span, message);
            }
        }
    }
}

fn is_wit(path: &Path) -> bool {
    path.extension().is_some_and(|extension| extension == "wit")
}

fn wit_files(folder: &Path) -> Vec<PathBuf> {
    let mut files = entries(folder);
    files.retain(|path| is_wit(path) && path.is_file());
    files
}

/// What is in a folder, in the order of the names.
fn entries(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let mut paths: Vec<PathBuf> = entries.map(|entry| entry.path()).collect();
    paths.sort();
    paths
}
