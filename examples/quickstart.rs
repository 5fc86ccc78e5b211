//! What does composing at run time look like?
//!
//! Three components that were built separately become a shop. The tax component is not
//! known until the program runs: its argument selects it. The one for `us` is written in
//! C, the others in Rust.
//!
//! ```text
//! cargo run --example quickstart [eu|us]
//! ```
//!
//! With `eu`, or without an argument, it prints the plan and a receipt:
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
//!         3 x Apple 3.60
//!         1 x Bread 3.50
//! net     7.10
//! tax     1.42
//! total   8.52
//! region  EU
//! ```
//!
//! With `us` the total is 7.36.

use anyhow::{Result, bail};
use composer::{ComposableDescriptor, Composer, Runtime, Value};
use composer_examples::guest_file;

#[tokio::main]
async fn main() -> Result<()> {
    let tax = match std::env::args().nth(1).as_deref() {
        None | Some("eu") => "tax-eu",
        Some("us") => "tax-us",
        Some(other) => bail!("no tax component for `{other}`: say `eu` or `us`"),
    };

    let runtime = Runtime::new()?;
    let mut composer = Composer::new();
    for name in ["catalog", "till", tax] {
        let component = runtime.load_file(guest_file(name)).await?;
        composer.add(ComposableDescriptor::new(name, component.part()));
    }
    let shop = runtime.compose(composer).await?;
    println!("{}", shop.plan());

    let line = |sku: &str, quantity: u32| {
        Value::record([("sku", sku.into()), ("quantity", quantity.into())])
    };
    let basket = [line("apple", 3), line("bread", 1)];
    let total = shop.get_func(Some("shop:till/checkout"), "total")?;
    match total.call_owned([basket.into()]).await? {
        Some(Value::Result(Ok(Some(receipt)))) => print("", &receipt),
        other => bail!("no receipt, but {other:?}"),
    }
    Ok(())
}

fn print(name: &str, value: &Value) {
    match value {
        Value::Record(fields) => fields.iter().for_each(|(name, field)| print(name, field)),
        Value::List(lines) => lines.iter().for_each(|line| print("", line)),
        Value::U32(cents) => println!("{name:8}{}.{:02}", cents / 100, cents % 100),
        Value::String(text) => println!("{name:8}{text}"),
        other => println!("{name:8}{other:?}"),
    }
}
