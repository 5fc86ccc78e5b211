//! What the published libraries offer, item by item, is what `docs/surface` shows.
//!
//! A change of it is seen in review, and decided: see docs/publishing.md. `.ci/run surface` has
//! rustdoc describe the libraries first; with `BLESS=1` it writes the files again.

use std::fs;
use std::path::{Path, PathBuf};

/// The libraries, by their names in code and in the registry.
const LIBRARIES: [(&str, &str); 3] = [
    ("composer", "wasm-composer"),
    ("composer_macros", "wasm-composer-macros"),
    ("composer_plan", "wasm-composer-plan"),
];

#[test]
fn it_has_been_reviewed() {
    let described = std::env::var_os("COMPOSER_SURFACE").expect("run `.ci/run surface`");
    let described = PathBuf::from(described);
    let reviewed = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/surface");
    let mut different = String::new();
    for (library, package) in LIBRARIES {
        let json = described.join(library).with_extension("json");
        let surface = public_api::Builder::from_rustdoc_json(json)
            .omit_blanket_impls(true)
            .omit_auto_trait_impls(true)
            .build()
            .unwrap();
        let now: Vec<String> = surface.items().map(|item| item.to_string()).collect();
        assert!(!now.is_empty(), "{library} offers nothing");
        let file = reviewed.join(package).with_extension("txt");
        if std::env::var_os("BLESS").is_some() {
            fs::create_dir_all(&reviewed).unwrap();
            fs::write(&file, now.join("\n") + "\n").unwrap();
            continue;
        }
        let before = fs::read_to_string(&file).unwrap_or_default();
        let before: Vec<&str> = before.lines().collect();
        let gone = before
            .iter()
            .filter(|line| !now.iter().any(|item| item == *line));
        let new = now.iter().filter(|item| !before.contains(&item.as_str()));
        for line in gone {
            different.push_str(&format!("{package}: - {line}\n"));
        }
        for line in new {
            different.push_str(&format!("{package}: + {line}\n"));
        }
    }
    assert!(
        different.is_empty(),
        "{different}if that is meant: `BLESS=1 .ci/run surface`, and say it in the changelog"
    );
}
