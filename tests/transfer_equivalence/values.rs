//! Values of every type, through `values-relay` to `values` and back.

use composer::ExportFunc;
use proptest::test_runner::TestCaseError;
use wasmtime::component::Val;

use super::{Pair, random};
use crate::support::arbitrary::{any_vals, together};
use crate::support::chain::{Chain, Function};
use crate::support::engine;
use crate::support::property::Bounded;

const ECHO: &str = "test:values/echo@0.1.0";
const ECHO_ASYNC: &str = "test:values/echo-async@0.1.0";

fn chain() -> Chain {
    Chain::new(engine(), &["values", "values-relay"])
}

/// Calls both sides, which must agree with each other and with the echo.
async fn check(pair: &mut Pair, function: &Function, args: &[Val]) -> Result<(), TestCaseError> {
    let echo = echo(&pair.composed(function), args);
    let answer = pair.call(function, args).await?;
    if answer != echo {
        let text = format!("{function} of {args:?}\n  both: {answer:?}");
        return Err(TestCaseError::fail(text));
    }
    Ok(())
}

/// What a function that echoes must return: its argument, or a record of all
/// of them.
fn echo(function: &ExportFunc, args: &[Val]) -> Option<Val> {
    match args {
        [] => None,
        [arg] => Some(arg.clone()),
        args => {
            let names = function.params().iter().map(|(name, _)| name.clone());
            Some(Val::Record(names.zip(args.iter().cloned()).collect()))
        }
    }
}

#[test]
fn all_functions_are_found() {
    let functions = chain().functions();
    let count = |interface| {
        functions
            .iter()
            .filter(|f| f.interface == interface)
            .count()
    };
    assert_eq!(count(ECHO), 32);
    assert_eq!(count(ECHO_ASYNC), 5);
    assert_eq!(functions.len(), 32 + 5);
}

#[test]
fn at_the_edges() {
    let chain = chain();
    Bounded::new().block_on(async {
        let mut pair = Pair::start(&chain).await;
        for function in chain.functions() {
            let composed = pair.composed(&function);
            for args in together(composed.params().iter().map(|(_, ty)| ty)) {
                check(&mut pair, &function, &args).await.unwrap();
            }
        }
    });
}

#[test]
fn long() {
    let text = Val::String("grüße 👋 𝄞 ".repeat(50_000));
    let bytes = Val::List((0..=u8::MAX).cycle().take(100_000).map(Val::U8).collect());
    Bounded::new().block_on(async {
        let mut pair = Pair::start(&chain()).await;
        for interface in [ECHO, ECHO_ASYNC] {
            for (name, arg) in [("echo-string", &text), ("echo-bytes", &bytes)] {
                let function = Function::new(interface, name);
                let args = std::slice::from_ref(arg);
                check(&mut pair, &function, args).await.unwrap();
            }
        }
    });
}

#[test]
fn at_random() {
    let chain = chain();
    let pair = Bounded::new().block_on(Pair::start(&chain));
    for function in chain.functions() {
        let composed = pair.composed(&function);
        let args = any_vals(composed.params().iter().map(|(_, ty)| ty));
        random(&chain, 256, &args, async |pair, args| {
            check(pair, &function, &args).await
        });
    }
}
