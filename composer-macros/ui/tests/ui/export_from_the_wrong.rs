composer_macros::compose!({
    inline: r#"
        package shop:all@1.0.0;

        interface prices { price: func(sku: string) -> u32; }
        interface rates { rate: func(sku: string) -> u32; }
        interface clock { now: func() -> u64; }
        interface checkout { total: func(skus: list<string>) -> u32; }

        world catalog { export prices; }
        world tax { export rates; }
        world till { import prices; import rates; export checkout; }
        world timed { import clock; export rates; }
    "#,
    composition: Shop,
    components: {
        catalog: "shop:all/catalog",
        eu: "shop:all/tax",
        us: "shop:all/tax",
        till: "shop:all/till",
    },
    hints: { till: { "shop:all/rates": eu } },
    exports: { "shop:all/rates": till },
});

fn main() {}
