//! Passes all on to another store of keys and values, and says so.

use exports::wasi::keyvalue::store as exported;
use exports::wasi::keyvalue::store::{Bucket, Error, Guest, GuestBucket, KeyResponse};
use wasi::keyvalue::store;

wit_bindgen::generate!({
    path: "../../wit/keyvalue",
    world: "test:keyvalue/log-guest",
    generate_all,
});

struct Log;

struct Logged(store::Bucket);

impl Guest for Log {
    type Bucket = Logged;

    fn open(identifier: String) -> Result<Bucket, Error> {
        eprintln!("open {identifier}");
        let bucket = store::open(&identifier).map_err(error)?;
        Ok(Bucket::new(Logged(bucket)))
    }
}

impl GuestBucket for Logged {
    fn get(&self, key: String) -> Result<Option<Vec<u8>>, Error> {
        eprintln!("get {key}");
        self.0.get(&key).map_err(error)
    }

    fn set(&self, key: String, value: Vec<u8>) -> Result<(), Error> {
        eprintln!("set {key}");
        self.0.set(&key, &value).map_err(error)
    }

    fn delete(&self, key: String) -> Result<(), Error> {
        eprintln!("delete {key}");
        self.0.delete(&key).map_err(error)
    }

    fn exists(&self, key: String) -> Result<bool, Error> {
        eprintln!("exists {key}");
        self.0.exists(&key).map_err(error)
    }

    fn list_keys(&self, cursor: Option<String>) -> Result<KeyResponse, Error> {
        eprintln!("list keys");
        let listed = self.0.list_keys(cursor.as_deref()).map_err(error)?;
        Ok(KeyResponse {
            keys: listed.keys,
            cursor: listed.cursor,
        })
    }
}

fn error(error: store::Error) -> exported::Error {
    match error {
        store::Error::NoSuchStore => Error::NoSuchStore,
        store::Error::AccessDenied => Error::AccessDenied,
        store::Error::Other(text) => Error::Other(text),
    }
}

export!(Log);
