//! What a manifest says of limits, grants, filters and restarts holds.

use std::fmt::Debug;
use std::fs;
use std::net::TcpListener;
use std::path::PathBuf;
use std::time::Duration;

use composer::Restart;
use composer::http::HttpHosts;
use composer::runtime::{Grants, Limits};
use tempfile::TempDir;
use wasm_composer::source::DescribedComposition;

use crate::support::{self, wasm_composer};

/// A composition of one guest, with these lines in its manifest.
struct App(TempDir);

impl App {
    fn new(guest: &str, lines: &str) -> App {
        let folder = tempfile::tempdir().unwrap();
        fs::copy(support::guest(guest), folder.path().join("it.wasm")).unwrap();
        let manifest = format!("[components.it]\npath = \"it.wasm\"\n{lines}\n");
        fs::write(folder.path().join("compose.toml"), manifest).unwrap();
        App(folder)
    }

    fn folder(&self) -> PathBuf {
        self.0.path().to_owned()
    }

    /// Carries out lines of a session: the exit code, and what is said.
    fn session(&self, lines: &str) -> (Option<i32>, String) {
        let script = self.folder().join("script");
        fs::write(&script, lines).unwrap();
        let output = wasm_composer()
            .arg("repl")
            .arg(self.0.path())
            .stdin(fs::File::open(script).unwrap())
            .env("COMPOSER_TEST_VARIABLE", "of the host")
            .output()
            .unwrap();
        let said = [output.stdout, output.stderr].concat();
        (output.status.code(), String::from_utf8(said).unwrap())
    }
}

#[track_caller]
fn says(guest: &str, manifest: &str, lines: &str, wanted: &str) {
    let (_, said) = App::new(guest, manifest).session(lines);
    assert!(
        said.contains(wanted),
        "{manifest}: {wanted:?} is not in {said}"
    );
}

#[test]
fn limits() {
    let hostile = |limits: &str, call: &str, wanted: &str| {
        says("hostile", &format!("limits = {{ {limits} }}"), call, wanted);
    };
    hostile("fuel = 10000", "spin()", "fuel");
    hostile("time = \"50ms\"", "spin()", "time");
    hostile(
        "memory = \"2MiB\"",
        "grow(1000)",
        "more than the 2097152 allowed",
    );
    hostile(
        "memory = \"2MiB\"",
        "grow(1000)",
        "raise it with `memory` in its `limits`",
    );
    hostile("memory = \"256MiB\"", "grow(1000)\nok()", "\n42\n");
    hostile("memory = \"64KiB\"", "ok()", "failed to start");
    hostile("core-instances = 1", "ok()", "core instances");
    // A preset, and a value that is another one.
    hostile(
        "preset = \"strict\"",
        "grow(10000)",
        "more than the 33554432 allowed",
    );
    hostile("preset = \"strict\", fuel = 10000", "spin()", "fuel");
    hostile("preset = \"minimal\"", "ok()", "42");
    says(
        "wasi-probe",
        "limits = { value-size = \"1KiB\" }",
        &format!("print({:?})", "x".repeat(5000)),
        "1024",
    );
}

#[test]
fn restarts() {
    let lines = "trap()\nok()\n";
    says("hostile", "", lines, "refused: component `it` trapped");
    let (_, said) = App::new("hostile", "restart = {}").session(lines);
    assert!(
        said.contains("\n42\n") || said.starts_with("42\n"),
        "{said}"
    );
    // More deaths than are allowed.
    let few =
        "restart = { limit = 1, within = \"1m\", first-wait = \"1ms\", longest-wait = \"2ms\" }";
    let (_, said) = App::new("hostile", few).session("trap()\nok()\ntrap()\nok()\n");
    assert_eq!(said.matches("42").count(), 1, "{said}");
}

