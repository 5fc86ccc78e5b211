composer_macros::compose!({
    inline: r#"
        package x:y;

        interface a { f: func(); }
        interface b { f: func(); }

        world first { import a; export b; }
        world second { import b; export a; }
    "#,
    composition: Ring,
    components: { first: "x:y/first", second: "x:y/second" },
});

fn main() {}
