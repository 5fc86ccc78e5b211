//! Do these components fit together, and how?
//!
//! Prints the plan of a composition, as text and as a Mermaid graph. No code of a
//! component runs. If the components do not fit, it prints the reason and fails. Imports
//! from WASI are satisfied, as in every runtime.
//!
//! ```text
//! cargo run --example inspect [file.wasm]...
//! ```
//!
//! Without arguments it plans the shop of the quickstart and prints:
//!
//! ```text
//! components, in start order
//!   catalog
//!   tax-eu
//!   till
//!     shop:catalog/prices@1.0.0 ← catalog
//!     shop:tax/rates@1.0.0 ← tax-eu
//! exports
//!   interface shop:catalog/prices@1.0.0 ← catalog
//!   interface shop:tax/rates@1.0.0 ← tax-eu
//!   interface shop:till/checkout@1.0.0 ← till
//!
//! flowchart LR
//!   c0["catalog"]
//!   c1["tax-eu"]
//!   c2["till"]
//!   c2 -->|"shop:catalog/prices@1.0.0"| c0
//!   c2 -->|"shop:tax/rates@1.0.0"| c1
//! ```
//!
//! Without the catalog (`tests/guests/till/till.wasm` and
//! `tests/guests/tax-eu/tax-eu.wasm` as arguments):
//!
//! ```text
//! Error: component `till` imports `shop:catalog/prices@1.0.0`, which nothing provides
//!   fix: add a component that exports `shop:catalog/prices@1.0.0`, define it in the linker of `till`, or leave it open with `.with_open_import("shop:catalog/prices@1.0.0")`
//! ```

use std::path::PathBuf;

use anyhow::Result;
use composer::{ComposableDescriptor, Composer, Runtime};
use composer_examples::guest_file;

#[tokio::main]
async fn main() -> Result<()> {
    let mut files: Vec<PathBuf> = std::env::args_os().skip(1).map(PathBuf::from).collect();
    if files.is_empty() {
        files.extend(["catalog", "tax-eu", "till"].map(guest_file));
    }
    let runtime = Runtime::new()?;
    let mut composer = Composer::new();
    for file in files {
        let name = file.file_stem().unwrap_or_default().to_string_lossy();
        let component = runtime.load_file(&file).await?;
        composer.add(ComposableDescriptor::new(name, component.part()));
    }
    let plan = composer.plan()?;
    print!("{plan}\n{}", plan.to_mermaid());
    Ok(())
}
