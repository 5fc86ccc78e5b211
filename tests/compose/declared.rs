//! Parts, checked against the worlds they are declared with.

#![allow(deprecated, reason = "some components are declared and not called")]

use composer::plan::Misfit;
use composer::{
    ComposableDescriptor, Composer, CompositionError, ExportFilter, LookupError, PartError, Value,
};

use super::{Shop, ShopParts};
use crate::support::{call, compose, part, part_with};

const CHECKOUT: &str = "shop:till/checkout";

async fn total(shop: &Shop) -> Value {
    let line = Value::record([("sku", "apple".into()), ("quantity", 3u32.into())]);
    let receipt = call(shop.composition(), CHECKOUT, "total", [vec![line].into()]).await;
    let Value::Result(Ok(Some(receipt))) = receipt else {
        panic!("{receipt:?}");
    };
    let Value::Record(fields) = *receipt else {
        panic!("{receipt:?}");
    };
    let total = fields.into_iter().find(|(name, _)| name == "total");
    total.unwrap().1
}

/// What is wrong with the parts: the component, and the errors as text.
#[track_caller]
fn misfits<T>(result: Result<T, CompositionError>) -> (Vec<(String, Misfit)>, String) {
    let Err(CompositionError::Parts(errors)) = result else {
        panic!("no misfit");
    };
    let misfits = errors.errors().iter().map(|error| match error {
        PartError::Misfit { component, misfit } => (component.clone(), (**misfit).clone()),
        other => panic!("{other:?}"),
    });
    (misfits.collect(), errors.to_string())
}

#[tokio::test]
async fn real_components_run_as_they_were_declared() {
    let shop = Shop::compose(ShopParts {
        catalog: part("catalog"),
        till: part("till"),
        tax: part("tax-eu"),
    })
    .await
    .unwrap();
    assert_eq!(total(&shop.clone()).await, 432u32.into());
}

#[tokio::test]
async fn a_component_of_another_world_is_refused() {
    let result = Shop::compose(ShopParts {
        catalog: part("tax-us"),
        till: part("till"),
        tax: part("tax-eu"),
    })
    .await;
    let (misfits, text) = misfits(result);
    assert!(matches!(
        misfits.as_slice(),
        [(_, Misfit::MissingExport { .. })]
    ));
    assert_eq!(
        text,
        "component `catalog` does not fit its declaration: \
         it does not export `shop:catalog/prices@1.0.0`, which it is declared to export\n  \
         fix: give a component built against the declared WIT"
    );
}

composer::compose!({
    path: "../wit/plugin",
    composition: Plugins,
    components: { plugin: "plugin:host/plugin-guest" },
    exports: ["plugin:host/plugin"],
});

#[tokio::test]
async fn a_component_of_other_types_is_refused_with_both() {
    let plugin = part("plugin-wrong");
    let (misfits, text) = misfits(Plugins::compose(PluginsParts { plugin }).await);
    let [
        (_, Misfit::Type { name, function, .. }),
        (_, Misfit::Type { .. }),
    ] = misfits.as_slice()
    else {
        panic!("{misfits:?}");
    };
    assert_eq!(name.as_str(), "plugin:host/plugin@0.1.0");
    assert_eq!(function.as_deref(), Some("apply"));
    assert_eq!(text, WRONG_PLUGIN);
}

const WRONG_PLUGIN: &str = "\
component `plugin` does not fit its declaration: \
its export `plugin:host/plugin@0.1.0#apply` has another type than was declared
  at parameter \"input\":
    declared is string
    the component has list<u8>
  fix: build both against one version of the interface

component `plugin` does not fit its declaration: \
its export `plugin:host/plugin@0.1.0#describe` has another type than was declared
  at result:
    declared is record { name: string, summary: string }
    the component has string
  fix: build both against one version of the interface";

#[tokio::test]
async fn a_filter_can_take_what_was_declared() {
    let result = Shop::compose(ShopParts {
        catalog: part("catalog").hiding(&["shop:catalog/prices#lookup"]),
        till: part("till"),
        tax: part("tax-eu"),
    })
    .await;
    let (misfits, _) = misfits(result);
    let [(component, Misfit::MissingExport { .. })] = misfits.as_slice() else {
        panic!("{misfits:?}");
    };
    assert_eq!(component, "catalog");
}

composer::compose!({
    inline: "
        package test:only;

        world bare {}

        world wants-more {
            import shop:tax/rates@1.0.0;
            import shop:catalog/prices@1.0.0;
            export shop:till/checkout@1.0.0;
        }
    ",
    path: "../wit",
    composition: Loose,
    components: {
        bare: "test:only/bare",
        prices: "shop:catalog/catalog",
        eu: "shop:tax/tax",
        us: "shop:tax/tax",
        till: "test:only/wants-more",
    },
    hints: { till: { "shop:tax/rates": us } },
    exports: { "shop:till/checkout", "shop:tax/rates": us },
});

