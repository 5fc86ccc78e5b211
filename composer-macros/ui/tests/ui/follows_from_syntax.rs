// What could not be read may be what is missing elsewhere, so that is not reported.

composer_macros::compose!({
    inline: r#"
        package shop:all@1.0.0;

        interface prices { price: func(sku: string) -> u32; }
        interface clock { now: func() -> u64; }

        world catalog { import clock; export prices; }
        world till { import prices; import clock; }
    "#,
    composition: First,
    components: { catalog: "shop:all/catalog", till: "shop:all/till" },
    host: { "shop:all/clock": async },
});

composer_macros::compose!({
    inline: r#"
        package shop:all@1.0.0;

        interface prices { price: func(sku: string) -> u32; }
        interface clock { now: func() -> u64; }

        world catalog { import clock; export prices; }
        world till { import prices; }
    "#,
    composition: Second,
    components: { cat-alog: "shop:all/catalog", till: "shop:all/till" },
    hints: { till: { "shop:all/prices": catalog } },
    host: ["shop:all/clock"],
    exports: ["shop:all/prices"],
});

// A key that is misspelt.
composer_macros::compose!({
    inline: r#"
        package shop:all@1.0.0;

        interface clock { now: func() -> u64; }

        world till { import clock; }
    "#,
    composition: Third,
    components: { till: "shop:all/till" },
    hosts: ["shop:all/clock"],
});

fn main() {}
