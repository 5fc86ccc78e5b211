//! Composes WebAssembly components at run time.
//!
//! A program takes components that were compiled separately, in any language, and wires
//! them into a working whole: imports are matched to exports automatically, each
//! component keeps a store of its own and fails alone, resources cross safely, and calls
//! run concurrently.
//!
//! # A first composition
//!
//! Two components, written here as text so that the example is self-contained. The first
//! exports a function; the second imports it.
//!
//! ```
//! use composer::{
//!     ComposableDescriptor, Composer, CompositionError, Runtime, Value,
//! };
//!
//! const DOUBLE: &[u8] = br#"
//!     (component
//!       (core module $m
//!         (func (export "double") (param i32) (result i32)
//!           local.get 0 i32.const 2 i32.mul))
//!       (core instance $i (instantiate $m))
//!       (func (export "double") (param "n" u32) (result u32)
//!         (canon lift (core func $i "double"))))"#;
//!
//! const QUADRUPLE: &[u8] = br#"
//!     (component
//!       (import "double" (func $double (param "n" u32) (result u32)))
//!       (core func $lowered (canon lower (func $double)))
//!       (core module $m
//!         (import "" "double" (func $double (param i32) (result i32)))
//!         (func (export "quadruple") (param i32) (result i32)
//!           local.get 0 call $double call $double))
//!       (core instance $imports (export "double" (func $lowered)))
//!       (core instance $i (instantiate $m (with "" (instance $imports))))
//!       (func (export "quadruple") (param "n" u32) (result u32)
//!         (canon lift (core func $i "quadruple"))))"#;
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), CompositionError> {
//! let runtime = Runtime::new()?;
//! let double = runtime.load_bytes("double.wat", DOUBLE).await?;
//! let quadruple = runtime.load_bytes("quadruple.wat", QUADRUPLE).await?;
//!
//! let mut composer = Composer::new();
//! composer
//!     .add(ComposableDescriptor::new("first", double.part()))
//!     .add(ComposableDescriptor::new("second", quadruple.part()));
//! let composition = runtime.compose(composer).await?;
//!
//! let quadruple = composition.get_func(None, "quadruple")?;
//! assert_eq!(quadruple.call_owned([3u32.into()]).await?, Some(Value::U32(12)));
//! # Ok(())
//! # }
//! ```
//!
//! # Where to go from here
//!
//! | to … | see |
//! |---|---|
//! | load components, limit what they use, and sandbox them | `Runtime`, in the module `runtime`, with the feature `runtime` |
//! | compile components, each with the engine that suits it | [`Engines`] |
//! | compose one plan many times | [`Composer::prepare`] |
//! | lend running compositions to one caller at a time | `runtime::Pool`, with the feature `runtime` |
//! | call components in Rust types, with the wiring checked by the compiler | [`compose!`] |
//! | give a component functions of your own, or a store of your own | [`ComposableComponent`] |
//! | have components share a store, for calls in nanoseconds | `fused::FusedComponents`, with the feature `fused` |
//! | give it WASI | `wasi::WasiComponent`, with the feature `wasi` |
//! | learn how imports are matched to exports, and how to settle ambiguities | [`Composer`] |
//! | look at the wiring before anything runs | [`Composer::plan`], [`Plan`] |
//! | hide exports from the rest of a composition | [`ExportFilter`] |
//! | use an instance that already runs | [`ComposableInstance`] |
//! | call functions, and hold resources of components | [`ExportFunc`], [`ResourceHandle`] |
//! | nest a composition in another | [`Composer::with_open_import`] |
//! | see the status and the health of a component | [`ComponentHandle::status`], [`ComponentHandle::health`] |
//! | restart a component that died, bound its queue, give it a value of yours | [`Configure`], [`Restart`] |
//! | learn which component calls a function of yours | [`Caller`] |
//! | add, replace and remove components while the others run | [`Composition::add`], [`ComponentHandle::replace`], [`ComponentHandle::remove`], [`List`] |
//! | have the files of a folder as components | `runtime::FolderWatch::feed`, with the feature `runtime` |
//! | call back into a composition from a function of yours | [`WeakHandle`], [`WeakComposition`] |
//! | observe every call, as `tracing` spans or as metrics | [`observe`] |
//! | shut a composition down | [`Composition::shutdown`] |
//!
//! # Failure
//!
//! A trap, a panic or a limit in one component ends its store. The calls that ran in it
//! fail with [`CallError::Failed`], which names the component, the function, the trap and
//! the wasm frames; later ones with [`CallError::Dead`]. A component that was waiting for
//! the dead one ends with it, because WIT has no other way to report the failure. All
//! others keep running. With a [`Restart`] policy, the dead component is started again.
//!
//! Code that never returns to the host, such as an endless loop, keeps its thread until
//! it is interrupted. A `runtime::Runtime` interrupts its components; for others, set
//! fuel or an epoch deadline on the store, and a [limiter](wasmtime::Store::limiter) for
//! its memory.
//!
//! # Features
//!
//! * `component-model-async` (default): functions declared `async func` in WIT, many of
//!   which can run at once in one store. Without it, and on an engine with
//!   `Config::concurrency_support` turned off, a component runs one call at a time.
//! * `fast-transfer` (default): strings and lists cross between components in bulk. It
//!   relies on a part of wasmtime that is public but hidden; if a release of wasmtime
//!   breaks it, turn the feature off, and values cross one by one. Streams and futures
//!   then cross only if their items are a bool, a number, a char or a string.
//! * `fused`: the module `fused`, with groups of components that become one
//!   component at run time and share a store.
//! * `http`: the module `http`, with HTTP that components serve and send
//!   (`wasi:http` 0.2, and with `wasi-p3` also 0.3). It brings `wasi`.
//! * `macros` (default): the macro `compose!`, which checks a composition of
//!   declared worlds when the program is compiled and calls it in Rust types.
//! * `metrics`: metrics of calls and components, through the crate `metrics` and any
//!   recorder for it. See [`observe`].
//! * `runtime` (default): the module `runtime`, with components that are loaded
//!   once, limited, and sandboxed. It brings `wasi`.
//! * `wasi`: the module `wasi`, with parts that import WASI 0.2.
//! * `wasi-config`: the values that components read from `wasi:config/store`. It brings
//!   `wasi`.
//! * `wasi-p3`: the same for WASI 0.3. It is separate because wasmtime calls its
//!   implementation experimental and promises no security fixes for it.

#![deny(unsafe_code)]

mod adapter;
mod assembly;
mod boundary;
mod call;
mod composition;
mod error;
#[cfg(feature = "macros")]
pub mod guide;
mod handles;
#[cfg(feature = "http")]
pub mod http;
#[cfg_attr(
    not(feature = "runtime"),
    allow(dead_code, unreachable_pub, reason = "only a `Runtime` sets limits")
)]
mod limits;
mod load;
pub mod observe;
#[doc(hidden)]
pub mod private;
#[cfg(feature = "runtime")]
pub mod runtime;
#[cfg(feature = "component-model-async")]
mod streams;
mod sync;
mod transfer;
mod typed;
#[cfg(feature = "wasi")]
pub mod wasi;

