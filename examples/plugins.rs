//! How does a host load components it knows nothing about?
//!
//! The host states what it expects as a component that only imports: a contract. Each
//! plugin is composed with it. A plugin that does not fit is refused, with the reason,
//! before any of its code runs. One that fits gets a store of its own with limits, so
//! that it can only fail alone.
//!
//! ```text
//! cargo run --example plugins [file]...
//! ```
//!
//! Without arguments it uses the plugins of the tests, one of them built against other
//! types, and a file that is not a component. It prints:
//!
//! ```text
//! plugin-count.wasm
//! {name: "count", summary: "Counts the words"}
//! ok("2")
//!
//! plugin-reverse.wasm
//! {name: "reverse", summary: "Turns the text around"}
//! ok("snigulp olleH")
//!
//! plugin-shout.wasm
//! {name: "shout", summary: "Turns the text into capitals"}
//! ok("HELLO PLUGINS!")
//!
//! plugin-wrong.wasm
//! refused: component `host` imports `plugin:host/plugin@0.1.0` from component `plugin`, but they disagree about its function `apply`
//!   at parameter "input":
//!     `host` expects string
//!     `plugin` has list<u8>
//!   fix: build both against one version of the interface, or hint to another component
//!
//! component `host` imports `plugin:host/plugin@0.1.0` from component `plugin`, but they disagree about its function `describe`
//!   at result:
//!     `host` expects record { name: string, summary: string }
//!     `plugin` has string
//!   fix: build both against one version of the interface, or hint to another component
//!
//! Cargo.toml
//! refused: the file is not a valid component: expected `(`
//!      --> <anon>:1:1
//!       |
//!     1 | [package]
//!       | ^
//! ```

use std::path::{Path, PathBuf};

use anyhow::Result;
use composer::runtime::Limits;
use composer::{ComposableDescriptor, Composer, Runtime};
use composer_examples::{guest_file, show};

/// `wit/plugin/plugin.wit`, in the text format of components.
const CONTRACT: &str = r#"(component
    (import "plugin:host/plugin@0.1.0" (instance
        (type $fields (record (field "name" string) (field "summary" string)))
        (export "info" (type $info (eq $fields)))
        (export "describe" (func (result $info)))
        (export "apply" (func (param "input" string) (result (result string (error string)))))
    ))
)"#;

#[tokio::main]
async fn main() -> Result<()> {
    // Unknown plugins get little memory and time, and no access to the outside.
    let runtime = Runtime::builder().limits(Limits::strict()).build()?;
    let mut files: Vec<PathBuf> = std::env::args_os().skip(1).map(PathBuf::from).collect();
    if files.is_empty() {
        files.extend(
            [
                "plugin-count",
                "plugin-reverse",
                "plugin-shout",
                "plugin-wrong",
            ]
            .map(guest_file),
        );
        files.push(guest_file("plugin-count").with_file_name("Cargo.toml"));
    }
    for file in files {
        println!("{}", file.file_name().unwrap_or_default().display());
        if let Err(reason) = run(&runtime, &file).await {
            println!("refused: {reason}");
        }
        println!();
    }
    Ok(())
}

/// Composes a file with the contract, and calls both functions of the plugin.
async fn run(runtime: &Runtime, file: &Path) -> Result<()> {
    let host = runtime.load_bytes("the contract", CONTRACT).await?;
    let plugin = runtime.load_bytes("the file", std::fs::read(file)?).await?;
    let mut composer = Composer::new();
    for (name, component) in [("host", host), ("plugin", plugin)] {
        composer.add(ComposableDescriptor::new(name, component.part()));
    }
    let composition = runtime.compose(composer).await?;

    // From here on the functions have the types of the contract.
    let describe = composition.get_func(Some("plugin:host/plugin"), "describe")?;
    println!("{}", show(&describe.call_owned([]).await?));
    let apply = composition.get_func(Some("plugin:host/plugin"), "apply")?;
    let input = "Hello plugins".into();
    println!("{}", show(&apply.call_owned([input]).await?));
    Ok(())
}
