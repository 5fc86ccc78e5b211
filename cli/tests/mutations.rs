//! Files with anything in them are read without a panic, and what is wrong with them can be
//! shown.

use std::fs;
use std::path::{Path, PathBuf};

use proptest::prelude::*;
use wasm_composer::source::DescribedComposition;

const MANIFEST: &str = include_str!("manifests/grouped.toml");
const DOCUMENT: &str = include_str!("../../examples/shop/shop.wac");

/// A text with some of its pieces removed, doubled, exchanged or replaced by another one.
fn mutated(text: &'static str) -> impl Strategy<Value = String> {
    let change = (
        0usize..4,
        any::<prop::sample::Index>(),
        any::<prop::sample::Index>(),
        "\\PC{0,3}",
    );
    proptest::collection::vec(change, 1..6).prop_map(move |changes| {
        let mut pieces: Vec<String> = text
            .split_inclusive(|c: char| !c.is_alphanumeric())
            .map(str::to_owned)
            .collect();
        for (what, one, other, new) in changes {
            if pieces.is_empty() {
                break;
            }
            let (one, other) = (one.index(pieces.len()), other.index(pieces.len()));
            match what {
                0 => drop(pieces.remove(one)),
                1 => pieces.insert(one, pieces[other].clone()),
                2 => pieces.swap(one, other),
                _ => pieces[one] = new,
            }
        }
        pieces.concat()
    })
}

/// Reads a file in the place where what it names can be found.
fn read(folder: &Path, name: &str, text: &str) {
    let file: PathBuf = folder.join(name);
    fs::write(&file, text).unwrap();
    if let Err(problems) = DescribedComposition::read_files(&[file]) {
        assert!(problems.to_json().contains("message"));
        for problem in problems.iter() {
            let report = miette::Report::new(problem.clone());
            assert!(!format!("{report:?}").is_empty());
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn manifests(text in mutated(MANIFEST)) {
        let folder = tempfile::tempdir().unwrap();
        read(folder.path(), "compose.toml", &text);
    }

    #[test]
    fn documents(text in mutated(DOCUMENT)) {
        let folder = tempfile::tempdir().unwrap();
        let deps = crate::support::repository().join("examples/shop/deps");
        #[cfg(unix)]
        std::os::unix::fs::symlink(deps, folder.path().join("deps")).unwrap();
        read(folder.path(), "app.wac", &text);
    }
}
