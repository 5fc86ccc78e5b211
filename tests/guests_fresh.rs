//! The committed guests match their committed sources.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

/// The folder of the guests, relative to the repository.
const GUESTS: &str = "tests/guests";

#[test]
fn every_guest_is_built_from_its_sources() {
    let recorded = recorded_hashes();
    let folders = guests();
    let everybody: BTreeSet<&String> = folders.iter().chain(recorded.keys()).collect();
    let trouble = everybody.into_iter().filter_map(|guest| {
        let wasm = repository().join(format!("{GUESTS}/{guest}/{guest}.wasm"));
        let what = match recorded.get(guest) {
            _ if !folders.contains(guest) => {
                return Some(format!(
                    "`{guest}` is gone\n  fix: remove it from SOURCES.sha256"
                ));
            }
            None => "has no line in SOURCES.sha256",
            Some(_) if !wasm.is_file() => "has not been built",
            Some(hash) if *hash != hash_sources(guest) => "was built from other sources",
            Some(_) => return None,
        };
        Some(format!(
            "`{guest}` {what}\n  fix: {GUESTS}/build.sh {guest}"
        ))
    });
    let trouble: Vec<String> = trouble.collect();
    assert!(trouble.is_empty(), "{}", trouble.join("\n"));
    assert!(!folders.is_empty());
}

fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .unwrap()
        .to_owned()
}

/// The folders of guests, sorted by name.
fn guests() -> Vec<String> {
    let entries = fs::read_dir(repository().join(GUESTS))
        .unwrap()
        .map(Result::unwrap);
    let folders = entries.filter(|entry| entry.file_type().unwrap().is_dir());
    let names = folders.map(|folder| folder.file_name().into_string().unwrap());
    // `target` exists only if cargo was run by hand in the guests' workspace.
    let mut names: Vec<String> = names.filter(|name| name != "target").collect();
    names.sort();
    names
}

/// Each line of `SOURCES.sha256`: the hash, by the name of the guest.
fn recorded_hashes() -> BTreeMap<String, String> {
    let text = fs::read_to_string(repository().join(GUESTS).join("SOURCES.sha256")).unwrap();
    let lines = text.lines().filter(|line| !line.starts_with('#'));
    let pairs = lines.map(|line| {
        line.split_once("  ")
            .expect("a hash, two spaces and a name")
    });
    pairs
        .map(|(hash, guest)| (guest.to_owned(), hash.to_owned()))
        .collect()
}

/// The hash that the head of `SOURCES.sha256` defines.
fn hash_sources(guest: &str) -> String {
    let mut inputs = vec![format!("{GUESTS}/Cargo.toml")];
    let own = files_under(&format!("{GUESTS}/{guest}"));
    inputs.extend(own.into_iter().filter(|path| !path.ends_with(".wasm")));
    inputs.extend(files_under("wit"));
    inputs.extend(files_under("tests/wit"));
    inputs.sort();
    let mut hash = Sha256::new();
    for path in inputs {
        hash.update(&path);
        hash.update([0]);
        hash.update(fs::read(repository().join(&path)).unwrap());
        hash.update([0]);
    }
    format!("{:x}", hash.finalize())
}

/// All files under a folder, as paths with forward slashes.
fn files_under(folder: &str) -> Vec<String> {
    let entries = fs::read_dir(repository().join(folder))
        .unwrap()
        .map(Result::unwrap);
    let files = entries.flat_map(|entry| {
        let path = format!("{folder}/{}", entry.file_name().into_string().unwrap());
        // The sources of one are those of an example, by a link.
        match fs::metadata(entry.path()).unwrap().file_type() {
            kind if kind.is_dir() => files_under(&path),
            kind if kind.is_file() => vec![path],
            _ => Vec::new(),
        }
    });
    files.collect()
}
