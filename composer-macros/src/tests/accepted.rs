//! Inputs that the macro accepts, one composition per case. The tests of `composer` check
//! that such compositions run.

use std::path::Path;

use proc_macro2::TokenStream;
use quote::quote;

use crate::tests::run;

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
    interface odd {
        counts: func() -> map<string, u32>;
        wide: func(values: tuple<u8, u8, u8, u8, u8, u8, u8, u8, u8, u8, u8, u8, u8, u8, u8, u8, u8>);
        plain: func();
    }
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
        host: ["shop:all/db", trappable async "shop:all/log@1.0.0", async trappable "ring"],
        wasi: [p2, p3],
    });
    // A hint overrides the linkers.
    accepted(quote! {
        components: { catalog: "shop:all/catalog", clock: "shop:all/virtual" },
        hints: { catalog: { "wasi:clocks/clock@0.2.6": clock } },
        linker: ["shop:all/db", "shop:all/log", "ring"],
        wasi: [p2, p3],
    });
    // A name without a version that also covers imports outside of `wasi`.
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

/// Streams and futures in what is exported, linked and left to linkers. Functions with
/// what has no Rust type are left out.
#[test]
fn streams_and_futures() {
    const WIT: &str = "
        package x:y@1.0.0;
        interface feed {
            latest: func() -> u32;
            watch: async func(skus: list<string>) -> result<stream<u32>, string>;
            count: func(each: stream<map<string, u32>>) -> u32;
        }
        interface reports {
            latest: func() -> u32;
            watch: async func() -> stream<result<u32, error-context>>;
        }
        world shop { export feed; export reports; export hold: func(until: future<u32>); }
        world watcher {
            import feed;
            import reports;
            import wait: func(until: future);
            export go: func();
        }
    ";
    let expand = |rest: TokenStream| {
        run(
            quote! { inline: #WIT, composition: Shop, #rest },
            Path::new(""),
        )
    };
    let made = expand(quote! {
        components: { shop: "x:y/shop", watcher: "x:y/watcher" },
        linker: ["wait"],
        exports: ["x:y/feed", "hold"],
    });
    assert!(!made.contains("compile_error"), "{made}");
    for method in ["fn latest", "fn watch", "fn hold"] {
        assert!(made.contains(method), "{made}");
    }
    assert!(!made.contains("fn count"), "{made}");
    assert!(made.contains("* `count`, because of a `map`"), "{made}");
    assert_eq!(made.matches("WATCH :").count(), 1, "{made}");
    let made = expand(quote! {
        components: { shop: "x:y/shop" },
        exports: ["x:y/reports"],
    });
    assert!(!made.contains("compile_error"), "{made}");
    assert!(
        made.contains("fn latest") && !made.contains("fn watch"),
        "{made}"
    );
    assert!(
        made.contains("* `watch`, because of an `error-context`"),
        "{made}"
    );
    let made = expand(quote! {
        components: { watcher: "x:y/watcher" },
        linker: ["wait", "x:y/feed", "x:y/reports"],
        exports: ["go"],
    });
    assert!(!made.contains("compile_error"), "{made}");
    for name in ["StreamReader", "StreamAny", "FutureReader", "FutureAny"] {
        assert!(!made.contains(name), "{made}");
    }
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

/// One interface under two labels, and another component that exports it under its own
/// name.
#[test]
fn interfaces_under_labels() {
    const WIT: &str = "
        package x:y@1.0.0;
        interface store {
            record entry { key: string, value: u32 }
            get: func(key: string) -> option<entry>;
        }
        world app { import main: store; import spare: store; export run: func() -> u32; }
        world db { export store; }
        world both { export files: store; export rows: store; }
    ";
    let expand = |rest: TokenStream| {
        run(
            quote! { inline: #WIT, composition: Shop, #rest },
            Path::new(""),
        )
    };
    let made = expand(quote! {
        components: { app: "x:y/app", db: "x:y/db", other: "x:y/db" },
        hints: { app: { "main": db, "spare": other } },
        exports: { "run", "x:y/store": db },
    });
    assert!(!made.contains("compile_error"), "{made}");
    // The accessor is named after the interface, not after a label, and calls look it up.
    let interface = r#"const INTERFACE : Option < & str > = Some ("x:y/store@1.0.0") ;"#;
    assert!(made.contains(interface), "{made}");
    assert!(made.contains("pub fn store"), "{made}");

    let made = expand(quote! {
        components: { app: "x:y/app" },
        host: ["main", async "spare"],
        exports: ["run"],
    });
    assert!(!made.contains("compile_error"), "{made}");
    assert_eq!(made.matches("pub trait Host").count(), 2, "{made}");

    let made = expand(quote! {
        components: { app: "x:y/app", both: "x:y/both" },
        hints: { app: { "main": both["files"], "spare": both["rows"] } },
        exports: ["files", "rows"],
    });
    assert!(!made.contains("compile_error"), "{made}");
    for accessor in ["pub fn files", "pub fn rows"] {
        assert!(made.contains(accessor), "{made}");
    }
}

#[test]
fn labels_of_interfaces_with_resources_are_refused_where_they_are_used() {
    const WIT: &str = "
        package x:y@1.0.0;
        interface store { resource row; get: func() -> row; }
        world app { import main: store; export run: func(); }
        world db { export store; }
    ";
    let expand = |rest: TokenStream| {
        run(
            quote! { inline: #WIT, composition: Shop, #rest },
            Path::new(""),
        )
    };
    let made = expand(quote!(components: { db: "x:y/db" }, exports: ["x:y/store"],));
    assert!(!made.contains("compile_error"), "{made}");
    let made = expand(quote!(components: { app: "x:y/app", db: "x:y/db" },));
    let text = "the world `x:y/app@1.0.0` imports `x:y/store@1.0.0` under the label `main`";
    assert!(made.contains(text), "{made}");
}

/// Expands a composition of one component, which has the world `x:y/app`.
#[track_caller]
fn expand_app(wit: &str, exports: TokenStream) -> String {
    let input = quote! {
        inline: #wit,
        composition: Shop,
        components: { app: "x:y/app" },
        exports: #exports,
    };
    let made = run(input, Path::new(""));
    assert!(!made.contains("compile_error"), "{made}");
    made
}

#[test]
fn functions_and_constructors_called_interface_have_constants_of_their_own() {
    const WIT: &str = "
        package x:y;
        interface functions { %interface: func(); }
        interface resources { resource %interface { constructor(); } }
        world app { export functions; export resources; }
    ";
    let made = expand_app(WIT, quote!(["x:y/functions", "x:y/resources"]));
    for constant in ["const INTERFACE :", "const INTERFACE_ :"] {
        assert_eq!(made.matches(constant).count(), 2, "{constant} in {made}");
    }
}

#[test]
fn a_method_called_into_handle_stands_beside_the_generated_one() {
    const WIT: &str = "
        package x:y;
        interface resources { resource thing { into-handle: func(); } }
        world app { export resources; }
    ";
    let made = expand_app(WIT, quote!(["x:y/resources"]));
    for method in ["fn into_handle (", "fn into_handle_ ("] {
        assert_eq!(made.matches(method).count(), 1, "{method} in {made}");
    }
}

#[test]
fn code_in_comments_is_documentation_and_no_test_of_the_users_crate() {
    const WIT: &str = "
        package x:y;
        interface notes {
            /// Use it so:
            /// ```
            /// fenced(
            /// ```
            a: func();
            /// Use it so:
            ///
            ///     indented(
            b: func();
        }
        world app { export notes; }
    ";
    let made = expand_app(WIT, quote!(["x:y/notes"]));
    for line in [" fenced(", "     indented("] {
        let unless_tested = format!("# [cfg_attr (not (doctest) , doc = {line:?})]");
        assert!(made.contains(&unless_tested), "{line} in {made}");
        assert!(!made.contains(&format!("# [doc = {line:?}]")), "{made}");
    }
}

/// The warnings that come with the code of a composition.
#[track_caller]
fn warned(rest: TokenStream) -> Vec<String> {
    let input = quote! { inline: #WIT, composition: Shop, #rest };
    let made = run(input, Path::new(""));
    assert!(!made.contains("compile_error"), "{made}");
    let notes = made.split("deprecated (note = \"").skip(1);
    let notes = notes.map(|rest| rest.split("\\n").next().unwrap_or_default().to_owned());
    notes.collect()
}

/// What nobody can call is accepted with a warning, at the component.
#[test]
fn components_that_nobody_calls() {
    let nobody = "nobody calls the component `prices`: no component imports what it exports, and \
                  the composition does not export it";
    let prices = quote! { components: { prices: dyn "shop:all/prices" } };
    assert_eq!(warned(prices), [nobody]);
    // The program stands between.
    let shadowed = warned(quote! {
        components: { catalog: "shop:all/catalog", log: dyn "shop:all/log" },
        linker: ["shop:all/db", "shop:all/log", "ring"],
        wasi: [p2, p3],
        exports: ["shop:all/prices"],
    });
    let said = "nobody calls the component `log`: who imports `shop:all/log@1.0.0` gets it from \
                this program, as `host`, `linker` or `wasi` says, and the composition does not \
                export it";
    assert_eq!(shadowed, [said]);
    // The others are called, or may be.
    for rest in [
        quote! { components: { prices: dyn "shop:all/prices" }, exports: ["shop:all/prices"] },
        quote! {
            components: { prices: dyn "shop:all/prices", user: dyn "shop:all/log" },
            exports: ["shop:all/log"],
        },
        quote! { components: { logs: [dyn "shop:all/log"] } },
        // Called by its name, as servers and runners do.
        quote! { components: { clock: "shop:all/virtual" } },
    ] {
        assert_eq!(warned(rest), [""; 0]);
    }
}

/// Functions that typed calls do not support are said where they are exported.
#[test]
fn functions_without_a_method() {
    let said = warned(quote! {
        components: { odd: dyn "shop:all/odd" },
        exports: ["shop:all/odd"],
    });
    let [said] = &said[..] else {
        panic!("{said:?}");
    };
    assert!(said.contains("`counts` (because of a `map`)"), "{said}");
    assert!(said.contains("a tuple of more than 16 values"), "{said}");
    assert!(!said.contains("plain"), "{said}");
    // Where nobody asks for the interface, nobody misses them.
    let behind = quote! {
        components: { odd: dyn "shop:all/odd", user: dyn "shop:all/log" },
        exports: ["shop:all/log"],
    };
    assert_eq!(warned(behind), [""; 0]);
}
