//! A component that logs what another one does with a store of keys and values, which is a
//! component too. What it logs goes to the host's standard error.

use composer::wasi::{MemoryOutputPipe, WasiComponent, WasiCtx};
use composer::{ComposableDescriptor, Composer, Value};

use crate::support::sandbox::loaded;
use crate::support::{call, guest};

const STORE: &str = "wasi:keyvalue/store@0.2.0-draft2";

#[tokio::test]
async fn a_store_behind_a_component_that_logs() {
    for is_plain in [true, false] {
        let log = MemoryOutputPipe::new(1 << 16);
        let logged = log.clone();
        let ctx = move || Ok(WasiCtx::builder().stderr(logged.clone()).build());
        let middle = WasiComponent::new(guest("keyvalue-log")).with_new_ctx(ctx);
        let mut composer = Composer::new();
        let part = async |name: &str| match is_plain {
            true => ComposableDescriptor::new(name, WasiComponent::new(guest(name))),
            false => ComposableDescriptor::new(name, loaded(name).await.part()),
        };
        let user = part("keyvalue-user").await;
        composer
            .add(part("keyvalue-store").await)
            .add(user.with_import_hint(STORE, "keyvalue-log"));
        composer.add(ComposableDescriptor::new("keyvalue-log", middle));
        let composition = composer.compose().await.unwrap();
        for count in 1..=3_u64 {
            let counted = call(
                &composition,
                "test:keyvalue/uses",
                "count",
                ["visits".into()],
            );
            let expected = Value::Result(Ok(Some(Box::new(count.into()))));
            assert_eq!(counted.await, expected);
        }
        let text = String::from_utf8(log.contents().to_vec()).unwrap();
        assert_eq!(text, "open shop\nget visits\nset visits\n".repeat(3));
    }
}
