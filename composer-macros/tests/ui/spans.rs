// The mistakes in what is generated are at the tokens that cause it. Here it is that this
// crate has no crate `composer`.

composer_macros::compose!({
    inline: r#"
        package shop:all@1.0.0;

        interface clock { now: func() -> u64; }
        interface rates { rate: func(sku: string) -> u32; }
        interface plugin { run: func(); }

        world tax { import clock; export rates; }
    "#,
    composition: Shop,
    components: { tax: "shop:all/tax", plugins: [dyn "shop:all/plugin"] },
    host: ["shop:all/clock"],
    exports: ["shop:all/rates"],
});

composer_macros::compose!({
    crate: ::elsewhere,
    inline: "package shop:all@1.0.0; interface rates { rate: func(sku: string) -> u32; }",
    composition: Other,
    components: { tax: dyn "shop:all/rates" },
    exports: ["shop:all/rates"],
});

fn main() {}
