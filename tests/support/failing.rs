//! A host of `steps` whose functions fail or panic on request.

use std::fmt;

use composer::ComposableComponent;

use super::gated::Gate;
use super::part_with;

/// What the host's functions fail with.
#[derive(Debug, PartialEq)]
pub(crate) struct OutOfPaper;

impl std::error::Error for OutOfPaper {}

impl fmt::Display for OutOfPaper {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("out of paper")
    }
}

/// `steps`, whose every call to the host waits at the gate, except notes;
/// `call-back` and `call-back-async` then do what their `name` says.
pub(crate) fn steps(gate: &Gate) -> ComposableComponent<()> {
    part_with("steps", |linker| {
        let mut host = linker.instance("test:flow/host@0.1.0").unwrap();
        host.func_wrap("note", |_, (_,): (String,)| Ok(())).unwrap();
        let at = gate.clone();
        host.func_wrap_concurrent("wait", move |_, (_,): (u32,)| {
            let gate = at.clone();
            Box::pin(async move {
                gate.pass().await;
                Ok(())
            })
        })
        .unwrap();
        let at = gate.clone();
        host.func_wrap_async("call-back", move |_, (name, _): (String, u32)| {
            let gate = at.clone();
            Box::new(async move {
                gate.pass().await;
                fate(&name)
            })
        })
        .unwrap();
        let at = gate.clone();
        host.func_wrap_concurrent("call-back-async", move |_, (name, _): (String, u32)| {
            let gate = at.clone();
            Box::pin(async move {
                gate.pass().await;
                fate(&name)
            })
        })
        .unwrap();
    })
}

fn fate(name: &str) -> wasmtime::Result<(u32,)> {
    match name {
        "fail" => Err(wasmtime::Error::new(OutOfPaper)),
        "panic" => panic!("the host panics, as it was told"),
        _ => Ok((7,)),
    }
}
