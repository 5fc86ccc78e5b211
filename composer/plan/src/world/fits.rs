//! Checks whether a component fits its declared world.

use crate::similar::similar_names;
use crate::words::did_you_mean;
use crate::world::{
    Difference, FuncType, Item, ResourceId, ResourceRelation, Side, World, compare_func,
};
use crate::{Extern, Name};

/// One way in which a component does not fit its declared world.
///
/// In a [`Difference`], `expected` is the declared type and `found` the component's.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Misfit {
    /// It imports something that was not declared.
    #[error(
        "it imports `{import}`, which its declared world does not\n  \
         fix: declare the import, or define it in the component's own linker"
    )]
    UndeclaredImport {
        /// The import.
        import: Name,
    },
    /// It does not export what was declared.
    #[error(
        "it does not export `{export}`, which it is declared to export{}\n  \
         fix: give a component built against the declared WIT",
        did_you_mean(similar)
    )]
    MissingExport {
        /// The export.
        export: Name,
        /// Its exports with similar names.
        similar: Vec<String>,
    },
    /// An import or export is an item of another kind than declared.
    #[error(
        "its {} `{name}` is declared as {declared}, but is {found}\n  \
         fix: give a component built against the declared WIT",
        word(*side)
    )]
    Kind {
        /// The side of the world.
        side: Side,
        /// The import or export.
        name: Name,
        /// The declared kind.
        declared: String,
        /// The component's kind.
        found: String,
    },
    /// It imports a function that was not declared, or does not export one that was.
    #[error(
        "its {} `{interface}` {} the function `{function}`{}\n  \
         fix: give a component built against the declared WIT",
        word(*side),
        needs(*side),
        did_you_mean(similar)
    )]
    Function {
        /// The side of the world.
        side: Side,
        /// The interface.
        interface: Name,
        /// The function.
        function: String,
        /// Functions on the other side with similar names.
        similar: Vec<String>,
    },
    /// Like [`Misfit::Function`], for a resource.
    #[error(
        "its {} `{interface}` {} the resource `{resource}`\n  \
         fix: give a component built against the declared WIT",
        word(*side),
        needs(*side)
    )]
    Resource {
        /// The side of the world.
        side: Side,
        /// The interface.
        interface: Name,
        /// The resource.
        resource: String,
    },
    /// A function has another type than the declared one.
    #[error(
        "its {} {} has another type than was declared\n  \
         at {}:\n    \
         declared is {}\n    \
         the component has {}\n  \
         fix: build both against one version of the interface",
        word(*side),
        match function {
            Some(function) => format!("`{name}#{function}`"),
            None => format!("`{name}`"),
        },
        difference.path,
        difference.expected,
        difference.found
    )]
    Type {
        /// The side of the world.
        side: Side,
        /// The import or export.
        name: Name,
        /// The function of the interface; `None` if the import or export is itself the
        /// function.
        function: Option<String>,
        /// The first difference of the types.
        difference: Difference,
    },
}

fn word(side: Side) -> &'static str {
    match side {
        Side::Import => "import",
        Side::Export => "export",
    }
}

fn needs(side: Side) -> &'static str {
    match side {
        Side::Import => "needs, beyond what is declared,",
        Side::Export => "lacks",
    }
}

impl World {
    /// Checks whether this world may be used where `declared` is expected. It may import
    /// less and export more, and all items that both have must be of equal types, by the
    /// comparison that also decides whether two components fit together.
    ///
    /// Names match as those of imports and exports do: the same name, or a compatible
    /// version of it. Interfaces of plain types need no provider, so they may be absent
    /// on either side.
    ///
    /// # Errors
    ///
    /// Every [`Misfit`], in the order of the worlds.
    pub fn check_fits(&self, declared: &World) -> Result<(), Vec<Misfit>> {
        let mut fit = FitCheck {
            declared,
            real: self,
            misfits: Vec::new(),
        };
        for import in &self.imports {
            match find(&declared.imports, &import.name) {
                Some(known) => fit.item(Side::Import, &import.name, &known.item, &import.item),
                None if is_types_only(&import.item) => {}
                None => fit.misfits.push(Misfit::UndeclaredImport {
                    import: import.name.clone(),
                }),
            }
        }
        for export in &declared.exports {
            match find(&self.exports, &export.name) {
                Some(real) => fit.item(Side::Export, &export.name, &export.item, &real.item),
                None if is_types_only(&export.item) => {}
                None => {
                    let known = self.exports.iter().map(|e| e.name.as_str());
                    fit.misfits.push(Misfit::MissingExport {
                        export: export.name.clone(),
                        similar: similar_names(export.name.as_str(), known),
                    });
                }
            }
        }
        if fit.misfits.is_empty() {
            Ok(())
        } else {
            Err(fit.misfits)
        }
    }
}

