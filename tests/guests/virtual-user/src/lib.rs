//! Uses files, the environment and the clock through Rust's standard library.

use std::io::Write;
use std::time::SystemTime;

use exports::test::virtualization::uses::Guest;

wit_bindgen::generate!({
    path: "../../wit/virtualization",
    world: "test:virtualization/user-guest",
});

struct User;

fn said(error: std::io::Error) -> String {
    error.to_string()
}

impl Guest for User {
    fn read(path: String) -> Result<String, String> {
        std::fs::read_to_string(path).map_err(said)
    }

    fn names(path: String) -> Result<Vec<String>, String> {
        let entries = std::fs::read_dir(path).map_err(said)?;
        let name = |entry: std::io::Result<std::fs::DirEntry>| {
            let entry = entry.map_err(said)?;
            Ok(entry.file_name().to_string_lossy().into_owned())
        };
        entries.map(name).collect()
    }

    fn write(path: String, text: String) -> Result<(), String> {
        std::fs::write(path, text).map_err(said)
    }

    fn print(text: String) -> Result<(), String> {
        writeln!(std::io::stdout(), "{text}").map_err(said)
    }

    fn variable(name: String) -> Option<String> {
        std::env::var(name).ok()
    }

    fn time() -> u64 {
        let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
        since.map_or(0, |since| since.as_secs())
    }
}

export!(User);
