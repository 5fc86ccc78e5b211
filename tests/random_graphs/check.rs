//! Checks that a composition runs as planned.

use std::time::Duration;

use composer::{Composer, Name, Plan, Source};
use proptest::prelude::*;
use proptest::test_runner::TestCaseError;
use wasmtime::component::Val;

use super::reference::{answer, source};
use super::spec::{Part, Spec, Wish};

/// Composes, checks the wiring against the wishes, and calls every export.
pub(super) async fn runs_as_planned(spec: &Spec, composer: Composer) -> Result<(), TestCaseError> {
    let composition = composer.compose().await.map_err(failed)?;
    let plan = composition.plan();
    wishes_are_granted(spec, &plan)?;
    for export in &plan.exports {
        let name = export.name.as_str();
        for component in &export.components {
            let owner = composition.component(component).map_err(failed)?;
            let run = owner.get_func(Some(name), "run").map_err(failed)?;
            for x in [0, 0x8000_0001] {
                let mut answers = [Val::Bool(false)];
                run.call(&[Val::U32(x)], &mut answers)
                    .await
                    .map_err(failed)?;
                let expected = Val::U32(answer(spec, &plan, component, name, x));
                prop_assert_eq!(&answers[0], &expected, "{} of {}", name, component);
            }
        }
        // The composition itself shows it if there is no question whose it is.
        let shown = composition.get_func(Some(name), "run");
        match (shown, export.components.as_slice()) {
            (Ok(shown), [only]) => prop_assert_eq!(&shown.site().component, only),
            (shown, components) => prop_assert!(shown.is_err() && components.len() > 1),
        }
    }
    let end = composition.shutdown(Duration::from_secs(60)).await;
    prop_assert_eq!((end.cut_off, end.stuck), (0, vec![]));
    Ok(())
}

fn wishes_are_granted(spec: &Spec, plan: &Plan) -> Result<(), TestCaseError> {
    for part in &spec.parts {
        for import in &part.imports {
            let source = source(plan, &part.name, &import.name);
            let granted = match (&import.wish, source) {
                (Wish::Hint(to), Source::Component { component, .. }) => component == to,
                (Wish::Linker, Source::Host) => true,
                (Wish::Nothing, Source::Component { component, .. }) => {
                    candidates(spec, part, &import.name) == [component]
                }
                // A linker has more than what it was told: compatible versions.
                (Wish::Nothing, Source::Host) => part.imports.iter().any(|defined| {
                    matches!(defined.wish, Wish::Linker)
                        && Name::new(&*defined.name)
                            .matches(&Name::new(&*import.name))
                            .is_some()
                }),
                _ => false,
            };
            prop_assert!(granted, "{} of {}: {source:?}", import.name, part.name);
        }
    }
    Ok(())
}

/// The other components that export a name, or else a compatible one.
fn candidates<'a>(spec: &'a Spec, part: &Part, import: &str) -> Vec<&'a str> {
    let import = Name::new(import);
    let exporters = |suitable: &dyn Fn(&Name) -> bool| -> Vec<&'a str> {
        let others = spec.parts.iter().filter(|other| other.name != part.name);
        others
            .filter(|other| {
                other
                    .exports
                    .iter()
                    .any(|export| suitable(&Name::new(&**export)))
            })
            .map(|other| other.name.as_str())
            .collect()
    };
    let exact = exporters(&|export| *export == import);
    if exact.is_empty() {
        return exporters(&|export| export.matches(&import).is_some());
    }
    exact
}

fn failed(error: impl std::fmt::Display) -> TestCaseError {
    TestCaseError::fail(error.to_string())
}
