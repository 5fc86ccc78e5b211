//! Counts words.

use exports::plugin::host::plugin::{Guest, Info};

wit_bindgen::generate!({
    path: "../../../wit/plugin",
    world: "plugin:host/plugin-guest",
});

struct Count;

impl Guest for Count {
    fn describe() -> Info {
        Info {
            name: "count".to_string(),
            summary: "Counts the words".to_string(),
        }
    }

    fn apply(input: String) -> Result<String, String> {
        match input.split_whitespace().count() {
            0 => Err("no words to count".to_string()),
            words => Ok(words.to_string()),
        }
    }
}

export!(Count);
