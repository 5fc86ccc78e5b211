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
//! For a store with data of your own, use a [`ComposableComponent`] and fill its linker with
//! `wasmtime_wasi::p2::add_to_linker_async`. The variant without `async` panics when it
//! blocks in a composition.

#[cfg(feature = "wasi-config")]
mod config;
mod output;
mod own_imports;
mod state;

use std::sync::Mutex;

use wasmtime::Store;
use wasmtime::component::{Component, Linker};
use wasmtime_wasi::filesystem::Descriptor;
use wasmtime_wasi::p2::bindings::cli::terminal_input::TerminalInput;
use wasmtime_wasi::p2::bindings::cli::terminal_output::TerminalOutput;
use wasmtime_wasi::p2::bindings::filesystem::types::DirectoryEntryStream;
use wasmtime_wasi::p2::bindings::sockets::ip_name_lookup::ResolveAddressStream;
use wasmtime_wasi::p2::bindings::sockets::udp::{IncomingDatagramStream, OutgoingDatagramStream};
use wasmtime_wasi::p2::pipe::{ClosedInputStream, ClosedOutputStream};
use wasmtime_wasi::p2::{DynInputStream, DynOutputStream, Network, TcpSocket, UdpSocket};

#[doc(no_inline)]
pub use wasmtime_wasi::p2::pipe::{MemoryInputPipe, MemoryOutputPipe};
#[doc(no_inline)]
pub use wasmtime_wasi::{FsPerms, WasiCtx, WasiCtxBuilder};

use crate::assembly::sealed::Part;
use crate::assembly::{Composable, ComposableComponent, DescribedPart, NoStore};
use crate::boundary::resources::host_table::{Lending, TablePlace, ValueTable};
use crate::boundary::resources::host_types::HostTypes;
use crate::error::PartError;
#[cfg(feature = "http")]
use crate::http::{HttpContext, HttpHosts};
use crate::sync::lock;
use crate::typed::{BindingsFor, TypedBindings};
#[cfg(feature = "wasi-config")]
pub(crate) use config::ConfigValues;
pub(crate) use output::{ImmediateOutput, KeptStderr};
#[cfg(feature = "runtime")]
pub(crate) use output::{KeptAndShownStderr, TakesOutput};
pub(crate) use own_imports::OwnImports;
pub use state::State;

/// A component whose imports of WASI are satisfied.
///
/// See the [module](self) for what it may do.
pub struct WasiComponent {
    component: Component,
    ctx: MakeCtx,
    set_up: SetUp,
    own: OwnImports,
    #[cfg(feature = "http")]
    hosts: HttpHosts,
    #[cfg(feature = "wasi-config")]
    config: ConfigValues,
}

type MakeCtx = Box<dyn Fn() -> Result<WasiCtx, NoStore> + Send + Sync>;
type SetUp = Box<dyn Fn(&mut Store<State>) + Send + Sync>;

impl WasiComponent {
    /// A component that gets clocks and randomness, and nothing else of the outside.
    pub fn new(component: Component) -> Self {
        WasiComponent {
            component,
            ctx: Box::new(|| {
                Ok(WasiCtx::builder()
                    .stderr(ImmediateOutput(KeptStderr))
                    .build())
            }),
            set_up: Box::new(|_| ()),
            own: OwnImports::default(),
            #[cfg(feature = "http")]
            hosts: HttpHosts::none(),
            #[cfg(feature = "wasi-config")]
            config: ConfigValues::default(),
        }
    }

    /// Lets the component send HTTP requests to these servers, and to no others.
    #[cfg(feature = "http")]
    #[must_use]
    pub fn with_http_to(mut self, hosts: HttpHosts) -> Self {
        self.hosts = hosts;
        self
    }

    /// Adds a configuration value, which the component reads by its key from
    /// `wasi:config/store@0.2.0-rc.1`. A later value of the same key takes the place of an
    /// earlier one. Without any, the store is there and empty.
    #[cfg(feature = "wasi-config")]
    #[must_use]
    pub fn with_config(mut self, key: impl Into<String>, value: impl Into<String>) -> Self {
        self.config.insert(key.into(), value.into());
        self
    }

