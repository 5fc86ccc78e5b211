//! Counts in a store of keys and values.

use exports::test::keyvalue::uses::Guest;
use wasi::keyvalue::store::{self, Error};

wit_bindgen::generate!({
    path: "../../wit/keyvalue",
    world: "test:keyvalue/user-guest",
    generate_all,
});

struct User;

impl Guest for User {
    fn count(key: String) -> Result<u64, String> {
        let shop = store::open("shop").map_err(said)?;
        let text = shop.get(&key).map_err(said)?.unwrap_or_default();
        let text = String::from_utf8_lossy(&text);
        let count = 1 + text.parse::<u64>().unwrap_or_default();
        shop.set(&key, count.to_string().as_bytes()).map_err(said)?;
        Ok(count)
    }
}

fn said(error: Error) -> String {
    format!("{error:?}")
}

export!(User);
