//! What a `compose!` costs in the crate of its user, beside `bindgen!` for the same
//! worlds: the processor time of rustc for that crate alone, the lines of its expansion,
//! and the items that are compiled for it.
//!
//! It makes two crates in the target folder and builds them there, so the first run also
//! builds wasmtime three times. `RUSTC_BOOTSTRAP` turns on the options that print the
//! expansion and the items; the times are without it. Every time is the best of three.

#![allow(clippy::unwrap_used, missing_docs)]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

const MANIFEST: &str = r#"
[package]
name = "cost"
version = "0.0.0"
edition = "2024"

[dependencies]
composer = { package = "wasm-composer", path = "PATH" }
tokio = { version = "1", features = ["macros", "rt-multi-thread"] }

[[bin]]
name = "composed"
path = "src/composed.rs"

[[bin]]
name = "bound"
path = "src/bound.rs"

[workspace]
"#;

/// Composes the shop, and makes one call.
const COMPOSED: &str = r#"
composer::compose!({
    path: "WIT",
    composition: Shop,
    components: {
        catalog: "shop:catalog/catalog",
        tax: "shop:tax/tax",
        till: "shop:till/till",
    },
    exports: ["shop:catalog/prices", "shop:tax/rates", "shop:till/checkout"],
});

use shop::shop::till::checkout::Line;

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let runtime = composer::Runtime::new()?;
    let shop = Shop::compose(ShopParts {
        catalog: runtime.load_file("catalog.wasm").await?.part(),
        tax: runtime.load_file("tax.wasm").await?.part(),
        till: runtime.load_file("till.wasm").await?.part(),
    })
    .await?;
    let line = Line { sku: "apple".to_owned(), quantity: 3 };
    println!("{:?}", shop.checkout().total([line]).await??);
    println!("{:?}", shop.prices().lookup("apple").await?);
    println!("{:?}", shop.rates().rate("apple").await?);
    Ok(())
}
"#;

/// The same worlds, each bound, and the imports of one passed on to the others by hand: as
/// near as `bindgen!` comes to it.
const BOUND: &str = r#"
use composer::wasmtime;
use wasmtime::component::{Component, HasSelf, Linker, bindgen};
use wasmtime::{Engine, Store};

mod catalog {
    super::bindgen!({
        path: WITS,
        world: "shop:catalog/catalog",
        wasmtime_crate: composer::wasmtime,
        exports: { default: async },
    });
}
mod tax {
    super::bindgen!({
        path: WITS,
        world: "shop:tax/tax",
        wasmtime_crate: composer::wasmtime,
        exports: { default: async },
    });
}
mod till {
    super::bindgen!({
        path: WITS,
        world: "shop:till/till",
        wasmtime_crate: composer::wasmtime,
        imports: { default: async },
        exports: { default: async },
    });
}

use till::exports::shop::till::checkout::Line;
use till::shop::catalog::prices::Item;

struct Behind {
    catalog: (catalog::Catalog, Store<()>),
    tax: (tax::Tax, Store<()>),
}

impl till::shop::catalog::prices::Host for Behind {
    async fn lookup(&mut self, sku: String) -> Option<Item> {
        let (catalog, store) = &mut self.catalog;
        let found = catalog.shop_catalog_prices().call_lookup(store, &sku).await;
        let item = found.ok()??;
        Some(Item { name: item.name, cents: item.cents })
    }
}

impl till::shop::tax::rates::Host for Behind {
    async fn region(&mut self) -> String {
        let (tax, store) = &mut self.tax;
        tax.shop_tax_rates().call_region(store).await.unwrap_or_default()
    }

    async fn rate(&mut self, sku: String) -> u32 {
        let (tax, store) = &mut self.tax;
        tax.shop_tax_rates().call_rate(store, &sku).await.unwrap_or_default()
    }
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let engine = Engine::default();
    let load = |file: &str| Component::from_file(&engine, file);
    let linker = Linker::new(&engine);
    let mut store = Store::new(&engine, ());
    let component = load("catalog.wasm")?;
    let catalog = catalog::Catalog::instantiate_async(&mut store, &component, &linker).await?;
    let catalog = (catalog, store);
    let mut store = Store::new(&engine, ());
    let tax = tax::Tax::instantiate_async(&mut store, &load("tax.wasm")?, &linker).await?;
    let tax = (tax, store);
    let mut linker = Linker::<Behind>::new(&engine);
    till::Till::add_to_linker::<_, HasSelf<_>>(&mut linker, |behind| behind)?;
    let mut store = Store::new(&engine, Behind { catalog, tax });
    let till = till::Till::instantiate_async(&mut store, &load("till.wasm")?, &linker).await?;
    let line = Line { sku: "apple".to_owned(), quantity: 3 };
    let receipt = till.shop_till_checkout().call_total(&mut store, &[line]).await?;
    println!("{:?}", receipt?);
    let Behind { catalog: (catalog, of_catalog), tax: (tax, of_tax) } = store.data_mut();
    println!("{:?}", catalog.shop_catalog_prices().call_lookup(of_catalog, "apple").await?);
    println!("{:?}", tax.shop_tax_rates().call_rate(of_tax, "apple").await?);
    Ok(())
}
"#;

