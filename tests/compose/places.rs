//! Places of the macro: in a module without a prelude, twice in one file, beside items
//! with the names that it generates, with the crate under another path.

#![allow(deprecated, reason = "some components are declared and not called")]

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

    // Every sort of type, and names that generated code needs itself.
    ::composer::compose! {
        inline: "
            package x:y;
            interface %string {
                resource core { constructor(%self: u8); clone: func() -> core; into-handle: func(); }
                record %record { %type: %string, %option: f32, args: list<u8>, core: option<core> }
                record %string { ok: bool }
                record lent { by: borrow<core>, all: tuple<u8, list<borrow<core>>> }
                variant holder { some(core), none, %self(result<core, %enum>) }
                enum %enum { none, %self }
                flags many { a, b, c, d, e, f, g, h, i }
                type list-of = list<core>;
                type %result = string;
                type lent-again = lent;
                args: func(args: list<u8>, outbound: %record, face: many) -> result<%record, %enum>;
                lend: func(lent: lent-again, more: option<borrow<core>>) -> holder;
                type-of: func(%type: list-of, name: %result, wire: tuple<many, core>) -> list-of;
                long: func(
                    a: core, b: u8, c: u8, d: u8, e: u8, f: u8, g: u8, h: u8, i: u8, j: u8, k: u8,
                    l: u8, m: u8, n: u8, o: u8, p: u8, args: string
                ) -> option<core>;
            }
            interface user { use %string.{core as kernel, %record, many}; get: func() -> tuple<kernel, %record, many>; }
            world w {
                enum %enum { none, %self }
                record of-world { %fn: option<string> }
                export %string;
                export user;
                export inside: interface { use user.{many}; ask: func() -> many; }
                export into: func(into: list<string>, ok: result<of-world, %enum>) -> of-world;
            }
        ",
        composition: Core,
        components: { w: "x:y/w", all: [dyn "x:y/string"] },
        exports: { "x:y/string": w, "x:y/user", "inside", "into" },
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
                record fields { name: string, of: option<list<u8>> }
                export g: func(fields: fields, of: list<string>) -> result<option<string>, string>;
            }
        ",
        composition: Some,
        components: { checkout: "x:y/w", some: "x:y/w" },
        linker: ["f"],
        exports: { "g": some },
    });
}

#[test]
fn the_macro_may_stand_in_a_function() {
    composer::compose!({
        path: "../wit",
        composition: Local,
        components: {
            catalog: "shop:catalog/catalog",
            tax: "shop:tax/tax",
            till: "shop:till/till",
        },
        exports: ["shop:till/checkout"],
        crate: self::renamed::inner::other,
    });
    let _total = async |shop: Local| shop.checkout().total([]).await.is_ok();
}

#[test]
fn the_names_are_where_the_macro_stands() {
    fn is_clone<T: Clone>() {}
    is_clone::<renamed::Shop>();
    is_clone::<no_prelude::One>();
    is_clone::<no_prelude::Two>();
    is_clone::<no_prelude::Core>();
    is_clone::<among_others::Some>();
}
