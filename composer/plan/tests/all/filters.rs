//! Filters on exports: what they mean and what they leave behind.

use composer_plan::{ExportPattern, Item, World};

use crate::support::*;

/// What a world still exports, functions of interfaces one by one.
fn shown(world: &World) -> Vec<String> {
    let mut shown = Vec::new();
    for export in &world.exports {
        match &export.item {
            Item::Interface(interface) => {
                shown.extend(
                    interface
                        .funcs
                        .keys()
                        .map(|f| format!("{}#{f}", export.name)),
                );
            }
            _ => shown.push(export.name.to_string()),
        }
    }
    shown
}

fn subject() -> World {
    world(
        "export add() export sub()
         export x:y/z@0.1.0 { resource r; ping(); pong(r: r); }
         export x:y/z@0.2.0 { ping(); }
         export x:y/w { ping(); }",
    )
}

/// What stays when a pattern is exposed, and what when it is hidden.
fn split(pattern: &str) -> (Vec<String>, Vec<String>) {
    let (mut exposed, mut hidden) = (subject(), subject());
    exposed.expose(&parse(&[pattern])).unwrap();
    hidden.hide(&parse(&[pattern])).unwrap();
    let (exposed, hidden) = (shown(&exposed), shown(&hidden));
    // One is what the other is not.
    let mut all = [&exposed[..], &hidden].concat();
    all.sort();
    let mut expected = shown(&subject());
    expected.sort();
    assert_eq!(all, expected);
    (exposed, hidden)
}

#[test]
fn a_pattern_without_a_version_means_any() {
    let (exposed, _) = split("x:y/z");
    assert_eq!(
        exposed,
        ["x:y/z@0.1.0#ping", "x:y/z@0.1.0#pong", "x:y/z@0.2.0#ping"]
    );
}

#[test]
fn a_pattern_with_a_version_means_just_that() {
    let (exposed, _) = split("x:y/z@0.1.0");
    assert_eq!(exposed, ["x:y/z@0.1.0#ping", "x:y/z@0.1.0#pong"]);
}

#[test]
fn a_pattern_may_mean_one_function() {
    assert_eq!(split("add").0, ["add"]);
    assert_eq!(
        split("x:y/z#ping").0,
        ["x:y/z@0.1.0#ping", "x:y/z@0.2.0#ping"]
    );
    assert_eq!(split("x:y/z@0.1.0#ping").0, ["x:y/z@0.1.0#ping"]);
}

#[test]
fn several_patterns_add_up() {
    let mut world = subject();
    world
        .expose(&parse(&["add", "x:y/w", "x:y/z#pong"]))
        .unwrap();
    assert_eq!(shown(&world), ["add", "x:y/z@0.1.0#pong", "x:y/w#ping"]);
}

#[test]
fn a_whole_interface_outweighs_one_of_its_functions() {
    let mut world = subject();
    world
        .expose(&parse(&["x:y/z@0.1.0#ping", "x:y/z@0.1.0"]))
        .unwrap();
    assert_eq!(shown(&world), ["x:y/z@0.1.0#ping", "x:y/z@0.1.0#pong"]);
}

#[test]
fn what_is_hidden_is_recorded() {
    let mut world = subject();
    world
        .hide(&parse(&["sub", "x:y/w", "x:y/z@0.1.0#pong"]))
        .unwrap();
    assert_eq!(world.hidden, ["sub", "x:y/w", "x:y/z@0.1.0#pong"]);
    assert!(world.hides(&"x:y/z@0.1.0".into(), "pong"));
    assert!(!world.hides(&"x:y/z@0.2.0".into(), "pong"));
    // A second filter adds to the first.
    world.hide(&parse(&["add"])).unwrap();
    assert_eq!(world.hidden, ["add", "sub", "x:y/w", "x:y/z@0.1.0#pong"]);
}

#[test]
fn resources_stay_with_their_interface() {
    let mut world = subject();
    world.hide(&parse(&["x:y/z#pong"])).unwrap();
    let Item::Interface(interface) = &world.export("x:y/z@0.1.0").unwrap().item else {
        panic!();
    };
    assert!(interface.resources.contains_key("r"));
}

#[test]
fn an_interface_goes_with_its_last_function() {
    let mut world = subject();
    world.hide(&parse(&["x:y/z#ping", "x:y/z#pong"])).unwrap();
    assert_eq!(shown(&world), ["add", "sub", "x:y/w#ping"]);
    assert_eq!(world.hidden, ["x:y/z@0.1.0", "x:y/z@0.2.0"]);
}

#[test]
fn an_interface_without_functions_stays() {
    let mut world = world("export x:y/r { resource r; } export add()");
    world.hide(&parse(&["add"])).unwrap();
    assert!(world.export("x:y/r").is_some());
}

#[test]
fn methods_are_functions_too() {
    let mut world = world("export x:y/r { resource r; [method]r.get(self: borrow<r>); f(); }");
    world.hide(&parse(&["x:y/r#[method]r.get"])).unwrap();
    assert_eq!(shown(&world), ["x:y/r#f"]);
}

#[test]
fn patterns_that_match_nothing_are_reported_and_change_nothing() {
    let mut world = subject();
    let patterns = parse(&["ad", "add", "x:y/z@0.1.1", "x:y/z#pings", "add#x", "other"]);
    let error = world.hide(&patterns).unwrap_err();
    assert_eq!(world, subject());
    let patterns: Vec<(String, &[String])> = error
        .patterns
        .iter()
        .map(|(pattern, similar)| (pattern.to_string(), &similar[..]))
        .collect();
    let versions = ["x:y/z@0.1.0", "x:y/z@0.2.0"].map(String::from);
    assert_eq!(patterns[0], ("ad".into(), &["add".to_owned()][..]));
    assert_eq!(patterns[1], ("x:y/z@0.1.1".into(), &versions[..]));
    assert_eq!(patterns[2].0, "x:y/z#pings");
    assert_eq!(patterns[3].0, "add#x");
    assert_eq!(patterns[4], ("other".into(), &[][..]));
    assert_eq!(patterns.len(), 5);
    assert_eq!(
        world
            .expose(&parse(&["ad", "other"]))
            .unwrap_err()
            .to_string(),
        "the export filter names `ad`, which matches no export
  fix: remove it, or write `add`

the export filter names `other`, which matches no export
  fix: remove it from the filter"
    );
}

#[test]
fn a_pattern_prints_as_it_was_written() {
    for text in [
        "add",
        "x:y/z",
        "x:y/z@0.1.0",
        "x:y/z#ping",
        "x:y/z@0.1.0#ping",
        "",
    ] {
        assert_eq!(ExportPattern::new(text).to_string(), text);
    }
}

#[test]
fn a_filter_settles_an_ambiguity() {
    let exporter = |name| component(name, "export x:y/z export p:q/r");
    let plan = plan_of([
        component("a", "import x:y/z"),
        exporter("b").hide(&["x:y/z"]),
        exporter("c"),
    ]);
    assert_eq!(source(&plan, "a", "x:y/z"), "c x:y/z");
}
