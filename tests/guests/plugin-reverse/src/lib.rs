//! Turns text around.

use exports::plugin::host::plugin::{Guest, Info};

wit_bindgen::generate!({
    path: "../../../wit/plugin",
    world: "plugin:host/plugin-guest",
});

struct Reverse;

impl Guest for Reverse {
    fn describe() -> Info {
        Info {
            name: "reverse".to_string(),
            summary: "Turns the text around".to_string(),
        }
    }

    fn apply(input: String) -> Result<String, String> {
        Ok(input.chars().rev().collect())
    }
}

export!(Reverse);
