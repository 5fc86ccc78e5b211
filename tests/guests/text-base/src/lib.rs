//! The bottom of a stack: only trims the text.

use exports::test::text::transform::Guest;

wit_bindgen::generate!({
    path: "../../wit/text",
    world: "test:text/base",
});

struct Base;

impl Guest for Base {
    fn apply(text: String) -> String {
        text.trim().to_string()
    }
}

export!(Base);
