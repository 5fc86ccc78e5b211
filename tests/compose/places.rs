//! Where the macro may stand: in a module without a prelude, twice in one file,
//! beside items with the names of its own, with the crate under another path.

/// The crate under another path.
mod renamed {
    pub(super) mod inner {
        pub(crate) use composer as other;
    }

    composer::compose!({
        path: ["../wit/shop-till", "../wit/shop-tax", "../wit/shop-catalog"],
        composition: Shop,
        components: {
            catalog: "shop:catalog/catalog@1.0.0",
            tax: "shop:tax/tax",
            till: "shop:till/till",
        },
        exports: ["shop:till/checkout@1.0.0"],
        crate: self::inner::other,
    });
}

#[allow(unused_extern_crates)]
mod no_prelude {
    #![no_implicit_prelude]

    ::composer::compose! {
        inline: "package x:y; world w { export f: func() -> result<option<string>>; }",
        composition: One,
        components: { w: "x:y/w" },
        exports: ["f"],
    }

    // Twice in one file, and of the same world.
    ::composer::compose! {
        inline: "package x:y; world w { export f: func() -> result<option<string>>; }",
        composition: Two,
        components: { w: "x:y/w", r#type: "x:y/w" },
    }
}

mod among_others {
    #![allow(dead_code)]

    struct String;
    struct World;
    enum Option {
        Some,
        None,
    }
    enum Result {
        Ok,
        Err,
    }
    mod core {}
    mod composer {}

    ::composer::compose!({
        inline: "
            package x:y;
            world w {
                import f: func(a: option<string>) -> result<u8, list<string>>;
                export g: func();
            }
        ",
        composition: Some,
        components: { checkout: "x:y/w", some: "x:y/w" },
        linker: ["f"],
        exports: { "g": some },
    });
}

#[test]
fn the_names_are_where_the_macro_stands() {
    fn is_clone<T: Clone>() {}
    is_clone::<renamed::Shop>();
    is_clone::<no_prelude::One>();
    is_clone::<no_prelude::Two>();
    is_clone::<among_others::Some>();
}
