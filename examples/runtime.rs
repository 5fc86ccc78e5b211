//! How do I run a component that I do not trust?
//!
//! In a runtime's sandbox. Limits bound the component's memory, time and fuel, and it
//! reaches the outside only through grants. If it exceeds a limit, it alone ends, and the
//! error names the limit.
//!
//! ```text
//! cargo run --example runtime
//! ```
//!
//! It prints:
//!
//! ```text
//! compiled 2 components in 2 loads
//!
//! `ok` returned 42
//! `grow` ran into a limit: bytes of linear memory, 4194304 allowed
//! `spin` ran into a limit: milliseconds of a processor, 1000 allowed
//! `spin` ran into a limit: units of fuel, 100000 allowed
//! `overflow-stack` ran into a limit: bytes of stack, 524288 allowed
//!
//! a file without a grant: err("Capabilities insufficient (os error 76)")
//! a file with a grant: ok("hello")
//! a random number, from a seed: 750634985848507906
//! the same number again: 750634985848507906
//! ```

use std::time::{Duration, SystemTime};

use anyhow::Result;
use composer::runtime::{Clocks, Grants, Limits, LoadedComponent, SandboxedComponent};
use composer::{ComposableDescriptor, Composer, Composition, Runtime};
use composer_examples::{guest_file, show};

#[tokio::main]
async fn main() -> Result<()> {
    let runtime = Runtime::builder().count_fuel(true).build()?;
    let hostile = runtime.load_file(guest_file("hostile")).await?;
    let probe = runtime.load_file(guest_file("wasi-probe")).await?;
    let statistics = runtime.statistics();
    println!(
        "compiled {} components in {} loads\n",
        statistics.compiled, statistics.names
    );

    let limits = Limits::minimal().with_time(Some(Duration::from_secs(1)));
    let little_fuel = limits.clone().with_fuel(Some(100_000));
    for (what, limits) in [
        ("ok", &limits),
        ("grow", &limits),
        ("spin", &limits),
        ("spin", &little_fuel),
        ("overflow-stack", &limits),
    ] {
        attack(&hostile, what, limits.clone()).await?;
    }
    println!();

    let folder = std::env::temp_dir().join(format!("composer-example-{}", std::process::id()));
    std::fs::create_dir_all(&folder)?;
    std::fs::write(folder.join("note"), "hello")?;
    let granted = Grants::none().with_folder_to_read(&folder, "/data");
    for (what, grants) in [("without", Grants::none()), ("with", granted)] {
        let running = start(probe.part().with_grants(grants)).await?;
        let read = running.get_func(Some("test:wasi/probe"), "read")?;
        let note = read.call_owned(["/data/note".into()]).await?;
        println!("a file {what} a grant: {}", show(&note));
    }
    std::fs::remove_dir_all(&folder)?;

    let clocks = Clocks::Frozen(SystemTime::UNIX_EPOCH);
    let repeatable = probe
        .part()
        .with_seed(1)
        .with_grants(Grants::none().with_clocks(clocks));
    for what in ["a random number, from a seed", "the same number again"] {
        // A clone has the same seed, and its own count of instances.
        let running = start(repeatable.clone()).await?;
        let random = running.get_func(Some("test:wasi/probe"), "random")?;
        println!("{what}: {}", show(&random.call_owned([]).await?));
    }
    Ok(())
}

async fn start(part: SandboxedComponent) -> Result<Composition> {
    let mut composer = Composer::new();
    composer.add(ComposableDescriptor::new("guest", part));
    Ok(composer.compose().await?)
}

/// Calls a hostile function of a guest, and prints the outcome.
async fn attack(guest: &LoadedComponent, what: &str, limits: Limits) -> Result<()> {
    let running = start(guest.part().with_limits(limits)).await?;
    let func = running.get_func(Some("test:hostile/faults@0.1.0"), what)?;
    let args = match what {
        "grow" => vec![1000u32.into()],
        _ => vec![],
    };
    match func.call_owned(args).await {
        Ok(result) => println!("`{what}` returned {}", show(&result)),
        Err(error) => match error.death().and_then(|death| death.limit()) {
            Some(exceeded) => println!(
                "`{what}` ran into a limit: {}, {} allowed",
                exceeded.limit, exceeded.allowed
            ),
            None => println!("`{what}` failed: {error}"),
        },
    }
    Ok(())
}
