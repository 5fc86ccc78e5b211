//! The death of a component: why its store ended.

use std::fmt;
use std::sync::Arc;

use wasmtime::{Trap, WasmBacktrace};

use crate::error::CallError;
use crate::error::{LimitExceeded, StreamError};

/// The end of a component. wasmtime does not allow a store to be used after an error
/// inside it, so this is final for the component and for every call that was in it.
#[derive(Debug)]
#[non_exhaustive]
pub struct Death {
    /// The component that died.
    pub component: String,
    /// What killed it.
    pub cause: DeathCause,
    /// The wasm frames at that moment, innermost first.
    pub backtrace: Vec<BacktraceFrame>,
    /// The last lines that it wrote to its standard error, such as the message of a panic:
    /// at most 32, and 4 KiB in all. Empty if the embedder gave it a standard error of
    /// another kind.
    pub stderr: Vec<String>,
}

/// The cause of a component's death.
#[derive(Clone)]
#[non_exhaustive]
pub enum DeathCause {
    /// Its code trapped, or exceeded a limit that the embedder set on its store.
    Trap(Trap),
    /// It ended itself with this status, by `exit` of `wasi:cli/exit`. WASI 0.2 knows only
    /// 0 (success) and 1. A command that ends with 0 in `run` of `wasi:cli/run` has not
    /// died: see [`ComponentState::Finished`](crate::ComponentState::Finished).
    Exited(i32),
    /// It exceeded one of its [`Limits`](crate::runtime::Limits).
    Limit(LimitExceeded),
    /// A call that it made to another component failed, and WIT gives the caller
    /// no way to continue after that.
    Import(Arc<CallError>),
    /// A stream or a future that it read from ended before its time, and WIT has no way to
    /// say so to its reader.
    Stream(StreamError),
    /// Something else: a host function's error or panic, a failed check.
    Other(Arc<wasmtime::Error>),
}

/// A frame of a wasm backtrace.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BacktraceFrame {
    /// The function's name, if the component has a name section.
    pub function: Option<String>,
    /// The function's index in its core module.
    pub index: u32,
    /// The offset into the component's code, in bytes, if that is known.
    pub offset: Option<usize>,
}

impl Death {
    pub(crate) fn new(component: &str, stderr: Vec<String>, error: wasmtime::Error) -> Arc<Self> {
        let backtrace = error
            .downcast_ref::<WasmBacktrace>()
            .map(|trace| trace.frames().iter().map(BacktraceFrame::new).collect())
            .unwrap_or_default();
        let cause = if let Some(exceeded) = error.downcast_ref::<LimitExceeded>() {
            DeathCause::Limit(exceeded.clone())
        } else if let Some(trap) = error.downcast_ref::<Trap>() {
            DeathCause::Trap(*trap)
        } else if let Some(status) = exit_status(&error) {
            DeathCause::Exited(status)
        } else {
            DeathCause::of_error(error)
        };
        Arc::new(Death {
            component: component.to_owned(),
            cause,
            backtrace,
            stderr,
        })
    }

    /// The trap, if one was the cause.
    pub fn trap(&self) -> Option<Trap> {
        match self.cause {
            DeathCause::Trap(trap) => Some(trap),
            _ => None,
        }
    }

    /// The death that caused this one, followed to its origin through the components that
    /// failed because of it.
    pub(crate) fn first(self: &Arc<Self>) -> &Arc<Death> {
        match &self.cause {
            DeathCause::Import(call) => call.death().unwrap_or(self),
            DeathCause::Stream(StreamError::WriterDied { death }) => death.first(),
            _ => self,
        }
    }

    /// The limit, if one was the cause.
    pub fn limit(&self) -> Option<&LimitExceeded> {
        match &self.cause {
            DeathCause::Limit(exceeded) => Some(exceeded),
            _ => None,
        }
    }
}

impl DeathCause {
    fn of_error(error: wasmtime::Error) -> Self {
        if let Some(stream) = error.downcast_ref::<StreamError>() {
            return DeathCause::Stream(stream.clone());
        }
        match error.downcast::<CallError>() {
            Ok(call) => DeathCause::Import(Arc::new(call)),
            Err(other) => DeathCause::Other(Arc::new(other)),
        }
    }
}

