composer_macros::compose!({
    inline: "
        package shop:all@1.0.0;
        interface lists { resource basket { count: func() -> u32; } }
        interface pay { use lists.{basket}; pay: func(all: list<borrow<basket>>) -> u32; }
        world till {
            import lists;
            use lists.{basket};
            export pay;
            export hand-over: func(basket: basket);
        }
    ",
    composition: Shop,
    components: { till: "shop:all/till" },
    linker: ["shop:all/lists"],
    exports: ["shop:all/pay", "hand-over"],
});

fn main() {}
