//! Random compositions of small components. The plan does not depend on the order in
//! which components were added, and a planned composition runs and answers as planned.

mod build;
mod check;
mod component;
mod fused;
mod generate;
mod reference;
mod spec;

use std::collections::BTreeSet;

use composer::{Composer, CompositionError, PlanError};
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::{Config, RngSeed, TestRunner};

use self::check::runs_as_planned;
use self::component::{compile, composer};
use self::generate::specs;
use self::spec::{Import, Part, Spec, Wish};
use crate::support::property::{Bounded, cases};

/// A plan as JSON, or the text of all errors.
fn outcome(composer: &Composer) -> Result<String, String> {
    composer
        .plan()
        .map(|plan| plan.to_json())
        .map_err(|error| error.to_string())
}

#[test]
fn plans_do_not_depend_on_order_and_run() {
    let runtime = Bounded::new();
    let property = |spec: Spec| {
        let components = compile(&spec);
        let reordered = composer(&spec.reordered(), &components);
        let planned = outcome(&composer(&spec, &components));
        prop_assert_eq!(&planned, &outcome(&reordered), "in another order");
        if planned.is_ok() {
            runtime.block_on(runs_as_planned(&spec, reordered))?;
        }
        Ok(())
    };
    TestRunner::new(cases(256))
        .run(&specs(), property)
        .unwrap_or_else(|e| panic!("{e}"));
}

/// The properties mean little unless the generator makes enough compositions that work,
/// and enough that fail in each way.
#[test]
fn sound_and_spoilt_compositions_are_tried() {
    let mut runner = TestRunner::new(Config {
        rng_seed: RngSeed::Fixed(1),
        ..Config::default()
    });
    let (tried, mut accepted) = (200, 0);
    let mut mistakes = BTreeSet::new();
    for _ in 0..tried {
        let spec = specs().new_tree(&mut runner).unwrap().current();
        match composer(&spec, &compile(&spec)).plan() {
            Ok(_) => accepted += 1,
            Err(CompositionError::Plan(errors)) => {
                mistakes.extend(errors.errors().iter().map(kind))
            }
            Err(other) => panic!("{other}"),
        }
    }
    assert!(
        accepted * 5 >= tried,
        "only {accepted} of {tried} could run"
    );
    assert!(
        accepted * 5 <= tried * 4,
        "as many as {accepted} of {tried} could run"
    );
    let expected = [
        "ambiguous",
        "cycle",
        "hint",
        "name taken twice",
        "unresolved",
    ];
    assert_eq!(mistakes, BTreeSet::from(expected));
}

fn kind(error: &PlanError) -> &'static str {
    match error {
        PlanError::Ambiguous { .. } => "ambiguous",
        PlanError::Cycle { .. } => "cycle",
        PlanError::DuplicateComponent { .. } => "name taken twice",
        PlanError::Unresolved { .. } => "unresolved",
        PlanError::HintNotOffered { .. }
        | PlanError::HintToItself { .. }
        | PlanError::HintUnknownName { .. }
        | PlanError::HintRepeated { .. }
        | PlanError::HintsDisagree { .. } => "hint",
        other => panic!("not expected: {other}"),
    }
}

/// The embedder's linker has `1.0.0`, and also provides it for imports of `1.2.0`. A hint
/// about yet another compatible version would change that.
#[test]
fn a_hint_captures_nothing_else_from_the_linker() {
    let part = |name: &str, salt, imports: Vec<Import>, export: &str| Part {
        name: name.to_owned(),
        salt,
        imports,
        exports: vec![export.to_owned()],
    };
    let import = |name: &str, wish| Import {
        name: name.to_owned(),
        wish,
    };
    let imports = vec![
        import("g:i0/f@1.0.0", Wish::Linker),
        import("g:i0/f@1.2.0", Wish::Nothing),
        import("g:i0/f@1.10.3", Wish::Hint("provider".to_owned())),
    ];
    let spec = Spec {
        parts: vec![
            part("provider", 0, vec![], "g:i0/f@1.10.3"),
            part("user", 1_000, imports, "g:i1/f@1.0.0"),
        ],
        export_hints: vec![],
    };
    let error = composer(&spec, &compile(&spec)).plan().unwrap_err();
    let CompositionError::Plan(errors) = error else {
        panic!("{error}");
    };
    assert!(
        matches!(
            errors.errors(),
            [PlanError::LinkerCaptured { import, captor, .. }]
                if import.as_str() == "g:i0/f@1.2.0" && captor.as_str() == "g:i0/f@1.10.3"
        ),
        "{errors}"
    );
}