    /// Grants what `ctx` holds, and only that, with wasmtime-wasi's own builder.
    ///
    /// There is only one context, so a
    /// [`PreparedComposition`](crate::PreparedComposition) with this part can be
    /// composed only once. To compose it again, use
    /// [`with_new_ctx`](WasiComponent::with_new_ctx).
    ///
    /// ```
    /// use composer::wasi::{FsPerms, MemoryOutputPipe, WasiComponent, WasiCtx};
    /// # use wasmtime::{Engine, Result, component::Component};
    ///
    /// # fn part(component: Component, folder: &std::path::Path) -> Result<WasiComponent> {
    /// let stdout = MemoryOutputPipe::new(64 * 1024);
    /// let ctx = WasiCtx::builder()
    ///     .stdout(stdout.clone())
    ///     .inherit_stderr()
    ///     .env("REGION", "eu")
    ///     .preopened_dir(folder, "/data", FsPerms::ReadOnly)?
    ///     .build();
    /// let part = WasiComponent::new(component).with_ctx(ctx);
    /// # Ok(part)
    /// # }
    /// # fn main() -> Result<()> {
    /// # let component = Component::new(&Engine::default(), b"\0asm\x0d\0\x01\0")?;
    /// # part(component, &std::env::temp_dir()).map(drop)
    /// # }
    /// ```
    #[must_use]
    pub fn with_ctx(mut self, ctx: WasiCtx) -> Self {
        let ctx = Mutex::new(Some(ctx));
        let used = || NoStore::Once("it has one WASI context; give it `with_new_ctx` instead");
        self.ctx = Box::new(move || lock(&ctx).take().ok_or_else(used));
        self
    }

    /// Grants what `make` returns; it is called once for each composition.
    ///
    /// If it fails, the composition fails to start with
    /// [`StartError::Store`](crate::StartError::Store).
    ///
    /// ```
    /// use composer::wasi::{FsPerms, WasiComponent, WasiCtx};
    /// # use wasmtime::{Engine, Result, component::Component};
    ///
    /// # fn part(component: Component, folder: std::path::PathBuf) -> WasiComponent {
    /// WasiComponent::new(component).with_new_ctx(move || {
    ///     let mut ctx = WasiCtx::builder();
    ///     ctx.preopened_dir(&folder, "/data", FsPerms::ReadOnly)?;
    ///     Ok(ctx.build())
    /// })
    /// # }
    /// # fn main() -> Result<()> {
    /// # let component = Component::new(&Engine::default(), b"\0asm\x0d\0\x01\0")?;
    /// # let _ = part(component, std::env::temp_dir());
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn with_new_ctx(
        mut self,
        make: impl Fn() -> wasmtime::Result<WasiCtx> + Send + Sync + 'static,
    ) -> Self {
        self.ctx = Box::new(move || make().map_err(NoStore::Failed));
        self
    }

    /// Sets up each store when it has been made: fuel, an epoch deadline, limits.
    ///
    /// A later call replaces an earlier one.
    ///
    /// ```
    /// use composer::wasi::WasiComponent;
    /// use wasmtime::StoreLimitsBuilder;
    /// # use wasmtime::{Engine, Result, component::Component};
    ///
    /// # fn main() -> Result<()> {
    /// # let component = Component::new(&Engine::default(), b"\0asm\x0d\0\x01\0")?;
    /// let part = WasiComponent::new(component).with_store(|store| {
    ///     let limits = StoreLimitsBuilder::new().memory_size(16 << 20);
    ///     store.data_mut().limits = limits.build();
    ///     store.limiter(|state| &mut state.limits);
    /// });
    /// # let _ = part;
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn with_store(
        mut self,
        set_up: impl Fn(&mut Store<State>) + Send + Sync + 'static,
    ) -> Self {
        self.set_up = Box::new(set_up);
        self
    }

    /// Gives the component functions of the program's own: `define` adds them to the linker
    /// of each part that is made of this one, where they take precedence over WASI.
    ///
    /// The store's data is a [`State`], which keeps what the functions need for
    /// one instance; [`Caller`](crate::Caller) tells them who calls. An `async` function
    /// may wait, and the component waits with it. If `define` fails, so does the part, with
    /// [`PartError::Host`].
    ///
    /// ```
    /// use composer::wasi::WasiComponent;
    /// # use wasmtime::{Engine, Result, component::Component};
    ///
    /// # fn main() -> Result<()> {
    /// # let component = Component::new(&Engine::default(), b"\0asm\x0d\0\x01\0")?;
    /// let part = WasiComponent::new(component).with_linker(|linker| {
    ///     let mut store = linker.instance("acme:host/store")?;
    ///     store.func_wrap("limit", |_, (): ()| Ok((100u32,)))
    /// });
    /// # let _ = part;
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn with_linker(
        mut self,
        define: impl Fn(&mut Linker<State>) -> wasmtime::Result<()> + Send + Sync + 'static,
    ) -> Self {
        self.own.add(define);
        self
    }

    /// Lets resources with values of this type leave the component's store and enter it,
    /// if [its linker](Self::with_linker) defines them and the values are in
    /// [the store's table](State::table): see
    /// [`ComposableComponent::with_host_resource`].
    #[must_use]
    pub fn with_host_resource<R: Clone + Send + 'static>(mut self) -> Self {
        self.own.add_resource::<R>();
        self
    }
}

impl Composable for WasiComponent {}

impl Part for WasiComponent {
    fn read(self: Box<Self>, name: &str) -> Result<DescribedPart, PartError> {
        Box::new(self.linked(name)?).read(name)
    }

