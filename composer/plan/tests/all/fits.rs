//! What a component is against what it was declared to be.

use crate::support::*;

#[track_caller]
fn fits(real: &str, declared: &str) {
    assert_eq!(world(real).check_fits(&world(declared)), Ok(()));
}

#[track_caller]
fn misfits(real: &str, declared: &str, expected: &str) {
    let misfits = world(real).check_fits(&world(declared)).unwrap_err();
    let misfits: Vec<String> = misfits.iter().map(ToString::to_string).collect();
    assert_eq!(misfits.join("\n\n"), expected);
}

#[test]
fn a_component_may_import_less_and_export_more() {
    fits("export x:y/a", "import x:y/b\nexport x:y/a");
    fits("export x:y/a\nexport x:y/b", "export x:y/a");
    fits(
        "export x:y/a { f(); g(); }\nimport x:y/b { f(); }",
        "export x:y/a { f(); }\nimport x:y/b { f(); g(); }",
    );
}

#[test]
fn compatible_versions_meet() {
    fits("export x:y/a@1.2.0", "export x:y/a@1.0.0");
    fits("import x:y/a@1.0.0", "import x:y/a@1.2.0");
}

#[test]
fn interfaces_of_plain_types_may_be_absent() {
    fits("import x:y/types { }", "");
    fits("", "export x:y/types { }");
}

#[test]
fn resources_are_known_by_place_and_name() {
    let declared = "import x:y/r { resource r; make() -> r; }
        export x:y/api { use import x:y/r r; take(r: r); }";
    fits(declared, declared);
    misfits(
        "export x:y/r { resource r; make() -> r; }
         export x:y/api { use export x:y/r r; take(r: r); }",
        declared,
        "its export `x:y/api#take` has another type than was declared\n  \
         at parameter \"r\":\n    \
         declared is the imported x:y/r.r\n    \
         the component has the exported x:y/r.r\n  \
         fix: build both against one version of the interface",
    );
    misfits(
        "export x:y/r { make(); }",
        "export x:y/r { resource r; make(); }",
        "its export `x:y/r` lacks the resource `r`\n  \
         fix: give a component built against the declared WIT",
    );
}

#[test]
fn every_misfit_is_reported_with_both_sides() {
    misfits(
        "import x:y/far { f(); }
         import x:y/near { f(n: u32); more(); }
         export x:y/api { totl(); sum(list: list<u8>) -> string; }
         export run(n: u8)",
        "import x:y/near { f(n: u64); mor(); }
         export x:y/api { total(); sum(list: list<u64>) -> string; }
         export x:y/gone { f(); }
         export run { f(); }",
        EVERY_MISFIT,
    );
}

const EVERY_MISFIT: &str = r#"it imports `x:y/far`, which its declared world does not
  fix: declare the import, or define it in the component's own linker

its import `x:y/near#f` has another type than was declared
  at parameter "n":
    declared is u64
    the component has u32
  fix: build both against one version of the interface

its import `x:y/near` needs, beyond what is declared, the function `more`; did you mean `mor`?
  fix: give a component built against the declared WIT

its export `x:y/api#sum` has another type than was declared
  at parameter "list" → list element:
    declared is u64
    the component has u8
  fix: build both against one version of the interface

its export `x:y/api` lacks the function `total`; did you mean `totl`?
  fix: give a component built against the declared WIT

it does not export `x:y/gone`, which it is declared to export
  fix: give a component built against the declared WIT

its export `run` is declared as an interface, but is a function
  fix: give a component built against the declared WIT"#;
