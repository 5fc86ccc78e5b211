//! The stack sizes of engines.
//!
//! wasmtime does not report the sizes that an engine was made with. So code that makes an
//! engine with known sizes records them here, and code that needs stack looks them up.

use std::sync::{Mutex, PoisonError};

use wasmtime::{Config, Engine, EngineWeak};

/// The stack for wasm code unless the embedder chooses another size: wasmtime's default.
pub(crate) const DEFAULT_STACK: usize = 512 << 10;

/// The part of each call's stack that is reserved for the host, beyond that for wasm.
const HOST_STACK: usize = (2 << 20) - DEFAULT_STACK;

/// The part of that reserve that a call on its caller's stack leaves to the host.
const SLACK: usize = 512 << 10;

/// The engines whose stacks are known.
static KNOWN: Mutex<Vec<(EngineWeak, usize)>> = Mutex::new(Vec::new());

/// Sets the stack for wasm code, and with it the size of the stacks that calls run on.
pub(crate) fn configure(config: &mut Config, wasm: usize) {
    config
        .max_wasm_stack(wasm)
        .async_stack_size(wasm.saturating_add(HOST_STACK));
}

/// Records that an engine was [configured](configure) with `wasm` bytes of stack.
pub(crate) fn remember(engine: &Engine, wasm: usize) {
    let mut known = KNOWN.lock().unwrap_or_else(PoisonError::into_inner);
    known.retain(|(engine, _)| engine.upgrade().is_some());
    known.push((engine.weak(), wasm));
}

/// The stack that this engine gives to wasm code, if that is known.
pub(crate) fn of(engine: &Engine) -> Option<usize> {
    let known = KNOWN.lock().unwrap_or_else(PoisonError::into_inner);
    let same = |weak: &EngineWeak| weak.upgrade().is_some_and(|one| Engine::same(&one, engine));
    let found = known.iter().find(|(weak, _)| same(weak));
    found.map(|(_, wasm)| *wasm)
}

/// The stack that a callee may use on top of a caller of this engine, if that is known.
pub(crate) fn room_above(engine: &Engine) -> Option<usize> {
    of(engine).map(|_| HOST_STACK - SLACK)
}
