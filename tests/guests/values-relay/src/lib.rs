//! Forwards every value to the import and returns its answer.

use exports::test::values::{echo, echo_async};
use test::values::{echo as next, echo_async as next_async};

use echo::{Bits, Colour, Outer, Scalars, Shape};

wit_bindgen::generate!({
    path: "../../wit/values",
    world: "test:values/values-relay",
    // One Rust type for each WIT type, imported or exported.
    merge_structurally_equal_types: true,
});

struct Relay;

/// Functions that forward their argument; imports borrow strings and lists.
macro_rules! forward {
    ($($name:ident($v:ident: $type:ty) => $argument:expr),+ $(,)?) => {
        $(fn $name($v: $type) -> $type { next::$name($argument) })+
    };
}

impl echo::Guest for Relay {
    forward! {
        echo_bool(v: bool) => v,
        echo_u8(v: u8) => v,
        echo_s8(v: i8) => v,
        echo_u16(v: u16) => v,
        echo_s16(v: i16) => v,
        echo_u32(v: u32) => v,
        echo_s32(v: i32) => v,
        echo_u64(v: u64) => v,
        echo_s64(v: i64) => v,
        echo_f32(v: f32) => v,
        echo_f64(v: f64) => v,
        echo_char(v: char) => v,
        echo_string(v: String) => &v,
        echo_bytes(v: Vec<u8>) => &v,
        echo_strings(v: Vec<String>) => &v,
        echo_lists(v: Vec<Vec<u32>>) => &v,
        echo_floats(v: Vec<f64>) => &v,
        echo_records(v: Vec<Outer>) => &v,
        echo_record(v: Outer) => &v,
        echo_tuple(v: (u8, String, f64)) => (v.0, &v.1, v.2),
        echo_variant(v: Shape) => &v,
        echo_enum(v: Colour) => v,
        echo_flags(v: Bits) => v,
        echo_option(v: Option<u32>) => v,
        echo_option_string(v: Option<String>) => v.as_deref(),
        echo_option_option(v: Option<Option<u32>>) => v,
        echo_result(v: Result<u32, String>) => v.as_ref().map(|ok| *ok).map_err(|e| e.as_str()),
        echo_result_err(v: Result<(), String>) => v.as_ref().map(|_| ()).map_err(|e| e.as_str()),
        echo_result_ok(v: Result<u32, ()>) => v,
        echo_result_unit(v: Result<(), ()>) => v,
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
        next::echo_scalars(
            p0, p1, p2, p3, p4, p5, p6, p7, p8, p9,
            p10, p11, p12, p13, p14, p15, p16, p17, p18, p19,
        )
    }

    fn echo_nothing() {
        next::echo_nothing();
    }
}

/// The same for asynchronous functions, whose imports take what they are given.
macro_rules! forward_async {
    ($($name:ident: $type:ty),+ $(,)?) => {
        $(async fn $name(v: $type) -> $type { next_async::$name(v).await })+
    };
}

impl echo_async::Guest for Relay {
    forward_async! {
        echo_string: String,
        echo_bytes: Vec<u8>,
        echo_record: Outer,
        echo_variant: Shape,
        echo_result: Result<u32, String>,
    }
}

export!(Relay);
