//! The same components in stores of their own and fused into one component.

use composer::fused::{FuseError, FusedComponents, FusedMember};
use composer::{
    ComposableDescriptor, Composer, CompositionError, PartError, Plan, PlanError, Source,
};
use proptest::prelude::*;
use proptest::test_runner::{TestCaseError, TestRunner};
use wasmtime::component::Val;

use super::component::{compile, composer, text};
use super::generate::specs;
use super::reference::answer;
use super::spec::{Spec, Wish};
use crate::support::engine;
use crate::support::property::{Bounded, cases};

/// A composer with one part, the group of all parts of a spec.
fn grouped(spec: &Spec) -> Composer {
    let mut group = FusedComponents::bare(engine());
    for part in &spec.parts {
        let bytes = wat::parse_str(text(part)).unwrap();
        let mut member = FusedMember::from_bytes(engine(), &part.name, bytes).unwrap();
        for import in &part.imports {
            if let Wish::Hint(to) = &import.wish {
                member = member.with_import_hint(&import.name, to);
            }
        }
        group.add(member);
    }
    for (export, component) in &spec.export_hints {
        group.with_export_hint(export, component);
    }
    let mut composer = Composer::new();
    composer.add(ComposableDescriptor::new("group", group));
    composer
}

/// Who provides what, whatever the boundary.
fn links(plan: &Plan) -> Vec<(&str, &str, &str, &str)> {
    let mut links = Vec::new();
    for user in &plan.components {
        for link in &user.links {
            let Source::Component {
                component, export, ..
            } = &link.source
            else {
                panic!("{plan}");
            };
            links.push((
                &*user.name,
                link.import.as_str(),
                &**component,
                export.as_str(),
            ));
        }
    }
    links
}

/// What fits together does so in a group, is linked alike, and answers alike.
async fn answers_alike(spec: &Spec, apart: &Plan, group: Composer) -> Result<(), TestCaseError> {
    let composition = group.compose().await.unwrap_or_else(|e| panic!("{e}"));
    let plan = composition.plan();
    let inside = plan.components[0].fused.as_ref().unwrap();
    prop_assert_eq!(links(inside), links(apart));
    prop_assert_eq!(&inside.exports, &apart.exports);
    for export in &apart.exports {
        let name = export.name.as_str();
        let [owner] = export.components.as_slice() else {
            // The name may still lead to a compatible version that is one's own.
            prop_assert!(plan.exports.iter().all(|shown| shown.name != export.name));
            continue;
        };
        let run = composition.get_func(Some(name), "run").unwrap();
        let mut answers = [Val::Bool(false)];
        run.call(&[Val::U32(7)], &mut answers).await.unwrap();
        let expected = Val::U32(answer(spec, apart, owner, name, 7));
        prop_assert_eq!(&answers[0], &expected, "{} of {}", name, owner);
    }
    Ok(())
}

#[test]
fn a_group_is_planned_and_answers_as_its_members_do_apart() {
    let runtime = Bounded::new();
    let property = |mut spec: Spec| {
        // A group has one linker; these have one each.
        for import in spec.parts.iter_mut().flat_map(|part| &mut part.imports) {
            if let Wish::Linker = import.wish {
                import.wish = Wish::Nothing;
            }
        }
        let apart = composer(&spec, &compile(&spec)).plan();
        let group = grouped(&spec);
        let errors = match apart {
            Ok(plan) => return runtime.block_on(answers_alike(&spec, &plan, group)),
            Err(CompositionError::Plan(errors)) => errors,
            Err(other) => panic!("{other}"),
        };
        // What nobody in a group has may come from outside.
        let missing = |error: &PlanError| matches!(error, PlanError::Unresolved { .. });
        if errors.errors().iter().any(missing) {
            return Ok(());
        }
        let Err(CompositionError::Parts(refused)) = group.plan() else {
            panic!("should be refused: {errors}");
        };
        let [PartError::Fused { error, .. }] = refused.errors() else {
            panic!("{refused}");
        };
        prop_assert_eq!(&**error, &FuseError::Plan(errors));
        Ok(())
    };
    TestRunner::new(cases(96))
        .run(&specs(), property)
        .unwrap_or_else(|e| panic!("{e}"));
}
