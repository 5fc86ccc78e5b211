//! Functions of the program, as errors name them.

use std::any::Any;
use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use futures::FutureExt;

use crate::boundary::isolated::host_panic::panic_text;

/// A function that the program implements for an import.
#[derive(Clone, Debug)]
pub(crate) struct HostSite {
    /// `None` for a function of the world itself.
    interface: Option<Arc<str>>,
    function: &'static str,
}

impl HostSite {
    pub(super) fn new(interface: Option<Arc<str>>, function: &'static str) -> Self {
        HostSite {
            interface,
            function,
        }
    }

    /// Runs the program's code. Its error gets the function's name, and a panic becomes an
    /// error.
    pub(super) fn run<R>(&self, code: impl FnOnce() -> wasmtime::Result<R>) -> wasmtime::Result<R> {
        self.outcome(catch_unwind(AssertUnwindSafe(code)))
    }

    /// Runs the rest of the program's code, which has [begun](HostSite::run), in the same
    /// way.
    pub(super) async fn finish<R>(
        self,
        begun: wasmtime::Result<impl Future<Output = wasmtime::Result<R>>>,
    ) -> wasmtime::Result<R> {
        self.outcome(AssertUnwindSafe(begun?).catch_unwind().await)
    }

    fn outcome<R>(
        &self,
        outcome: Result<wasmtime::Result<R>, Box<dyn Any + Send>>,
    ) -> wasmtime::Result<R> {
        match outcome {
            Ok(done) => done.map_err(|error| error.context(format!("{self} failed"))),
            Err(panic) => {
                let text = format!("{self} panicked{}", panic_text(&*panic));
                Err(wasmtime::Error::msg(text))
            }
        }
    }
}

impl fmt::Display for HostSite {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the program's function `{}`", self.function)?;
        match &self.interface {
            Some(interface) => write!(f, " of `{interface}`"),
            None => Ok(()),
        }
    }
}
