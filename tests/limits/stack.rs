//! The stack.

use composer::{Limit, Runtime};

use super::{exceeded, loaded};
use crate::support::guest_path;
use crate::support::hostile::Hostile;

#[tokio::test]
async fn recursion_without_end() {
    let hostile = Hostile::with(loaded("hostile").await.part()).await;
    let error = hostile.call("overflow-stack", []).await.unwrap_err();
    let death = hostile.death("overflow-stack", &error);
    let exceeded = exceeded(&error, Limit::Stack, "overflow-stack");
    assert_eq!((exceeded.wanted, exceeded.allowed), (None, 512 << 10));
    hostile.assert_dead_alone(&death).await;
}

#[tokio::test]
async fn another_size() {
    let mut depths = Vec::new();
    for stack in [64 << 10, 4 << 20] {
        let runtime = Runtime::builder().stack(stack).build().unwrap();
        let loaded = runtime.load_file(guest_path("hostile")).await.unwrap();
        let hostile = Hostile::with(loaded.part()).await;
        let error = hostile.call("overflow-stack", []).await.unwrap_err();
        let exceeded = exceeded(&error, Limit::Stack, "overflow-stack");
        depths.push(exceeded.allowed);
    }
    assert_eq!(depths, [64 << 10, 4 << 20]);
}
