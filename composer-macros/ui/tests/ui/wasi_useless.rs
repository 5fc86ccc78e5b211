composer_macros::compose!({
    inline: r#"
        package top:level;

        package wasi:clocks@0.2.6 {
            interface clock { now: func() -> u64; }
            interface zone { offset: func() -> s32; }
        }
        package shop:all@1.0.0 {
            interface prices { price: func(sku: string) -> u32; }
            world catalog { import wasi:clocks/clock@0.2.6; import wasi:clocks/zone@0.2.6; export prices; }
            world plain { export prices; }
        }
    "#,
    composition: Shop,
    components: { catalog: "shop:all/catalog" },
    wasi: [p2, p3],
});

fn main() {}
