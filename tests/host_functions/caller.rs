//! A function of the program learns who calls it.

use composer::runtime::Limits;
use composer::{Caller, ComposableDescriptor, Composer, Configure};

use super::{TRANSFORM, apply};
use crate::support::part;
use crate::support::sandbox::loaded;

composer::compose!({
    path: "wit/text",
    composition: Tenants,
    components: {
        first: "test:text/middleware",
        second: "test:text/middleware",
        others: [dyn "test:text/transform"],
    },
    hints: { second: { "test:text/transform": first } },
    host: [async "test:text/transform"],
    exports: { "test:text/transform": second },
});

/// Who pays for a part.
struct Tenant(&'static str);

fn who() -> String {
    let caller = Caller::current().unwrap();
    let tenant = caller.data::<Tenant>().map_or("nobody", |tenant| tenant.0);
    assert!(caller.data::<u32>().is_none());
    format!("{} for {tenant}", caller.component())
}

struct Program;

impl tenants::test::text::transform::Host for Program {
    async fn apply(&self, text: String) -> String {
        let before = who();
        // Elsewhere, nobody calls.
        let elsewhere = tokio::spawn(async { Caller::current().is_none() });
        assert!(elsewhere.await.unwrap());
        assert_eq!(who(), before);
        format!("{text}: {before}")
    }
}

#[tokio::test]
async fn in_a_trait() {
    let parts = TenantsParts {
        first: part("text-exclaim").with_data(Tenant("Robin")),
        second: part("text-upper").with_data(Tenant("Sam")),
        others: vec![
            (
                "a".to_owned(),
                part("text-exclaim").with_data(Tenant("Ada")),
            ),
            ("b".to_owned(), part("text-exclaim").with_data(Tenant("Bo"))),
        ],
    };
    let tenants = Tenants::compose(parts, Program).await.unwrap();
    let said = tenants.transform().apply("tea").await.unwrap();
    assert_eq!(said, "TEA: FIRST FOR ROBIN!");
    for (name, tenant) in [("a", "Ada"), ("b", "Bo")] {
        let said = tenants
            .others()
            .get(name)
            .unwrap()
            .apply("tea")
            .await
            .unwrap();
        assert_eq!(said, format!("tea: others/{name} for {tenant}!"));
    }
    assert!(Caller::current().is_none());
}

/// On a thread that runs several at once, and when a call is made directly.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn in_a_linker() {
    let layer = loaded("text-exclaim").await;
    let names = ["a", "b", "c", "d"];
    let mut composer = Composer::new();
    for name in names {
        let part = layer
            .part()
            .with_limits(Limits::default())
            .with_linker(|linker| apply(linker, |_, text| Ok(format!("{text}: {}", who()))));
        let part = ComposableDescriptor::new(name, part);
        composer.add(match name {
            "a" => part,
            name => part.with_data(Tenant(name)),
        });
    }
    let composition = composer.compose().await.unwrap();
    let calls = names.map(|name| {
        let component = composition.component(name).unwrap();
        let apply = component.get_func(Some(TRANSFORM), "apply").unwrap();
        tokio::spawn(async move {
            let tenant = if name == "a" { "nobody" } else { name };
            let expected = Some(format!("tea: {name} for {tenant}!").into());
            for _ in 0..100 {
                assert_eq!(apply.call_owned(["tea".into()]).await.unwrap(), expected);
            }
        })
    });
    for call in calls {
        call.await.unwrap();
    }
}
