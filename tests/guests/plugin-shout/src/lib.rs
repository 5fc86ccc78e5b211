//! Makes text loud.

use exports::plugin::host::plugin::{Guest, Info};

wit_bindgen::generate!({
    path: "../../../wit/plugin",
    world: "plugin:host/plugin-guest",
});

struct Shout;

impl Guest for Shout {
    fn describe() -> Info {
        Info {
            name: "shout".to_string(),
            summary: "Turns the text into capitals".to_string(),
        }
    }

    fn apply(input: String) -> Result<String, String> {
        Ok(input.to_uppercase() + "!")
    }
}

export!(Shout);
