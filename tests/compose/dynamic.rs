//! Parts declared by a single interface, and lists of such parts.

use composer::plan::Misfit;
use composer::{ComposableComponent, ComposableDescriptor, Composer, Composition};
use composer::{CompositionError, PartError, Value};

use crate::support::{call, part};

/// The errors about parts, as text.
#[track_caller]
fn refused<T>(result: Result<T, CompositionError>) -> String {
    match result {
        Err(CompositionError::Parts(errors)) => errors.to_string(),
        Err(other) => panic!("{other}"),
        Ok(_) => panic!("nothing was refused"),
    }
}

composer::compose!({
    path: "../wit",
    composition: AnyTill,
    components: {
        catalog: "shop:catalog/catalog",
        tax: dyn "shop:tax/rates",
        till: dyn "shop:till/checkout",
    },
    exports: ["shop:till/checkout"],
});

type Part = ComposableComponent<()>;

fn any_till(till: &str) -> AnyTillParts<Part, Part, Part> {
    AnyTillParts {
        catalog: part("catalog"),
        tax: part("tax-eu"),
        till: part(till),
    }
}

async fn region(composition: &Composition) -> Value {
    let line = Value::record([("sku", "apple".into()), ("quantity", 1u32.into())]);
    let receipt = call(
        composition,
        "shop:till/checkout",
        "total",
        [vec![line].into()],
    );
    let Value::Result(Ok(Some(receipt))) = receipt.await else {
        panic!("no receipt");
    };
    let Value::Record(fields) = *receipt else {
        panic!("{receipt:?}");
    };
    let region = fields.into_iter().find(|(name, _)| name == "region");
    region.unwrap().1
}

#[tokio::test]
async fn what_a_part_imports_is_found_among_the_others_when_it_is_there() {
    let shop = AnyTill::compose(any_till("till")).await.unwrap();
    assert_eq!(region(shop.composition()).await, "EU".into());
}

#[tokio::test]
async fn a_part_must_offer_its_interface() {
    let text = refused(AnyTill::compose(any_till("tax-us")).await);
    assert_eq!(
        text,
        "component `till` does not fit its declaration: \
         it does not export `shop:till/checkout@1.0.0`, which it is declared to export\n  \
         fix: give a component built against the declared WIT"
    );
}

composer::compose!({
    path: "../wit",
    composition: Lonely,
    components: { till: dyn "shop:till/checkout" },
    exports: ["shop:till/checkout"],
});

#[tokio::test]
async fn what_nobody_provides_is_the_planners_error() {
    let till = part("till");
    let error = Lonely::compose(LonelyParts { till }).await.err().unwrap();
    assert!(matches!(error, CompositionError::Plan(_)), "{error}");
    let text = error.to_string();
    assert!(text.contains("`shop:catalog/prices@1.0.0`"), "{text}");
}

composer::compose!({
    path: "wit/resources",
    composition: Relayed,
    components: {
        counters: "test:resources/counters-guest",
        relay: dyn "test:resources/relay",
    },
    exports: ["test:resources/counters", "test:resources/relay"],
});

#[tokio::test]
async fn an_interface_may_use_the_resources_of_another() {
    let relayed = Relayed::compose(RelayedParts {
        counters: part("counters"),
        relay: part("counters-relay"),
    });
    let relayed = Relayed::from_composition(relayed.await.unwrap().composition().clone()).unwrap();
    let made = call(
        relayed.composition(),
        "test:resources/relay",
        "make",
        [7u32.into()],
    );
    let Value::Own(counter) = made.await else {
        panic!("no counter");
    };
    let value = call(
        relayed.composition(),
        "test:resources/counters",
        "[method]counter.value",
        [counter.borrow().into()],
    );
    assert_eq!(value.await, 7u32.into());
}

composer::compose!({
    path: "../wit/plugin",
    composition: Plugins,
    components: { plugins: [dyn "plugin:host/plugin"] },
});

async fn plugins(names: &[&str]) -> Result<Plugins, CompositionError> {
    let named = |name: &&str| ((*name).to_owned(), part(&format!("plugin-{name}")));
    let plugins = names.iter().map(named).collect();
    Plugins::compose(PluginsParts { plugins }).await
}

