//! Compositions written in WAC, the language of `wac`.
//!
//! `wac-parser` reads a document and resolves its names, spreads and access paths; this reads
//! the graph that it makes of that. Each `new` is a component in a store of its own, each
//! argument that is an export of another instance a link, and each exported item an export of
//! the whole. What stands between stores only as a whole, or under another name, cannot be
//! carried, and is a mistake at its place.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use composer::Name;
use composer::plan::HintTarget;
use indexmap::IndexMap;
use miette::{Diagnostic, SourceSpan};
use wac_graph::types::BorrowedPackageKey;
use wac_graph::{CompositionGraph, NodeId, NodeKind};
use wac_parser::{Document, Expr, InstantiationArgument, PrimaryExpr, Statement};

use crate::problem::{Problem, Problems, SourceText};
use crate::source::{
    DescribedComponent, DescribedComposition, PartSettings, WrittenText, read_text, unread,
};

/// Reads a document. The components of its packages are in the folder `deps` beside it, as
/// `wac` has them: `deps/shop/till.wasm` for `shop:till`.
///
/// # Errors
///
/// The first mistake in its syntax or its names, which is all that its parser tells, or
/// everything that cannot be carried between stores.
pub(crate) fn read(file: &Path) -> Result<DescribedComposition, Problems> {
    let text = read_text(file)?;
    let text = SourceText::new(file.display().to_string(), text);
    let described = describe(file, &text).map_err(|problems| problems.in_file(&text))?;
    Ok(DescribedComposition {
        manifest: Some(file.to_owned()),
        text: Some(text),
        ..described
    })
}

fn describe(file: &Path, text: &SourceText) -> Result<DescribedComposition, Problems> {
    let document = Document::parse(text.text()).map_err(|error| found(&error))?;
    let packages = Packages::find(file, &document)?;
    let resolution = document.resolve(packages.bytes());
    let resolution = resolution.map_err(|error| found(&error))?;
    let reader = Reader {
        graph: resolution.graph(),
        text: text.text(),
        document: &document,
        packages: &packages,
        names: names(resolution.graph()),
    };
    reader.read()
}

/// A mistake that the parser has found.
fn found(error: &dyn Diagnostic) -> Problems {
    let mut problem = Problem::new(error);
    for label in error.labels().into_iter().flatten() {
        let place = range(*label.inner());
        problem = match label.label() {
            Some(note) => problem.with_note(place, note),
            None => problem.at(place),
        };
    }
    if let Some(help) = error.help() {
        problem = problem.with_help(help);
    }
    problem.into()
}

fn range(span: SourceSpan) -> std::ops::Range<usize> {
    span.offset()..span.offset() + span.len()
}

/// The packages that a document names.
struct Packages<'d> {
    files: IndexMap<BorrowedPackageKey<'d>, (PathBuf, Vec<u8>)>,
}

impl<'d> Packages<'d> {
    fn find(file: &Path, document: &'d Document<'d>) -> Result<Self, Problems> {
        let folder = file.parent().unwrap_or(Path::new("")).join("deps");
        let named = wac_resolver::packages(document).map_err(|error| found(&error))?;
        let mut problems = Problems::default();
        let mut files = IndexMap::new();
        for (key, span) in named {
            let mut path = folder.clone();
            path.extend(key.name.split(':'));
            path.set_extension("wasm");
            match fs::read(&path) {
                Ok(bytes) => {
                    files.insert(key, (path, bytes));
                }
                Err(error) => {
                    let help = format!("put the component of the package `{}` there", key.name);
                    let problem = unread(&path, &error).at(range(span));
                    problems.push(problem.with_help(help));
                }
            }
        }
        problems.check()?;
        Ok(Packages { files })
    }

    fn bytes(&self) -> IndexMap<BorrowedPackageKey<'d>, Vec<u8>> {
        let files = self.files.iter();
        files
            .map(|(key, (_, bytes))| (*key, bytes.clone()))
            .collect()
    }
}

/// The names of the instances: those of `let`, or of the package.
fn names(graph: &CompositionGraph) -> BTreeMap<usize, String> {
    let mut names: BTreeMap<usize, String> = BTreeMap::new();
    for (index, node) in graph.nodes().enumerate() {
        if !matches!(node.kind(), NodeKind::Instantiation(_)) {
            continue;
        }
        let package = node.package().map(|package| graph[package].name());
        let package = package.and_then(|name| name.split(':').nth(1));
        let wanted = node.name().or(package).unwrap_or("component").to_owned();
        let mut name = wanted.clone();
        let mut count = 1;
        while names.values().any(|known| *known == name) {
            count += 1;
            name = format!("{wanted}-{count}");
        }
        names.insert(index, name);
    }
    names
}

