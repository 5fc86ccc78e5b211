//! WASI for components that import it, without access to anything outside.
//!
//! Components that toolchains build on a standard library import WASI, used or not.
//! [`WasiComponent`] makes a part of such a component:
//!
//! ```
//! use composer::wasi::WasiComponent;
//! use composer::{ComposableDescriptor, Composer};
//! # use composer::{CompositionError, Engines};
//!
//! # const PLUGIN: &[u8] = br#"(component
//! #     (import "wasi:random/random@0.2.0" (instance (export "get-random-u64" (func (result u64)))))
//! # )"#;
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), CompositionError> {
//! # let component = Engines::new()?.component_from_bytes("plugin.wat", PLUGIN)?;
//! let mut composer = Composer::new();
//! composer.add(ComposableDescriptor::new("plugin", WasiComponent::new(component)));
//! let composition = composer.compose().await?;
//! # Ok(())
//! # }
//! ```
//!
//! # What the component may do
//!
//! It may compute. Anything else has to be [granted](WasiComponent::with_ctx):
//!
//! | | by default | grant with [`WasiCtxBuilder`] |
//! |---|---|---|
//! | files | no folder is open | `preopened_dir` |
//! | network | neither TCP, nor UDP, nor name lookup | `allow_tcp`, `allow_udp`, `allow_ip_name_lookup`, and `socket_addr_check` or `inherit_network` for the addresses |
//! | environment | no variables, no arguments | `env`, `args` |
//! | standard input | at its end | `stdin` |
//! | standard output and error | go nowhere, but for the last lines of the error, which a [`Death`](crate::Death) tells | `stdout`, `stderr`, `inherit_stdout`, `inherit_stderr` |
//! | clocks | **the real ones** | other ones: `wall_clock`, `monotonic_clock` |
//! | randomness | **real** | other: `secure_random`, `insecure_random`, `insecure_random_seed` |
//!
//! By default, clocks and randomness are all that it gets of the outside. Standard
//! libraries use them everywhere, and reading them changes nothing; but a component that
//! can measure time can find out what else the machine does. None of this limits how long
//! a component runs or how much memory it takes; use
//! [`with_store`](WasiComponent::with_store) for that.
//!
//! # Which WASI
//!
//! The component gets the world `wasi:cli/imports` in version 0.2, and with the feature
//! `wasi-p3` also in version 0.3, on the same terms. WASI 0.3 needs an engine with
//! `Config::concurrency_support` (the default), and wasmtime documents its own
//! implementation, `wasmtime_wasi::p3`, as experimental and without security releases.
//! With the feature `http` it gets `wasi:http` in the same versions, too, and with
//! `wasi-config` the values of `wasi:config/store@0.2.0-rc.1`.
//!
//! # In a composition
//!
//! The embedder satisfies the WASI imports of a [`WasiComponent`], as with any
//! linker: another component that exports the same interface satisfies them only if
//! [a hint](crate::ComposableDescriptor::with_import_hint) says so. Each part has its own
//! WASI, so two parts share a file system or an output only if both are granted it. A part
//! can give a resource of WASI to another one, such as an open file or a stream: with it
//! goes what it stands for, and no other grant. Only a `pollable` stays where it is.
//!
//! A component that calls `exit` ends its store, like one that traps. While one
//! component sleeps, the others continue.
//!
//! # More than WASI
//!
//! [`with_linker`](WasiComponent::with_linker) gives the component functions of your own.
//! For a store with data of your own, use a
//! [`ComposableComponent`](crate::ComposableComponent) and fill its linker with
//! `wasmtime_wasi::p2::add_to_linker_async`. The variant without `async` panics when it
//! blocks in a composition.

mod component;
#[cfg(feature = "wasi-config")]
mod config;
mod linker;
mod output;
mod own_imports;
mod state;

#[doc(no_inline)]
pub use wasmtime_wasi::p2::pipe::{MemoryInputPipe, MemoryOutputPipe};
#[doc(no_inline)]
pub use wasmtime_wasi::{FsPerms, WasiCtx, WasiCtxBuilder};

pub use component::WasiComponent;
#[cfg(all(feature = "runtime", feature = "wasi-config"))]
pub(crate) use config::ConfigValues;
#[cfg(feature = "runtime")]
pub(crate) use linker::imports;
pub(crate) use linker::{host_types, linker};
#[cfg(feature = "runtime")]
pub(crate) use output::{ImmediateOutput, KeptAndShownStderr, KeptStderr, TakesOutput};
pub(crate) use own_imports::OwnImports;
pub use state::State;
