//! Tells its configuration values.

use wasi::config::store;

wit_bindgen::generate!({ path: "wit", world: "configured", generate_all });

struct Configured;

impl Guest for Configured {
    fn value(key: String) -> Option<String> {
        store::get(&key).unwrap()
    }

    fn values() -> Vec<(String, String)> {
        let mut values = store::get_all().unwrap();
        values.sort();
        values
    }
}

export!(Configured);
