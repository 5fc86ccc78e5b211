//! How much stack the engines of this crate give, and to whom.
//!
//! wasmtime does not tell the sizes that an engine was made with. So whoever
//! makes one and knows them says so here, and what needs stack asks here.

use std::sync::{Mutex, PoisonError};

use wasmtime::{Config, Engine, EngineWeak};

/// What wasm gets where nobody says otherwise: wasmtime's own choice.
pub(crate) const DEFAULT_STACK: usize = 512 << 10;

/// What the stacks that calls run on have beyond that, for the host.
const HOST_STACK: usize = (2 << 20) - DEFAULT_STACK;

/// What a call on its caller's stack leaves of that for the host.
const SLACK: usize = 512 << 10;

/// The engines whose stacks are known.
static KNOWN: Mutex<Vec<(EngineWeak, usize)>> = Mutex::new(Vec::new());

/// Sets how much stack wasm gets, and with it the size of the stacks that calls
/// run on.
pub(crate) fn configure(config: &mut Config, wasm: usize) {
    config
        .max_wasm_stack(wasm)
        .async_stack_size(wasm.saturating_add(HOST_STACK));
}

/// Notes that an engine was [configured](configure) with this much.
pub(crate) fn remember(engine: &Engine, wasm: usize) {
    let mut known = KNOWN.lock().unwrap_or_else(PoisonError::into_inner);
    known.retain(|(engine, _)| engine.upgrade().is_some());
    known.push((engine.weak(), wasm));
}

/// How much wasm gets from this engine, if that is known.
pub(crate) fn of(engine: &Engine) -> Option<usize> {
    let known = KNOWN.lock().unwrap_or_else(PoisonError::into_inner);
    let same = |weak: &EngineWeak| weak.upgrade().is_some_and(|one| Engine::same(&one, engine));
    let found = known.iter().find(|(weak, _)| same(weak));
    found.map(|(_, wasm)| *wasm)
}

/// How much stack a callee may have on top of a caller from this engine, if
/// that is known.
pub(crate) fn room_above(engine: &Engine) -> Option<usize> {
    of(engine).map(|_| HOST_STACK - SLACK)
}
