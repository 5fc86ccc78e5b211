//! Loads the WIT that the macro is given: folders with their `deps`, files and text.
//!
//! All text is parsed first and then resolved together, so the order in which folders are
//! given does not matter. Packages in binary form contain everything they need, so they
//! are merged first.

use std::path::{Path, PathBuf};

use composer_plan::similar_names;
use proc_macro2::Span;
use syn::LitStr;
use wit_parser::decoding::DecodedWasm;
use wit_parser::{PackageName, Resolve, ResolveErrorKind, SourceMap, UnresolvedPackageGroup};

use crate::ast::ComposeInput;
use crate::errors::{MacroErrors, any_of, did_you_mean};

/// The resolved WIT.
pub(crate) struct LoadedWit {
    pub(crate) resolve: Resolve,
    /// The files it was read from, for the compiler to watch.
    pub(crate) files: Vec<PathBuf>,
    /// What was not read, in a sentence for messages about what is missing.
    pub(crate) unread: Option<String>,
}

/// Reads and resolves all WIT; `None` if any of it is broken.
pub(crate) fn load(
    input: &ComposeInput,
    root: &Path,
    errors: &mut MacroErrors,
) -> Option<LoadedWit> {
    let mut loader = WitLoader {
        errors,
        files: Vec::new(),
        groups: Vec::new(),
        decoded: Vec::new(),
        unread: Vec::new(),
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
    let WitLoader {
        files,
        mut groups,
        decoded,
        unread,
        broken: false,
        errors,
    } = loader
    else {
        return None;
    };
    let unread = (!unread.is_empty()).then(|| unread.join("; "));
    let mut resolve = Resolve {
        features: input.features.iter().map(LitStr::value).collect(),
        ..Resolve::default()
    };
    let has_decoded = !decoded.is_empty();
    for DecodedPackage {
        span,
        path,
        packages,
    } in decoded
    {
        if let Err(error) = resolve.merge(packages) {
            let path = path.display();
            let message = format!("the WIT package `{path}` does not go with others: {error:#}");
            errors.at(span, message);
            return None;
        }
    }
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
        if has_decoded {
            return Some(LoadedWit {
                resolve,
                files,
                unread,
            });
        }
        errors.at(span, "there is no WIT here\n  fix: give `path` or `inline`");
        return None;
    };
    let deps = rest.collect();
    match resolve.push_groups(main, deps) {
        Ok(_) => Some(LoadedWit {
            resolve,
            files,
            unread,
        }),
        Err(error) => {
            let location = resolve.render_location(error.kind().span());
            let holds = |name: &String| {
                let rest = location.strip_prefix(name.as_str());
                rest.is_some_and(|rest| rest.starts_with(':'))
            };
            let place = places.iter().find(|(_, names)| names.iter().any(holds));
            let span = place.map_or(span, |(span, _)| *span);
            let fix = match error.kind() {
                ResolveErrorKind::PackageNotFound { requested, .. } => {
                    package_fix(requested, unread.as_deref())
                }
                _ => String::new(),
            };
            let rendered = resolve.render_error(&error.into());
            errors.at(span, format!("the WIT is broken: {rendered}{fix}"));
            None
        }
    }
}

/// Where a package that is missing is looked for.
fn package_fix(package: &PackageName, unread: Option<&str>) -> String {
    let PackageName {
        namespace, name, ..
    } = package;
    let unread = unread.map_or(String::new(), |unread| format!("\n  {unread}"));
    format!(
        "{unread}\n  fix: put the WIT of `{namespace}:{name}` into the folder \
         `deps/{namespace}-{name}` beside the WIT that needs it, or list its folder under `path`"
    )
}

/// A parsed package with those nested in it.
struct PackageGroup {
    span: Span,
    texts: Vec<String>,
    group: UnresolvedPackageGroup,
}

/// A package in binary form, together with those that it needs.
struct DecodedPackage {
    span: Span,
    path: PathBuf,
    packages: Resolve,
}

