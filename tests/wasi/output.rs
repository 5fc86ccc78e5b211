//! The standard streams of this process, as a guest reads and writes them.

use std::io::Write;
use std::process::{Command, Stdio};

use super::{Probe, ok};

/// Says to the new process whether to hand on what it has.
const INHERIT: &str = "COMPOSER_TEST_INHERIT";

/// What a process printed whose guest had its standard streams, or had not.
fn printed(inherit: bool) -> (String, String) {
    let mut process = Command::new(std::env::current_exe().unwrap());
    process
        .args(["wasi::output::echo", "--exact", "--nocapture"])
        .env_remove(INHERIT)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    if inherit {
        process.env(INHERIT, "1");
    }
    let mut process = process.spawn().unwrap();
    // It may end without reading this.
    let _ = process.stdin.take().unwrap().write_all(b"treasure");
    let output = process.wait_with_output().unwrap();
    assert!(output.status.success());
    let text = |bytes| String::from_utf8(bytes).unwrap();
    let (stdout, stderr) = (text(output.stdout), text(output.stderr));
    assert!(stdout.contains("1 passed"), "{stdout}");
    (stdout, stderr)
}

/// Passes by itself too; the tests below look at what it leaves outside.
#[tokio::test]
async fn echo() {
    let probe = match std::env::var_os(INHERIT) {
        Some(_) => {
            Probe::granted(|ctx| {
                ctx.inherit_stdio();
            })
            .await
        }
        None => Probe::locked().await,
    };
    let input = ok(probe.tries("input", []).await).unwrap().to_string();
    for stream in ["print", "complain"] {
        ok(probe
            .tries(stream, [format!("{stream}ed {input}").into()])
            .await);
    }
}

#[test]
fn nothing_by_default() {
    let (stdout, stderr) = printed(false);
    assert!(!stdout.contains("printed"), "{stdout}");
    assert!(!stderr.contains("complained"), "{stderr}");
}

#[test]
fn all_if_it_is_inherited() {
    let (stdout, stderr) = printed(true);
    assert!(stdout.contains(r#"printed "treasure""#), "{stdout}");
    assert!(stderr.contains(r#"complained "treasure""#), "{stderr}");
}
