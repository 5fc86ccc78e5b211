//! Checks parts against the worlds that `compose!` declared for them.

use std::sync::Arc;

use composer_plan as plan;
use composer_plan::{Misfit, Name};

use crate::assembly::DescribedPart;
use crate::assembly::declared::{DeclaredComponent, DeclaredKind};
use crate::composition::lifecycle;
use crate::error::PartError;

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
        // The lifecycle interface is never declared, and is always kept.
        let is_kept = |name: &Name| is_declared(name) || lifecycle::is_lifecycle(name);
        Arc::make_mut(&mut known.world).retain_exports(|name, _| is_kept(name));
        // A real component may import less than its declaration says; a hint for an
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

/// The result of checking a part against its declaration.
pub(crate) struct DeclarationMatch {
    /// The world that the planner sees.
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
        // Undeclared imports are harmless if the part's own linker provides them.
        misfits.retain(|misfit| match misfit {
            Misfit::UndeclaredImport { import } => !known.host.all.contains(import.as_str()),
            _ => true,
        });
        if !misfits.is_empty() {
            return Err(misfit_errors(name, misfits));
        }
    }
    Ok(())
}

/// Checks that a component exports what was declared, whatever it imports.
pub(crate) fn check_exports_fit(
    real: &plan::World,
    declared: &plan::World,
) -> Result<(), Vec<Misfit>> {
    let real = plan::World {
        imports: Vec::new(),
        ..real.clone()
    };
    real.check_fits(declared)
}

pub(crate) fn misfit_errors(component: &str, misfits: Vec<Misfit>) -> Vec<PartError> {
    let error = |misfit| PartError::Misfit {
        component: component.to_owned(),
        misfit: Box::new(misfit),
    };
    misfits.into_iter().map(error).collect()
}
