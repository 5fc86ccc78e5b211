//! A composition as `compose!` declares it: every part is held against its
//! declared world before anything runs.

use std::sync::Arc;

use composer_plan as plan;
use composer_plan::{Misfit, Name};

use crate::assembly::DescribedPart;
use crate::composition::lifecycle;
use crate::error::{CompositionError, PartError, PartErrors};
use crate::private::declared::{DeclaredComponent, DeclaredComposition, DeclaredKind};
use crate::typed::{TypedBindings, element};
use crate::{Composable, ComposableDescriptor, Composer, Composition, PreparedComposition};

/// A [`Composer`] that knows what its parts should be.
pub struct Wiring {
    declared: &'static DeclaredComposition,
    composer: Composer,
}

impl Wiring {
    /// No parts yet.
    pub fn new(declared: &'static DeclaredComposition) -> Self {
        Wiring {
            declared,
            composer: Composer::new(),
        }
    }

    /// Adds the part for a declared component.
    #[must_use]
    pub fn part(
        self,
        name: &str,
        part: impl Composable + 'static,
        glue: &impl TypedBindings,
    ) -> Self {
        let part = one_part(self.declared, name, part, glue);
        self.add(part)
    }

    /// Adds one more part to a declared list.
    #[must_use]
    pub fn part_of(
        self,
        list: &str,
        name: &str,
        part: impl Composable + 'static,
        glue: &impl TypedBindings,
    ) -> Self {
        let part = one_part_of(self.declared, list, name, part, glue);
        self.add(part)
    }

    fn add(mut self, part: Result<ComposableDescriptor, PartError>) -> Self {
        match part {
            Ok(part) => {
                self.composer.add(part);
            }
            Err(error) => self.composer.refuse(error),
        }
        self
    }

    /// Plans and links the parts.
    ///
    /// # Errors
    ///
    /// As [`Composer::prepare`], and [`PartError::Misfit`] for a part that is
    /// not what it was declared to be.
    pub fn prepare(mut self) -> Result<PreparedComposition, CompositionError> {
        for (export, component) in self.declared.export_hints {
            self.composer.with_export_hint(*export, *component);
        }
        for open in self.declared.open {
            if self.composer.imports(open) {
                self.composer.with_open_import(*open);
            }
        }
        // A hint that tells a component from those of a list says nothing new
        // while the list is empty. It was checked against a list that is not.
        if self
            .declared
            .components
            .iter()
            .any(|c| c.kind == DeclaredKind::Many)
        {
            self.composer.forgive_useless_hints();
        }
        self.composer.prepare()
    }
}

/// A part for a declared component, which is held against what was declared when
/// it is added, or takes another's place.
///
/// # Errors
///
/// [`PartError::Host`] if its linker does not take what the program provides.
pub fn one_part(
    declared: &'static DeclaredComposition,
    name: &str,
    part: impl Composable + 'static,
    glue: &impl TypedBindings,
) -> Result<ComposableDescriptor, PartError> {
    described(declared, name, name, part, glue)
}

/// A part for a declared list, as [`one_part`].
///
/// # Errors
///
/// As [`one_part`].
pub fn one_part_of(
    declared: &'static DeclaredComposition,
    list: &str,
    name: &str,
    part: impl Composable + 'static,
    glue: &impl TypedBindings,
) -> Result<ComposableDescriptor, PartError> {
    described(declared, list, &element(list, name), part, glue)
}

fn described(
    declared: &'static DeclaredComposition,
    component: &str,
    name: &str,
    part: impl Composable + 'static,
    glue: &impl TypedBindings,
) -> Result<ComposableDescriptor, PartError> {
    let part = ComposableDescriptor::of_part(name, part.typed(name, glue)?);
    let mut components = declared.components.iter();
    Ok(match components.find(|known| known.name == component) {
        Some(known) => part.declared(known),
        None => part,
    })
}