struct Reader<'d> {
    graph: &'d CompositionGraph,
    text: &'d str,
    document: &'d Document<'d>,
    packages: &'d Packages<'d>,
    /// By the positions of the nodes.
    names: BTreeMap<usize, String>,
}

impl Reader<'_> {
    fn read(&self) -> Result<DescribedComposition, Problems> {
        let mut problems = Problems::default();
        let mut described = DescribedComposition::default();
        let ids: Vec<NodeId> = self.graph.node_ids().collect();
        for (index, id) in ids.iter().enumerate() {
            let Some(name) = self.names.get(&index) else {
                continue;
            };
            let node = &self.graph[*id];
            let Some(package) = node.package() else {
                continue;
            };
            let package = &self.graph[package];
            let mut files = self.packages.files.iter();
            let file = files.find(|(key, _)| key.name == package.name());
            let Some((_, (path, _))) = file else {
                continue;
            };
            let place = self.place_of(node.name());
            let mut imports = Vec::new();
            let mut satisfied = Vec::new();
            for (argument, source) in self.graph.get_instantiation_arguments(*id) {
                satisfied.push(argument.to_owned());
                match self.source(&ids, source, argument) {
                    Ok(Some(target)) => {
                        let import = WrittenText {
                            text: argument.to_owned(),
                            place: self
                                .place_of_argument(node.name(), argument)
                                .or(place.clone()),
                        };
                        imports.push((import, target));
                    }
                    Ok(None) => described.open(argument, place.clone()),
                    Err(why) => {
                        let message = format!("the argument `{argument}` of `{name}` {why}");
                        let place = self.place_of_argument(node.name(), argument);
                        problems.push(match place {
                            Some(place) => Problem::new(message).at(place),
                            None => Problem::new(message),
                        });
                    }
                }
            }
            // What `...` leaves to the whole: the runtime provides WASI, and the rest is open.
            let world = &self.graph.types()[package.ty()];
            for import in world.imports.keys() {
                if !satisfied.contains(import) && !is_of_the_runtime(import) {
                    described.open(import, place.clone());
                }
            }
            described.components.push(DescribedComponent {
                name: WrittenText {
                    text: name.clone(),
                    place: place.clone(),
                },
                path: path.clone(),
                package: None,
                path_place: place,
                imports,
                filters: Vec::new(),
                settings: PartSettings::default(),
            });
        }
        described.exports = Some(self.exports(&ids, &mut problems));
        // In the order of their names, as a manifest has them.
        described
            .components
            .sort_by(|a, b| a.name.text.cmp(&b.name.text));
        problems.check()?;
        Ok(described)
    }

    /// Where an argument comes from; `None` if the whole imports it.
    fn source(
        &self,
        ids: &[NodeId],
        source: NodeId,
        argument: &str,
    ) -> Result<Option<HintTarget>, String> {
        match self.graph[source].kind() {
            NodeKind::Alias => {
                let (component, export) = self.owner(ids, source)?;
                let same = Name::new(argument).is_meant_by(export) || argument == export;
                Ok(Some(match same {
                    true => HintTarget::from(component),
                    false => HintTarget::from((component, export)),
                }))
            }
            NodeKind::Import(name) if name == argument => Ok(None),
            NodeKind::Import(name) => Err(format!(
                "is the import `{name}` under another name, which a composition of separate \
                 stores cannot give it; import it as `{argument}`"
            )),
            NodeKind::Instantiation(_) => Err(
                "is an instance as a whole, and instances stay in their stores; pass one of its \
                 exports"
                    .to_owned(),
            ),
            NodeKind::Definition => Err("is a type, which needs no argument".to_owned()),
        }
    }

    /// The instance that an alias is an export of, and the export's name.
    fn owner<'g>(&'g self, ids: &[NodeId], alias: NodeId) -> Result<(&'g str, &'g str), String> {
        let source = self.graph.get_alias_source(alias);
        let found = source.and_then(|(instance, export)| {
            let index = ids.iter().position(|id| *id == instance)?;
            Some((self.names.get(&index)?.as_str(), export))
        });
        found.ok_or_else(|| {
            "is an export within an export, which a composition of separate stores does not \
             reach"
                .to_owned()
        })
    }

    fn exports(&self, ids: &[NodeId], problems: &mut Problems) -> Vec<(WrittenText, WrittenText)> {
        let mut exports = Vec::new();
        for id in ids {
            let node = &self.graph[*id];
            let Some(name) = node.export_name() else {
                continue;
            };
            let found = match node.kind() {
                NodeKind::Definition => continue,
                NodeKind::Alias => self.owner(ids, *id),
                NodeKind::Instantiation(_) => Err("is an instance as a whole, and instances \
                     stay in their stores; export what it exports with `...`"
                    .to_owned()),
                NodeKind::Import(_) => Err("is an import of the whole".to_owned()),
            };
            let place = self.place_of_export(name);
            let problem = match found {
                Ok((component, export)) if export == name => {
                    let written = |text: &str| WrittenText {
                        text: text.to_owned(),
                        place: place.clone(),
                    };
                    exports.push((written(name), written(component)));
                    continue;
                }
                Ok((_, export)) => format!(
                    "the export `{name}` is `{export}` under another name, which a composition \
                     of separate stores cannot give it"
                ),
                Err(why) => format!("the export `{name}` {why}"),
            };
            problems.push(match place {
                Some(place) => Problem::new(problem).at(place),
                None => Problem::new(problem),
            });
        }
        exports
    }

    /// The place of the name of an instance.
    fn place_of(&self, name: Option<&str>) -> Option<std::ops::Range<usize>> {
        let name = name?;
        self.document
            .statements
            .iter()
            .find_map(|statement| match statement {
                Statement::Let(it) if it.id.string == name => Some(range(it.id.span)),
                _ => None,
            })
    }

    fn place_of_argument(
        &self,
        name: Option<&str>,
        argument: &str,
    ) -> Option<std::ops::Range<usize>> {
        let name = name?;
        let new = self
            .document
            .statements
            .iter()
            .find_map(|statement| match statement {
                Statement::Let(it) if it.id.string == name => match &it.expr {
                    Expr {
                        primary: PrimaryExpr::New(new),
                        ..
                    } => Some(new),
                    _ => None,
                },
                _ => None,
            })?;
        let place = new.arguments.iter().find_map(|written| match written {
            InstantiationArgument::Named(it) if is_for(it.name.as_str(), argument) => {
                Some(range(it.name.span()))
            }
            InstantiationArgument::Inferred(it) if is_for(it.string, argument) => {
                Some(range(it.span))
            }
            _ => None,
        });
        place.or(Some(range(new.package.span)))
    }

    /// The place of the statement that exports this name: the one that says so, or else the
    /// only one that spreads.
    fn place_of_export(&self, name: &str) -> Option<std::ops::Range<usize>> {
        let exports = self.document.statements.iter().filter_map(|it| match it {
            Statement::Export(export) => Some(range(export.expr.span)),
            _ => None,
        });
        let exports: Vec<_> = exports.collect();
        let says = |place: &&std::ops::Range<usize>| {
            let statement = self.text.get(place.start..).unwrap_or_default();
            let statement = statement.split(';').next().unwrap_or_default();
            statement.contains(name)
        };
        match (exports.iter().find(says), &exports[..]) {
            (Some(place), _) | (None, [place]) => Some(place.clone()),
            _ => None,
        }
    }
}

/// Whether the runtime provides an import: all of WASI, but for what programs and servers
/// export.
fn is_of_the_runtime(import: &str) -> bool {
    let Some(interface) = import.strip_prefix("wasi:") else {
        return false;
    };
    let interface = interface.split('@').next().unwrap_or(interface);
    !["http/incoming-handler", "http/handler", "cli/run"].contains(&interface)
}

/// Whether a written argument is meant for an import: by its name, or by the last part of it.
fn is_for(written: &str, import: &str) -> bool {
    let interface = import.split('@').next().unwrap_or(import);
    written == import || interface == written || interface.ends_with(&format!("/{written}"))
}

impl DescribedComposition {
    fn open(&mut self, import: &str, place: Option<std::ops::Range<usize>>) {
        if !self.open_imports.iter().any(|open| open.text == import) {
            self.open_imports.push(WrittenText {
                text: import.to_owned(),
                place,
            });
        }
    }
}
