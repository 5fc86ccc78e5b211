//! Calls the steps, several at once where asked to.

use exports::test::flow::driver::Guest;
use futures_util::future::join_all;
use test::flow::steps;

wit_bindgen::generate!({
    path: "../../wit/flow",
    world: "test:flow/steps-user",
});

struct Driver;

impl Guest for Driver {
    async fn fan_out(n: u32, ms: u32) -> Vec<String> {
        join_all((0..n).map(|tag| steps::slow(ms, tag.to_string()))).await
    }

    async fn relay_slow(ms: u32, tag: String) -> String {
        steps::slow(ms, tag).await
    }

    fn bump_twice() -> u32 {
        steps::bump(1);
        steps::bump(1)
    }

    fn back(name: String, depth: u32) -> u32 {
        steps::relay_back(&name, depth)
    }

    async fn back_async(name: String, depth: u32) -> u32 {
        steps::relay_back_async(name, depth).await
    }
}

export!(Driver);
