composer_macros::compose!({
    inline: "
        package shop:all@1.0.0;
        interface pay {
            use wasi:io/poll@0.2.0.{pollable};
            pay: func(all: list<borrow<pollable>>) -> u32;
        }
        world till {
            use wasi:io/poll@0.2.0.{pollable};
            export pay;
            export hand-over: func(one: pollable);
        }
        package wasi:io@0.2.0 {
            interface poll { resource pollable { block: func(); } }
        }
    ",
    composition: Shop,
    components: { till: "shop:all/till" },
    wasi: p2,
    exports: ["shop:all/pay", "hand-over"],
});

fn main() {}
