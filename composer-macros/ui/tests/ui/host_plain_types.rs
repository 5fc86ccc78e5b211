composer_macros::compose!({
    inline: r#"
        package shop:all@1.0.0;

        interface words { type word = string; }
        world catalog { import words; export price: func(sku: string) -> u32; }
    "#,
    composition: Shop,
    components: { catalog: "shop:all/catalog" },
    host: ["shop:all/words"],
});

fn main() {}
