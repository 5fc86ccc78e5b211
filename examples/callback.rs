//! How does a function of the program call back into the composition?
//!
//! The till asks the program for tax rates, and the program asks the component that knows
//! them, once for each item. It holds a weak handle to the composition: one that counted
//! would keep the composition alive for ever, since the composition keeps the program's
//! functions.
//!
//! ```text
//! cargo run --example callback
//! ```
//!
//! It prints:
//!
//! ```text
//! the tax component is asked for apple
//! total: 1.44 in EU
//! total: 4.32 in EU
//! the composition is gone: true
//! ```

use std::collections::HashMap;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use anyhow::{Context, Result};
use composer::{Runtime, WeakHandle};
use composer_examples::guest;

composer::compose!({
    path: "../wit",
    composition: Shop,
    components: {
        catalog: "shop:catalog/catalog",
        tax: "shop:tax/tax",
        till: "shop:till/till",
    },
    // The till's rates come from this program, although `tax` exports them, too.
    host: [trappable async "shop:tax/rates"],
    exports: ["shop:tax/rates", "shop:till/checkout"],
});

use shop::shop::till::checkout::Line;

/// The program's side: rates that have been asked for.
#[derive(Clone, Default)]
struct Program {
    shop: Arc<OnceLock<WeakHandle<Shop>>>,
    rates: Arc<Mutex<HashMap<String, u32>>>,
}

impl Program {
    fn shop(&self) -> wasmtime::Result<Shop> {
        let shop = self.shop.get().and_then(WeakHandle::upgrade);
        shop.ok_or_else(|| wasmtime::Error::msg("the shop is not open"))
    }
}

impl shop::shop::tax::rates::Host for Program {
    async fn region(&self) -> wasmtime::Result<String> {
        Ok(self.shop()?.rates().region().await?)
    }

    async fn rate(&self, sku: String) -> wasmtime::Result<u32> {
        let known = |program: &Program| {
            let rates = program.rates.lock().unwrap_or_else(PoisonError::into_inner);
            rates.get(&sku).copied()
        };
        if let Some(rate) = known(self) {
            return Ok(rate);
        }
        println!("the tax component is asked for {sku}");
        // The till waits for this call, so it could not be called from here. The tax
        // component can.
        let rate = self.shop()?.rates().rate(&sku).await?;
        let mut rates = self.rates.lock().unwrap_or_else(PoisonError::into_inner);
        rates.insert(sku, rate);
        Ok(rate)
    }
}

#[tokio::main]
async fn main() -> Result<()> {
    let runtime = Runtime::new()?;
    let program = Program::default();
    let parts = ShopParts {
        catalog: guest(&runtime, "catalog").await?,
        tax: guest(&runtime, "tax-eu").await?,
        till: guest(&runtime, "till").await?,
    };
    let shop = Shop::compose(parts, program.clone()).await?;
    let weak = shop.downgrade();
    program.shop.set(weak.clone()).ok().context("set once")?;

    for quantity in [1, 3] {
        let line = Line {
            sku: "apple".to_owned(),
            quantity,
        };
        let receipt = shop.checkout().total([line]).await??;
        let (whole, cents) = (receipt.total / 100, receipt.total % 100);
        println!("total: {whole}.{cents:02} in {}", receipt.region);
    }
    drop(shop);
    println!("the composition is gone: {}", weak.upgrade().is_none());
    Ok(())
}
