composer_macros::compose!({
    inline: r#"
        package shop:all@1.0.0;

        interface prices {
            record item { cents: u32 }
            enum ITEM { apple, pear }
            price: func(item: item) -> ITEM;
        }
        world catalog { export prices; }
        world till { import prices; }
    "#,
    composition: Shop,
    components: { catalog: "shop:all/catalog", till: "shop:all/till" },
});

fn main() {}
