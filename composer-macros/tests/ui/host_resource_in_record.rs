composer_macros::compose!({
    inline: r#"
        package shop:all@1.0.0;

        interface baskets {
            resource basket { add: func(sku: string); }
            record pair { left: basket, right: basket }
            first: func(pair: pair) -> basket;
        }

        world shop { import baskets; export run: func(); }
    "#,
    composition: Shop,
    components: { shop: "shop:all/shop" },
    host: ["shop:all/baskets"],
});

fn main() {}
