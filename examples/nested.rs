//! Can a composition be a part of another?
//!
//! The inner composition is a shop without tax rates: it leaves that import open and
//! exposes only the till. To the outer composition it is a component like any other. The
//! outer one satisfies the open import, here with either of two components.
//!
//! ```text
//! cargo run --example nested
//! ```
//!
//! It prints the plans, outer and inner, and a receipt with amounts in cents:
//!
//! ```text
//! inside the shop:
//! components, in start order
//!   catalog
//!   till
//!     shop:catalog/prices@1.0.0 ← catalog
//!     shop:tax/rates@1.0.0 ← outside
//! exports
//!   interface shop:catalog/prices@1.0.0 ← catalog
//!   interface shop:till/checkout@1.0.0 ← till
//! imports
//!   shop:tax/rates@1.0.0 → till
//!
//! with tax-eu:
//! components, in start order
//!   tax-eu
//!   shop
//!     shop:tax/rates@1.0.0 ← tax-eu
//! exports
//!   interface shop:tax/rates@1.0.0 ← tax-eu
//!   interface shop:till/checkout@1.0.0 ← shop
//!
//! ok({lines: ["1 x Cheese 8.99"], net: 899, tax: 180, total: 1079, region: "EU"})
//!
//! with tax-us:
//! components, in start order
//!   tax-us
//!   shop
//!     shop:tax/rates@1.0.0 ← tax-us
//! exports
//!   interface shop:tax/rates@1.0.0 ← tax-us
//!   interface shop:till/checkout@1.0.0 ← shop
//!
//! ok({lines: ["1 x Cheese 8.99"], net: 899, tax: 65, total: 964, region: "US"})
//! ```

use anyhow::Result;
use composer::{ComposableDescriptor, Composer, ExportFilter, Runtime, Value};
use composer_examples::{guest, show};

#[tokio::main]
async fn main() -> Result<()> {
    let runtime = Runtime::new()?;
    println!("inside the shop:\n{}", shop(&runtime).await?.plan()?);
    for tax in ["tax-eu", "tax-us"] {
        let shop = shop(&runtime).await?.exposing(&["shop:till/checkout"]);
        let mut outer = Composer::new();
        outer
            .add(ComposableDescriptor::new("shop", shop))
            .add(ComposableDescriptor::new(tax, guest(&runtime, tax).await?));
        println!("with {tax}:\n{}", outer.plan()?);

        let outer = runtime.compose(outer).await?;
        let line = Value::record([("sku", "cheese".into()), ("quantity", 1u32.into())]);
        let total = outer.get_func(Some("shop:till/checkout"), "total")?;
        let receipt = total.call_owned([[line].into()]).await?;
        println!("{}\n", show(&receipt));
    }
    Ok(())
}

/// A shop with prices and a till, whose tax rates come from outside.
async fn shop(runtime: &Runtime) -> Result<Composer> {
    let mut composer = Composer::new();
    for name in ["catalog", "till"] {
        composer.add(ComposableDescriptor::new(name, guest(runtime, name).await?));
    }
    composer.with_open_import("shop:tax/rates");
    Ok(composer)
}
