composer_macros::compose!({
    crate: ::elsewhere,
    inline: "package shop:all@1.0.0; interface rates { rate: func(sku: string) -> u32; }",
    composition: Other,
    components: { tax: dyn "shop:all/rates" },
    exports: ["shop:all/rates"],
});

fn main() {}
