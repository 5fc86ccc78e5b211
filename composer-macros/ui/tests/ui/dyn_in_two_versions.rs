composer_macros::compose!({
    inline: r#"
        package top:level;
        package x:y@1.0.0 { interface i { f: func(); } }
        package x:y@2.0.0 { interface i { f: func(); } }
    "#,
    composition: Shop,
    components: { a: [dyn "x:y/i"] },
});

fn main() {}
