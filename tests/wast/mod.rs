//! Compositions written in `.wast` files, which are ideal test cases: such a file holds
//! the components, the actions and the expected results, and other tools can run it too.
//! Each file here is run in four ways, and all must give the same results:
//!
//! * *fused by wasmtime*: its component as it is, in one store. This result is the
//!   reference.
//! * *as one component*: the same component as the only part of a composition.
//! * *as a fused group*: its inner components as the members of a `FusedComponents`.
//! * *split*: its inner components as parts, with a store each.
//!
//! For the last two the component is taken apart (`split/`): it must be nothing but
//! instances of inner components that are wired together. A case that a way cannot
//! express is counted as not applicable, with the reason.
//!
//! `cases/` has our own files, and `cases/known.txt` lists every known difference with
//! its reason. A difference that is not listed fails the test, and so does a listed one
//! that does not occur. Two traps count as equal; a trap whose message is not what the
//! file expects is a difference of its own ("other words").
//!
//! Other people's files are run with
//!
//! ```sh
//! COMPOSER_WAST=<folder> cargo test --workspace --test all -- wast --nocapture
//! ```
//!
//! which walks the folder and prints the same tables. Suites test much that is unrelated
//! to compositions, so of the differences that their own `known.txt` does not list only
//! wrong answers and panics of the host fail this test. Hangs do not: a component that
//! waits for itself across stores is one. They are marked as grave like the others.

mod composed;
mod host;
mod known;
mod one_store;
mod outcome;
mod report;
mod script;
mod split;
mod value;
mod watched;
mod ways;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use futures::future::join_all;
use futures::stream::{self, StreamExt as _};
use tokio::runtime::Builder;

use self::known::KnownDifferences;
use self::outcome::{Outcome, Verdict};
use self::report::Report;
use self::script::Script;
use self::ways::{Way, run};

/// The number of files that run at once. A file that hangs only waits.
const AT_ONCE: usize = 8;

/// All files of a folder and its subfolders, sorted by name.
fn files(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path
                .extension()
                .is_some_and(|extension| extension == "wast")
            {
                files.push(path);
            }
        }
    }
    files.sort();
    files
}

/// Runs a file in all ways.
async fn run_file(script: Script) -> (Script, Vec<Vec<Outcome>>) {
    let script = Arc::new(script);
    let runs = Way::ALL.map(|way| {
        let script = script.clone();
        tokio::spawn(async move { run(way, &script).await })
    });
    let runs = join_all(runs).await;
    let runs = runs.into_iter().map(Result::unwrap).collect();
    let script = Arc::into_inner(script).expect("all runs have ended");
    (script, runs)
}

/// Runs all files of a folder.
fn run_folder(folder: &Path) -> Report {
    let mut report = Report::default();
    let mut scripts = Vec::new();
    for file in files(folder) {
        match Script::read(folder, &file) {
            Ok(script) => scripts.push(script),
            Err(error) => report.add_unread(format!("{error:#}")),
        }
    }
    let runs = stream::iter(scripts)
        .map(run_file)
        .buffer_unordered(AT_ONCE);
    let runtime = Builder::new_current_thread().enable_all().build().unwrap();
    let mut runs = runtime.block_on(runs.collect::<Vec<_>>());
    runs.sort_by(|(one, _), (other, _)| one.name.cmp(&other.name));
    for (script, runs) in runs {
        report.add(&script, &runs);
    }
    report
}

#[test]
fn our_cases_say_the_same_in_all_ways() {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("wast/cases");
    let known = KnownDifferences::read(&folder).unwrap();
    let report = run_folder(&folder);
    report.print(&known);
    assert!(report.unread().is_empty(), "{:?}", report.unread());
    let new: Vec<String> = report
        .differences()
        .filter(|finding| !known.has(finding))
        .map(|finding| format!("{}:{finding}", finding.file))
        .collect();
    assert!(new.is_empty(), "not known:\n{}", new.join("\n"));
    let gone = known.gone(&report);
    assert!(gone.is_empty(), "known, and gone:\n{}", gone.join("\n"));
}

#[test]
fn other_peoples_files_get_no_wrong_answers() {
    let Some(folder) = std::env::var_os("COMPOSER_WAST").map(PathBuf::from) else {
        return;
    };
    let known = KnownDifferences::read(&folder).unwrap();
    let report = run_folder(&folder);
    report.print(&known);
    let wrong: Vec<String> = report
        .differences()
        .filter(|finding| finding.way != Way::OneStore && !known.has(finding))
        .filter(|finding| {
            matches!(
                finding.verdict,
                Verdict::WrongAnswer(_) | Verdict::Panics(_)
            )
        })
        .map(|finding| format!("{}:{finding}", finding.file))
        .collect();
    assert!(wrong.is_empty(), "wrong:\n{}", wrong.join("\n"));
}
