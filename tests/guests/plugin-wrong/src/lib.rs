//! Has the interface's name and version, but not its types: a host must refuse
//! it.

use exports::plugin::host::plugin::Guest;

wit_bindgen::generate!({
    path: "wit",
    world: "plugin:host/plugin-guest",
});

struct Wrong;

impl Guest for Wrong {
    fn describe() -> String {
        "wrong".to_string()
    }

    fn apply(input: Vec<u8>) -> Result<String, String> {
        String::from_utf8(input).map_err(|error| error.to_string())
    }
}

export!(Wrong);
