//! Adds up baskets with the prices and the tax rates it is linked to.

use exports::shop::till::checkout::{Guest, Line, Problem, Receipt};
use shop::{catalog::prices, tax::rates};

wit_bindgen::generate!({
    path: [
        "../../../wit/shop-catalog",
        "../../../wit/shop-tax",
        "../../../wit/shop-till",
    ],
    world: "shop:till/till",
    generate_all,
});

struct Till;

impl Guest for Till {
    fn total(basket: Vec<Line>) -> Result<Receipt, Problem> {
        if basket.is_empty() {
            return Err(Problem::Empty);
        }
        let mut receipt = Receipt {
            lines: Vec::new(),
            net: 0,
            tax: 0,
            total: 0,
            region: rates::region(),
        };
        for Line { sku, quantity } in basket {
            let item = prices::lookup(&sku).ok_or_else(|| Problem::UnknownSku(sku.clone()))?;
            let net = item.cents.saturating_mul(quantity);
            // In 64 bits: basis points of a large sum do not fit 32.
            let tax = (u64::from(net) * u64::from(rates::rate(&sku)) + 5_000) / 10_000;
            let tax = tax.try_into().unwrap_or(u32::MAX);
            receipt.net = receipt.net.saturating_add(net);
            receipt.tax = receipt.tax.saturating_add(tax);
            receipt.lines.push(format!(
                "{quantity} x {} {}.{:02}",
                item.name,
                net / 100,
                net % 100
            ));
        }
        receipt.total = receipt.net.saturating_add(receipt.tax);
        Ok(receipt)
    }
}

export!(Till);
