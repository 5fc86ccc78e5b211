//! Streams and futures, which count as handles.

use composer::Limit;
use composer::runtime::Limits;

use super::{alone, call, exceeded, wat};

const SPRINGS: &str = include_str!("../wat/springs.wat");

#[tokio::test]
async fn without_end() {
    for name in ["streams", "futures"] {
        let limits = Limits::default().with_handles(100);
        let guest = alone(wat(SPRINGS).await.part().with_limits(limits)).await;
        // Each has two ends, and the call that makes them has a handle, too.
        call(&guest, name, [49u32.into()]).await.unwrap();
        let error = call(&guest, name, [1u32.into()]).await.unwrap_err();
        let exceeded = exceeded(&error, Limit::Handles, name);
        assert_eq!((exceeded.wanted, exceeded.allowed), (Some(101), 100));
        assert_eq!(exceeded.site.unwrap().function, name);
    }
}

#[tokio::test]
async fn all_at_once() {
    let limits = Limits::default();
    let guest = alone(wat(SPRINGS).await.part().with_limits(limits)).await;
    let error = call(&guest, "streams", [u32::MAX.into()])
        .await
        .unwrap_err();
    exceeded(&error, Limit::Handles, "streams");
}

/// Only those that are there count.
#[tokio::test]
async fn that_are_dropped() {
    let limits = Limits::default().with_handles(3);
    let guest = alone(wat(SPRINGS).await.part().with_limits(limits)).await;
    call(&guest, "passing", [10_000u32.into()]).await.unwrap();
}
