//! What is shown on a terminal, and nowhere else: how far long work has come.

use std::fs::File;
use std::io::Read;
use std::os::fd::OwnedFd;
use std::process::Stdio;

use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};

use crate::support::wasm_composer;

/// A terminal: the end that a program writes to, and the end that shows it.
fn terminal() -> (File, File) {
    let shown = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).unwrap();
    grantpt(&shown).unwrap();
    unlockpt(&shown).unwrap();
    let name = ptsname(&shown, Vec::new()).unwrap();
    let written = File::options()
        .read(true)
        .write(true)
        .open(name.to_str().unwrap())
        .unwrap();
    (written, File::from(shown))
}

/// What `plan` of the shop shows on standard error, with these arguments.
fn plan_on_a_terminal(args: &[&str]) -> String {
    let (written, mut shown) = terminal();
    let mut child = wasm_composer()
        .args(["plan", "examples/shop"])
        .args(args)
        // Without colours there is no such line.
        .env_remove("NO_COLOR")
        .env("TERM", "xterm")
        .stdout(Stdio::null())
        .stderr(OwnedFd::from(written))
        .spawn()
        .unwrap();
    let reader = std::thread::spawn(move || {
        let mut seen = Vec::new();
        let mut some = [0; 1024];
        // At the end of the program, Linux reports a terminal without another side.
        while let Ok(count @ 1..) = shown.read(&mut some) {
            seen.extend(&some[..count]);
        }
        String::from_utf8(seen).unwrap()
    });
    assert!(child.wait().unwrap().success());
    reader.join().unwrap()
}

#[test]
fn how_far_it_has_come() {
    let shown = plan_on_a_terminal(&[]);
    assert!(shown.contains("loads catalog (1 of 4)"), "{shown:?}");
    assert!(shown.contains("loads till (4 of 4)"), "{shown:?}");
    // The line is gone in the end.
    assert!(shown.ends_with("\r\u{1b}[2K"), "{shown:?}");
}

/// What happens to components is printed then, line by line.
#[test]
fn nothing_of_it_beside_other_lines() {
    let shown = plan_on_a_terminal(&["-v"]);
    assert!(!shown.contains("loads"), "{shown:?}");
}

#[test]
fn nothing_of_it_where_no_terminal_is() {
    let output = wasm_composer()
        .args(["plan", "examples/shop"])
        .output()
        .unwrap();
    assert_eq!(String::from_utf8(output.stderr).unwrap(), "");
}
