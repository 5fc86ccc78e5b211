composer_macros::compose!("shop");

composer_macros::compose!({
    inline: "package shop:all; world tax {}",
    world: "shop:all/tax",
    imports: ["shop:all/clock"],
    async: true,
    trappable_error_type: { "a" => b },
    composition: Shop,
    components: { tax-eu: "shop:all/tax", self: "shop:all/tax", till: "shop:all/till" },
    hints: { till: { shop: tax } },
    host: [shop:all/clock],
    linker: "shop:all/clock",
    wasi: "p2",
    exports: { "shop:all/checkout": tax-eu },
});

fn main() {}
