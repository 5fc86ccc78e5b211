//! Tests that observe the whole process, and so run in a process of their own.

use std::process::Command;

/// Says in the new process which test it was made for.
const ALONE: &str = "COMPOSER_TEST_ALONE";

/// Runs a test in a process of its own. `name` is the test's, with modules, as
/// test runners print it.
pub(crate) fn alone(name: &str, test: impl Future<Output = ()>) {
    if std::env::var_os(ALONE).is_some_and(|made_for| made_for == name) {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build();
        return runtime.unwrap().block_on(test);
    }
    let mut process = Command::new(std::env::current_exe().unwrap());
    process
        .args([name, "--exact", "--nocapture"])
        .env(ALONE, name);
    let output = process.output().unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    println!("{said}{}", String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success());
    assert!(said.contains("1 passed"), "there is no test {name}");
}

/// How much memory this process has to itself, in KiB: what it reads of files, such as its
/// own code, may grow at any time.
pub(crate) fn resident() -> i64 {
    status("RssAnon:")
}

/// How many addresses it has, in KiB, whether there is memory behind them or not.
pub(crate) fn reserved() -> i64 {
    status("VmSize:")
}

#[cfg(target_os = "linux")]
fn status(what: &str) -> i64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix(what))
        .unwrap();
    line.trim().strip_suffix(" kB").unwrap().parse().unwrap()
}

/// Other systems do not tell it as easily.
#[cfg(not(target_os = "linux"))]
fn status(_: &str) -> i64 {
    0
}
