composer_macros::compose!({
    inline: r#"
        package shop:all@1.0.0;
        package shop:rates@1.1.0 {
            interface rates { rate: func(sku: string) -> u64; }
            world tax { export rates; }
        }
        package shop:rates@1.0.0 {
            interface rates { rate: func(sku: string) -> u32; }
        }

        interface prices { price: func(sku: string) -> u32; }
        interface stock { left: func(sku: string) -> u32; }
        interface orders { order: func(sku: string); }
        interface clock { now: func() -> u64; }

        world catalog { import orders; export prices; export stock; }
        world buyer { import stock; export orders; }
        world till { import prices; import shop:rates/rates@1.0.0; import clock; }
    "#,
    composition: Shop,
    components: {
        catalog: "shop:all/catalog",
        buyer: "shop:all/buyer",
        tax: "shop:rates/tax@1.1.0",
        till: "shop:all/till",
    },
    hints: { till: { "shop:all/prices": catalogue } },
});

fn main() {}
