//! Tests of the built command.

#![allow(clippy::unwrap_used, missing_docs)]

mod mutations;
mod new;
#[cfg(feature = "otlp")]
mod otlp;
#[cfg(feature = "registry")]
mod registry;
mod run;
mod run_watch;
mod serve;
mod settings;
mod support;
#[cfg(target_os = "linux")]
mod terminal;
#[cfg(unix)]
mod tour;

use std::env;

/// The tour shows the file that it runs.
#[test]
fn the_tour_shows_its_file() {
    let repository = support::repository();
    let read = |path: &str| std::fs::read_to_string(repository.join(path)).unwrap();
    assert!(read("docs/tour.md").contains(&read("examples/shop/compose.toml")));
}

/// The command, with paths seen from the repository.
///
/// What the files show is what a user sees, so a difference is a mistake or news for the
/// changelog. `TRYCMD=overwrite` writes them again.
#[test]
fn what_it_prints() {
    env::set_current_dir(support::repository()).unwrap();
    trycmd::TestCases::new()
        .case("cli/tests/cmd/*.md")
        .case("docs/tour.md")
        .env("NO_COLOR", "1")
        .run();
}
