//! The composition's own imports, which its components leave open.

use std::collections::{BTreeMap, HashMap};

use crate::name::NameClass;
use crate::resolve::candidate::{ChosenExport, SourceChoice};
use crate::resolve::error::PlanError;
use crate::resolve::offers::SortedComponents;
use crate::resolve::report::Satisfied;
use crate::similar::SimilarSearch;
use crate::{Name, OpenImport};

/// The names that the embedder leaves open.
pub(super) struct OpenNames<'g> {
    texts: Vec<&'g str>,
    /// By class of the name, and by base for texts without a version.
    classes: HashMap<NameClass<'g>, Vec<usize>>,
    bases: HashMap<&'g str, usize>,
}

impl<'g> OpenNames<'g> {
    /// `names` must be sorted, without duplicates.
    pub(super) fn new(names: &'g [Name]) -> Self {
        let mut open = OpenNames {
            texts: names.iter().map(Name::as_str).collect(),
            classes: HashMap::new(),
            bases: HashMap::new(),
        };
        for (i, name) in names.iter().enumerate() {
            if name.version().is_none() {
                open.bases.insert(name.as_str(), i);
            } else {
                open.classes.entry(name.class()).or_default().push(i);
            }
        }
        open
    }

    /// Whether an import may be left open.
    pub(super) fn allows(&self, import: &Name) -> bool {
        self.matching(import).next().is_some()
    }

    /// The texts that allow an import to be left open.
    fn matching<'a>(&'a self, import: &'a Name) -> impl Iterator<Item = usize> + 'a {
        let classes = self.classes.get(&import.class()).into_iter().flatten();
        classes.chain(self.bases.get(import.base())).copied()
    }

    /// Reports the names that leave no import open.
    pub(super) fn check(
        &self,
        members: &SortedComponents<'_>,
        chosen: &[Vec<ChosenExport>],
        errors: &mut Vec<PlanError>,
    ) {
        if self.texts.is_empty() {
            return;
        }
        let mut used = vec![false; self.texts.len()];
        let mut satisfied: Vec<Vec<Satisfied>> = vec![Vec::new(); self.texts.len()];
        for (node, chosen) in chosen.iter().enumerate() {
            for (import, &chosen) in chosen.iter().enumerate() {
                let import = &members.import(node, import).name;
                for text in self.matching(import) {
                    match satisfaction(members, node, import, chosen) {
                        Some(by) => satisfied[text].push(by),
                        None => used[text] = true,
                    }
                }
            }
        }
        let mut similar = SimilarSearch::new();
        for (i, satisfied) in satisfied.into_iter().enumerate() {
            if used[i] {
                continue;
            }
            let import = self.texts[i].to_owned();
            errors.push(if satisfied.is_empty() {
                let worlds = members.nodes.iter().map(|node| &node.world);
                let known = worlds
                    .flat_map(|world| &world.imports)
                    .map(|e| e.name.as_str());
                let similar = similar.to(&import, known);
                PlanError::OpenImportUnknown { import, similar }
            } else {
                PlanError::OpenImportUseless { import, satisfied }
            });
        }
    }
}

/// The reason why this import need not be left open, if there is one.
fn satisfaction(
    members: &SortedComponents<'_>,
    node: usize,
    import: &Name,
    chosen: ChosenExport,
) -> Option<Satisfied> {
    let names = |node| members.name(node).to_owned();
    let (component, import) = (names(node), import.clone());
    Some(match chosen {
        Ok(SourceChoice::Open) | Err(_) => return None,
        Ok(SourceChoice::Host) => Satisfied::ByLinker { component, import },
        Ok(SourceChoice::Nothing) => Satisfied::PlainTypes { component, import },
        Ok(SourceChoice::Provider(offer)) => Satisfied::ByHint {
            component,
            import,
            provider: names(offer.node),
        },
    })
}

/// The open imports of a plan, and the components' imports that each of them stands for.
pub(super) struct OpenImports {
    pub(super) imports: Vec<OpenImport>,
    /// `(node, import)` of the users of each.
    pub(super) users: Vec<Vec<(usize, usize)>>,
    index: BTreeMap<(usize, usize), usize>,
}

impl OpenImports {
    /// Joins the imports that are left open: those with compatible names are one import
    /// of the composition, in the highest version that any of them asks for.
    pub(super) fn new(members: &SortedComponents<'_>, choices: &[Vec<SourceChoice>]) -> Self {
        let mut groups: HashMap<NameClass<'_>, Vec<(usize, usize)>> = HashMap::new();
        for (node, choices) in choices.iter().enumerate() {
            for (import, choice) in choices.iter().enumerate() {
                if *choice == SourceChoice::Open {
                    let class = members.import(node, import).name.class();
                    groups.entry(class).or_default().push((node, import));
                }
            }
        }
        let mut groups: Vec<(&Name, Vec<(usize, usize)>)> = groups
            .into_values()
            .filter_map(|users| {
                let names = users.iter().map(|&(n, i)| &members.import(n, i).name);
                // `max_by_key` returns the last of equal versions, so the name breaks
                // ties.
                let highest = names.max_by_key(|name| (name.version(), *name))?;
                Some((highest, users))
            })
            .collect();
        groups.sort();
        let mut open = OpenImports {
            imports: Vec::new(),
            users: Vec::new(),
            index: BTreeMap::new(),
        };
        for (i, (name, users)) in groups.into_iter().enumerate() {
            let mut needed_by: Vec<String> = users
                .iter()
                .map(|&(node, _)| members.name(node).to_owned())
                .collect();
            needed_by.dedup();
            open.index.extend(users.iter().map(|&user| (user, i)));
            open.imports.push(OpenImport {
                name: name.clone(),
                needed_by,
            });
            open.users.push(users);
        }
        open
    }

    /// The open import that this import of a component belongs to.
    pub(super) fn index(&self, node: usize, import: usize) -> Option<usize> {
        self.index.get(&(node, import)).copied()
    }
}
