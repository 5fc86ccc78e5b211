//! Plans of real groups.

use composer::{ComposableDescriptor, Composer};

use super::{group, member};
use crate::support::part;

#[test]
fn a_group_beside_components() {
    let mut composer = Composer::new();
    composer
        .add(ComposableDescriptor::new(
            "shop",
            group([member("till"), member("catalog")]),
        ))
        .add(ComposableDescriptor::new("tax", part("tax-eu")));
    let plan = composer.plan().unwrap();
    assert_eq!(
        plan.to_string(),
        "components, in start order
  tax
  shop
    shop:tax/rates@1.0.0 ← tax
    fused of
      catalog
      till
        shop:catalog/prices@1.0.0 ← catalog
        shop:tax/rates@1.0.0 ← outside
exports
  interface shop:catalog/prices@1.0.0 ← shop
  interface shop:tax/rates@1.0.0 ← tax
  interface shop:till/checkout@1.0.0 ← shop
"
    );
    assert_eq!(
        plan.to_mermaid(),
        r#"flowchart LR
  c0["tax"]
  subgraph c1["shop (fused)"]
    c1_0["catalog"]
    c1_1["till"]
  end
  c1_1 -->|"shop:catalog/prices@1.0.0"| c1_0
  c1_1 -->|"shop:tax/rates@1.0.0"| c0
"#
    );
}

/// The same group in whatever order it was put together.
#[test]
fn it_is_canonical() {
    let plan = |members: [&str; 4]| {
        let composer = super::composer(group(members.map(member)));
        composer.plan().unwrap().to_json()
    };
    assert_eq!(
        plan(["catalog", "tax-eu", "till", "values"]),
        plan(["till", "values", "catalog", "tax-eu"])
    );
}
