composer_macros::compose!({
    inline: r#"
        package shop:all@1.0.0;

        interface prices {
            record item { cents: u32, CENTS: u32 }
            variant price { free, FREE }
            cost: func(item: item) -> price;
        }
        world catalog { export prices; }
    "#,
    composition: Shop,
    components: { catalogs: [dyn "shop:all/prices"] },
});

fn main() {}