struct WitLoader<'e> {
    errors: &'e mut MacroErrors,
    files: Vec<PathBuf>,
    groups: Vec<PackageGroup>,
    decoded: Vec<DecodedPackage>,
    /// Folders that were not read, each in a sentence.
    unread: Vec<String>,
    broken: bool,
}

impl WitLoader<'_> {
    fn fail(&mut self, span: Span, message: String) {
        self.errors.at(span, message);
        self.broken = true;
    }

    fn path(&mut self, span: Span, text: &str, root: &Path) {
        let path = root.join(text);
        if path.is_file() {
            self.file(span, path);
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
        } else if self.folder(span, &path) {
            // Its files are one package, so its folders are not looked into.
            let others = entries(&path).into_iter().filter(|entry| {
                entry.is_dir() && !entry.ends_with("deps") && !wit_files(entry).is_empty()
            });
            let names = others.filter_map(|other| Some(other.file_name()?.to_str()?.to_owned()));
            let names: Vec<String> = names.map(|name| format!("{text}/{name}")).collect();
            if !names.is_empty() {
                self.unread.push(format!(
                    "`{text}` has files of a package of its own, so of its folders only `deps` is \
                     read, and {} not: list what is meant under `path`, too",
                    any_of(&names)
                ));
            }
        } else {
            // The folder may contain packages, each in a folder of its own.
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

    /// Loads the package in a folder and those in its `deps`; `false` if there is none.
    fn folder(&mut self, span: Span, folder: &Path) -> bool {
        let files = wit_files(folder);
        if files.is_empty() {
            return false;
        }
        self.package(span, files);
        for dep in entries(&folder.join("deps")) {
            if dep.is_dir() {
                self.package(span, wit_files(&dep));
            } else if is_wit(&dep) || is_encoded(&dep) {
                self.file(span, dep);
            }
        }
        true
    }

    /// Loads the package in a file, in text or binary form.
    fn file(&mut self, span: Span, file: PathBuf) {
        if is_encoded(&file) {
            self.encoded(span, file);
        } else {
            self.package(span, vec![file]);
        }
    }

    /// Loads a package in binary form, as `wkg` and `wasm-tools` write it.
    fn encoded(&mut self, span: Span, path: PathBuf) {
        let decoded = match std::fs::read(&path) {
            Ok(bytes) => wit_parser::decoding::decode(&bytes),
            Err(error) => {
                self.fail(span, format!("cannot read `{}`: {error}", path.display()));
                return;
            }
        };
        match decoded {
            Ok(DecodedWasm::WitPackage(packages, _)) => {
                self.files.push(path.clone());
                self.decoded.push(DecodedPackage {
                    span,
                    path,
                    packages,
                });
            }
            Ok(DecodedWasm::Component(..)) => {
                let message = format!(
                    "`{}` is a component, and no WIT package\n  \
                     fix: give the WIT that it was built from, or what \
                     `wasm-tools component wit` reads out of it",
                    path.display()
                );
                self.fail(span, message);
            }
            Err(error) => {
                let message = format!(
                    "`{}` is no WIT package in binary form: {error:#}",
                    path.display()
                );
                self.fail(span, message);
            }
        }
    }

    /// Loads a package from its text files.
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
        // Folders that need the same package often contain copies of it.
        if self.groups.iter().all(|group| group.texts != texts) {
            self.parse(span, map, texts);
        }
    }

    fn parse(&mut self, span: Span, map: SourceMap, texts: Vec<String>) {
        match map.parse() {
            Ok(group) => self.groups.push(PackageGroup { span, texts, group }),
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

fn is_encoded(path: &Path) -> bool {
    path.is_file()
        && path
            .extension()
            .is_some_and(|extension| extension == "wasm")
}

fn wit_files(folder: &Path) -> Vec<PathBuf> {
    let mut files = entries(folder);
    files.retain(|path| is_wit(path) && path.is_file());
    files
}

/// The entries of a folder, sorted by name.
fn entries(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let mut paths: Vec<PathBuf> = entries.map(|entry| entry.path()).collect();
    paths.sort();
    paths
}
