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
    components: { timed: "shop:all/timed", tax: dyn "shop:all/rates" },
    host: ["shop:all/clock", async "shop:all/clok"],
});

fn main() {}
