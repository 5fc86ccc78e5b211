//! How do I change a component while others call it, and what if one dies?
//!
//! A new version replaces a component if it fits: calls in flight finish in the old one,
//! new calls wait for the new one, and none is lost. A version that does not fit is
//! refused, and nothing changes. A component that dies is started again, if its part says
//! so.
//!
//! ```text
//! cargo run --example update
//! ```
//!
//! It prints:
//!
//! ```text
//! the shop sells for: EU
//! 4 customers pay all the time, and the tax component is replaced
//! the shop sells for: US
//! no payment failed, and nobody went back in time
//!
//! a catalog is no tax component:
//! component `tax` does not fit its declaration: it does not export `shop:tax/rates@1.0.0`, which it is declared to export
//!   fix: give a component built against the declared WIT
//! the shop sells for: US
//!
//! the plugin trapped; the next call returned 42, after 1 restart
//! ```

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use anyhow::{Result, ensure};
use composer::{ComposableDescriptor, Composer, Configure, ReplaceError, Restart, Runtime};
use composer_examples::{guest, show};

composer::compose!({
    path: "../wit",
    composition: Shop,
    components: {
        catalog: "shop:catalog/catalog",
        till: "shop:till/till",
        tax: "shop:tax/tax",
    },
    exports: ["shop:till/checkout"],
});

use shop::shop::till::checkout::Line;

/// The time that calls in a component get to finish.
const GRACE: Duration = Duration::from_secs(5);

#[tokio::main]
async fn main() -> Result<()> {
    let runtime = Runtime::new()?;
    update(&runtime).await?;
    println!();
    restart(&runtime).await
}

/// The region that a payment is made in.
async fn pay(shop: &Shop) -> Result<String> {
    let line = Line {
        sku: "apple".to_owned(),
        quantity: 1,
    };
    Ok(shop.checkout().total([line]).await??.region)
}

async fn update(runtime: &Runtime) -> Result<()> {
    let shop = Shop::compose(ShopParts {
        catalog: guest(runtime, "catalog").await?,
        till: guest(runtime, "till").await?,
        tax: guest(runtime, "tax-eu").await?,
    })
    .await?;
    println!("the shop sells for: {}", pay(&shop).await?);

    println!("4 customers pay all the time, and the tax component is replaced");
    let closing = Arc::new(AtomicBool::new(false));
    let customers = [(); 4].map(|()| {
        let (shop, closing) = (shop.clone(), closing.clone());
        tokio::spawn(async move {
            let mut regions = Vec::new();
            while !closing.load(Ordering::SeqCst) {
                regions.push(pay(&shop).await?);
            }
            anyhow::Ok(regions)
        })
    });

    let tax = shop.composition().component("tax")?;
    let american = ShopParts::tax(guest(runtime, "tax-us").await?)?;
    tax.replace(american, GRACE).await?;
    println!("the shop sells for: {}", pay(&shop).await?);

    closing.store(true, Ordering::SeqCst);
    for customer in customers {
        let regions = customer.await??;
        ensure!(regions.is_sorted(), "it was EU again after US");
    }
    println!("no payment failed, and nobody went back in time\n");

    let wrong = ShopParts::tax(guest(runtime, "catalog").await?)?;
    if let Err(ReplaceError::Part(errors)) = tax.replace(wrong, GRACE).await {
        println!("a catalog is no tax component:\n{errors}");
    }
    println!("the shop sells for: {}", pay(&shop).await?);
    Ok(())
}

async fn restart(runtime: &Runtime) -> Result<()> {
    let plugin = guest(runtime, "hostile").await?;
    let plugin = plugin.with_restart(Restart::on_death());
    let mut composer = Composer::new();
    composer.add(ComposableDescriptor::new("plugin", plugin));
    let composition = composer.compose().await?;

    let faults = Some("test:hostile/faults@0.1.0");
    let trap = composition.get_func(faults, "trap")?;
    let ok = composition.get_func(faults, "ok")?;
    ensure!(trap.call_owned([]).await.is_err(), "it did not trap");
    let answer = ok.call_owned([]).await?;
    let status = composition.component("plugin")?.status();
    println!(
        "the plugin trapped; the next call returned {}, after {} restart",
        show(&answer),
        status.restarts
    );
    Ok(())
}
