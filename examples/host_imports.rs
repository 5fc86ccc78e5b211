//! How does a component call the program it runs in?
//!
//! Each interface under `host` becomes a trait. One value implements them for the whole
//! composition, with `&self`, since several components may call it at once. A function
//! that is `async` in the WIT is an `async fn` in the trait, and the component continues
//! with other calls while it waits.
//!
//! ```text
//! cargo run --example host_imports
//! ```
//!
//! It prints:
//!
//! ```text
//! begin a
//! begin b
//! end b
//! end a
//! a and b came back
//! the host says 42
//! ```

use std::time::Duration;

use anyhow::Result;
use composer::Runtime;
use composer_examples::guest;

composer::compose!({
    path: "../tests/wit/flow",
    composition: Flow,
    components: { steps: "test:flow/steps-guest" },
    host: ["test:flow/host"],
    exports: ["test:flow/steps"],
});

/// The host functions, which the component imports.
struct Program {
    answer: u32,
}

impl flow::test::flow::host::Host for Program {
    async fn wait(&self, ms: u32) {
        tokio::time::sleep(Duration::from_millis(ms.into())).await;
    }

    fn note(&self, text: String) {
        println!("{text}");
    }

    fn call_back(&self, _name: String, _depth: u32) -> u32 {
        self.answer
    }

    async fn call_back_async(&self, _name: String, _depth: u32) -> u32 {
        self.answer
    }
}

#[tokio::main]
async fn main() -> Result<()> {
    let runtime = Runtime::new()?;
    let steps = guest(&runtime, "steps").await?;
    let flow = Flow::compose(FlowParts { steps }, Program { answer: 42 }).await?;
    let steps = flow.steps();

    // Two calls at once, in one store: the second ends before the first.
    let (a, b) = tokio::join!(steps.slow(200, "a"), steps.slow(20, "b"));
    println!("{} and {} came back", a?, b?);
    println!("the host says {}", steps.relay_back("answer", 0).await?);
    Ok(())
}