impl BacktraceFrame {
    fn new(frame: &wasmtime::FrameInfo) -> Self {
        // Rust's mangled names are useless to a reader.
        let readable = frame.symbols().iter().find_map(|symbol| symbol.name());
        let name = readable.or_else(|| frame.func_name());
        BacktraceFrame {
            function: name.map(|name| rustc_demangle::demangle(name).to_string()),
            index: frame.func_index(),
            offset: frame.module_offset(),
        }
    }
}

/// The status with which a component has ended itself, if it has.
pub(crate) fn exit_status(error: &wasmtime::Error) -> Option<i32> {
    #[cfg(feature = "wasi")]
    return Some(error.downcast_ref::<wasmtime_wasi::I32Exit>()?.0);
    #[cfg(not(feature = "wasi"))]
    {
        let _ = error;
        None
    }
}

/// An error of the embedder's is shown without backtraces, of which wasmtime's errors have
/// one of the wasm, which a [`Death`] keeps, and one of the host.
impl fmt::Debug for DeathCause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            DeathCause::Trap(trap) => f.debug_tuple("Trap").field(trap).finish(),
            DeathCause::Exited(status) => f.debug_tuple("Exited").field(status).finish(),
            DeathCause::Limit(exceeded) => f.debug_tuple("Limit").field(exceeded).finish(),
            DeathCause::Import(call) => f.debug_tuple("Import").field(call).finish(),
            DeathCause::Stream(error) => f.debug_tuple("Stream").field(error).finish(),
            DeathCause::Other(error) => {
                let text = without_backtrace(error);
                f.debug_tuple("Other").field(&text).finish()
            }
        }
    }
}

impl fmt::Display for Death {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "component `{}` ", self.component)?;
        match &self.cause {
            DeathCause::Trap(trap) => {
                let text = trap.to_string();
                write!(
                    f,
                    "trapped: {}",
                    text.strip_prefix("wasm trap: ").unwrap_or(&text)
                )?;
                f.write_str(explanation(*trap))?;
            }
            DeathCause::Exited(status) => write!(f, "ended itself with the status {status}")?,
            DeathCause::Limit(exceeded) => write!(f, "ran into a limit: {exceeded}")?,
            DeathCause::Import(call) => write!(f, "failed in a call it made: {call}")?,
            DeathCause::Stream(error) => write!(f, "read from a stream that failed: {error}")?,
            DeathCause::Other(error) => write!(f, "failed: {}", without_backtrace(error))?,
        }
        for line in &self.stderr {
            write!(f, "\n  stderr: {line}")?;
        }
        for frame in &self.backtrace {
            write!(f, "\n  at ")?;
            match &frame.function {
                Some(name) => f.write_str(name)?,
                None => write!(f, "function {}", frame.index)?,
            }
            if let Some(offset) = frame.offset {
                write!(f, " (+{offset:#x})")?;
            }
        }
        Ok(())
    }
}

/// What a trap means that comes of the store and not of the code. The limits of a runtime
/// are no traps, so the store is one that the embedder set up.
fn explanation(trap: Trap) -> &'static str {
    match trap {
        Trap::Interrupt => {
            " (its store has reached its epoch deadline, which is 0 unless \
             `Store::set_epoch_deadline` sets it; a part that `LoadedComponent::part` makes has \
             the limits of its runtime instead)"
        }
        Trap::OutOfFuel => {
            " (its store has used its fuel, of which it has none unless `Store::set_fuel` gives \
             it some; a part that `LoadedComponent::part` makes has the limits of its runtime \
             instead)"
        }
        _ => "",
    }
}

/// The texts of an error and its sources, without the backtrace that wasmtime puts among
/// them: a [`Death`] keeps that separately.
fn without_backtrace(error: &wasmtime::Error) -> String {
    let trace = error
        .downcast_ref::<WasmBacktrace>()
        .map(WasmBacktrace::to_string);
    let said = error.chain().map(ToString::to_string);
    let said: Vec<_> = said.filter(|text| trace.as_ref() != Some(text)).collect();
    said.join(": ")
}