impl DeclaredComponent {
    /// Checks a part, and hides what it exports beyond its declaration, so that
    /// the wiring is the one that was checked when the program was compiled.
    pub(crate) fn hold(
        &self,
        name: &str,
        known: &mut DescribedPart,
    ) -> Result<DeclarationMatch, Vec<PartError>> {
        let declared = self.world.read();
        check_part(name, self, &declared, known)?;
        let is_declared = |name: &Name| {
            let mut exports = declared.exports.iter();
            exports.any(|export| export.name.matches(name).is_some())
        };
        let mut shown = known.world.clone();
        Arc::make_mut(&mut shown).retain_exports(|name, _| is_declared(name));
        // Nobody declares how a component is told of its own life.
        let is_kept = |name: &Name| is_declared(name) || lifecycle::is_it(name);
        Arc::make_mut(&mut known.world).retain_exports(|name, _| is_kept(name));
        // A real component may import less than it declares; a hint for an
        // import that it does not have would be a mistake.
        let imports = |import: &str| shown.imports.iter().any(|e| e.name.is_meant_by(import));
        let hints = self.hints.iter().filter(|(import, ..)| imports(import));
        Ok(DeclarationMatch {
            hints: hints
                .map(|(import, component, export)| {
                    let to = plan::HintTarget {
                        component: (*component).to_owned(),
                        export: export.map(str::to_owned),
                    };
                    ((*import).to_owned(), to)
                })
                .collect(),
            shown,
        })
    }
}

/// What a declaration makes of a part.
pub(crate) struct DeclarationMatch {
    /// What the planner sees of it.
    pub(crate) shown: Arc<plan::World>,
    /// The hints that were declared.
    pub(crate) hints: Vec<(String, plan::HintTarget)>,
}

fn check_part(
    name: &str,
    component: &DeclaredComponent,
    declared: &plan::World,
    known: &DescribedPart,
) -> Result<(), Vec<PartError>> {
    let fits = match component.kind {
        DeclaredKind::World => known.world.check_fits(declared),
        DeclaredKind::Dyn | DeclaredKind::Many => check_exports_fit(&known.world, declared),
    };
    if let Err(mut misfits) = fits {
        // What its own linker provides concerns nobody else.
        misfits.retain(|misfit| match misfit {
            Misfit::UndeclaredImport { import } => !known.host.all.contains(import.as_str()),
            _ => true,
        });
        if !misfits.is_empty() {
            return Err(errors(name, misfits));
        }
    }
    Ok(())
}

/// Whether a component offers what was declared, whatever it imports.
fn check_exports_fit(real: &plan::World, declared: &plan::World) -> Result<(), Vec<Misfit>> {
    let real = plan::World {
        imports: Vec::new(),
        ..real.clone()
    };
    real.check_fits(declared)
}

fn errors(component: &str, misfits: Vec<Misfit>) -> Vec<PartError> {
    let error = |misfit| PartError::Misfit {
        component: component.to_owned(),
        misfit: Box::new(misfit),
    };
    misfits.into_iter().map(error).collect()
}

/// Checks that a composition exports what is declared, each from one component
/// and with the declared types, and that its components with the names of a
/// list are what the list is declared to hold.
///
/// # Errors
///
/// [`CompositionError::Lookup`] for the first export that is not there or not
/// of one component, or else [`CompositionError::Parts`] with every type that
/// differs.
pub fn check_exports(
    composition: &Composition,
    declared: &'static DeclaredComposition,
) -> Result<(), CompositionError> {
    let real = composition.layout().world();
    let plan = composition.plan();
    let mut found = Vec::new();
    for export in declared.exports.read().exports {
        // Plain types have nothing to look up.
        if matches!(&export.item, plan::Item::Interface(i) if i.is_types_only()) {
            continue;
        }
        let owner = plan.export_owner(export.name.as_str());
        let owner = owner.map_err(crate::LookupError::from)?;
        found.push((owner.component, export));
    }
    let mut misfits = Vec::new();
    for (component, export) in found {
        let declared = plan::World {
            exports: vec![export],
            ..declared.exports.read()
        };
        if let Err(found) = check_exports_fit(&real, &declared) {
            misfits.extend(errors(component, found));
        }
    }
    for list in declared
        .components
        .iter()
        .filter(|c| c.kind == DeclaredKind::Many)
    {
        let prefix = element(list.name, "");
        let declared = list.world.read();
        let layout = composition.layout();
        let nodes = layout.graph.nodes.iter();
        let elements = nodes.map(|node| (node.name.as_str(), &*node.world));
        for (component, real) in elements.filter(|(name, _)| name.starts_with(&prefix)) {
            if let Err(found) = check_exports_fit(real, &declared) {
                misfits.extend(errors(component, found));
            }
        }
    }
    if misfits.is_empty() {
        return Ok(());
    }
    Err(PartErrors { errors: misfits }.into())
}
