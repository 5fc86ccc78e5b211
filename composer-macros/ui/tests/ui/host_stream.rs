composer_macros::compose!({
    inline: r#"
        package shop:all@1.0.0;

        interface feed {
            resource topic { constructor(name: string); }
            latest: func() -> stream<u32>;
            watch: async func(topic: borrow<topic>) -> result<stream<u32>, string>;
        }

        world watcher { import feed; import wait: func(why: error-context); export hold: func(); }
    "#,
    composition: Shop,
    components: { watcher: "shop:all/watcher" },
    host: [async "shop:all/feed", "wait"],
});

fn main() {}
