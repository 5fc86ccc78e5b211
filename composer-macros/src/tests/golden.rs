//! The expansion in readable form, compared with a golden file. `BLESS=1` rewrites the
//! file.

use std::path::Path;

use proc_macro2::TokenStream;
use quote::quote;

use crate::tests::run;

const WIT: &str = "
package shop:all@1.0.0;

interface prices {
    /// What can go wrong.
    @since(version = 1.0.0)
    @deprecated(version = 1.0.0)
    enum problem { unknown, sold-out }
    resource basket {
        constructor();
        add: func(sku: string, quantity: u32) -> result<_, problem>;
    }
    /// How a parcel is handled.
    flags marks { fragile, /** To be kept upright. */ this-side-up }
    record parcel { basket: basket, marks: marks }
    record price { sku: string, amount: u32 }
    cheapest: func() -> option<price>;
    @since(version = 1.0.0)
    @deprecated(version = 1.0.0)
    total: func(basket: borrow<basket>) -> option<u32>;
    pack: func(parcels: list<parcel>) -> result<parcel, problem>;
    same: func(baskets: list<borrow<basket>>, marks: marks) -> bool;
}

interface rates {
    rate: async func(sku: string) -> tuple<u32, bool>;
}

/// A component that knows the prices.
world catalog {
    export prices;
}

/// A component that knows the rates.
world tax {
    export rates;
}

/// Where the customer pays.
///
/// It needs everything.
world till {
    import prices;
    import rates;
    export pay: func(amounts: list<u32>) -> string;
}
";

#[test]
fn the_expansion_reads_like_code_someone_wrote() {
    let input = quote! {{
        inline: #WIT,
        composition: Checkout,
        components: {
            catalog: "shop:all/catalog",
            tax_eu: "shop:all/tax",
            tax_us: "shop:all/tax",
            till: "shop:all/till",
            others: [dyn "shop:all/rates"],
        },
        hints: { till: { "shop:all/rates": tax_eu } },
        additional_derives: [Hash, serde::Serialize, PartialEq],
        exports: { "pay", "shop:all/prices", "shop:all/rates": tax_us },
        crate: crate::inner::composer,
    }};
    check("checkout", input);
}

const HOSTED: &str = "
package shop:all@1.0.0;

interface clock {
    /// Seconds since the shop was opened.
    now: func() -> u64;
    /// Returns when the shop is open.
    open: async func();
}

interface db {
    /// A way to the data.
    resource connection {
        constructor(name: string);
        /// The lines that answer a question.
        query: func(text: string) -> result<list<string>, string>;
    }
    close: func(connections: list<connection>);
    idle: func(among: list<borrow<connection>>) -> u32;
}

world till {
    import clock;
    import db;
    import log: func(line: string);
    /// Who is served.
    resource customer {
        /// What they are called.
        name: func() -> string;
    }
    export serve: func(customer: borrow<customer>);
}
";

#[test]
fn traits_read_like_traits_someone_wrote() {
    let input = quote! {{
        inline: #HOSTED,
        composition: Till,
        components: { till: "shop:all/till" },
        host: [
            "shop:all/clock",
            async trappable "shop:all/db",
            trappable "shop:all/db#connection.query",
            "log",
            "customer",
        ],
        exports: ["serve"],
        crate: crate::inner::composer,
    }};
    check("hosted", input);
}

const STREAMED: &str = "
package shop:all@1.0.0;

interface types {
    enum trouble { lost, late }
    record price { sku: string, amount: u32 }
    /// What is sent.
    record parcel {
        name: string,
        content: stream<u8>,
        delivered: option<future<result<u32, trouble>>>,
    }
    type prices = stream<price>;
}

interface feed {
    use types.{parcel, prices};
    resource offer {
        sku: func() -> string;
    }
    variant order { none, some(stream<offer>) }
    offers: async func(count: u32) -> stream<offer>;
    send: async func(parcel: parcel) -> future<parcel>;
    watch: func(prices: list<prices>, end: future) -> result<prices, string>;
    buy: async func(order: order) -> stream<stream<order>>;
}

world shop {
    export feed;
    export sum: async func(amounts: stream<u32>) -> u64;
}

world customer {
    import feed;
}
";

#[test]
fn streams_read_like_streams_someone_wrote() {
    let input = quote! {{
        inline: #STREAMED,
        composition: Feed,
        components: { shop: "shop:all/shop", customer: "shop:all/customer" },
        exports: ["shop:all/feed", "sum"],
        crate: crate::inner::composer,
    }};
    check("streamed", input);
}

fn check(name: &str, input: TokenStream) {
    let expanded = run(input, Path::new(""));
    assert!(
        !expanded
            .replace("inner :: composer", "")
            .contains(":: composer")
    );
    let shown = prettyplease::unparse(&syn::parse_str(&expanded).unwrap());
    let golden = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("tests/golden/{name}.rs"));
    if std::env::var_os("BLESS").is_some() {
        std::fs::create_dir_all(golden.parent().unwrap()).unwrap();
        std::fs::write(&golden, &shown).unwrap();
    }
    let expected = std::fs::read_to_string(&golden).unwrap_or_default();
    assert_eq!(shown, expected, "run with BLESS=1 and review what changes");
}
