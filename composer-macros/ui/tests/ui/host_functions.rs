composer_macros::compose!({
    inline: r#"
        package shop:all@1.0.0;

        interface db {
            resource row { get: func() -> u32; }
            load: func(key: string) -> u32;
            later: async func();
        }
        interface feed { next: async func() -> u32; }
        interface clock { now: func() -> u64; }

        world till { import db; import feed; import clock; }
    "#,
    composition: Shop,
    components: { till: "shop:all/till" },
    host: [
        trappable "shop:all/db",
        async "shop:all/db#laod",
        async "shop:all/db#row.gets",
        async "shop:all/db#load",
        trappable "shop:all/db#load",
        trappable "shop:all/db#row.get",
        async "shop:all/db#later",
        async "shop:all/feed",
        async "shop:all/clock#now",
    ],
    linker: ["shop:all/clock"],
});

fn main() {}
