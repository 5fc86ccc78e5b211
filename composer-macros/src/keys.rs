//! The keys of the macro's input, and how each is written.

use composer_plan::similar_names;

use crate::errors::{any_of, did_you_mean};

/// Each key, with an example.
const KEYS: [(&str, &str); 14] = [
    ("path", "path: \"wit\""),
    ("inline", "inline: \"package shop:till; …\""),
    ("features", "features: [\"fancy\"]"),
    ("composition", "composition: Checkout"),
    ("components", "components: { till: \"shop:till/till\" }"),
    ("hints", "hints: { till: { \"shop:tax/rates\": tax } }"),
    ("host", "host: [\"shop:host/clock\"]"),
    ("with", "with: { \"plugin:host/context.context\": Context }"),
    (
        "additional_derives",
        "additional_derives: [serde::Serialize]",
    ),
    ("linker", "linker: [\"wasi:keyvalue/store\"]"),
    ("wasi", "wasi: p2"),
    ("open", "open: [\"shop:log/log\"]"),
    ("exports", "exports: [\"shop:till/checkout\"]"),
    ("crate", "crate: my_crate::composer"),
];

/// What people write who know `bindgen!` or `wac`, and how it is written here.
const OTHER_KEYS: [(&str, &str); 12] = [
    (
        "world",
        "name the world of each component, as in `components: { till: \"shop:till/till\" }`",
    ),
    (
        "worlds",
        "name the world of each component, as in `components: { till: \"shop:till/till\" }`",
    ),
    (
        "imports",
        "imports find their sources by themselves: `hints` chooses among several components, and `host`, `linker` and `wasi` are for what this program gives",
    ),
    (
        "async",
        "write `async` before the name, as in `host: [async \"shop:host/db\"]`",
    ),
    (
        "trappable",
        "write `trappable` before the name, as in `host: [trappable \"shop:host/db\"]`",
    ),
    (
        "trappable_error_type",
        "write `trappable` before the name, as in `host: [trappable \"shop:host/db\"]`: methods then return a `wasmtime::Result`, whose error may be of any type",
    ),
    (
        "trappable_imports",
        "write `trappable` before the name, as in `host: [trappable \"shop:host/db\"]`",
    ),
    (
        "wasmtime_crate",
        "`crate` is the path of the crate `composer`, which brings wasmtime along",
    ),
    (
        "interfaces",
        "name the interface of a component that is known only at run time, as in `components: { rates: dyn \"shop:tax/rates\" }`",
    ),
    (
        "ownership",
        "values that cross between stores are always owned: remove it",
    ),
    (
        "tracing",
        "every call is a span of `tracing` already: remove it",
    ),
    (
        "name",
        "write the name of the type, as in `composition: Checkout`",
    ),
];

/// How a key is written, or the message that there is no such key.
pub(crate) fn example(key: &str) -> Result<&'static str, String> {
    if let Some((_, example)) = KEYS.iter().find(|(known, _)| *known == key) {
        return Ok(example);
    }
    if let Some((_, fix)) = OTHER_KEYS.iter().find(|(other, _)| *other == key) {
        return Err(format!("`compose!` has no key `{key}`\n  fix: {fix}"));
    }
    let keys = KEYS.map(|(known, _)| known);
    let help = match &similar_names(key, keys)[..] {
        [] => format!("; the keys are {}", any_of(&keys)),
        similar => did_you_mean(similar),
    };
    Err(format!("`compose!` has no key `{key}`{help}"))
}
