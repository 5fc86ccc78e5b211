//! Guests without `async` functions, also on an engine without concurrency
//! support.

use proptest::prelude::*;
use proptest::sample::select;
use wasmtime::Engine;
use wasmtime::component::Val;

use super::{random, sequential};
use crate::support::chain::{Chain, Function};
use crate::support::engine;

#[test]
fn layers_of_text() {
    check_text(engine());
}

#[test]
fn layers_of_text_without_concurrency_support() {
    check_text(sequential());
}

#[test]
fn shop() {
    check_shop(engine());
}

#[test]
fn shop_without_concurrency_support() {
    check_shop(sequential());
}

fn check_text(engine: &Engine) {
    let chain = Chain::new(engine, &["text-base", "text-upper", "text-exclaim"]);
    let apply = Function::new("test:text/transform@0.1.0", "apply");
    check(&chain, &apply, &any::<String>().prop_map(Val::String));
}

fn check_shop(engine: &Engine) {
    let sku = select(&["apple", "bread", "cheese", "dates", "eggs", "fish"]);
    let line = (sku, any::<u32>()).prop_map(|(sku, quantity)| {
        let fields = [
            ("sku", Val::String(sku.into())),
            ("quantity", Val::U32(quantity)),
        ];
        Val::Record(fields.map(|(name, val)| (name.to_owned(), val)).into())
    });
    let basket = prop::collection::vec(line, 0..5).prop_map(Val::List);
    let total = Function::new("shop:till/checkout@1.0.0", "total");
    for tax in ["tax-us", "tax-eu"] {
        check(
            &Chain::new(engine, &["catalog", tax, "till"]),
            &total,
            &basket,
        );
    }
}

/// Calls a function of a chain with random arguments.
fn check(chain: &Chain, function: &Function, arg: &impl Strategy<Value = Val>) {
    random(chain, 128, arg, async |pair, arg| {
        pair.call(function, &[arg]).await?;
        Ok(())
    });
}
