composer_macros::compose!({
    inline: r#"
        package shop:all@1.0.0;

        interface rates { rate: func(sku: string) -> u32; }
        interface clock { now: func() -> u64; }
        interface checkout { total: func(skus: list<string>) -> u32; }

        world tax { export rates; }
        world till { import rates; import clock; export checkout; }
    "#,
    composition: shop,
    components: { tax: "shop:all/tax", till: "shop:all/till" },
    hints: { till: { "rate": tax } },
    host: ["clok"],
    exports: ["checkout"],
});

fn main() {}
