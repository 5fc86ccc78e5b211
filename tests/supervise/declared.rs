//! Replacement of components that `compose!` declares, by parts that it declares too.

use composer::{ComposableDescriptor, Composition, PartError, PlanError, ReplaceError};

use super::typed::{SwapParts, swap};
use super::{AMPLE, Host, asker, engines, version};
use crate::support::counters::within;
use crate::support::events::heard;
use crate::support::part;

async fn replace(
    composition: &Composition,
    component: &str,
    with: ComposableDescriptor,
) -> Result<(), ReplaceError> {
    let component = composition.component(component).unwrap();
    within(component.replace(with, AMPLE)).await
}

#[tokio::test]
async fn one_after_another() {
    let host = Host::new();
    let swap = swap(&host).await;
    for base in 2..5 {
        let version = SwapParts::version(host.part(version(base))).unwrap();
        replace(swap.composition(), "version", version)
            .await
            .unwrap();
        let asker = SwapParts::asker(asker()).unwrap();
        replace(swap.composition(), "asker", asker).await.unwrap();
        assert_eq!(swap.base().await.unwrap(), base);
        assert_eq!(swap.asked().await.unwrap(), base);
        assert_eq!(swap.count().await.unwrap(), 1);
    }
}

#[test]
fn links_stay_in_rust_types() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let host = Host::new();
    let swap = runtime.block_on(swap(&host));
    let forms = |with: ComposableDescriptor| {
        let events = heard(|| {
            let replaced = replace(swap.composition(), "asker", with);
            runtime.block_on(replaced).unwrap();
        });
        let forms = events.iter().filter_map(|event| event.fields.get("form"));
        forms.cloned().collect::<Vec<_>>()
    };
    assert_eq!(forms(SwapParts::asker(asker()).unwrap()), ["static"]);
    let unknown = ComposableDescriptor::new("asker", asker());
    assert_ne!(forms(unknown), ["static"]);
}

#[tokio::test]
async fn one_that_is_not_what_was_declared_is_refused() {
    let host = Host::new();
    let swap = swap(&host).await;
    let text = r#"(component
        (import "else" (func $else))
        (core func $else' (canon lower (func $else)))
        (core module $m
            (import "" "else" (func $else))
            (func (export "base") (result i64) (i64.const 2)))
        (core instance $i (instantiate $m
            (with "" (instance (export "else" (func $else'))))))
        (func (export "base") (result u64) (canon lift (core func $i "base"))))"#;
    let other = engines().component_from_bytes("other.wat", text.as_bytes());
    let with = SwapParts::version(other.unwrap()).unwrap();
    let error = replace(swap.composition(), "version", with).await;
    let ReplaceError::Part(errors) = error.unwrap_err() else {
        panic!("it was found out later");
    };
    // All that is wrong with it: the import, a type, and what is missing.
    assert_eq!(errors.errors().len(), 4, "{errors}");
    for error in errors.errors() {
        let PartError::Misfit { component, .. } = error else {
            panic!("{error}");
        };
        assert_eq!(component, "version");
    }
    assert_eq!(swap.asked().await.unwrap(), 1);
}

composer::compose!({
    inline: r#"
        package test:swap;

        world asker {
            import base: func() -> u32;
            export asked: func() -> u32;
        }
    "#,
    composition: Program,
    components: { asker: "test:swap/asker" },
    host: ["base"],
    exports: ["asked"],
});

/// What the program says when it is asked.
struct Says(u32);

impl program::test::swap::asker::Host for Says {
    fn base(&self) -> u32 {
        self.0
    }
}

#[tokio::test]
async fn the_program_provides_for_the_new_one() {
    let parts = ProgramParts { asker: asker() };
    let program = Program::compose(parts, Says(1)).await.unwrap();
    assert_eq!(program.asked().await.unwrap(), 1);

    let with = ProgramParts::asker(asker(), Says(2)).unwrap();
    replace(program.composition(), "asker", with).await.unwrap();
    assert_eq!(program.asked().await.unwrap(), 2);

    let alone = ComposableDescriptor::new("asker", asker());
    let error = replace(program.composition(), "asker", alone).await;
    let error = error.unwrap_err();
    assert!(matches!(error, ReplaceError::Plan { .. }), "{error}");
    assert_eq!(program.asked().await.unwrap(), 2);
}

composer::compose!({
    path: "../wit",
    composition: Market,
    components: {
        catalog: "shop:catalog/catalog",
        tax: "shop:tax/tax",
        second: "shop:tax/tax",
        others: [dyn "shop:tax/rates"],
        till: "shop:till/till",
    },
    hints: { till: { "shop:tax/rates": tax } },
    exports: ["shop:till/checkout"],
});

async fn market(others: &[&str]) -> Market {
    let others = others.iter();
    let parts = MarketParts {
        catalog: part("catalog"),
        tax: part("tax-eu"),
        second: part("tax-us"),
        others: others
            .map(|name| ((*name).to_owned(), part(name)))
            .collect(),
        till: part("till"),
    };
    Market::compose(parts).await.unwrap()
}

async fn regions(market: &Market) -> Vec<String> {
    let mut regions = Vec::new();
    for (_, other) in market.others().iter() {
        regions.push(other.region().await.unwrap());
    }
    regions
}

#[tokio::test]
async fn one_of_a_list() {
    let market = market(&["tax-us", "tax-eu"]).await;
    assert_eq!(regions(&market).await, ["US", "EU"]);
    let with = MarketParts::others("tax-us", part("tax-eu")).unwrap();
    let replaced = replace(market.composition(), "others/tax-us", with);
    replaced.await.unwrap();
    assert_eq!(regions(&market).await, ["EU", "EU"]);
}

/// Hints are declared for whatever the lists hold.
#[tokio::test]
async fn its_hints_are_known() {
    for others in [&["tax-us"][..], &[]] {
        let market = market(others).await;
        let with = MarketParts::till(part("till")).unwrap();
        replace(market.composition(), "till", with).await.unwrap();

        let alone = ComposableDescriptor::new("till", part("till"));
        let replaced = replace(market.composition(), "till", alone).await;
        let Err(ReplaceError::Plan { errors, .. }) = replaced else {
            panic!("both have rates");
        };
        let mut errors = errors.into_iter();
        let Some(PlanError::Ambiguous { candidates, .. }) = errors.next() else {
            panic!("two components have them");
        };
        // Those of the list are no candidates.
        let candidates = candidates.iter().map(|one| &*one.component);
        assert_eq!(candidates.collect::<Vec<_>>(), ["second", "tax"]);
    }
}
