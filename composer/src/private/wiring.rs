//! Compositions as `compose!` declares them: every part is checked against its declared
//! world before anything runs.

use composer_plan as plan;

use crate::assembly::declaration_check::{check_exports_fit, misfit_errors};
use crate::assembly::declared::{DeclaredComposition, DeclaredKind};
use crate::error::{CompositionError, PartError, PartErrors};
use crate::handles::element;
use crate::transfer::STREAM_ITEMS;
use crate::typed::TypedBindings;
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
    /// As [`Composer::prepare`], and [`PartError::Misfit`] for a part that does not match
    /// its declaration.
    pub fn prepare(mut self) -> Result<PreparedComposition, CompositionError> {
        for (export, component) in self.declared.export_hints {
            self.composer.with_export_hint(*export, *component);
        }
        for open in self.declared.open {
            if self.composer.imports(open) {
                self.composer.with_open_import(*open);
            }
        }
        self.composer.prepare()
    }
}

/// A part for a declared component. It is checked against the declaration when it is
/// added, or when it replaces another part.
///
/// # Errors
///
/// [`PartError::Host`] if its linker does not accept what the program provides.
pub fn one_part(
    declared: &'static DeclaredComposition,
    name: &str,
    part: impl Composable + 'static,
    glue: &impl TypedBindings,
) -> Result<ComposableDescriptor, PartError> {
    described(declared, name, name, part, glue)
}

/// A part for a declared list, like [`one_part`].
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

/// Looks up the functions of an export that have resources: only the parts know which
/// resources of their linkers can leave their stores. A function with anything else that
/// cannot leave its store is refused when it is called.
fn look_up_resources(
    composition: &Composition,
    export: &plan::Extern,
) -> Result<(), crate::LookupError> {
    let has_resources = |func: &plan::FuncType| {
        let mut is_confined = |ty: &plan::Type| !plan::Boundary::Isolated.carries(ty, STREAM_ITEMS);
        let mut is_resource =
            |ty: &plan::Type| matches!(ty, plan::Type::Own(_) | plan::Type::Borrow(_));
        func.locate(&mut is_confined).is_none() && func.locate(&mut is_resource).is_some()
    };
    let name = export.name.as_str();
    match &export.item {
        plan::Item::Func(func) if has_resources(func) => {
            composition.get_func(None, name)?;
        }
        plan::Item::Interface(interface) => {
            for (function, _) in interface
                .funcs
                .iter()
                .filter(|(_, func)| has_resources(func))
            {
                composition.get_func(Some(name), function)?;
            }
        }
        _ => {}
    }
    Ok(())
}

/// Checks that a composition exports what is declared, each from one component and with
/// the declared types, and that its components with the names of a list match the
/// declaration of the list.
///
/// # Errors
///
/// [`CompositionError::Lookup`] for the first export that is missing or not of one
/// component, or else [`CompositionError::Parts`] with every type that differs.
pub fn check_exports(
    composition: &Composition,
    declared: &'static DeclaredComposition,
) -> Result<(), CompositionError> {
    let (real, _) = composition.layout().world_with_host_types();
    let plan = composition.plan();
    let mut found = Vec::new();
    for export in declared.exports.read().exports {
        // An interface of plain types has nothing to look up.
        if matches!(&export.item, plan::Item::Interface(i) if i.is_types_only()) {
            continue;
        }
        let owner = plan.export_owner(export.name.as_str());
        let owner = owner.map_err(crate::LookupError::from)?;
        found.push((owner.component, export));
    }
    let mut misfits = Vec::new();
    for (component, export) in &found {
        let declared = plan::World {
            exports: vec![export.clone()],
            ..declared.exports.read()
        };
        if let Err(found) = check_exports_fit(&real, &declared) {
            misfits.extend(misfit_errors(component, found));
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
                misfits.extend(misfit_errors(component, found));
            }
        }
    }
    if !misfits.is_empty() {
        return Err(PartErrors { errors: misfits }.into());
    }
    for (_, export) in &found {
        look_up_resources(composition, export)?;
    }
    Ok(())
}
