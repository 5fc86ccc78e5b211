//! The built command, and what it is tried on.

use std::path::{Path, PathBuf};
use std::process::Command;

/// The folder of the repository.
pub(crate) fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// The file of a guest's component.
pub(crate) fn guest(name: &str) -> PathBuf {
    let guests = repository().join("tests/guests");
    guests.join(name).join(name).with_extension("wasm")
}

/// The command, with paths seen from the repository, and without colours.
pub(crate) fn wasm_composer() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_wasm-composer"));
    command.current_dir(repository()).env("NO_COLOR", "1");
    command
}