async fn apply(plugins: &Composition, name: &str, input: &str) -> Value {
    let plugin = plugins.component(name).unwrap();
    let apply = plugin.get_func(Some("plugin:host/plugin"), "apply");
    let result = apply.unwrap().call_owned([input.into()]).await.unwrap();
    let Some(Value::Result(Ok(Some(output)))) = result else {
        panic!("{result:?}");
    };
    *output
}

#[tokio::test]
async fn a_list_has_as_many_components_as_it_is_given() {
    let none = plugins(&[]).await.unwrap();
    assert_eq!(none.composition().plan().components.len(), 0);

    let one = plugins(&["shout"]).await.unwrap();
    let shouted = apply(one.composition(), "plugins/shout", "a b").await;
    assert_eq!(shouted, "A B!".into());

    let three = plugins(&["shout", "reverse", "count"]).await.unwrap();
    for (name, output) in [("shout", "A B!"), ("reverse", "b a"), ("count", "2")] {
        let name = format!("plugins/{name}");
        let applied = apply(three.composition(), &name, "a b").await;
        assert_eq!(applied, output.into(), "{name}");
    }
}

#[tokio::test]
async fn a_component_that_does_not_belong_in_a_list_is_named() {
    let result = plugins(&["shout", "wrong", "count"]).await;
    let Err(CompositionError::Parts(errors)) = &result else {
        panic!("no misfit");
    };
    for error in errors.errors() {
        let PartError::Misfit { component, misfit } = error else {
            panic!("{error}");
        };
        assert_eq!(component, "plugins/wrong");
        assert!(matches!(**misfit, Misfit::Type { .. }), "{misfit}");
    }
    assert_eq!(errors.errors().len(), 2);
}

#[tokio::test]
async fn two_components_of_a_list_need_two_names() {
    let error = plugins(&["shout", "shout"]).await.err().unwrap();
    assert!(error.to_string().contains("`plugins/shout`"), "{error}");
}

#[tokio::test]
async fn a_composition_made_otherwise_has_a_list_by_the_names_of_its_components() {
    let compose = async |parts: &[(&str, &str)]| {
        let mut composer = Composer::new();
        for (name, guest) in parts {
            composer.add(ComposableDescriptor::new(*name, part(guest)));
        }
        Plugins::from_composition(composer.compose().await.unwrap())
    };
    assert!(compose(&[]).await.is_ok());
    let made = compose(&[
        ("plugins/a", "plugin-shout"),
        ("plugins/b", "plugin-count"),
        ("pluginsx", "plugin-wrong"),
        ("tax", "tax-eu"),
    ]);
    let made = made.await.unwrap();
    assert_eq!(
        apply(made.composition(), "plugins/b", "a b").await,
        "2".into()
    );
    let wrong = [
        ("plugins/a", "plugin-shout"),
        ("plugins/tax", "tax-eu"),
        ("plugins/wrong", "plugin-wrong"),
    ];
    let text = refused(compose(&wrong).await);
    let named: Vec<&str> = text.lines().filter(|l| l.contains("component `")).collect();
    assert_eq!(named.len(), 3, "{text}");
    assert!(named[0].contains("`plugins/tax` does not fit"), "{text}");
    assert!(named[1].contains("`plugins/wrong` does not fit"), "{text}");
}

composer::compose!({
    path: "../wit",
    composition: Tills,
    components: {
        catalog: "shop:catalog/catalog",
        tax: "shop:tax/tax",
        taxes: [dyn "shop:tax/rates"],
        till: "shop:till/till",
        tills: [dyn "shop:till/checkout"],
    },
    hints: { till: { "shop:tax/rates": tax } },
    exports: { "shop:till/checkout": till },
});

#[tokio::test]
async fn hints_that_tell_a_component_from_a_list_hold_whatever_is_in_the_list() {
    for (taxes, tills) in [(0, 0), (1, 0), (0, 2)] {
        let some = |count: usize, guest: &str| {
            let numbered = (0..count).map(|i| (i.to_string(), part(guest)));
            numbered.collect::<Vec<_>>()
        };
        let shop = Tills::compose(TillsParts {
            catalog: part("catalog"),
            tax: part("tax-eu"),
            taxes: some(taxes, "tax-us"),
            till: part("till"),
            // What they import is there, too.
            tills: some(tills, "till"),
        });
        let shop = shop.await.unwrap();
        assert_eq!(region(shop.composition()).await, "EU".into());
        assert_eq!(
            shop.composition().plan().components.len(),
            3 + taxes + tills
        );
    }
}