fn main() {
    let manifest = Path::new(env!("CARGO_MANIFEST_DIR"));
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("cost");
    let wit = manifest.join("../wit");
    fs::create_dir_all(folder.join("src")).unwrap();
    let path = |path: PathBuf| path.canonicalize().unwrap().display().to_string();
    let text = MANIFEST.replace("PATH", &path(manifest.join("../composer")));
    fs::write(folder.join("Cargo.toml"), text).unwrap();
    // The same versions as here, so that nothing has to be fetched.
    fs::copy(manifest.join("../Cargo.lock"), folder.join("Cargo.lock")).unwrap();
    let wits = ["shop-catalog", "shop-tax", "shop-till"];
    let wits = wits.map(|name| format!("{:?}", path(wit.join(name))));
    let composed = COMPOSED.replace("WIT", &path(wit));
    let bound = BOUND.replace("WITS", &format!("[{}]", wits.join(", ")));
    fs::write(folder.join("src/composed.rs"), &composed).unwrap();
    fs::write(folder.join("src/bound.rs"), &bound).unwrap();

    println!("| | `compose!` | `bindgen!` | ratio |");
    println!("|---|---:|---:|---:|");
    for (what, args) in [
        ("check", &["check"][..]),
        ("dev build", &["build"]),
        ("optimised build", &["build", "--release"]),
    ] {
        let [a, b] = [("composed", &composed), ("bound", &bound)].map(|(name, text)| {
            rustc(&folder, args, name);
            let times = (0..3).map(|i| {
                let file = folder.join("src").join(name).with_extension("rs");
                fs::write(file, format!("{text}\n// {i}\n")).unwrap();
                rustc(&folder, args, name)
            });
            times.min().unwrap().as_secs_f64()
        });
        println!(
            "| {what}, processor seconds | {a:.2} | {b:.2} | {:.2} |",
            a / b
        );
    }
    for (what, option) in [
        ("lines of the expansion", "-Zunpretty=expanded"),
        ("items, dev build", "-Zprint-mono-items=yes"),
    ] {
        let [a, b] = ["composed", "bound"].map(|name| printed(&folder, name, option));
        println!("| {what} | {a} | {b} | {:.2} |", a as f64 / b as f64);
    }
}

/// The processor time of building one program whose dependencies are built.
fn rustc(folder: &Path, args: &[&str], name: &str) -> Duration {
    let before = of_children();
    let status = cargo(folder)
        .args(args)
        .args(["--quiet", "--offline", "--bin", name])
        .env("CARGO_INCREMENTAL", "0")
        .status();
    assert!(status.unwrap().success());
    of_children() - before
}

/// How many lines rustc prints about one program.
fn printed(folder: &Path, name: &str, option: &str) -> usize {
    let output = cargo(folder)
        .args(["rustc", "--quiet", "--offline", "--bin", name, "--", option])
        .env("RUSTC_BOOTSTRAP", "1")
        .env("CARGO_TARGET_DIR", folder.join("target/printed"))
        .output()
        .unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    String::from_utf8(output.stdout).unwrap().lines().count()
}

fn cargo(folder: &Path) -> Command {
    let mut cargo = Command::new(env!("CARGO"));
    cargo
        .current_dir(folder)
        .env("CARGO_TARGET_DIR", folder.join("target"));
    cargo
}

/// The processor time of all children that have ended, as Linux tells it.
fn of_children() -> Duration {
    let stat = fs::read_to_string("/proc/self/stat").unwrap();
    // The name of the program may have spaces in it.
    let rest = stat.rsplit_once(')').unwrap().1;
    let ticks = rest.split_whitespace().skip(13).take(2);
    let ticks: u64 = ticks.map(|ticks| ticks.parse::<u64>().unwrap()).sum();
    // Linux counts in hundredths of a second.
    Duration::from_millis(ticks * 10)
}
