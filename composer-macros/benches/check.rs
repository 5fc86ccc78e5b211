//! How long `cargo check` takes for a crate with one `compose!`: two worlds that
//! share 0 to 100 interfaces of twenty functions each.
//!
//! It makes a crate in the target folder and checks it there, so the first run
//! also checks wasmtime. Every time is the best of three.

#![allow(clippy::unwrap_used, missing_docs)]

mod scale;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

const MANIFEST: &str = r#"
[package]
name = "scale"
version = "0.0.0"
edition = "2024"

[dependencies]
composer = { package = "wasm-composer", path = "PATH" }

[workspace]
"#;

fn main() {
    let manifest = Path::new(env!("CARGO_MANIFEST_DIR"));
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("scale");
    let composer = manifest.join("../composer");
    fs::create_dir_all(folder.join("src")).unwrap();
    fs::create_dir_all(folder.join("wit")).unwrap();
    let text = MANIFEST.replace("PATH", composer.to_str().unwrap());
    fs::write(folder.join("Cargo.toml"), text).unwrap();
    // The same versions as here, so that nothing has to be fetched.
    fs::copy(manifest.join("../Cargo.lock"), folder.join("Cargo.lock")).unwrap();

    let without = measure(&folder, "fn main() {}");
    println!("without compose!: {without:.2?}");
    for interfaces in [1, 10, 100] {
        fs::write(folder.join("wit/scale.wit"), scale::wit(interfaces)).unwrap();
        let exports = (0..interfaces).map(|i| format!("\"bench:scale/i{i}\", "));
        let main = format!(
            "composer::compose!({{
                path: \"wit\",
                composition: Scale,
                components: {{ provider: \"bench:scale/provider\", user: \"bench:scale/user\" }},
                exports: {{ {} }},
            }});
            fn main() {{}}",
            exports.collect::<String>()
        );
        let with = measure(&folder, &main);
        let own = with.saturating_sub(without);
        println!("{interfaces:3} interfaces of 20 functions: {with:.2?}, {own:.2?} of it for them");
    }
}

fn measure(folder: &Path, main: &str) -> Duration {
    fs::write(folder.join("src/main.rs"), main).unwrap();
    check(folder);
    let times = (0..3).map(|i| {
        fs::write(folder.join("src/main.rs"), format!("{main}\n// {i}\n")).unwrap();
        let start = Instant::now();
        check(folder);
        start.elapsed()
    });
    times.min().unwrap()
}

fn check(folder: &Path) {
    let status = Command::new(env!("CARGO"))
        .args(["check", "--quiet", "--offline"])
        .current_dir(folder)
        .env("CARGO_TARGET_DIR", folder.join("target"))
        .status();
    assert!(status.unwrap().success());
}
