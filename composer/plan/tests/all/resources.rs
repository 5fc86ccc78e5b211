//! Whose a resource is, through `use` and re-export.

use composer_plan::{Identity, Plan, PlanError, ResourceId, Untransferable};

use crate::support::*;

/// A resource of its own.
const DEFINES: &str = "export x:y/r { resource r; make() -> r; }";
/// The resource, passed on by the interface that introduces it.
const REEXPORTS: &str = "import x:y/r { resource r; make() -> r; }
    export x:y/r { use import x:y/r r; make() -> r; }";
/// An interface that uses the resource of another.
const USES: &str = "import x:y/r { resource r; make() -> r; }
    import x:y/ops { use import x:y/r r; drop(r: r); }";
/// A provider of that interface.
const OPS: &str = "import x:y/r { resource r; make() -> r; }
    export x:y/ops { use import x:y/r r; drop(r: r); }";

fn owner(plan: &Plan, component: &str, resource: usize) -> (String, ResourceId) {
    match &plan.component(component).unwrap().resources[resource] {
        Identity::Component { index, resource } => {
            (plan.components[*index].name.clone(), *resource)
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_resource_belongs_to_the_component_that_defines_it() {
    let plan = plan_of([
        component("a", USES).host("x:y/ops"),
        component("b", DEFINES),
    ]);
    assert_eq!(owner(&plan, "a", 0), ("b".into(), ResourceId(0)));
    assert_eq!(owner(&plan, "b", 0), ("b".into(), ResourceId(0)));
}

#[test]
fn identity_follows_reexports_to_the_end() {
    let plan = plan_of([
        component("user", "import x:y/r { resource r; }").hint("x:y/r", "outer"),
        component("outer", REEXPORTS).hint("x:y/r", "inner"),
        component("inner", REEXPORTS).hint("x:y/r", "source"),
        component(
            "source",
            &format!("export a:b/c {{ resource other; }} {DEFINES}"),
        ),
    ]);
    for component in ["user", "outer", "inner"] {
        assert_eq!(owner(&plan, component, 0), ("source".into(), ResourceId(1)));
    }
}

#[test]
fn a_wrapper_defines_a_resource_of_its_own() {
    let wrapper = format!("import x:y/r {{ resource r; make() -> r; }} {DEFINES}");
    let plan = plan_of([
        component("user", "import x:y/r { resource r; }").hint("x:y/r", "wrapper"),
        component("wrapper", &wrapper),
        component("source", DEFINES),
    ]);
    assert_eq!(owner(&plan, "user", 0), ("wrapper".into(), ResourceId(1)));
    assert_eq!(owner(&plan, "wrapper", 0), ("source".into(), ResourceId(0)));
}

#[test]
fn a_diamond_that_agrees() {
    let plan = plan_of([
        component("a", USES),
        component("ops", OPS),
        component("r", DEFINES),
    ]);
    assert_eq!(owner(&plan, "a", 0), owner(&plan, "ops", 0));
}

#[test]
fn a_diamond_that_agrees_through_a_reexport() {
    plan_of([
        component("a", USES).hint("x:y/r", "again"),
        component("ops", OPS).hint("x:y/r", "r"),
        component("again", REEXPORTS),
        component("r", DEFINES),
    ]);
}

#[test]
fn a_diamond_that_disagrees() {
    let errors = errors_of([
        component("a", USES).hint("x:y/r", "r1"),
        component("ops", OPS).hint("x:y/r", "r2"),
        component("r1", DEFINES),
        component("r2", DEFINES),
    ]);
    let [PlanError::Mismatch { difference, .. }] = &errors[..] else {
        panic!("{errors:?}");
    };
    assert_eq!(difference.path, "parameter \"r\"");
    assert_eq!(
        difference.expected,
        "the resource `r` of `x:y/r` of component `r1`"
    );
    assert_eq!(
        difference.found,
        "the resource `r` of `x:y/r` of component `r2`"
    );
    assert!(difference.only_origin);
}

#[test]
fn a_resource_that_the_provider_renames_is_found_by_its_name_there() {
    // Same resource, another name in the interface that passes it on.
    let plan = plan_of([
        component("a", "import x:y/all { resource r; f() -> r; }"),
        component(
            "b",
            "import x:y/r { resource r; } export x:y/all { use import x:y/r r; f() -> r; }",
        ),
        component("c", "export x:y/r { resource r; }"),
    ]);
    assert_eq!(owner(&plan, "a", 0).0, "c");
}

#[test]
fn a_provider_must_have_every_resource() {
    let errors = errors_of([
        component("a", "import x:y/r { resource r; make() -> r; }"),
        component("b", "export x:y/r { resource q; make() -> q; }"),
    ]);
    // The function is not reported on top.
    let [PlanError::MissingResource { resource, .. }] = &errors[..] else {
        panic!("{errors:?}");
    };
    assert_eq!(resource, "r");
}

#[test]
fn a_resource_of_the_world_is_linked() {
    let plan = plan_of([
        component("a", "import resource r"),
        component("b", "export resource q export resource r"),
    ]);
    assert_eq!(owner(&plan, "a", 0), ("b".into(), ResourceId(1)));
}

#[test]
fn a_resource_of_a_linker_stays_in_its_store() {
    let host = "import h:o/st { resource r; }";
    let user = format!("{host} import x:y/z {{ use import h:o/st r; f(r: borrow<r>); }}");
    let provider = format!("{host} export x:y/z {{ use import h:o/st r; f(r: borrow<r>); }}");
    let errors = errors_of([
        component("a", &user).host("h:o/st"),
        component("b", &provider).host("h:o/st"),
    ]);
    let [PlanError::Untransferable { path, function, .. }] = &errors[..] else {
        panic!("{errors:?}");
    };
    assert_eq!(path, "parameter \"r\"");
    assert_eq!(function.as_deref(), Some("f"));
}

const OF_HOST: &str = "import h:o/st@1.0.0 { resource r; }";

fn user() -> String {
    format!("{OF_HOST} import x:y/z {{ use import h:o/st@1.0.0 r; f(r: borrow<r>); }}")
}

fn provider(version: &str) -> String {
    let host = OF_HOST.replace("1.0.0", version);
    format!("{host} export x:y/z {{ use import h:o/st@{version} r; f(r: borrow<r>); }}")
}

#[test]
fn a_value_of_the_host_crosses() {
    // The linkers may have other versions of its interface.
    for version in ["1.0.0", "1.2.0"] {
        let plan = plan_of([
            component("a", &user()).host_type("h:o/st@1.0.0", "Thing"),
            component("b", &provider(version)).host_type(&format!("h:o/st@{version}"), "Thing"),
        ]);
        let Identity::HostType(host_type) = &plan.components[1].resources[0] else {
            panic!("{plan}");
        };
        assert_eq!(
            (&*host_type.resource, &*host_type.ty),
            ("h:o/st.r", "Thing")
        );
    }
}

#[test]
fn a_value_of_another_type_is_another_resource() {
    let errors = errors_of([
        component("a", &user()).host_type("h:o/st@1.0.0", "Thing"),
        component("b", &provider("1.0.0")).host_type("h:o/st@1.0.0", "Other"),
    ]);
    let [PlanError::Mismatch { difference, .. }] = &errors[..] else {
        panic!("{errors:?}");
    };
    assert!(difference.found.contains("a `Other`"), "{difference:?}");
}

#[test]
fn both_sides_must_know_the_type_of_a_value() {
    for (user_knows, provider_knows, named) in [(true, false, "b"), (false, true, "a")] {
        let of = |name, world: &str, knows| match knows {
            true => component(name, world).host_type("h:o/st@1.0.0", "Thing"),
            false => component(name, world).host("h:o/st@1.0.0"),
        };
        let errors = errors_of([
            of("a", &user(), user_knows),
            of("b", &provider("1.0.0"), provider_knows),
        ]);
        let [PlanError::Untransferable { what, .. }] = &errors[..] else {
            panic!("{errors:?}");
        };
        let Untransferable::HostResource { component, .. } = what else {
            panic!("{errors:?}");
        };
        assert_eq!(component, named);
    }
}

#[test]
fn a_resource_of_a_linker_cannot_be_reexported() {
    let host = "import x:y/r { resource r; make() -> r; }";
    let errors = errors_of([
        component("a", host),
        component("b", REEXPORTS).host("x:y/r"),
    ]);
    let [
        PlanError::Untransferable {
            provider,
            function: None,
            ..
        },
    ] = &errors[..]
    else {
        panic!("{errors:?}");
    };
    assert_eq!(provider.as_deref(), Some("b"));
}

#[test]
fn a_mistake_about_a_resource_is_reported_where_it_is_made() {
    let errors = errors_of([
        component("a", "import x:y/r { resource r; make() -> r; }").hint("x:y/r", "b"),
        component("b", REEXPORTS),
        component("c", REEXPORTS).host("x:y/r"),
    ]);
    let [PlanError::Untransferable { component, .. }] = &errors[..] else {
        panic!("{errors:?}");
    };
    assert_eq!(component, "b");
}

#[test]
fn a_provider_with_a_linkers_resource_has_another_one() {
    let errors = errors_of([
        component("a", USES).hint("x:y/r", "r"),
        component("ops", OPS).host("x:y/r"),
        component("r", DEFINES),
        component("r2", DEFINES),
    ]);
    let [PlanError::Mismatch { difference, .. }] = &errors[..] else {
        panic!("{errors:?}");
    };
    assert_eq!(
        difference.found,
        "the resource `r` of `x:y/r` from the linker of component `ops`"
    );
}

#[test]
fn an_open_resource_is_the_same_for_all() {
    let plan = plan(&graph([component("a", USES), component("ops", OPS)]).open("x:y/r"));
    let open = Identity::Open {
        index: 0,
        resource: "r".into(),
    };
    for component in ["a", "ops"] {
        assert_eq!(
            plan.component(component).unwrap().resources[..],
            [open.clone()][..]
        );
    }
}

#[test]
fn own_is_not_borrow() {
    let errors = errors_of([
        component("a", "import x:y/r { resource r; f(r: r); }"),
        component("b", "export x:y/r { resource r; f(r: borrow<r>); }"),
    ]);
    assert!(
        matches!(&errors[..], [PlanError::Mismatch { .. }]),
        "{errors:?}"
    );
}

/// A guest that uses the streams of WASI, in short.
const APP: &str = "import w:io/streams { resource out; write(s: borrow<out>); }
    import w:cli/stdout { use import w:io/streams out; get() -> out; }
    import w:cli/stderr { use import w:io/streams out; get() -> out; }";

fn app() -> composer_plan::Node {
    component("app", APP)
        .host_type("w:io/streams", "Stream")
        .host("w:cli/stdout")
        .host("w:cli/stderr")
}

/// Replaces the standard error, with streams of its own.
const STDERR: &str = "export w:io/streams { resource out; write(s: borrow<out>); }
    export w:cli/stderr { use export w:io/streams out; get() -> out; }";

#[test]
fn a_resource_comes_from_one_side() {
    let virt = || component("virt", STDERR);
    let users = "
  - `w:io/streams` from its linker
  - `w:cli/stdout` from its linker
  - `w:cli/stderr` from component `virt`";
    // The interface that gives resources is replaced, or the one that has them.
    assert_eq!(
        message_of([app().hint("w:cli/stderr", "virt"), virt()]),
        format!(
            "component `app` uses the resource `out` of `w:io/streams` of component `virt` and \
             the one of its linker, but these imports have to come from one side:{users}
  fix: take all of them from the linker, or let `virt` export `w:cli/stdout` as well"
        )
    );
    let errors = errors_of([
        app()
            .hint("w:io/streams", "virt")
            .hint("w:cli/stderr", "virt"),
        virt(),
    ]);
    let [PlanError::SplitResource { users, .. }] = &errors[..] else {
        panic!("{errors:?}");
    };
    let from: Vec<_> = users.iter().map(|user| user.provider.as_deref()).collect();
    assert_eq!(from, [Some("virt"), None, Some("virt")]);
}

#[test]
fn the_hints_that_mend_it_are_named() {
    let all =
        STDERR.to_owned() + "export w:cli/stdout { use export w:io/streams out; get() -> out; }";
    let virt = || component("virt", &all);
    let message = message_of([app().hint("w:cli/stderr", "virt"), virt()]);
    let fix = "fix: take all of them from `virt` with `.with_import_hint(\"w:io/streams\", \"virt\")` \
               and `.with_import_hint(\"w:cli/stdout\", \"virt\")`, or all from the linker";
    assert!(message.ends_with(fix), "{message}");
    plan_of([
        app()
            .hint("w:cli/stderr", "virt")
            .hint("w:io/streams", "virt")
            .hint("w:cli/stdout", "virt"),
        virt(),
    ]);
}

#[test]
fn an_interface_that_gives_the_linkers_resources_is_replaced_alone() {
    let virt = "import w:io/streams { resource out; write(s: borrow<out>); }
        export w:cli/stderr { use import w:io/streams out; get() -> out; }";
    let plan = plan_of([
        app().hint("w:cli/stderr", "virt"),
        component("virt", virt).host_type("w:io/streams", "Stream"),
    ]);
    assert_eq!(source(&plan, "app", "w:cli/stdout"), "host");
    assert_eq!(source(&plan, "app", "w:cli/stderr"), "virt w:cli/stderr");
}

/// The streams have pollables, which clocks have too.
#[test]
fn what_hangs_together_by_further_resources_is_named_too() {
    let app = component(
        "app",
        "import w:io/poll { resource pollable; ready(p: borrow<pollable>); }
         import w:io/streams { resource out; use import w:io/poll pollable;
            wait(s: borrow<out>) -> pollable; }
         import w:clocks/clock { use import w:io/poll pollable; after(n: u64) -> pollable; }
         import w:clocks/wall { now() -> u64; }
         import w:cli/stderr { use import w:io/streams out; get() -> out; }",
    );
    let virt = component(
        "virt",
        "export w:io/poll { resource pollable; ready(p: borrow<pollable>); }
         export w:io/streams { resource out; use export w:io/poll pollable;
            wait(s: borrow<out>) -> pollable; }
         export w:cli/stderr { use export w:io/streams out; get() -> out; }",
    );
    let mut app = app.host("w:cli/stderr").hint("w:cli/stderr", "virt");
    for import in [
        "w:io/poll",
        "w:io/streams",
        "w:clocks/clock",
        "w:clocks/wall",
    ] {
        app = app.host_type(import, "Thing");
    }
    let errors = errors_of([app, virt]);
    let [PlanError::SplitResource { users, .. }] = &errors[..] else {
        panic!("{errors:?}");
    };
    let users: Vec<_> = users
        .iter()
        .map(|user| (user.import.as_str(), user.offered))
        .collect();
    assert_eq!(
        users,
        [
            ("w:io/poll", true),
            ("w:io/streams", true),
            ("w:clocks/clock", false),
            ("w:cli/stderr", true),
        ]
    );
}

/// A function may have resources of both sides.
#[test]
fn resources_of_both_sides_in_one_function() {
    let world = |side: &str| {
        format!(
            "import w:io/streams {{ resource out; write(s: borrow<out>); }}
             {side} x:y/wrap {{ resource wrapped; use import w:io/streams out;
                wrap(s: out) -> wrapped; }}"
        )
    };
    plan_of([
        component("a", &world("import")).host_type("w:io/streams", "Stream"),
        component("b", &world("export")).host_type("w:io/streams", "Stream"),
    ]);
}

/// No component has such a world, but whoever makes one gets a whole plan.
#[test]
fn a_function_in_place_of_the_interface_of_a_resource() {
    let mut user = component("a", USES).host("x:y/ops");
    let world = std::sync::Arc::make_mut(&mut user.world);
    let func = component("b", "import x:y/r(a: u32)").world.imports[0].clone();
    world.imports.retain(|import| import.name != func.name);
    world.imports.push(func);
    let plan = plan_of([user, component("b", "export x:y/r(a: u32)")]);
    let resources = &plan.component("a").unwrap().resources;
    assert_eq!(*resources, [Identity::Host]);
}
