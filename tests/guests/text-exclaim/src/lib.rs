//! Adds an exclamation mark to what the layer below answers.

use exports::test::text::transform::Guest;
use test::text::transform as next;

wit_bindgen::generate!({
    path: "../../wit/text",
    world: "test:text/middleware",
});

struct Exclaim;

impl Guest for Exclaim {
    fn apply(text: String) -> String {
        next::apply(&text) + "!"
    }
}

export!(Exclaim);
