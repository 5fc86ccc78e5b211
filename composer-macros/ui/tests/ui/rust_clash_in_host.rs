composer_macros::compose!({
    inline: r#"
        package shop:all@1.0.0;

        interface baskets {
            resource basket { add: func(sku: string); }
            basket-add: func(sku: string);
        }

        world shop { import baskets; }
    "#,
    composition: Shop,
    components: { shop: "shop:all/shop" },
    host: ["shop:all/baskets"],
});

fn main() {}
