//! WIT names that have a meaning of their own in Rust or in the code that `compose!`
//! generates: keywords, names of the prelude, and names beside it. Each of them is used
//! in every possible position, and all of that compiles.
//!
//! `clippy` checks that it compiles: none of it runs, and generating code for it would
//! take longer than for all other tests.
//!
//! `BLESS=1` rewrites `compose/words.wit`.

use std::fmt::Write;
use std::path::Path;

const WORDS: &[&str] = &[
    // Keywords, also of the future; those that cannot be raw; what is only sometimes one.
    "async",
    "dyn",
    "gen",
    "self",
    "super",
    "try",
    "type",
    "union",
    // The prelude.
    "as-ref",
    "clone",
    "default",
    "drop",
    "err",
    "from",
    "future",
    "into",
    "none",
    "option",
    "result",
    "some",
    "string",
    "to-owned",
    "vec",
    // Types without a path, and crates.
    "composer",
    "core",
    "i32",
    "std",
    "str",
    "wasmtime",
    // What the macro makes, or names.
    "args",
    "context",
    "exports",
    "face",
    "flags-many",
    "glue",
    "handle",
    "host",
    "inbound",
    "interface",
    "into-handle",
    "list",
    "long",
    "new",
    "outbound",
    "private",
    "program",
    "registry",
    "table",
    "untyped",
    "wire",
];

/// Those that name interfaces too: modules, in Rust.
const MODULES: &[&str] = &["core", "glue", "private", "self", "string", "type", "wire"];

/// Joins a line for each word.
fn each(words: &[&str], line: impl Fn(&str) -> String) -> String {
    words
        .iter()
        .map(|word| line(word))
        .collect::<Vec<_>>()
        .join("\n")
}

fn wit() -> String {
    let mut wit = String::from("// Written by `tests/compose/words.rs`.\npackage test:words;\n");
    let mut add = |text: String| writeln!(wit, "\n{text}").unwrap();
    add(format!(
        "interface records {{\n{}\nall: func(of: %string) -> %self;\n}}",
        each(WORDS, |word| format!(
            "record %{word} {{ %{word}: u32, more: string }}"
        ))
    ));
    add(format!(
        "interface fields {{\nrecord all {{\n{}\n}}\npass: func(all: all) -> all;\n}}",
        each(WORDS, |word| format!("%{word}: u8,"))
    ));
    add(format!(
        "interface cases {{\nvariant all {{\n{}\n}}\nenum names {{\n{}\n}}\n\
         pass: func(all: all) -> names;\n}}",
        each(WORDS, |word| format!("%{word}(string),")),
        each(WORDS, |word| format!("%{word},"))
    ));
    let flags: Vec<String> = WORDS
        .chunks(32)
        .enumerate()
        .map(|(i, words)| {
            format!(
                "flags some{i} {{\n{}\n}}",
                each(words, |w| format!("%{w},"))
            )
        })
        .collect();
    add(format!(
        "interface bits {{\n{}\npass: func(all: some0) -> some1;\n}}",
        flags.join("\n")
    ));
    add(format!(
        "interface functions {{\n{}\n}}",
        each(WORDS, |word| format!(
            "%{word}: func(%{word}: u32) -> string;"
        ))
    ));
    add(format!(
        "interface things {{\nresource thing {{\nconstructor(%self: u32);\n{}\n}}\n\
         resource maker {{\n{}\n}}\n}}",
        each(WORDS, |word| {
            // Methods have a parameter of that name already.
            let param = if word == "self" { "that" } else { word };
            format!("%{word}: func(%{param}: string) -> u32;")
        }),
        each(WORDS, |word| format!(
            "%{word}: static func(%{word}: u32) -> maker;"
        ))
    ));
    add(format!(
        "interface resources {{\n{}\n}}",
        each(WORDS, |word| format!(
            "resource %{word} {{ constructor(n: u32); number: func() -> u32; }}"
        ))
    ));
    add(each(MODULES, |word| {
        format!("interface %{word} {{ %{word}: func() -> u32; }}")
    }));
    let named = |verb: &str| each(MODULES, |word| format!("{verb} %{word};"));
    let topics = "records fields cases bits functions things resources";
    let topics = |verb: &str| {
        let topics: Vec<&str> = topics.split(' ').collect();
        each(&topics, |topic| format!("{verb} {topic};"))
    };
    add(format!(
        "world exporter {{\n{}\n{}\n}}",
        topics("export"),
        named("export")
    ));
    add(format!(
        "world importer {{\n{}\n{}\n}}",
        topics("import"),
        named("import")
    ));
    // Flags are in a module of their own, as an interface within a world is.
    add(
        "world beside {\nflags many { a, b }\nexport flags-many: interface { f: func(); }\n\
         export pass: func(all: many) -> many;\n}"
            .to_owned(),
    );
    wit
}

#[test]
fn the_file_has_them_all() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("compose/words.wit");
    if std::env::var_os("BLESS").is_some() {
        std::fs::write(&file, wit()).unwrap();
    }
    let written = std::fs::read_to_string(&file).unwrap();
    assert!(written == wit(), "run with BLESS=1");
}

/// What a component exports is called.
#[cfg(clippy)]
mod called {
    composer::compose!({
        path: "compose/words.wit",
        composition: Words,
        components: { all: "test:words/exporter" },
        exports: [
            "test:words/records", "test:words/fields", "test:words/cases", "test:words/bits",
            "test:words/functions", "test:words/things", "test:words/resources",
            "test:words/core", "test:words/glue", "test:words/private", "test:words/self",
            "test:words/string", "test:words/type", "test:words/wire",
        ],
    });
}

/// What a component imports is implemented.
#[cfg(clippy)]
mod hosted {
    composer::compose!({
        path: "compose/words.wit",
        composition: Words,
        components: { all: "test:words/importer" },
        host: [
            "test:words/records", "test:words/fields", "test:words/cases", "test:words/bits",
            "test:words/functions", "test:words/things", "test:words/resources",
            "test:words/core", "test:words/glue", "test:words/private", "test:words/self",
            "test:words/string", "test:words/type", "test:words/wire",
        ],
    });
}

/// Flags of a world beside an interface of the world.
#[cfg(clippy)]
mod beside {
    composer::compose!({
        path: "compose/words.wit",
        composition: Words,
        components: { all: "test:words/beside" },
        exports: ["flags-many", "pass"],
    });
}
