//! The order of instantiation and what forbids one.

use composer_plan::PlanError;

use crate::support::*;

/// The circles as `a → b → a`, each with who else is caught.
fn circles(errors: &[PlanError]) -> Vec<(String, String)> {
    errors
        .iter()
        .map(|error| match error {
            PlanError::Cycle { steps, also } => {
                let steps: Vec<String> = steps
                    .iter()
                    .map(|s| format!("{} ({}) {}", s.component, s.import, s.provider))
                    .collect();
                (steps.join(", "), also.join(", "))
            }
            other => panic!("{other}"),
        })
        .collect()
}

#[test]
fn providers_start_before_their_users_and_names_break_ties() {
    let plan = plan_of([
        component("a", "import x:y/1"),
        component("b", ""),
        component("c", "import x:y/2"),
        component("d", "export x:y/1"),
        component("e", "export x:y/2"),
    ]);
    assert_eq!(order(&plan), ["b", "d", "a", "e", "c"]);
}

#[test]
fn a_circle_of_two() {
    let errors = errors_of([
        component("a", "import x:y/1 export x:y/2"),
        component("b", "import x:y/2 export x:y/1"),
    ]);
    assert_eq!(
        circles(&errors),
        [("a (x:y/1) b, b (x:y/2) a".into(), String::new())]
    );
}

#[test]
fn a_circle_of_three_among_bystanders() {
    let errors = errors_of([
        component("user", "import x:y/1"),
        component("provider", "export x:y/4"),
        component("a", "import x:y/2 export x:y/1"),
        component("b", "import x:y/3 import x:y/4 export x:y/2"),
        component("c", "import x:y/1 export x:y/3"),
    ]);
    let circle = "a (x:y/2) b, b (x:y/3) c, c (x:y/1) a";
    assert_eq!(circles(&errors), [(circle.into(), String::new())]);
}

#[test]
fn each_knot_is_reported_once_by_a_shortest_circle() {
    let errors = errors_of([
        // A triangle, in which two form a circle already.
        component("a", "import x:y/b export x:y/a"),
        component("b", "import x:y/c import x:y/a export x:y/b"),
        component("c", "import x:y/a export x:y/c"),
        // Another knot, which uses the first.
        component("p", "import x:y/q import x:y/a export x:y/p"),
        component("q", "import x:y/p export x:y/q"),
    ]);
    assert_eq!(
        circles(&errors),
        [
            ("a (x:y/b) b, b (x:y/a) a".into(), "c".into()),
            ("p (x:y/q) q, q (x:y/p) p".into(), String::new()),
        ]
    );
}

#[test]
fn of_equally_short_circles_the_first_by_name_is_shown() {
    let errors = errors_of([
        component("a", "import x:y/c import x:y/b export x:y/a"),
        component("b", "import x:y/a export x:y/b"),
        component("c", "import x:y/a export x:y/c"),
    ]);
    let circle = "a (x:y/b) b, b (x:y/a) a";
    assert_eq!(circles(&errors), [(circle.into(), "c".into())]);
}

#[test]
fn hints_can_make_and_break_a_circle() {
    let log = || component("log", "import x:y/z export x:y/z");
    let cache = || component("cache", "import x:y/z export x:y/z");
    let store = || component("store", "export x:y/z");
    let errors = errors_of([
        log().hint("x:y/z", "cache"),
        cache().hint("x:y/z", "log"),
        store(),
    ]);
    assert_eq!(circles(&errors).len(), 1);
    plan_of([
        log().hint("x:y/z", "cache"),
        cache().hint("x:y/z", "store"),
        store(),
    ]);
}

#[test]
fn the_linker_breaks_a_circle() {
    plan_of([
        component("a", "import x:y/1 export x:y/2").host("x:y/1"),
        component("b", "import x:y/2 export x:y/1"),
    ]);
}

#[test]
fn a_long_chain_does_not_exhaust_the_stack() {
    let links = 20_000;
    let link = |i: usize| {
        component(
            &format!("c{i}"),
            &format!("import x:y/i{} export x:y/i{i}", (i + 1) % links),
        )
    };
    let errors = errors_of((0..links).map(link));
    let [PlanError::Cycle { steps, .. }] = &errors[..] else {
        panic!("{} errors", errors.len());
    };
    assert_eq!(steps.len(), links);
}
