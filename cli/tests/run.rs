//! `run`: arguments, standard streams and exit codes, and readers that leave.

use std::io::{Read, Write};
use std::process::{Command, Output, Stdio};

use crate::support::{repository, wasm_composer};

const TOOL: &str = "tests/guests/cli-tool/cli-tool.wasm";

fn command(args: &[&str]) -> Command {
    let mut command = wasm_composer();
    command
        .args(args)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    command
}

fn run(args: &[&str], input: &str) -> Output {
    let mut child = command(args).spawn().unwrap();
    child
        .stdin
        .take()
        .unwrap()
        .write_all(input.as_bytes())
        .unwrap();
    child.wait_with_output().unwrap()
}

fn text(bytes: &[u8]) -> &str {
    std::str::from_utf8(bytes).unwrap()
}

#[test]
fn a_program_as_a_shell_runs_it() {
    let output = run(&["run", TOOL, "--", "--flag", "two words"], "abc\ndef\n");
    assert_eq!(output.status.code(), Some(0));
    assert_eq!(
        text(&output.stdout),
        "cli-tool.wasm --flag two words\nABC\nDEF\n"
    );
    assert_eq!(text(&output.stderr), "done\n");
}

#[test]
fn its_exit_code_is_the_programs() {
    // WASI 0.2 knows success and failure, and no number.
    for (args, code) in [(&["exit", "0"][..], 0), (&["exit", "7"], 1), (&["fail"], 1)] {
        let output = run(&[&["run", TOOL, "--"], args].concat(), "");
        assert_eq!(output.status.code(), Some(code), "{args:?}");
        assert_eq!(text(&output.stderr), "done\n", "{args:?}");
    }
}

#[test]
fn a_program_that_panics() {
    let output = run(&["run", TOOL, "--", "panic"], "");
    assert_eq!(output.status.code(), Some(3));
    let said = text(&output.stderr);
    assert!(said.contains("as it was told"), "{said}");
    assert!(said.contains("component `cli-tool` trapped"), "{said}");
}

#[test]
fn a_command_of_wasi_0_3() {
    let output = run(&["run", "tests/guests/wasi-command/wasi-command.wasm"], "");
    assert_eq!(output.status.code(), Some(0));
    assert_eq!(text(&output.stdout).lines().count(), 1000);
}

/// What is written comes before what is given.
#[test]
fn arguments_that_are_written() {
    let folder = tempfile::tempdir().unwrap();
    let tool = repository().join(TOOL);
    std::fs::copy(tool, folder.path().join("tool.wasm")).unwrap();
    let manifest = "[components.tool]\npath = \"tool.wasm\"\n\
                    grants = { args = [\"named\", \"written\"] }\n";
    std::fs::write(folder.path().join("compose.toml"), manifest).unwrap();
    let output = run(&["run", folder.path().to_str().unwrap(), "--", "given"], "");
    assert_eq!(
        text(&output.stdout),
        "named written given\n",
        "{}",
        text(&output.stderr)
    );
}

/// `head` and others read a part and leave.
#[test]
fn a_reader_that_leaves() {
    let mut child = command(&["schema"]).spawn().unwrap();
    let mut begin = [0; 1];
    let mut out = child.stdout.take().unwrap();
    out.read_exact(&mut begin).unwrap();
    drop(out);
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(0));
    assert_eq!(text(&output.stderr), "");
}