    fn typed(self, name: &str, glue: &impl TypedBindings) -> Result<Box<dyn Part>, PartError> {
        self.typed_part(name, glue)
    }
}

impl WasiComponent {
    fn typed_part(
        self,
        name: &str,
        glue: &dyn BindingsFor<State>,
    ) -> Result<Box<dyn Part>, PartError> {
        self.linked(name)?.typed_part(name, glue)
    }

    /// The component with WASI in its linker.
    fn linked(self, name: &str) -> Result<ComposableComponent<State>, PartError> {
        let WasiComponent {
            component,
            ctx,
            set_up,
            own,
            #[cfg(feature = "http")]
            hosts,
            #[cfg(feature = "wasi-config")]
            config,
        } = self;
        let mut linker = linker(&component, name)?;
        own.define(&mut linker, name)?;
        let engine = component.engine().clone();
        let store = move || {
            #[cfg_attr(not(feature = "wasi-config"), allow(unused_mut))]
            let mut state = State::new(
                ctx()?,
                #[cfg(feature = "http")]
                HttpContext::new(hosts.clone()),
            );
            #[cfg(feature = "wasi-config")]
            config.give(&mut state);
            let mut store = Store::new(&engine, state);
            set_up(&mut store);
            Ok(store)
        };
        let part = ComposableComponent::fallible(component, linker, store);
        Ok(part.with_host_types(own.types()))
    }
}

/// A linker with the versions of WASI that a component imports.
pub(crate) fn linker(component: &Component, name: &str) -> Result<Linker<State>, PartError> {
    let failed = |version, error: wasmtime::Error| PartError::Wasi {
        component: name.to_owned(),
        version,
        reason: format!("{error:#}"),
    };
    let mut linker = Linker::new(component.engine());
    if imports(component, "@0.2.") {
        wasmtime_wasi::p2::add_to_linker_async(&mut linker)
            .map_err(|error| failed("0.2", error))?;
    }
    #[cfg(feature = "http")]
    if imports_of(component, "wasi:http/", "@0.2.") {
        wasmtime_wasi_http::p2::add_only_http_to_linker_async(&mut linker)
            .map_err(|error| failed("0.2", error))?;
    }
    #[cfg(feature = "wasi-config")]
    if imports_of(component, "wasi:config/", "@0.2.") {
        config::define(&mut linker).map_err(|error| failed("0.2", error))?;
    }
    #[cfg(feature = "wasi-p3")]
    if imports(component, "@0.3.") {
        wasmtime_wasi::p3::add_to_linker(&mut linker).map_err(|error| failed("0.3", error))?;
    }
    #[cfg(all(feature = "http", feature = "wasi-p3"))]
    if imports_of(component, "wasi:http/", "@0.3.") {
        wasmtime_wasi_http::p3::add_to_linker(&mut linker).map_err(|error| failed("0.3", error))?;
    }
    Ok(linker)
}

/// The resources of WASI that can go from one store to another.
///
/// A `pollable` cannot: it names the entry of its own table that it waits for.
pub(crate) fn host_types() -> HostTypes<State> {
    fn add<R: Send + 'static>(types: &mut HostTypes<State>, lending: Lending<R>) {
        types.add(ValueTable::new(TablePlace::Data(State::table), lending));
    }
    let mut types = HostTypes::default();
    add::<DynInputStream>(&mut types, Lending::StandIn(|| Box::new(ClosedInputStream)));
    add::<DynOutputStream>(
        &mut types,
        Lending::StandIn(|| Box::new(ClosedOutputStream)),
    );
    add::<wasmtime::Error>(&mut types, Lending::Extract);
    add::<Descriptor>(&mut types, Lending::clones());
    add::<DirectoryEntryStream>(&mut types, Lending::Extract);
    add::<Network>(&mut types, Lending::Extract);
    add::<TcpSocket>(&mut types, Lending::Extract);
    add::<UdpSocket>(&mut types, Lending::Extract);
    add::<IncomingDatagramStream>(&mut types, Lending::Extract);
    add::<OutgoingDatagramStream>(&mut types, Lending::Extract);
    add::<ResolveAddressStream>(&mut types, Lending::Extract);
    add::<TerminalInput>(&mut types, Lending::Extract);
    add::<TerminalOutput>(&mut types, Lending::Extract);
    #[cfg(feature = "http")]
    crate::http::add_host_types(&mut types);
    types
}

/// Whether a component imports anything of WASI in this version.
pub(crate) fn imports(component: &Component, version: &str) -> bool {
    imports_of(component, "wasi:", version)
}

fn imports_of(component: &Component, package: &str, version: &str) -> bool {
    let ty = component.component_type();
    ty.imports(component.engine())
        .any(|(name, _)| name.starts_with(package) && name.contains(version))
}
