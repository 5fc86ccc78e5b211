//! Waits, counts, and calls the embedder.

use exports::test::flow::steps::Guest;
use std::sync::atomic::{AtomicU32, Ordering::Relaxed};
use test::flow::host;

wit_bindgen::generate!({
    path: "../../wit/flow",
    world: "test:flow/steps-guest",
});

static COUNT: AtomicU32 = AtomicU32::new(0);

struct Steps;

impl Guest for Steps {
    async fn slow(ms: u32, tag: String) -> String {
        host::note(&format!("begin {tag}"));
        host::wait(ms).await;
        host::note(&format!("end {tag}"));
        tag
    }

    async fn quick(tag: String) -> String {
        tag
    }

    fn bump(by: u32) -> u32 {
        COUNT.fetch_add(by, Relaxed).wrapping_add(by)
    }

    fn count() -> u32 {
        COUNT.load(Relaxed)
    }

    fn relay_back(name: String, depth: u32) -> u32 {
        host::call_back(&name, depth)
    }

    async fn relay_back_async(name: String, depth: u32) -> u32 {
        host::call_back_async(name, depth).await
    }
}

export!(Steps);
