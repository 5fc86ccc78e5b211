composer_macros::compose!({
    inline: r#"
        package shop:all@1.0.0;

        interface baskets {
            resource basket {
                empty: static func() -> basket;
            }
            basket-empty: func() -> bool;
        }
        world shop { export baskets; }
    "#,
    composition: Shop,
    components: { shop: "shop:all/shop" },
    exports: ["shop:all/baskets"],
});

fn main() {}
