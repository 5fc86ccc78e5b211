//! `compose!`: the real guests in declared compositions, and the places where the macro
//! may be used.

mod declared;
mod derives;
mod dynamic;
mod forms;
mod host;
mod host_streams;
mod places;
mod shared;
mod stream_places;
mod streams;
mod typed;
mod typed_random;
mod typed_resources;
mod typed_values;
mod words;

composer::compose!({
    path: "../wit",
    composition: Shop,
    components: {
        catalog: "shop:catalog/catalog",
        till: "shop:till/till",
        tax: "shop:tax/tax",
    },
    exports: ["shop:till/checkout"],
});
