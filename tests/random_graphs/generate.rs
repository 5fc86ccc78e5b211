//! Random compositions. Most imports of a component can be satisfied; here and there
//! something is broken on purpose.

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::{Index, select};

use super::build::build;
use super::spec::Spec;

/// The first three are compatible with each other, and so are the next two; the
/// others stand alone.
pub(super) const VERSIONS: [&str; 8] = [
    "1.0.0",
    "1.2.0",
    "1.10.3",
    "0.2.0",
    "0.2.7",
    "2.0.0",
    "0.0.3",
    "1.0.0-rc.1",
];

/// Any composition of up to twelve components.
pub(super) fn specs() -> impl Strategy<Value = Spec> {
    let drafts = (vec(draft(), 1..=12), vec(export_hint(), 0..=2));
    drafts.prop_map(|(drafts, export_hints)| build(&drafts, &export_hints))
}

/// A component before it is known what there is to choose from.
#[derive(Debug)]
pub(super) struct Draft {
    /// Where it stands in the order of adding.
    pub(super) place: u16,
    /// Whether it takes its predecessor's name.
    pub(super) double: bool,
    pub(super) exports: Vec<String>,
    pub(super) imports: Vec<(Wanted, Provider)>,
}

#[derive(Clone, Debug)]
pub(super) enum Wanted {
    /// What an earlier component exports.
    Earlier(Index),
    /// The same in some compatible version.
    Compatible(Index, Index),
    /// What anybody exports, itself included.
    Exported(Index),
    /// What it exports itself.
    Own(Index),
    Anything(String),
}

#[derive(Clone, Debug)]
pub(super) enum Provider {
    /// An earlier component, with a hint where that needs one.
    Earlier(Index),
    /// Whomever the composer finds.
    Anybody,
    Linker,
    /// Somebody hinted to, for better or worse.
    Hinted(Index),
}

#[derive(Clone, Debug)]
pub(super) enum ExportHint {
    /// One exporter of a name that has several.
    Sound(Index, Index),
    Anything(String, Index),
}

fn draft() -> impl Strategy<Value = Draft> {
    let place = any::<u16>();
    let double = prop::bool::weighted(0.005);
    let exports = vec(interface(), 0..=2);
    let imports = vec((wanted(), provider()), 0..=3);
    (place, double, exports, imports).prop_map(|(place, double, exports, imports)| Draft {
        place,
        double,
        exports,
        imports,
    })
}

fn interface() -> impl Strategy<Value = String> {
    (0..5, select(&VERSIONS)).prop_map(|(i, version)| format!("g:i{i}/f@{version}"))
}

fn wanted() -> impl Strategy<Value = Wanted> {
    prop_oneof![
        40 => any::<Index>().prop_map(Wanted::Earlier),
        20 => any::<(Index, Index)>().prop_map(|(i, version)| Wanted::Compatible(i, version)),
        5 => any::<Index>().prop_map(Wanted::Exported),
        1 => any::<Index>().prop_map(Wanted::Own),
        1 => interface().prop_map(Wanted::Anything),
    ]
}

fn provider() -> impl Strategy<Value = Provider> {
    prop_oneof![
        30 => any::<Index>().prop_map(Provider::Earlier),
        4 => Just(Provider::Linker),
        4 => Just(Provider::Anybody),
        1 => any::<Index>().prop_map(Provider::Hinted),
    ]
}

fn export_hint() -> impl Strategy<Value = ExportHint> {
    prop_oneof![
        20 => any::<(Index, Index)>().prop_map(|(name, owner)| ExportHint::Sound(name, owner)),
        1 => (interface(), any::<Index>()).prop_map(|(name, to)| ExportHint::Anything(name, to)),
    ]
}
