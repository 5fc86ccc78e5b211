//! How does a function of the program know which plugin calls it?
//!
//! Each plugin has limits, functions of the program and a value of its own: the tenant it
//! works for, and what is left of their quota. The functions find that value. A call beyond
//! the quota fails with an error of the program's own type; the plugin ends, alone, and its
//! policy starts it again.
//!
//! ```text
//! cargo run --example tenants
//! ```
//!
//! It prints:
//!
//! ```text
//! robin: TEA FOR ROBIN
//! robin: refused, the quota of Robin is used up
//! robin: refused, the quota of Robin is used up
//! sam: TEA FOR SAM
//! sam: TEA FOR SAM
//! sam: refused, the quota of Sam is used up
//! ```

use std::fmt;
use std::sync::atomic::{AtomicU32, Ordering};

use anyhow::Result;
use composer::runtime::{Limits, SandboxedComponent};
use composer::wasi::State;
use composer::{
    CallError, Caller, ComposableDescriptor, Composer, DeathCause, Restart, Runtime, Value,
};
use composer_examples::guest;
use wasmtime::component::Linker;

const TRANSFORM: &str = "test:text/transform@0.1.0";

/// What belongs to a plugin.
struct Tenant {
    name: &'static str,
    calls_left: AtomicU32,
}

/// The program's own error.
#[derive(Debug)]
struct QuotaUsed {
    tenant: &'static str,
}

impl fmt::Display for QuotaUsed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the quota of {} is used up", self.tenant)
    }
}

impl std::error::Error for QuotaUsed {}

/// What plugins import: it is one function, and serves each of them differently.
fn define(linker: &mut Linker<State>) -> wasmtime::Result<()> {
    let mut transform = linker.instance(TRANSFORM)?;
    transform.func_wrap("apply", |_, (text,): (String,)| {
        let caller = Caller::current();
        let Some(tenant) = caller.as_ref().and_then(Caller::data::<Tenant>) else {
            return Err(wasmtime::Error::msg("nobody pays for this"));
        };
        let take = |left: u32| left.checked_sub(1);
        let calls_left = &tenant.calls_left;
        match calls_left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, take) {
            Ok(_) => Ok((format!("{text} for {}", tenant.name),)),
            Err(_) => Err(QuotaUsed {
                tenant: tenant.name,
            }
            .into()),
        }
    })
}

fn plugin(
    component: &SandboxedComponent,
    name: &str,
    tenant: &'static str,
    calls: u32,
) -> ComposableDescriptor {
    let part = component
        .clone()
        .with_limits(Limits::strict())
        .with_linker(define);
    ComposableDescriptor::new(name, part)
        .with_restart(Restart::on_death())
        .with_data(Tenant {
            name: tenant,
            calls_left: AtomicU32::new(calls),
        })
}

#[tokio::main]
async fn main() -> Result<()> {
    let runtime = Runtime::builder().limits(Limits::strict()).build()?;
    let upper = guest(&runtime, "text-upper").await?;
    let mut composer = Composer::new();
    composer
        .add(plugin(&upper, "robin", "Robin", 1))
        .add(plugin(&upper, "sam", "Sam", 2));
    let composition = composer.compose().await?;

    for (name, calls) in [("robin", 3), ("sam", 3)] {
        let plugin = composition.component(name)?;
        let apply = plugin.get_func(Some(TRANSFORM), "apply")?;
        // After a death, the next call waits until the plugin has been started again.
        for _ in 0..calls {
            match apply.call_owned(["tea".into()]).await {
                Ok(Some(Value::String(text))) => println!("{name}: {text}"),
                Ok(other) => println!("{name}: {other:?}"),
                Err(error) => println!("{name}: refused, {}", reason(&error)?),
            }
        }
    }
    Ok(())
}

/// The program's own error, which is the cause of the plugin's death.
fn reason(error: &CallError) -> Result<&QuotaUsed> {
    let CallError::Failed { death, .. } = error else {
        anyhow::bail!("{error}");
    };
    let DeathCause::Other(cause) = &death.cause else {
        anyhow::bail!("{error}");
    };
    cause
        .downcast_ref()
        .ok_or_else(|| anyhow::anyhow!("{error}"))
}
