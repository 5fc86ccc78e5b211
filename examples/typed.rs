//! What does it look like when the interfaces are known at build time?
//!
//! `compose!` reads the WIT and generates a type for the composition: the compiler checks
//! the wiring, calls take and return Rust types, and components are checked against their
//! declared worlds before they start. One of the components is selected only when the
//! program runs, so the declaration names only the interface that it must export.
//!
//! ```text
//! cargo run --example typed [eu|us]
//! ```
//!
//! With `eu`, or without an argument, it prints:
//!
//! ```text
//!         3 x Apple 3.60
//!         1 x Bread 3.50
//! net     7.10
//! tax     1.42
//! total   8.52
//! region  EU
//!
//! a basket with a unicorn: UnknownSku("unicorn")
//! an empty basket: Empty
//! ```

use anyhow::{Result, bail};
use composer::Runtime;
use composer_examples::guest;

composer::compose!({
    path: "../wit",
    composition: Checkout,
    components: {
        catalog: "shop:catalog/catalog",
        till: "shop:till/till",
        tax: dyn "shop:tax/rates",
    },
    exports: ["shop:till/checkout"],
});

use checkout::shop::till::checkout::{Line, Problem};

#[tokio::main]
async fn main() -> Result<()> {
    let tax = match std::env::args().nth(1).as_deref() {
        None | Some("eu") => "tax-eu",
        Some("us") => "tax-us",
        Some(other) => bail!("no tax component for `{other}`: say `eu` or `us`"),
    };

    let runtime = Runtime::new()?;
    let shop = Checkout::compose(CheckoutParts {
        catalog: guest(&runtime, "catalog").await?,
        till: guest(&runtime, "till").await?,
        tax: guest(&runtime, tax).await?,
    })
    .await?;

    let line = |sku: &str, quantity| Line {
        sku: sku.to_owned(),
        quantity,
    };
    let basket = [line("apple", 3), line("bread", 1)];
    // The first `?` is for a call that failed, the second for the function's own error.
    let receipt = shop.checkout().total(basket).await??;
    for line in &receipt.lines {
        println!("        {line}");
    }
    print("net", receipt.net);
    print("tax", receipt.tax);
    print("total", receipt.total);
    println!("region  {}\n", receipt.region);

    if let Err(problem @ Problem::UnknownSku(_)) =
        shop.checkout().total([line("unicorn", 1)]).await?
    {
        println!("a basket with a unicorn: {problem:?}");
    }
    if let Err(problem) = shop.checkout().total([]).await? {
        println!("an empty basket: {problem:?}");
    }
    Ok(())
}

fn print(name: &str, cents: u32) {
    println!("{name:8}{}.{:02}", cents / 100, cents % 100);
}
