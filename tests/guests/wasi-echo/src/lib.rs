//! Adds two numbers, and returns what else it is given. It asks nothing of WASI:
//! what it imports of it comes with Rust's standard library.

use exports::test::values::echo;

use echo::{Bits, Colour, Outer, Scalars, Shape};

wit_bindgen::generate!({
    path: "../../wit/values",
    inline: "
        package test:edge;

        world wasi-echo {
            export add: func(a: u32, b: u32) -> u32;
            export test:values/echo@0.1.0;
        }
    ",
    world: "test:edge/wasi-echo",
});

struct Echo;

impl Guest for Echo {
    fn add(a: u32, b: u32) -> u32 {
        a.wrapping_add(b)
    }
}

/// Functions that return their argument.
macro_rules! echo {
    ($($name:ident: $type:ty),+ $(,)?) => {
        $(fn $name(v: $type) -> $type { v })+
    };
}

impl echo::Guest for Echo {
    echo! {
        echo_bool: bool,
        echo_u8: u8,
        echo_s8: i8,
        echo_u16: u16,
        echo_s16: i16,
        echo_u32: u32,
        echo_s32: i32,
        echo_u64: u64,
        echo_s64: i64,
        echo_f32: f32,
        echo_f64: f64,
        echo_char: char,
        echo_string: String,
        echo_bytes: Vec<u8>,
        echo_strings: Vec<String>,
        echo_lists: Vec<Vec<u32>>,
        echo_floats: Vec<f64>,
        echo_records: Vec<Outer>,
        echo_record: Outer,
        echo_tuple: (u8, String, f64),
        echo_variant: Shape,
        echo_enum: Colour,
        echo_flags: Bits,
        echo_option: Option<u32>,
        echo_option_string: Option<String>,
        echo_option_option: Option<Option<u32>>,
        echo_result: Result<u32, String>,
        echo_result_err: Result<(), String>,
        echo_result_ok: Result<u32, ()>,
        echo_result_unit: Result<(), ()>,
    }

    #[rustfmt::skip] // twenty names
    fn echo_scalars(
        p0: bool,
        p1: u8,
        p2: i8,
        p3: u16,
        p4: i16,
        p5: u32,
        p6: i32,
        p7: u64,
        p8: i64,
        p9: f32,
        p10: f64,
        p11: char,
        p12: bool,
        p13: u8,
        p14: i8,
        p15: u16,
        p16: i16,
        p17: u32,
        p18: i32,
        p19: u64,
    ) -> Scalars {
        Scalars {
            p0, p1, p2, p3, p4, p5, p6, p7, p8, p9,
            p10, p11, p12, p13, p14, p15, p16, p17, p18, p19,
        }
    }

    fn echo_nothing() {}
}

export!(Echo);
