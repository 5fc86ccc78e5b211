//! A store of keys and values in memory.

use exports::wasi::keyvalue::store::{Bucket, Error, Guest, GuestBucket, KeyResponse};
use std::cell::RefCell;
use std::collections::BTreeMap;

wit_bindgen::generate!({
    path: "../../wit/keyvalue",
    world: "test:keyvalue/store-guest",
});

type Values = BTreeMap<String, Vec<u8>>;

thread_local! {
    static SHOP: RefCell<Values> = const { RefCell::new(Values::new()) };
}

struct Store;

struct Shop;

impl Guest for Store {
    type Bucket = Shop;

    fn open(identifier: String) -> Result<Bucket, Error> {
        match &*identifier {
            "shop" => Ok(Bucket::new(Shop)),
            _ => Err(Error::NoSuchStore),
        }
    }
}

impl GuestBucket for Shop {
    fn get(&self, key: String) -> Result<Option<Vec<u8>>, Error> {
        Ok(SHOP.with_borrow(|values| values.get(&key).cloned()))
    }

    fn set(&self, key: String, value: Vec<u8>) -> Result<(), Error> {
        SHOP.with_borrow_mut(|values| values.insert(key, value));
        Ok(())
    }

    fn delete(&self, key: String) -> Result<(), Error> {
        SHOP.with_borrow_mut(|values| values.remove(&key));
        Ok(())
    }

    fn exists(&self, key: String) -> Result<bool, Error> {
        Ok(SHOP.with_borrow(|values| values.contains_key(&key)))
    }

    fn list_keys(&self, _cursor: Option<String>) -> Result<KeyResponse, Error> {
        Ok(KeyResponse {
            keys: SHOP.with_borrow(|values| values.keys().cloned().collect()),
            cursor: None,
        })
    }
}

export!(Store);
