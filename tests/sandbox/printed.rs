//! The output of guests, as events.

use composer::runtime::Grants;
use tracing::Level;

use super::{Probe, ok};
use crate::support::events::{self, Heard};

/// An event of a guest: level, component, stream, line.
type Line = (Level, String, String, String);

fn lines(events: Vec<Heard>) -> Vec<Line> {
    let guests = events
        .into_iter()
        .filter(|event| event.target == "composer::guest");
    let field = |event: &Heard, name| event.fields[name].clone();
    guests
        .map(|event| {
            let (component, stream) = (field(&event, "component"), field(&event, "stream"));
            (event.level, component, stream, field(&event, "message"))
        })
        .collect()
}

/// What is heard while `work` is done on this one thread.
fn heard(work: impl AsyncFnOnce()) -> Vec<Line> {
    lines(events::heard(|| {
        let mut runtime = tokio::runtime::Builder::new_current_thread();
        let runtime = runtime.enable_all().build().unwrap();
        runtime.block_on(work());
    }))
}

fn texts(lines: &[Line]) -> Vec<&str> {
    lines.iter().map(|(_, _, _, text)| &**text).collect()
}

#[test]
fn lines_with_the_component_and_the_stream() {
    let lines = heard(async || {
        let probe = Probe::with(Grants::none()).await;
        ok(probe.tries("print", ["one\ntwo".into()]).await);
        ok(probe.tries("complain", ["three".into()]).await);
    });
    let line = |level, stream: &str, text: &str| {
        (
            level,
            "probe".to_owned(),
            stream.to_owned(),
            text.to_owned(),
        )
    };
    let expected = [
        line(Level::INFO, "stdout", "one"),
        line(Level::INFO, "stdout", "two"),
        line(Level::WARN, "stderr", "three"),
    ];
    assert_eq!(lines, expected);
}

/// Bytes on the standard output, without an end of a line: the standard library
/// prints to the standard error at once.
#[test]
fn lines_in_pieces() {
    let lines = heard(async || {
        let probe = Probe::with(Grants::none()).await;
        // `print` adds the end of the line.
        ok(probe.tries("complain", ["".into()]).await);
        ok(probe.tries("complain", ["a\r\n\r\nb\tc".into()]).await);
        assert_eq!(lines(events::so_far()).len(), 4);
    });
    assert_eq!(texts(&lines), ["", "a", "", "b\tc"]);
}

#[test]
fn a_line_that_is_too_long() {
    let long = "x".repeat(20_000);
    let lines = heard(async || {
        let probe = Probe::with(Grants::none()).await;
        ok(probe.tries("print", [long.clone().into()]).await);
    });
    let lengths: Vec<_> = texts(&lines).iter().map(|text| text.len()).collect();
    assert_eq!(lengths, [8_192, 8_192, 3_616]);
}

/// Nothing that would make a terminal do something, or look like another line.
#[test]
fn control_characters() {
    let lines = heard(async || {
        let probe = Probe::with(Grants::none()).await;
        let text = "\u{1b}[2J\rINFO fake\u{2028}\u{202e}\u{7f}é";
        ok(probe.tries("print", [text.into()]).await);
    });
    let expected = "\\u{1b}[2J\\rINFO fake\\u{2028}\\u{202e}\\u{7f}é";
    assert_eq!(texts(&lines), [expected]);
}

/// A line that its component never ended, by a guest that prints as its
/// component ends.
#[test]
fn the_last_line() {
    let lines = heard(async || {
        let probe = crate::support::sandbox::wat(UNFINISHED).await.part();
        let probe = Probe::start("writer", probe).await;
        let print = probe.0.get_func(None, "print").unwrap();
        print.call_owned([]).await.unwrap();
        assert!(lines(events::so_far()).is_empty());
        probe.0.shutdown(std::time::Duration::from_secs(60)).await;
    });
    assert_eq!(texts(&lines), ["unfinished"]);
}

/// Writes `unfinished` to the standard output.
const UNFINISHED: &str = r#"(component
    (import "wasi:io/error@0.2.0" (instance $error (export "error" (type (sub resource)))))
    (alias export $error "error" (type $error-type))
    (import "wasi:io/streams@0.2.0" (instance $streams
        (export "output-stream" (type $out (sub resource)))
        (alias outer 1 $error-type (type $outer))
        (export "error" (type $error (eq $outer)))
        (type $failed (variant (case "last-operation-failed" (own $error)) (case "closed")))
        (export "stream-error" (type $stream-error (eq $failed)))
        (export "[method]output-stream.blocking-write-and-flush" (func
            (param "self" (borrow $out)) (param "contents" (list u8))
            (result (result (error $stream-error)))))))
    (alias export $streams "output-stream" (type $out))
    (import "wasi:cli/stdout@0.2.0" (instance $stdout
        (alias outer 1 $out (type $outer))
        (export "output-stream" (type $out (eq $outer)))
        (export "get-stdout" (func (result (own $out))))))
    (core module $memory (memory (export "memory") 1)
        (data (i32.const 100) "unfinished"))
    (core instance $memory (instantiate $memory))
    (alias core export $memory "memory" (core memory $mem))
    (core func $get (canon lower (func $stdout "get-stdout")))
    (core func $write (canon lower
        (func $streams "[method]output-stream.blocking-write-and-flush") (memory $mem)))
    (core module $m
        (import "" "get" (func $get (result i32)))
        (import "" "write" (func $write (param i32 i32 i32 i32)))
        (func (export "print")
            (call $write (call $get) (i32.const 100) (i32.const 10) (i32.const 0))))
    (core instance $wasi (export "get" (func $get)) (export "write" (func $write)))
    (core instance $i (instantiate $m (with "" (instance $wasi))))
    (func (export "print") (canon lift (core func $i "print"))))"#;
