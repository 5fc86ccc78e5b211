composer_macros::compose!({
    inline: r#"
        package shop:all@1.0.0;

        interface baskets { resource basket { add: func(sku: string); } }
        interface checkout { use baskets.{basket}; total: func(basket: borrow<basket>) -> u32; }
        interface feed {
            latest: func() -> u32;
            watch: async func(skus: list<string>) -> result<stream<u32>, string>;
        }

        world shop { import baskets; import checkout; export feed; }
        world watcher { import feed; import wait: func(until: future<u32>); export hold: func(x: future<u32>); }
        world carrier { export checkout; }
    "#,
    composition: Shop,
    components: { shop: "shop:all/shop" },
    host: ["shop:all/baskets", async "shop:all/checkout"],
});

fn main() {}
