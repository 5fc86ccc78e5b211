//! `new`: the project that it makes is the example `greeter`, which the checks build and run.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Output;

use crate::support::{repository, wasm_composer};

fn new(folder: &Path, args: &[&str]) -> Output {
    wasm_composer()
        .current_dir(folder)
        .arg("new")
        .args(args)
        .output()
        .unwrap()
}

/// The files under a folder, sorted.
fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        match path.is_dir() {
            true => found.extend(files(&path)),
            false => found.push(path),
        }
    }
    found.sort();
    found
}

#[test]
fn the_project_is_the_example() {
    let folder = tempfile::tempdir().unwrap();
    let output = new(folder.path(), &["projects/my-greeter"]);
    assert!(output.status.success(), "{output:?}");
    let project = folder.path().join("projects/my-greeter");
    let example = repository().join("examples/greeter");
    let made = files(&project);
    for file in &made {
        let example = example.join(file.strip_prefix(&project).unwrap());
        let example_text = fs::read_to_string(&example).unwrap();
        let mut text = fs::read_to_string(file).unwrap();
        if file.ends_with("my-greeter/Cargo.toml") {
            // The example is in a workspace.
            text = text.replace("\n[workspace]\n", "");
        }
        assert_eq!(
            text,
            example_text.replace("greeter", "my-greeter"),
            "{}",
            file.display()
        );
        let is_executable = |path: &Path| fs::metadata(path).unwrap().permissions();
        assert_eq!(
            is_executable(file),
            is_executable(&example),
            "{}",
            file.display()
        );
    }
    let is_source = |file: &&PathBuf| {
        let mut parts = file.strip_prefix(&example).unwrap().components();
        let built = ["target", "Cargo.lock", "guest.wasm"];
        !parts.any(|part| built.iter().any(|name| part.as_os_str() == *name))
    };
    let source = files(&example);
    assert_eq!(made.len(), source.iter().filter(is_source).count());
    assert!(made.contains(&project.join("src/main.rs")));
}

/// The project asks for the library of the command's own version.
#[test]
fn the_version_of_the_library() {
    let folder = tempfile::tempdir().unwrap();
    assert!(new(folder.path(), &["it"]).status.success());
    let manifest = fs::read_to_string(folder.path().join("it/Cargo.toml")).unwrap();
    let manifest: toml::Table = manifest.parse().unwrap();
    let wanted = manifest["dependencies"]["wasm-composer"].as_str().unwrap();
    let version = env!("CARGO_PKG_VERSION");
    assert!(
        version.starts_with(&format!("{wanted}.")),
        "{wanted} for {version}"
    );
}

#[test]
fn a_library_that_is_not_published() {
    let folder = tempfile::tempdir().unwrap();
    let library = repository().join("composer");
    let library = library.canonicalize().unwrap();
    let args = ["it", "--library", library.to_str().unwrap()];
    assert!(new(folder.path(), &args).status.success());
    let manifest = fs::read_to_string(folder.path().join("it/Cargo.toml")).unwrap();
    let manifest: toml::Table = manifest.parse().unwrap();
    let found = manifest["dependencies"]["wasm-composer"]["path"].as_str();
    assert_eq!(found, library.to_str());
}

#[test]
fn mistakes() {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join("there")).unwrap();
    fs::write(folder.path().join("file"), "").unwrap();
    let workspace = concat!(env!("CARGO_MANIFEST_DIR"), "/..");
    for (args, said) in [
        (&["there"][..], "is not there yet"),
        (&["file"], "is not there yet"),
        (&["file/below"], "cannot be made"),
        (&["7up"], "begins with a letter"),
        (&["a b"], "begins with a letter"),
        (&["build"], "no word of Rust or cargo"),
        (&["fn"], "no word of Rust or cargo"),
        (&[".."], "is not the name of a project"),
        (
            &["it", "--library", "nowhere"],
            "its `Cargo.toml`: No such file",
        ),
        (
            &["it", "--library", workspace],
            "its package is not `wasm-composer`",
        ),
    ] {
        let output = new(folder.path(), args);
        assert_eq!(output.status.code(), Some(1), "{args:?}");
        let text = String::from_utf8(output.stderr).unwrap();
        assert!(text.contains(said), "{args:?}: {text}");
    }
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 2);
}
