//! `run --watch`: a program goes on while its components are rebuilt.

use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::process::{Child, ChildStderr, ChildStdin, ChildStdout, Stdio};

use tempfile::TempDir;

use crate::support::{guest, wasm_composer};

const MANIFEST: &str = "[components.tool]\npath = \"tool.wasm\"\n\
                        [components.tax]\npath = \"tax.wasm\"\n";

impl Drop for WatchedProgram {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A program that runs, and says for each line in which region it is.
struct WatchedProgram {
    folder: TempDir,
    child: Child,
    input: Option<ChildStdin>,
    output: BufReader<ChildStdout>,
    said: BufReader<ChildStderr>,
}

impl WatchedProgram {
    fn start() -> WatchedProgram {
        let folder = tempfile::tempdir().unwrap();
        fs::copy(guest("tax-tool"), folder.path().join("tool.wasm")).unwrap();
        fs::copy(guest("tax-eu"), folder.path().join("tax.wasm")).unwrap();
        fs::write(folder.path().join("compose.toml"), MANIFEST).unwrap();
        let mut child = wasm_composer()
            .args(["run", "--watch"])
            .arg(folder.path())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut program = WatchedProgram {
            input: child.stdin.take(),
            output: BufReader::new(child.stdout.take().unwrap()),
            said: BufReader::new(child.stderr.take().unwrap()),
            folder,
            child,
        };
        assert_eq!(program.line(), "begins");
        program
    }

    fn line(&mut self) -> String {
        let mut line = String::new();
        assert_ne!(self.output.read_line(&mut line).unwrap(), 0, "it has ended");
        line.trim_end().to_owned()
    }

    /// What it answers to a line.
    fn ask(&mut self, line: &str) -> String {
        writeln!(self.input.as_mut().unwrap(), "{line}").unwrap();
        self.line()
    }

    /// Waits until this is said on standard error.
    fn until(&mut self, what: &str) {
        let mut line = String::new();
        while !line.contains(what) {
            line.clear();
            assert_ne!(
                self.said.read_line(&mut line).unwrap(),
                0,
                "never said: {what}"
            );
        }
    }

    /// A guest takes the place of a file, all at once.
    fn rebuild(&self, file: &str, from: &str) {
        let new = self.folder.path().join("new");
        fs::copy(guest(from), &new).unwrap();
        fs::rename(new, self.folder.path().join(file)).unwrap();
    }

    fn end(mut self) {
        writeln!(self.input.as_mut().unwrap(), "end").unwrap();
        let status = self.child.wait().unwrap();
        assert!(status.success(), "{status}");
    }
}

#[test]
fn a_component_takes_the_place_of_another() {
    let mut program = WatchedProgram::start();
    assert_eq!(program.ask("one"), "one EU");
    program.rebuild("tax.wasm", "tax-us");
    program.until("goes on with what has changed");
    // The same run: it has not begun again.
    assert_eq!(program.ask("two"), "two US");
    program.end();
}

#[test]
fn what_does_not_fit_is_refused() {
    let mut program = WatchedProgram::start();
    program.rebuild("tax.wasm", "catalog");
    program.until("the earlier version goes on");
    program.until("shop:tax/rates");
    assert_eq!(program.ask("one"), "one EU");

    // A mistake in what is written; the same once more is said once more.
    let manifest = program.folder.path().join("compose.toml");
    for line in ["two", "three"] {
        fs::write(&manifest, MANIFEST.replace("tax.wasm", "tax.was")).unwrap();
        program.until("the earlier version goes on");
        program.until("there is no file");
        assert_eq!(program.ask(line), format!("{line} EU"));
    }

    // No component at all.
    fs::write(&manifest, MANIFEST).unwrap();
    fs::write(program.folder.path().join("tax.wasm"), "no component").unwrap();
    program.until("the earlier version goes on");
    assert_eq!(program.ask("three"), "three EU");

    program.rebuild("tax.wasm", "tax-us");
    program.until("goes on with what has changed");
    assert_eq!(program.ask("four"), "four US");
    program.end();
}

/// The program itself, or what is written: the whole begins again.
#[test]
fn the_program_begins_again() {
    let mut program = WatchedProgram::start();
    assert_eq!(program.ask("one"), "one EU");
    let manifest = format!("{MANIFEST}limits = {{ preset = \"strict\" }}\n");
    fs::write(program.folder.path().join("compose.toml"), manifest).unwrap();
    program.until("begins again");
    assert_eq!(program.line(), "begins");
    assert_eq!(program.ask("two"), "two EU");

    program.rebuild("tool.wasm", "cli-tool");
    program.until("begins again");
    assert_eq!(program.line(), "tool.wasm");
    assert_eq!(program.ask("three"), "THREE");
    program.input = None;
    let status = program.child.wait().unwrap();
    assert!(status.success(), "{status}");
}

/// A file that is missing in a folder that nothing else is in.
#[test]
fn a_file_that_appears_elsewhere() {
    let mut program = WatchedProgram::start();
    let manifest = program.folder.path().join("compose.toml");
    fs::create_dir(program.folder.path().join("other")).unwrap();
    fs::write(&manifest, MANIFEST.replace("tax.wasm", "other/tax.wasm")).unwrap();
    program.until("there is no file");
    assert_eq!(program.ask("one"), "one EU");
    program.rebuild("other/tax.wasm", "tax-us");
    program.until("begins again");
    assert_eq!(program.line(), "begins");
    assert_eq!(program.ask("two"), "two US");
    program.end();
}

/// A folder of components, into which another one comes.
#[test]
fn a_folder() {
    let mut program = WatchedProgram::start();
    fs::remove_file(program.folder.path().join("compose.toml")).unwrap();
    program.until("begins again");
    assert_eq!(program.line(), "begins");
    program.rebuild("more.wasm", "plugin-reverse");
    program.until("begins again");
    assert_eq!(program.line(), "begins");
    program.rebuild("tax.wasm", "tax-us");
    program.until("goes on with what has changed");
    assert_eq!(program.ask("one"), "one US");
    program.end();
}
