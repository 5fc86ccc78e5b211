//! A plain component as a part, without a linker or a store of the embedder's.

use composer::{ComposableDescriptor, Composer, CompositionError, ExportFilter, LookupError};

use crate::support::{call, guest};

const RATES: &str = "shop:tax/rates";
const TRANSFORM: &str = "test:text/transform";

#[tokio::test]
async fn components_that_meet() {
    let mut composer = Composer::new();
    composer
        .add(ComposableDescriptor::new("base", guest("text-base")))
        .add(ComposableDescriptor::new("upper", guest("text-upper")))
        .with_export_hint(TRANSFORM, "upper");
    let composition = composer.compose().await.unwrap();
    let applied = call(&composition, TRANSFORM, "apply", ["hi".into()]).await;
    assert_eq!(applied, "HI".into());
}

#[tokio::test]
async fn a_component_with_a_filter() {
    let mut composer = Composer::new();
    let tax = guest("tax-eu").hiding(&["shop:tax/rates#region"]);
    composer.add(ComposableDescriptor::new("tax", tax));
    let composition = composer.compose().await.unwrap();
    let error = composition.get_func(Some(RATES), "region").unwrap_err();
    assert!(matches!(error, LookupError::Function { .. }), "{error}");
    call(&composition, RATES, "rate", ["apple".into()]).await;
}

#[test]
fn a_component_whose_import_nobody_provides() {
    let mut composer = Composer::new();
    composer.add(ComposableDescriptor::new("upper", guest("text-upper")));
    let error = composer.plan().unwrap_err();
    assert!(matches!(error, CompositionError::Plan(_)), "{error}");
}