/// The item under a name; the same name takes precedence over a compatible version.
fn find<'w>(externs: &'w [Extern], name: &Name) -> Option<&'w Extern> {
    let matching = externs
        .iter()
        .filter_map(|e| Some((e.name.matches(name)?, e)));
    matching.min_by_key(|(how, _)| *how).map(|(_, e)| e)
}

fn is_types_only(item: &Item) -> bool {
    matches!(item, Item::Interface(interface) if interface.is_types_only())
}

struct FitCheck<'w> {
    declared: &'w World,
    real: &'w World,
    misfits: Vec<Misfit>,
}

impl FitCheck<'_> {
    fn item(&mut self, side: Side, name: &Name, declared: &Item, real: &Item) {
        match (declared, real) {
            (Item::Func(a), Item::Func(b)) => self.func(side, name, None, a, b),
            (Item::Interface(a), Item::Interface(b)) => {
                // The side that needs the items, and the side that must have them.
                let (asks, has) = match side {
                    Side::Import => (b, a),
                    Side::Export => (a, b),
                };
                for resource in asks.resources.keys() {
                    if !has.resources.contains_key(resource) {
                        self.misfits.push(Misfit::Resource {
                            side,
                            interface: name.clone(),
                            resource: resource.clone(),
                        });
                    }
                }
                for function in asks.funcs.keys() {
                    match (a.funcs.get(function), b.funcs.get(function)) {
                        (Some(a), Some(b)) => self.func(side, name, Some(function), a, b),
                        _ => self.misfits.push(Misfit::Function {
                            side,
                            interface: name.clone(),
                            function: function.clone(),
                            similar: similar_names(function, has.funcs.keys().map(String::as_str)),
                        }),
                    }
                }
            }
            (Item::Resource(_), Item::Resource(_)) => {}
            (a, b) if a.kind() == b.kind() => {}
            (a, b) => self.misfits.push(Misfit::Kind {
                side,
                name: name.clone(),
                declared: format!("{} {}", article(a.kind()), a.kind()),
                found: format!("{} {}", article(b.kind()), b.kind()),
            }),
        }
    }

    fn func(&mut self, side: Side, name: &Name, func: Option<&str>, a: &FuncType, b: &FuncType) {
        let between = SameComponent {
            declared: self.declared,
            real: self.real,
        };
        if let Some(difference) = compare_func(a, self.declared, b, self.real, &between) {
            self.misfits.push(Misfit::Type {
                side,
                name: name.clone(),
                function: func.map(str::to_owned),
                difference,
            });
        }
    }
}

fn article(kind: &str) -> &'static str {
    if kind.starts_with(['a', 'e', 'i', 'o', 'u']) {
        "an"
    } else {
        "a"
    }
}

/// Compares the resources of two descriptions of one component: they are the same if they
/// have the same name, in the same interface, on the same side.
struct SameComponent<'w> {
    declared: &'w World,
    real: &'w World,
}

impl ResourceRelation for SameComponent<'_> {
    fn same(&self, declared: ResourceId, real: ResourceId) -> bool {
        let (a, b) = (self.declared.resource(declared), self.real.resource(real));
        let interface = match (&a.interface, &b.interface) {
            (Some(a), Some(b)) => a.matches(b).is_some(),
            (None, None) => true,
            _ => false,
        };
        a.side == b.side && a.name == b.name && interface
    }

    fn importer_name(&self, id: ResourceId) -> String {
        named(self.declared, id)
    }

    fn provider_name(&self, id: ResourceId) -> String {
        named(self.real, id)
    }
}

fn named(world: &World, id: ResourceId) -> String {
    let resource = world.resource(id);
    format!("the {}ed {resource}", word(resource.side))
}
