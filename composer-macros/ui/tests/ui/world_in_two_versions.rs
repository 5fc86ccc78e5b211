composer_macros::compose!({
    inline: r#"
        package top:level;
        package x:y@1.0.0 { world w {} }
        package x:y@2.0.0 { world w {} }
    "#,
    composition: Shop,
    components: { a: "x:y/w" },
});

fn main() {}