/// What a program writes another one reads: values of every type that has a text form, as
/// they are written and as WAVE writes them.
#[test]
fn values_of_every_type_come_back() {
    let echo = "tests/guests/wasi-echo/wasi-echo.wasm";
    let same = [
        ("bool", "true"),
        ("u8", "255"),
        ("s8", "-128"),
        ("u32", "4294967295"),
        ("s64", "-9223372036854775808"),
        ("f64", "-1.5"),
        ("f64", "nan"),
        ("f32", "inf"),
        ("f32", "-inf"),
        ("char", "'a'"),
        ("char", r"'\''"),
        ("char", "'\"'"),
        ("char", r"'\u{0}'"),
        ("string", r#""""#),
        ("string", r#""it's \"quoted\", a \\ and\n\t\u{0} a \u{7f}""#),
        ("string", r#""Grüße 🌍""#),
        ("bytes", "[0, 1, 255]"),
        ("strings", r#"["", "a"]"#),
        ("lists", "[[], [1, 2]]"),
        ("tuple", r#"(1, "b", 0.25)"#),
        ("option", "some(3)"),
        ("option", "none"),
        ("option-option", "some(none)"),
        ("result", "ok(7)"),
        ("result", r#"err("no")"#),
        ("result-err", "ok"),
        ("result-unit", "err"),
    ];
    let call = |name: &str, value: &str| {
        let function = format!("test:values/echo#echo-{name}");
        let output = run(&["call", echo, &function, "--", value], "");
        assert_eq!(
            output.status.code(),
            Some(0),
            "{value}: {}",
            text(&output.stderr)
        );
        text(&output.stdout).trim_end().to_owned()
    };
    for (name, value) in same {
        assert_eq!(call(name, value), value, "{name}");
    }
    // What may be written in several ways is written in one.
    for (name, value, shown) in [
        ("option", "3", "some(3)"),
        ("result", "7", "ok(7)"),
        ("char", r"'\u{1f30d}'", "'🌍'"),
        ("f64", "1e3", "1000"),
        ("strings", r#"["a",]"#, r#"["a"]"#),
    ] {
        assert_eq!(call(name, value), shown, "{name}");
        assert_eq!(call(name, shown), shown, "{name}");
    }
    let sum = run(&["call", echo, "add", "2", "40"], "");
    assert_eq!(text(&sum.stdout), "42\n");
    let json = run(&["call", echo, "add", "2", "40", "--format", "json"], "");
    assert_eq!(text(&json.stdout), "{\"result\":\"42\"}\n");
    let lost = run(&["call", echo, "add", "-2", "40"], "");
    assert_eq!(lost.status.code(), Some(1));
    assert!(
        text(&lost.stderr).contains("for `a` is no `u32`"),
        "{}",
        text(&lost.stderr)
    );
}

/// The shop in WAC and in TOML is one plan, and its answers are those of the component that
/// `wac` itself makes of the document.
#[test]
fn wac_and_toml_are_one_plan() {
    let plan = |app: &str, format: &str| run(&["plan", app, "--format", format], "").stdout;
    for format in ["text", "json", "dot", "mermaid", "svg"] {
        let toml = plan("examples/shop", format);
        assert!(!toml.is_empty());
        assert_eq!(toml, plan("examples/shop/shop.wac", format), "{format}");
    }

    let repository = repository();
    let document = std::fs::read_to_string(repository.join("examples/shop/shop.wac")).unwrap();
    let document = wac_parser::Document::parse(&document).unwrap();
    let packages = wac_resolver::packages(&document)
        .unwrap()
        .into_keys()
        .map(|key| {
            let file = format!("examples/shop/deps/{}.wasm", key.name.replace(':', "/"));
            let bytes = std::fs::read(repository.join(file)).unwrap();
            (key, bytes)
        });
    let resolved = document.resolve(packages.collect()).unwrap();
    let encoded = resolved
        .encode(wac_graph::EncodeOptions::default())
        .unwrap();
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("shop.wasm");
    std::fs::write(&file, encoded).unwrap();
    let call = |app: &str, value: &str| {
        let output = run(&["call", app, "shop:till/checkout#total", value], "");
        assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
        text(&output.stdout).to_owned()
    };
    for value in [
        "[]",
        r#"[{sku: "apple", quantity: 3}, {sku: "bread", quantity: 1}]"#,
        r#"[{sku: "nothing", quantity: 1}]"#,
    ] {
        assert_eq!(
            call("examples/shop/shop.wac", value),
            call(file.to_str().unwrap(), value)
        );
    }
}

const COUNTERS: &str = "tests/guests/counters/counters.wasm";

/// A session on a component with resources.
fn session(lines: &str) -> Output {
    run(&["repl", COUNTERS], lines)
}

#[test]
fn resources_in_a_session() {
    let output = session(
        "c = new counter(1)\n\
         c.increment(2)\n\
         d = counter.named(\"two, (2)\", 40)\n\
         d.name()\n\
         c.same-as(d)\n\
         c.absorb(d)\n\
         test:resources/counters#[method]counter.value(c)\n\
         drop c\n",
    );
    let shown = "c: test:resources/counters@0.1.0.counter\n\
                 3\n\
                 d: test:resources/counters@0.1.0.counter\n\
                 \"two, (2)\"\n\
                 false\n\
                 43\n\
                 43\n";
    assert_eq!((text(&output.stdout), text(&output.stderr)), (shown, ""));
    assert_eq!(output.status.code(), Some(0));
}

/// A mistake in one line ends only that line.
#[test]
fn a_session_goes_on_after_a_mistake() {
    let output = session(
        "c = new counter(1)\n\
         c.absorb(c)\n\
         c.absorb(e)\n\
         c.increment()\n\
         c.decrement(1)\n\
         c.increment(\"one\")\n\
         increment\n\
         drop e\n\
         n = c.value()\n\
         new counter(7)\n\
         r1.value()\n\
         c.value()\n",
    );
    assert_eq!(output.status.code(), Some(1));
    let shown = text(&output.stdout);
    assert!(
        shown.ends_with("r1: test:resources/counters@0.1.0.counter\n7\n1\n"),
        "{shown}"
    );
    let said = text(&output.stderr);
    assert!(!shown.contains("3\n"), "a refused line has run: {shown}");
    for what in [
        "`c` is given away, so it can be no other argument",
        "no resource is kept as `e`",
        "takes 2 arguments, not 1",
        "`test:resources/counters@0.1.0` has no function `[method]counter.decrement`",
        "for `by` is no `u32`",
        "`increment` is no call",
        "nothing is kept as `e`",
        "only resources are kept",
    ] {
        assert!(said.contains(what), "{what:?} in {said}");
    }
}

/// The figures are told for both forms; what they are is the machine's.
#[test]
fn a_function_is_measured_isolated_and_fused() {
    let args = [
        "bench",
        "examples/shop",
        "shop:catalog/prices#lookup",
        "\"apple\"",
    ];
    let more = ["--time", "50ms", "--format", "json"];
    let output = run(&[&args[..], &more].concat(), "");
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    let figures: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    for (index, name) in ["isolated", "fused"].into_iter().enumerate() {
        let form = &figures["forms"][index];
        assert_eq!(form["name"], name);
        assert!(form["calls"].as_u64().unwrap() > 0);
        assert!(form["median_ns"].as_u64() <= form["max_ns"].as_u64());
    }
    let output = run(&[&args[..], &["--time", "50ms"]].concat(), "");
    assert!(text(&output.stdout).contains("times as long as fused"));
}

/// The whole in one file is a valid component, and answers the same.
#[test]
fn a_composition_in_one_file() {
    let folder = tempfile::tempdir().unwrap();
    for app in [
        "examples/shop",
        "examples/shop/shop.wac",
        "cli/tests/manifests/grouped.toml",
    ] {
        let file = folder.path().join("whole.wasm");
        let output = run(&["fuse", app, "-o", file.to_str().unwrap()], "");
        assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
        let bytes = std::fs::read(&file).unwrap();
        wasmparser::Validator::new().validate_all(&bytes).unwrap();
        let value = r#"[{sku: "apple", quantity: 3}]"#;
        let call = |app| run(&["call", app, "shop:till/checkout#total", value], "").stdout;
        assert_eq!(
            text(&call(file.to_str().unwrap())),
            text(&call(app)),
            "{app}"
        );
    }
}

#[test]
fn completions_and_manual_pages() {
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        let output = run(&["completions", shell], "");
        assert!(text(&output.stdout).contains("wasm-composer"), "{shell}");
    }
    let folder = tempfile::tempdir().unwrap();
    let output = run(&["man", folder.path().to_str().unwrap()], "");
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    let page = folder.path().join("wasm-composer-serve.1");
    assert!(std::fs::read_to_string(page).unwrap().contains("graceful"));
}

/// Every key of the schema is described.
#[test]
fn the_schema_says_what_each_key_is() {
    let output = run(&["schema"], "");
    let schema: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    let mut left = vec![("the file".to_owned(), &schema)];
    let mut keys = 0;
    while let Some((path, schema)) = left.pop() {
        if let Some(object) = schema.as_object() {
            let properties = object.get("properties").and_then(|it| it.as_object());
            for (name, property) in properties.into_iter().flatten() {
                keys += 1;
                assert!(property["description"].is_string(), "{name} in {path}");
            }
            for (name, inner) in object {
                left.push((format!("{path}/{name}"), inner));
            }
        } else if let Some(items) = schema.as_array() {
            left.extend(items.iter().map(|item| (path.clone(), item)));
        }
    }
    assert!(keys > 40, "{keys}");
}

#[test]
fn a_component_that_fails_in_a_session() {
    let hostile = "tests/guests/hostile/hostile.wasm";
    let output = run(&["repl", hostile], "trap()\nnothing()\n");
    assert_eq!(output.status.code(), Some(3), "{}", text(&output.stderr));
}

#[test]
fn more_files_beside_one() {
    let guest = |name: &str| format!("tests/guests/{name}/{name}.wasm");
    let (till, catalog, tax) = (guest("till"), guest("catalog"), guest("tax-us"));
    let total = "shop:till/checkout#total";
    let basket = r#"[{sku: "apple", quantity: 1}]"#;
    let files = ["--with", &catalog, "--with", &tax, "--format", "json"];
    let output = run(&[&["call", &till, total, basket], &files[..]].concat(), "");
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    assert!(
        text(&output.stdout).contains("US"),
        "{}",
        text(&output.stdout)
    );
}

/// What happens is told on standard error, where it is in nobody's way.
#[test]
fn verbose() {
    let args = [
        "call",
        "examples/shop",
        "shop:catalog/prices#lookup",
        "\"apple\"",
    ];
    let quiet = run(&args, "");
    assert_eq!(text(&quiet.stderr), "");
    let once = run(&[&args[..], &["-v"]].concat(), "");
    assert!(
        text(&once.stderr).contains("a component was compiled"),
        "{}",
        text(&once.stderr)
    );
    assert!(!text(&once.stderr).contains("linked"));
    let total = ["call", "examples/shop", "shop:till/checkout#total"];
    let tree = run(
        &[&total[..], &[r#"[{sku: "apple", quantity: 3}]"#, "-v"]].concat(),
        "",
    );
    let tree: Vec<&str> = text(&tree.stderr)
        .lines()
        .filter(|line| line.contains('#'))
        .collect();
    // Each with its time behind it.
    let begins = [
        "till shop:till/checkout@1.0.0#total ",
        "  tax-eu shop:tax/rates@1.0.0#region ",
        "  catalog shop:catalog/prices@1.0.0#lookup ",
        "  tax-eu shop:tax/rates@1.0.0#rate ",
    ];
    assert_eq!(tree.len(), begins.len(), "{tree:?}");
    for (line, begin) in tree.iter().zip(begins) {
        assert!(line.starts_with(begin) && line.ends_with('s'), "{line}");
    }
    let twice = run(&[&args[..], &["-vv"]].concat(), "");
    assert!(
        text(&twice.stderr).contains("linked"),
        "{}",
        text(&twice.stderr)
    );
    assert_eq!(quiet.stdout, twice.stdout);
}
