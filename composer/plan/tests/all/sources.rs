//! Where an import comes from.

use crate::support::*;

#[test]
fn the_only_exporter_satisfies_an_import() {
    let plan = plan_of([
        component("a", "import x:y/z"),
        component("b", "export x:y/z"),
    ]);
    assert_eq!(order(&plan), ["b", "a"]);
    assert_eq!(source(&plan, "a", "x:y/z"), "b x:y/z");
}
