//! Turns what the layer below answers into capitals.

use exports::test::text::transform::Guest;
use test::text::transform as next;

wit_bindgen::generate!({
    path: "../../wit/text",
    world: "test:text/middleware",
});

struct Upper;

impl Guest for Upper {
    fn apply(text: String) -> String {
        next::apply(&text).to_uppercase()
    }
}

export!(Upper);
