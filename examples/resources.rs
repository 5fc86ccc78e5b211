//! Who owns a resource, and when does it end?
//!
//! A counter lives in the component that defines it. This program holds it,
//! lends it, gives it away to another component, gets it back and drops it;
//! then the destructor runs in the store where the counter lives.
//!
//! ```text
//! cargo run --example resources
//! ```
//!
//! It prints:
//!
//! ```text
//! held here: a test:resources/counters@0.1.0.counter of `counters`
//! lent to `counters`, incremented by one: 41
//! lent to `counters-user`, which increments it by one: 42
//! given to `counters-user`; destroyed: 0
//! back again; destroyed: 0
//! dropped; destroyed: 1
//! ```

use anyhow::{Result, bail};
use composer::{ComposableDescriptor, Composer, Composition, Runtime, Value};
use composer_examples::{guest, show};

const COUNTERS: &str = "test:resources/counters";
const USER: &str = "test:resources/user";

#[tokio::main]
async fn main() -> Result<()> {
    let runtime = Runtime::new()?;
    let mut composer = Composer::new();
    for name in ["counters", "counters-user"] {
        composer.add(ComposableDescriptor::new(
            name,
            guest(&runtime, name).await?,
        ));
    }
    let all = runtime.compose(composer).await?;

    let counter = match call(&all, COUNTERS, "[constructor]counter", [40u32.into()]).await? {
        Some(Value::Own(counter)) => counter,
        other => bail!("no counter, but {other:?}"),
    };
    println!(
        "held here: a {} of `{}`",
        counter.resource(),
        counter.component().unwrap_or_default()
    );

    let args = [counter.borrow().into(), 1u32.into()];
    let value = call(&all, COUNTERS, "[method]counter.increment", args).await?;
    println!("lent to `counters`, incremented by one: {}", show(&value));

    let value = call(&all, USER, "borrow-through", [counter.borrow().into()]).await?;
    println!(
        "lent to `counters-user`, which increments it by one: {}",
        show(&value)
    );

    call(&all, USER, "keep", [counter.into()]).await?;
    println!(
        "given to `counters-user`; destroyed: {}",
        dropped(&all).await?
    );

    let counter = match call(&all, USER, "give-back", []).await? {
        Some(Value::Option(Some(counter))) => *counter,
        other => bail!("no counter, but {other:?}"),
    };
    println!("back again; destroyed: {}", dropped(&all).await?);

    drop(counter);
    println!("dropped; destroyed: {}", dropped(&all).await?);
    Ok(())
}

async fn dropped(all: &Composition) -> Result<String> {
    Ok(show(&call(all, COUNTERS, "dropped", []).await?))
}

async fn call<const N: usize>(
    all: &Composition,
    interface: &str,
    name: &str,
    args: [Value; N],
) -> Result<Option<Value>> {
    let func = all.get_func(Some(interface), name)?;
    Ok(func.call_owned(args).await?)
}
