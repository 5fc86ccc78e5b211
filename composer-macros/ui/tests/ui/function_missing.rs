composer_macros::compose!({
    inline: r#"
        package top:level;

        package x:y@1.0.0 {
            interface a { f: func(n: u32); }
            world user { import a; }
        }
        package x:y@1.1.0 {
            interface a { g: func(); }
            world provider { export a; }
        }
    "#,
    composition: Old,
    components: { user: "x:y/user", provider: "x:y/provider" },
});

fn main() {}