#[cfg(feature = "fused")]
pub use crate::assembly::fused;
pub use assembly::composer::Composer;
pub use assembly::prepared::PreparedComposition;
pub use assembly::{
    Composable, ComposableComponent, ComposableDescriptor, ComposableInstance, Configure,
    Configured, ExportFilter, Filtered, NoPart, no_parts,
};
pub use boundary::resources::{ResourceBorrow, ResourceHandle};
pub use call::caller::Caller;
/// Derives what a type needs, beside wasmtime's `ComponentType`, `Lift` and `Lower`, to be
/// the Rust type of a WIT type in a [`compose!`]: `bindgen!` and `compose!` share a type
/// that `bindgen!` makes with it, and that `compose!` names under `with`.
///
/// ```
/// mod bound {
///     composer::wasmtime::component::bindgen!({
///         inline: r#"
///             package shop:till;
///             interface checkout {
///                 record line { sku: string, quantity: u32 }
///                 total: func(lines: list<line>) -> u32;
///             }
///             world till { export checkout; }
///         "#,
///         wasmtime_crate: composer::wasmtime,
///         additional_derives: [composer::Wire],
///     });
/// }
/// use bound::exports::shop::till::checkout::Line;
///
/// composer::compose!({
///     inline: r#"
///         package shop:till;
///         interface checkout {
///             record line { sku: string, quantity: u32 }
///             total: func(lines: list<line>) -> u32;
///         }
///         world till { export checkout; }
///     "#,
///     composition: Shop,
///     components: { till: "shop:till/till" },
///     with: { "shop:till/checkout.line": Line },
///     exports: ["shop:till/checkout"],
/// });
///
/// async fn pay(shop: Shop, line: Line) -> Result<u32, composer::CallError> {
///     shop.checkout().total([line]).await
/// }
/// # fn main() {}
/// ```
#[cfg(feature = "macros")]
pub use composer_macros::Wire;
#[cfg(feature = "macros")]
#[doc = include_str!("compose.md")]
pub use composer_macros::compose;
/// The planner: worlds and types, plans, and the contents of its errors. The crate's root
/// has the names that most programs need.
pub use composer_plan as plan;
pub use composer_plan::{
    Export, ExportError, ExportKind, FuncType, HintTarget, Link, Name, NameMatch, Plan, PlanError,
    PlanErrors, PlannedComponent, Source, Type,
};
pub use composition::restart::Restart;
pub use composition::{
    ComponentEvent, ComponentEvents, ComponentHandle, ComponentState, ComponentStatus, Composition,
    ExportFunc, Health, Shutdown, Value, WeakComposition,
};
pub use error::death::{BacktraceFrame, Death, DeathCause};
pub use error::{
    AddError, CallError, CompositionError, Limit, LimitExceeded, LoadError, LookupError, PartError,
    PartErrors, RemoveError, ReplaceError, Site, StartError, StreamError,
};
#[cfg(feature = "runtime")]
pub use error::{LeaseError, PoolError, RuntimeError};
pub use handles::{IntoString, List, ListIter, TypedComposition, WeakHandle};
pub use load::engines::Engines;
pub use load::world::read_world;
pub use load::{component_from_bytes, load_component};
#[cfg(feature = "runtime")]
pub use runtime::Runtime;
/// The version of wasmtime that this crate uses, so that a program that needs its types
/// (`Linker`, `Store`, `Val`, `Error`) cannot name those of another one.
///
/// ```
/// use composer::wasmtime::component::Component;
/// use composer::wasmtime::{Engine, Result};
/// use composer::{ComposableDescriptor, Composer};
///
/// # fn main() -> Result<()> {
/// let component = Component::new(&Engine::default(), b"\0asm\x0d\0\x01\0")?;
/// Composer::new().add(ComposableDescriptor::new("empty", component));
/// # Ok(())
/// # }
/// ```
pub use wasmtime;

#[cfg(feature = "component-model-async")]
pub use streams::{
    FromItem, FutureReader, FutureWriter, IntoItem, StreamReader, StreamWriter, future, stream,
    stream_with_buffer,
};

/// The readme's Rust, compiled with the tests.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
