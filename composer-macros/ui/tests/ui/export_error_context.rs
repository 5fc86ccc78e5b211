composer_macros::compose!({
    inline: r#"
        package shop:all@1.0.0;

        interface feed {
            watch: async func(skus: list<string>) -> stream<result<u32, error-context>>;
        }

        world shop { export feed; export hold: func(why: error-context); }
    "#,
    composition: Shop,
    components: { shop: "shop:all/shop" },
    exports: ["shop:all/feed", "hold"],
});

fn main() {}
