composer_macros::compose!({
    inline: r#"
        package shop:all@1.0.0;

        interface prices { price: func() -> u32; }
        world catalog { export prices; export compose: func(); export plugins: func(); }
    "#,
    composition: Shop,
    components: { catalog: "shop:all/catalog", plugins: [dyn "shop:all/prices"] },
    exports: ["compose", "plugins"],
});

fn main() {}
