//! The shop, called in Rust types.

use std::time::Duration;

use composer::CallError;

use super::shop::shop::till::checkout::{Line, Problem};
use super::{Shop, ShopParts};
use crate::support::{compose, part};

async fn shop() -> Shop {
    let parts = ShopParts {
        catalog: part("catalog"),
        till: part("till"),
        tax: part("tax-eu"),
    };
    Shop::compose(parts).await.unwrap()
}

fn line(sku: &str, quantity: u32) -> Line {
    Line {
        sku: sku.to_owned(),
        quantity,
    }
}

#[tokio::test]
async fn a_basket_is_paid() {
    let typed = shop().await;
    // The same over components that know nothing of the types.
    let dynamic = compose(&["catalog", "till", "tax-eu"]).await;
    for shop in [typed, Shop::from_composition(dynamic).unwrap()] {
        let receipt = shop.checkout().total([line("apple", 3)]).await;
        let receipt = receipt.unwrap().unwrap();
        assert_eq!((receipt.net + receipt.tax, receipt.total), (432, 432));
        assert_eq!(receipt.lines.len(), 1);
        assert_eq!(receipt.region, "EU");
    }
}

#[tokio::test]
async fn what_a_function_refuses_is_an_error_in_rust() {
    let checkout = shop().await.checkout();
    let refused = checkout.total(vec![line("sofa", 1)]).await.unwrap();
    let problem = refused.unwrap_err();
    assert_eq!(problem, Problem::UnknownSku("sofa".to_owned()));
    let error: Box<dyn std::error::Error> = Box::new(problem);
    assert_eq!(error.to_string(), "UnknownSku(\"sofa\")");

    let refused = checkout.total([]).await.unwrap();
    assert_eq!(refused, Err(Problem::Empty));
}

#[tokio::test]
async fn handles_are_cheap_and_their_calls_run_anywhere() {
    fn is_send<T: Send + 'static>(value: T) -> T {
        value
    }
    let checkout = is_send(shop().await.checkout());
    let calls = (1..=3).map(|quantity| {
        let checkout = checkout.clone();
        let total = async move { checkout.total([line("apple", quantity)]).await };
        tokio::spawn(is_send(total))
    });
    let mut totals = Vec::new();
    for call in calls {
        totals.push(call.await.unwrap().unwrap().unwrap().total);
    }
    assert_eq!(totals, [144, 288, 432]);
}

#[tokio::test]
async fn a_call_that_cannot_be_made_says_so() {
    let shop = shop().await;
    shop.composition().shutdown(Duration::ZERO).await;
    let error = shop.checkout().total([]).await.unwrap_err();
    assert!(matches!(error, CallError::Stopped { .. }), "{error}");
}

composer::compose!({
    path: "../wit/plugin",
    composition: Tools,
    components: { plugins: [dyn "plugin:host/plugin"] },
});

#[tokio::test]
async fn each_component_of_a_list_has_a_handle() {
    let plugins = [
        ("shout", "plugin-shout"),
        ("back", "plugin-reverse"),
        ("again", "plugin-shout"),
    ];
    let plugins = plugins.map(|(name, guest)| (name.to_owned(), part(guest)));
    let tools = Tools::compose(ToolsParts {
        plugins: plugins.into(),
    });
    let tools = tools.await.unwrap();
    let again = Tools::from_composition(tools.composition().clone()).unwrap();
    for tools in [tools, again] {
        let plugins = tools.plugins();
        assert_eq!(plugins.len(), 3);
        let names: Vec<String> = plugins.iter().map(|(name, _)| name).collect();
        assert_eq!(names, ["shout", "back", "again"]);
        let mut text = "ab".to_owned();
        for (_, plugin) in plugins {
            text = plugin.apply(text).await.unwrap().unwrap();
        }
        assert_eq!(text, "!BA!");
        assert!(plugins.get("whisper").is_none());
        let info = plugins.get("back").unwrap().describe().await.unwrap();
        assert_eq!(info.name, "reverse");
    }
}
