//! A component whose imports of WASI are satisfied.

use std::sync::Mutex;

use wasmtime::Store;
use wasmtime::component::{Component, Linker};
use wasmtime_wasi::WasiCtx;

use crate::assembly::sealed::Part;
use crate::assembly::{Composable, ComposableComponent, DescribedPart, NoStore};
use crate::error::PartError;
#[cfg(feature = "http")]
use crate::http::{HttpContext, HttpHosts};
use crate::sync::lock;
use crate::typed::{BindingsFor, TypedBindings};
#[cfg(feature = "wasi-config")]
use crate::wasi::config::ConfigValues;
use crate::wasi::output::{ImmediateOutput, KeptStderr};
use crate::wasi::{OwnImports, State, linker};

/// A component whose imports of WASI are satisfied.
///
/// See the [module](crate::wasi) for what it may do.
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
            let state = State::new(
                ctx()?,
                #[cfg(feature = "http")]
                HttpContext::new(hosts.clone()),
            );
            #[cfg(feature = "wasi-config")]
            let state = config.given_to(state);
            let mut store = Store::new(&engine, state);
            set_up(&mut store);
            Ok(store)
        };
        let part = ComposableComponent::fallible(component, linker, store);
        Ok(part.with_host_types(own.types()))
    }
}
