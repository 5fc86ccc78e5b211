// The mistakes that the compiler finds in what is generated are at the tokens that cause it.

composer_macros::compose!({
    inline: r#"
        package shop:all@1.0.0;

        interface clock { now: func() -> u64; }
        interface rates { rate: func(sku: string) -> u32; }

        world tax { import clock; export rates; }
    "#,
    composition: Shop,
    components: { tax: "shop:all/tax" },
    host: ["shop:all/clock"],
    exports: ["shop:all/rates"],
});

struct Program;

fn shop(tax: composer::ComposableComponent<()>) {
    // It does not implement the trait for the clock.
    let _ = Shop::prepare(ShopParts { tax }, Program);
}

fn main() {}
