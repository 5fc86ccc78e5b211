composer_macros::compose!({
    inline: r#"
        package shop:all@1.0.0;

        interface prices { price: func() -> u32; }
        interface PRICES { price: func() -> u32; }
        world catalog { export prices; export PRICES; }
    "#,
    composition: Shop,
    components: { catalog: "shop:all/catalog" },
    exports: ["shop:all/prices", "shop:all/PRICES"],
});

fn main() {}
