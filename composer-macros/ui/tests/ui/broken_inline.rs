composer_macros::compose!({
    inline: r#"
        package x:y;
        world w { exprt f: func(); }
    "#,
    composition: Shop,
    components: { a: "x:y/w" },
});

fn main() {}