#[test]
fn what_is_granted_and_what_is_not() {
    let probe = |grants: &str, call: &str, wanted: &str| {
        says(
            "wasi-probe",
            &format!("grants = {{ {grants} }}"),
            call,
            wanted,
        );
    };
    probe("", "variables()", "[]");
    probe(
        "env = { REGION = \"eu\" }",
        "variables()",
        r#"("REGION", "eu")"#,
    );
    probe(
        "env-from-host = [\"COMPOSER_TEST_VARIABLE\"]",
        "variables()",
        r#"[("COMPOSER_TEST_VARIABLE", "of the host")]"#,
    );
    probe(
        "args = [\"one\", \"two\"]",
        "arguments()",
        r#"["one", "two"]"#,
    );
    probe("", "resolve(\"localhost\")", "err(");
    probe(
        "network = true, name-lookup = true",
        "resolve(\"localhost\")",
        "ok",
    );
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let connect = format!("connect({port})");
    probe("", &connect, "err(");
    probe(&format!("tcp-to = [\"127.0.0.1:{port}\"]"), &connect, "ok");
    probe("tcp-to = [\"127.0.0.1:1\"]", &connect, "err(");
    probe("", "bind()", "err(");
    probe("network = true", "bind()", "ok");
}

#[test]
fn folders() {
    let app = |key: &str| {
        let app = App::new(
            "wasi-probe",
            &format!("grants = {{ {key} = {{ \"/data\" = \"here\" }} }}"),
        );
        fs::create_dir(app.folder().join("here")).unwrap();
        fs::write(app.folder().join("here/note"), "written before").unwrap();
        app
    };
    let lines =
        "read(\"/data/note\")\nwrite(\"/data/new\", \"written now\")\nread(\"/etc/passwd\")\n";
    let reads = app("read");
    let (_, said) = reads.session(lines);
    assert!(said.contains(r#"ok("written before")"#), "{said}");
    assert_eq!(said.matches("err(").count(), 2, "{said}");
    assert!(!reads.folder().join("here/new").exists());
    let writes = app("write");
    let (_, said) = writes.session(lines);
    assert_eq!(said.matches("err(").count(), 1, "{said}");
    let new = fs::read_to_string(writes.folder().join("here/new"));
    assert_eq!(new.unwrap(), "written now");
}

/// Random numbers of two runs differ, whether they are made from a seed or not; the key is
/// taken.
#[test]
fn randomness() {
    let app = App::new("wasi-probe", "grants = { real-randomness = true }");
    let (first, second) = (app.session("random()\n"), app.session("random()\n"));
    assert_eq!((first.0, second.0), (Some(0), Some(0)));
    assert_ne!(first.1, second.1);
}

#[test]
fn filters() {
    let counters = "test:resources/counters";
    let exports = |lines: &str| App::new("counters", lines).session("exports\n").1;
    assert!(exports("").contains("[method]counter.value"));
    let some = format!("expose = [\"{counters}#[constructor]counter\"]");
    let shown = exports(&some);
    assert!(shown.contains("[constructor]counter(start)"), "{shown}");
    let (_, said) = App::new("counters", &some).session("c = new counter(1)\nc.value()\n");
    assert!(said.contains("c: ") && said.contains("value"), "{said}");
    let (_, said) = App::new("counters", &format!("hide = [\"{counters}\"]")).session("exports\n");
    assert!(!said.contains("constructor"), "{said}");
}

#[test]
fn configuration_values() {
    let config = "config = { currency = \"EUR\" }";
    says("configured", config, "value(\"currency\")", "some(\"EUR\")");
    says("configured", config, "value(\"region\")", "none");
    says("configured", "", "values()", "[]");
    let group = "[groups.all]\nmembers = [\"it\"]\nconfig = { currency = \"EUR\" }";
    says("configured", group, "values()", "[(\"currency\", \"EUR\")]");
    says(
        "configured",
        &format!("{config}\n{group}"),
        "values()",
        "`it` is a member of a group, so it has no limits, grants, configuration or",
    );
    says(
        "configured",
        "config = { currency = 1 }",
        "",
        "should be a string",
    );
}

/// Where a component comes from is said once.
#[test]
fn a_path_or_a_package() {
    let both = "package = \"shop:tax@^1.2\"";
    let wanted = "only one of `path`, `package` can be in `it`";
    says("configured", both, "", wanted);
}

/// Without the feature `registry`, nothing is fetched, and that is said.
#[test]
fn packages_that_are_not_fetched() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("compose.toml");
    fs::write(&file, "[components.it]\npackage = \"shop:tax@^1.2\"\n").unwrap();
    let described = DescribedComposition::read_files(&[file]).unwrap();
    let problems = described.has_files().unwrap_err();
    let problem = problems.iter().next().unwrap().to_string();
    assert!(
        problem.contains("`shop:tax@^1.2` is in a registry"),
        "{problem}"
    );
}

/// Each key sets what the library calls by the same name.
#[test]
fn every_key() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("it.wasm"), "").unwrap();
    let file = folder.path().join("compose.toml");
    let manifest = r#"
        [components.it]
        path = "it.wasm"
        config = { key = "value" }

        [components.it.limits]
        preset = "high-performance"
        memory = "3MiB"
        time = "4ms"
        deadline = "5s"
        start-time = "6m"
        fuel = 7
        value-size = "8KiB"
        calls = 9
        inbox = 10
        handles = 11
        memories = 12
        tables = 13
        table-elements = 14
        core-instances = 15

        [components.it.grants]
        read = { "/r" = "." }
        write = { "/w" = "." }
        env = { NAME = "value" }
        args = ["one", "two"]
        network = true
        tcp-to = ["127.0.0.1:1"]
        tcp-at = ["127.0.0.1:2"]
        udp-to = ["[::1]:3"]
        udp-at = ["[::1]:4"]
        name-lookup = true
        http-to = ["api.example.com"]
        real-randomness = true

        [components.it.restart]
        first-wait = "1ms"
        longest-wait = "2s"
        limit = 3
        within = "1h"
    "#;
    fs::write(&file, manifest).unwrap();
    let described = DescribedComposition::read_files(&[file]).unwrap();
    let settings = &described.components[0].settings;

    let limits = Limits::high_performance()
        .with_memory(3 << 20)
        .with_time(Some(Duration::from_millis(4)))
        .with_deadline(Some(Duration::from_secs(5)))
        .with_start_time(Some(Duration::from_secs(360)))
        .with_fuel(Some(7))
        .with_value_size(8 << 10)
        .with_calls(9)
        .with_inbox(10)
        .with_handles(11)
        .with_memories(12)
        .with_tables(13)
        .with_table_elements(14)
        .with_core_instances(15);
    let text = |value: &dyn Debug| format!("{value:?}");
    assert_eq!(text(&settings.limits), text(&Some(limits)));

    let here = folder.path().join(".");
    let address = |text: &str| text.parse().unwrap();
    let grants = Grants::none()
        .with_folder_to_read(&here, "/r")
        .with_folder_to_write(&here, "/w")
        .with_env("NAME", "value")
        .with_args(["one", "two"])
        .with_network()
        .with_tcp_to(address("127.0.0.1:1"))
        .with_tcp_at(address("127.0.0.1:2"))
        .with_udp_to(address("[::1]:3"))
        .with_udp_at(address("[::1]:4"))
        .with_name_lookup()
        .with_http_to(HttpHosts::none().with("api.example.com"))
        .with_real_randomness()
        .with_config("key", "value");
    assert_eq!(text(&settings.grants), text(&grants));

    let restart = Restart::on_death()
        .with_backoff(Duration::from_millis(1), Duration::from_secs(2))
        .with_limit(3, Duration::from_secs(3600));
    assert_eq!(text(&settings.restart), text(&Some(restart)));
}
