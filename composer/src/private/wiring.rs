//! A composition as `compose!` declares it: every part is held against its
//! declared world before anything runs.

use std::sync::Arc;

use composer_plan as plan;
use composer_plan::{Misfit, Name};

use super::declared::{Component, Declared};
use crate::composable::Prepared;
use crate::error::{CompositionError, PartError, PartErrors};
use crate::typed::Glue;
use crate::{Composable, ComposableDescriptor, Composer, Composition};

/// A [`Composer`] that knows what its parts should be.
pub struct Wiring {
    declared: &'static Declared,
    composer: Composer,
    /// The imports that the real parts have.
    imports: Vec<Name>,
}

impl Wiring {
    /// No parts yet.
    pub fn new(declared: &'static Declared) -> Self {
        Wiring {
            declared,
            composer: Composer::new(),
            imports: Vec::new(),
        }
    }

    /// Adds the part for a declared component.
    #[must_use]
    pub fn part(mut self, name: &str, part: impl Composable + 'static, glue: &impl Glue) -> Self {
        let part = match part.typed(glue) {
            Ok(part) => part,
            Err(error) => {
                self.composer.refuse(PartError::Host {
                    component: name.to_owned(),
                    reason: format!("{error:#}"),
                });
                return self;
            }
        };
        let mut descriptor = ComposableDescriptor::new(name, part);
        let Some(declared) = self.declared.components.iter().find(|c| c.name == name) else {
            self.composer.add(descriptor);
            return self;
        };
        for (import, to) in declared.hints {
            descriptor = descriptor.with_import_hint(*import, *to);
        }
        let imports = &mut self.imports;
        self.composer.add_checked(descriptor, |prepared, hints| {
            let real = &prepared.world.imports;
            imports.extend(real.iter().map(|import| import.name.clone()));
            // A real component may import less than it declares; a hint for an
            // import that it does not have would be a mistake.
            hints.retain(|(import, _)| real.iter().any(|e| means(import, &e.name)));
            check_part(declared, prepared)
        });
        self
    }

    /// Composes the parts.
    ///
    /// # Errors
    ///
    /// As [`Composer::compose`], and [`PartError::Misfit`] for a part that is
    /// not what it was declared to be.
    pub async fn compose(mut self) -> Result<Composition, CompositionError> {
        for (export, component) in self.declared.export_hints {
            self.composer.with_export_hint(*export, *component);
        }
        for open in self.declared.open {
            if self.imports.iter().any(|import| means(open, import)) {
                self.composer.with_open_import(*open);
            }
        }
        self.composer.compose().await
    }
}

/// Whether a text in a hint is about this import, as the planner reads it.
fn means(text: &str, import: &Name) -> bool {
    text == import.base() || Name::new(text).matches(import).is_some()
}

/// Checks a part, and hides what it exports beyond its declaration, so that
/// the wiring is the one that was checked when the program was compiled.
fn check_part(declared: &Component, prepared: &mut Prepared) -> Result<(), Vec<PartError>> {
    let world = declared.world.read();
    if let Err(mut misfits) = prepared.world.check_fits(&world) {
        // What its own linker provides concerns nobody else.
        misfits.retain(|misfit| match misfit {
            Misfit::UndeclaredImport { import } => !prepared.host.all.contains(import.as_str()),
            _ => true,
        });
        if !misfits.is_empty() {
            return Err(errors(declared.name, misfits));
        }
    }
    let is_declared = |name: &Name| {
        let mut exports = world.exports.iter();
        exports.any(|export| export.name.matches(name).is_some())
    };
    Arc::make_mut(&mut prepared.world).retain_exports(|name, _| is_declared(name));
    Ok(())
}

fn errors(component: &str, misfits: Vec<Misfit>) -> Vec<PartError> {
    let error = |misfit| PartError::Misfit {
        component: component.to_owned(),
        misfit: Box::new(misfit),
    };
    misfits.into_iter().map(error).collect()
}

/// Checks that a composition exports what is declared, each from one component
/// and with the declared types.
///
/// # Errors
///
/// [`CompositionError::Lookup`] for the first export that is not there or not
/// of one component, or else [`CompositionError::Parts`] with every type that
/// differs.
pub fn check_exports(
    composition: &Composition,
    declared: &'static Declared,
) -> Result<(), CompositionError> {
    let real = composition.world();
    let mut found = Vec::new();
    for export in declared.exports.read().exports {
        // Plain types have nothing to look up.
        if matches!(&export.item, plan::Item::Interface(i) if i.is_types_only()) {
            continue;
        }
        let owner = composition.plan().export_owner(export.name.as_str());
        let owner = owner.map_err(crate::LookupError::from)?;
        found.push((owner.component, export));
    }
    let mut misfits = Vec::new();
    for (component, export) in found {
        let declared = plan::World {
            exports: vec![export],
            ..declared.exports.read()
        };
        let real = plan::World {
            imports: Vec::new(),
            ..real.clone()
        };
        if let Err(found) = real.check_fits(&declared) {
            misfits.extend(errors(component, found));
        }
    }
    if misfits.is_empty() {
        return Ok(());
    }
    Err(PartErrors { errors: misfits }.into())
}
