//! Resources that stay where they are, since nobody has said what they are.

use std::sync::Arc;

use composer::{ComposableDescriptor, Composer};

use super::{ThingCount, confined, part};

async fn refusal(giver_knows: bool, taker_knows: bool) -> String {
    let count: Arc<ThingCount> = Arc::default();
    let of = |name, knows| match knows {
        true => part(name, &count),
        false => confined(name, &count),
    };
    let mut composer = Composer::new();
    composer.add(ComposableDescriptor::new(
        "giver",
        of("thing-giver", giver_knows),
    ));
    composer.add(ComposableDescriptor::new(
        "taker",
        of("thing-taker", taker_knows),
    ));
    composer.compose().await.unwrap_err().to_string()
}

#[tokio::test]
async fn both_sides_must_know_the_type() {
    for (giver, taker, named) in [
        (false, false, "taker"),
        (true, false, "taker"),
        (false, true, "giver"),
    ] {
        let text = refusal(giver, taker).await;
        assert!(text.contains("with_host_resource"), "{text}");
        assert!(text.contains(&format!("component `{named}`")), "{text}");
    }
}

#[tokio::test]
async fn alone_it_can_be_used_but_not_called_with_them() {
    let count: Arc<ThingCount> = Arc::default();
    let mut composer = Composer::new();
    composer.add(ComposableDescriptor::new(
        "giver",
        confined("thing-giver", &count),
    ));
    let composition = composer.compose().await.unwrap();
    let refused = composition.get_func(Some(super::GIVER), "take");
    let text = refused.unwrap_err().to_string();
    assert!(text.contains("with_host_resource"), "{text}");
}