#[tokio::test]
async fn what_a_component_exports_beyond_its_world_does_not_change_the_wiring() {
    let loose = Loose::compose(LooseParts {
        // It exports the prices too, which would make them ambiguous.
        bare: part("catalog"),
        prices: part("catalog"),
        eu: part("tax-eu"),
        us: part("tax-us"),
        till: part("till"),
    })
    .await
    .unwrap();
    let composition = loose.composition();
    assert_eq!(
        call(composition, "shop:tax/rates", "region", []).await,
        "US".into()
    );
    let bare = composition.component("bare").unwrap();
    assert_eq!(bare.exports().len(), 0);
}

composer::compose!({
    path: "wit/text",
    composition: Stack,
    components: {
        upper: "test:text/middleware",
        base: "test:text/base",
        other: "test:text/base",
    },
    hints: { upper: { "test:text/transform": base } },
    exports: { "test:text/transform": upper },
});

composer::compose!({
    path: "wit/text",
    composition: Hosted,
    components: { upper: "test:text/middleware" },
    linker: ["test:text/transform"],
    exports: ["test:text/transform"],
});

composer::compose!({
    path: "wit/text",
    composition: Open,
    components: { upper: "test:text/middleware" },
    open: ["test:text/transform"],
    exports: ["test:text/transform"],
});

#[tokio::test]
async fn hints_linkers_and_open_imports_are_followed() {
    let apply = async |composition: &composer::Composition| {
        call(composition, "test:text/transform", "apply", ["hi".into()]).await
    };
    let stack = Stack::compose(StackParts {
        upper: part("text-upper"),
        base: part("text-base"),
        other: part("text-base"),
    });
    assert_eq!(apply(stack.await.unwrap().composition()).await, "HI".into());

    let upper = part_with("text-upper", |linker| {
        let mut instance = linker.instance("test:text/transform@0.1.0").unwrap();
        instance
            .func_wrap("apply", |_, (text,): (String,)| {
                Ok((format!("host {text}"),))
            })
            .unwrap();
    });
    let hosted = Hosted::compose(HostedParts { upper }).await.unwrap();
    assert_eq!(apply(hosted.composition()).await, "HOST HI".into());

    let upper = part("text-upper");
    let open = Open::compose(OpenParts { upper }).await.unwrap();
    let mut outer = Composer::new();
    outer
        .add(ComposableDescriptor::new("base", part("text-base")))
        .add(ComposableDescriptor::new(
            "open",
            open.composition().clone(),
        ))
        .with_export_hint("test:text/transform@0.1.0", "open");
    assert_eq!(apply(&outer.compose().await.unwrap()).await, "HI".into());
}

#[tokio::test]
async fn hints_and_open_imports_that_the_real_component_leaves_out_are_dropped() {
    // `text-base` exports the same and imports nothing.
    let stack = Stack::compose(StackParts {
        upper: part("text-base"),
        base: part("text-base"),
        other: part("text-base"),
    });
    assert!(stack.await.is_ok());
    let upper = part("text-base");
    assert!(Open::compose(OpenParts { upper }).await.is_ok());
}

#[tokio::test]
async fn a_linker_that_has_nothing_is_the_planners_error() {
    let upper = part("text-upper");
    let error = Hosted::compose(HostedParts { upper }).await.err().unwrap();
    assert!(matches!(error, CompositionError::Plan(_)), "{error}");
}

#[tokio::test]
async fn a_dynamic_composition_gets_the_face_if_its_exports_fit() {
    let shop = compose(&["catalog", "till", "tax-us"]).await;
    let shop = Shop::from_composition(shop).unwrap();
    assert!(matches!(total(&shop).await, Value::U32(_)));

    let error = Shop::from_composition(compose(&["catalog"]).await);
    let Err(CompositionError::Lookup(LookupError::Export(error))) = error else {
        panic!("no lookup error");
    };
    assert!(error.to_string().contains("shop:till/checkout@1.0.0"));

    let (_, text) = misfits(Plugins::from_composition(compose(&["plugin-wrong"]).await));
    assert_eq!(text, WRONG_PLUGIN.replace("`plugin`", "`plugin-wrong`"));
}

composer::compose!({
    path: "wit/resources",
    composition: Counting,
    components: { counters: "test:resources/counters-guest" },
    exports: ["test:resources/counters"],
});

#[tokio::test]
async fn resources_are_compared_by_place_and_name() {
    for guest in ["counters", "counters-c"] {
        let counters = part(guest);
        let counting = Counting::compose(CountingParts { counters }).await.unwrap();
        Counting::from_composition(counting.composition().clone()).unwrap();
    }
}

composer::compose!({
    path: ["wit/values", "wit/flow", "wit/resources"],
    composition: AllTypes,
    components: {
        values: "test:values/values-guest",
        relay: "test:values/values-relay",
        steps: "test:flow/steps-guest",
        user: "test:flow/steps-user",
        counters: "test:resources/counters-guest",
        wrap: "test:resources/counters-wrap",
    },
    open: ["test:flow/host"],
});

#[tokio::test]
async fn every_type_is_declared_as_the_component_has_it() {
    let all = AllTypes::compose(AllTypesParts {
        values: part("values"),
        relay: part("values-relay"),
        steps: part("steps"),
        user: part("steps-user"),
        counters: part("counters"),
        wrap: part("counters-wrap"),
    });
    if let Err(error) = all.await {
        panic!("{error}");
    }
}
