//! How do components that import and export one interface become a stack?
//!
//! Each of three components exports `test:text/transform`, and two of them import it too.
//! Hints say which component each layer calls. The second stack has the same components
//! as the first, and other hints.
//!
//! ```text
//! cargo run --example middleware
//! ```
//!
//! It prints what each layer makes of `"  hello"`:
//!
//! ```text
//! text-base ← text-upper ← text-exclaim
//!   text-base     "hello"
//!   text-upper    "HELLO"
//!   text-exclaim  "HELLO!"
//!   the stack is `test:text/transform@0.1.0#apply` of component `text-exclaim`
//! text-base ← text-exclaim ← text-upper
//!   text-base     "hello"
//!   text-exclaim  "hello!"
//!   text-upper    "HELLO!"
//!   the stack is `test:text/transform@0.1.0#apply` of component `text-upper`
//! ```

use anyhow::Result;
use composer::{ComposableDescriptor, Composer, Runtime};
use composer_examples::{guest, show};

const TRANSFORM: &str = "test:text/transform";

#[tokio::main]
async fn main() -> Result<()> {
    let runtime = Runtime::new()?;
    run(&runtime, ["text-base", "text-upper", "text-exclaim"]).await?;
    run(&runtime, ["text-base", "text-exclaim", "text-upper"]).await
}

/// Stacks the layers, the lowest first.
async fn run(runtime: &Runtime, layers: [&str; 3]) -> Result<()> {
    let [base, middle, top] = layers;
    let part = async |name| -> Result<_> {
        let guest = guest(runtime, name).await?;
        Ok(ComposableDescriptor::new(name, guest))
    };
    let mut composer = Composer::new();
    composer
        .add(part(base).await?)
        .add(part(middle).await?.with_import_hint(TRANSFORM, base))
        .add(part(top).await?.with_import_hint(TRANSFORM, middle))
        .with_export_hint(TRANSFORM, top);
    let stack = runtime.compose(composer).await?;

    println!("{}", layers.join(" ← "));
    for name in layers {
        let apply = stack.component(name)?.get_func(Some(TRANSFORM), "apply")?;
        let text = apply.call_owned(["  hello".into()]).await?;
        println!("  {name:14}{}", show(&text));
    }
    let apply = stack.get_func(Some(TRANSFORM), "apply")?;
    println!("  the stack is {}", apply.site());
    Ok(())
}
