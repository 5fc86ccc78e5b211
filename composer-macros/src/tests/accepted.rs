//! What may be written, one composition a case. That it also runs is for the
//! tests of `composer`.

use std::path::Path;

use proc_macro2::TokenStream;
use quote::quote;

use super::run;

const WIT: &str = "
package top:level;

package wasi:clocks@0.2.6 {
    interface clock { now: func() -> u64; }
}

package wasi:clocks@0.3.0 {
    interface clock { now: async func() -> u64; }
}

package shop:all@1.0.0 {
    interface prices { price: func(sku: string) -> u32; }
    interface rates { rate: func(sku: string) -> u32; }
    interface db { load: async func(key: string) -> result<string, string>; }
    interface log { write: func(line: string); }
    interface baskets { resource basket; }
    interface checkout { use baskets.{basket}; pay: func(basket: borrow<basket>) -> u32; }

    world catalog {
        import wasi:clocks/clock@0.2.6;
        import wasi:clocks/clock@0.3.0;
        import db;
        import log;
        import ring: func();
        export prices;
    }
    world virtual { export wasi:clocks/clock@0.2.6; }
    world baskets-guest { export baskets; }
    world till { import baskets; import checkout; import rates; export pay: func() -> u32; }
}
";

#[track_caller]
fn accepted(rest: TokenStream) {
    let input = quote! { inline: #WIT, composition: Shop, #rest };
    let made = run(input, Path::new(""));
    assert!(!made.contains("compile_error"), "{made}");
}

#[test]
fn what_the_embedder_provides() {
    accepted(quote! {
        components: { catalog: "shop:all/catalog" },
        host: [async "shop:all/db", trappable async "shop:all/log@1.0.0", async trappable "ring"],
        wasi: [p2, p3],
    });
    // A hint overrides the linkers.
    accepted(quote! {
        components: { catalog: "shop:all/catalog", clock: "shop:all/virtual" },
        hints: { catalog: { "wasi:clocks/clock@0.2.6": clock } },
        linker: ["shop:all/db", "shop:all/log", "ring"],
        wasi: [p2, p3],
    });
    // A name without a version that is about more than `wasi` is.
    accepted(quote! {
        components: { catalog: "shop:all/catalog" },
        linker: ["shop:all/db", "shop:all/log", "ring", "wasi:clocks/clock"],
        wasi: p2,
    });
}

#[test]
fn components_known_at_run_time() {
    accepted(quote! {
        components: {
            baskets: "shop:all/baskets-guest",
            checkout: dyn "shop:all/checkout",
            tax: dyn "shop:all/rates@1.0.0",
            more: [dyn "shop:all/rates",],
            till: "shop:all/till",
        },
        hints: { till: { "shop:all/rates": tax } },
        exports: { "pay", "shop:all/rates": tax },
    });
}

#[test]
fn a_resource_of_an_interface_can_be_hinted() {
    accepted(quote! {
        components: {
            mine: "shop:all/baskets-guest",
            theirs: "shop:all/baskets-guest",
            checkouts: [dyn "shop:all/checkout"],
        },
        hints: { checkouts: { "shop:all/baskets": mine } },
    });
}
