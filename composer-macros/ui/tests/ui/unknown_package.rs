composer_macros::compose!({
    inline: r#"
        package x:y;
        world w { import shop:all/prices; }
    "#,
    composition: Shop,
    components: { a: "x:y/w" },
});

fn main() {}
