//! Two engines, and the choice of the right one for each component.

use std::path::Path;

use wasmtime::component::Component;
use wasmtime::{Config, Engine};

use crate::error::LoadError;
use crate::load::{check, read, stack};

/// Two engines, and the choice between them: one with concurrency support, for
/// components that use anything of the component model's async or import WASI 0.3, and
/// one without, for all others.
///
/// Concurrency support is a setting of an engine. It makes every call slower, even to a
/// component that does not use it. Components of one composition may be of different
/// engines, so each can have the one that suits it. A component that is made with this
/// type has the right engine; [`Component::engine`] returns it, for a linker or a store
/// of your own.
///
/// ```
/// use composer::Engines;
///
/// # fn main() -> Result<(), composer::LoadError> {
/// let engines = Engines::new()?;
/// let plain = r#"(component (import "f" (func)))"#;
/// let plain = engines.component_from_bytes("plain.wat", plain.as_bytes())?;
/// assert!(!plain.engine().get_concurrency_support());
///
/// let waits = r#"(component (import "f" (func async)))"#;
/// let waits = engines.component_from_bytes("waits.wat", waits.as_bytes())?;
/// assert!(waits.engine().get_concurrency_support());
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct Engines {
    plain: Engine,
    #[cfg(feature = "component-model-async")]
    concurrent: Engine,
}

impl Engines {
    /// Engines with wasmtime's own configuration.
    ///
    /// # Errors
    ///
    /// [`LoadError::Engine`] on a machine that wasmtime cannot work on.
    pub fn new() -> Result<Self, LoadError> {
        Engines::with_stack(&Config::new(), stack::DEFAULT_STACK)
    }

    /// Engines that are configured alike except for concurrency support.
    ///
    /// If the configuration has a pool, each engine gets a pool of its own. The pool
    /// needs a stack for every running call, in addition to what it needs for instances:
    /// a component whose call finds no stack fails. See
    /// [`StartError::PoolExhausted`](crate::StartError::PoolExhausted) for a pool that
    /// has no room for another composition. Memories are copy-on-write images, unless the
    /// configuration turns [`Config::memory_init_cow`] off.
    ///
    /// ```
    /// use composer::Engines;
    /// use wasmtime::{Config, PoolingAllocationConfig};
    ///
    /// # fn main() -> Result<(), composer::LoadError> {
    /// let mut pool = PoolingAllocationConfig::new();
    /// pool.total_memories(100).max_memory_size(16 << 20);
    /// let mut config = Config::new();
    /// config.allocation_strategy(pool).memory_reservation(16 << 20);
    /// let engines = Engines::with_config(&config)?;
    /// # let _ = engines;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// [`LoadError::Engine`] if wasmtime refuses the configuration.
    pub fn with_config(config: &Config) -> Result<Self, LoadError> {
        let engine =
            |config: &Config| Engine::new(config).map_err(|error| LoadError::Engine { error });
        #[cfg(not(feature = "component-model-async"))]
        return Ok(Engines {
            plain: engine(config.clone().concurrency_support(false))?,
        });
        #[cfg(feature = "component-model-async")]
        {
            let mut plain = config.clone();
            // An engine without concurrency support refuses these features.
            plain
                .concurrency_support(false)
                .wasm_component_model_async(false)
                .wasm_component_model_more_async_builtins(false)
                .wasm_component_model_async_stackful(false)
                .wasm_component_model_threading(false)
                .wasm_component_model_error_context(false);
            let mut concurrent = config.clone();
            concurrent.concurrency_support(true);
            Ok(Engines {
                plain: engine(&plain)?,
                concurrent: engine(&concurrent)?,
            })
        }
    }

    /// Like [`with_config`](Engines::with_config), with `bytes` of stack for a
    /// component's code, whatever the configuration says of stacks; wasmtime's default is
    /// 512 KiB.
    ///
    /// The size of the stacks is then known, so a component that imports nothing and is
    /// added as a bare [`Component`] is called on the stack of the component that calls
    /// it. Such a call costs a third of one that needs a stack of its own. wasmtime does
    /// not report the stack sizes of an engine, so with [`Engines::with_config`] each
    /// call has a stack of its own.
    ///
    /// ```
    /// use composer::Engines;
    /// use wasmtime::{Config, OptLevel};
    ///
    /// # fn main() -> Result<(), composer::LoadError> {
    /// let mut config = Config::new();
    /// config.cranelift_opt_level(OptLevel::SpeedAndSize);
    /// let engines = Engines::with_stack(&config, 1 << 20)?;
    /// # let _ = engines;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// [`LoadError::Engine`] if wasmtime refuses the configuration, as it does
    /// with no stack at all.
    pub fn with_stack(config: &Config, bytes: usize) -> Result<Self, LoadError> {
        let mut config = config.clone();
        stack::configure(&mut config, bytes);
        let engines = Engines::with_config(&config)?;
        for engine in engines.all() {
            stack::remember(engine, bytes);
        }
        Ok(engines)
    }

    /// All engines, for what has to be done on each: an embedder that uses epochs has to
    /// call [`Engine::increment_epoch`] on every one.
    pub fn all(&self) -> impl Iterator<Item = &Engine> {
        let engines = [
            &self.plain,
            #[cfg(feature = "component-model-async")]
            &self.concurrent,
        ];
        engines.into_iter()
    }

    /// Reads and compiles a component from a file, for the engine that suits
    /// it.
    ///
    /// This blocks, as [`load_component`](crate::load_component) does.
    ///
    /// # Errors
    ///
    /// The same as [`load_component`](crate::load_component).
    pub fn load_component(&self, path: impl AsRef<Path>) -> Result<Component, LoadError> {
        let path = path.as_ref();
        self.component_from_bytes(&path.display().to_string(), &read(path)?)
    }

    /// Compiles a component from memory, for the engine that suits it. Errors call the
    /// component `origin`.
    ///
    /// # Errors
    ///
    /// The same as [`component_from_bytes`](crate::component_from_bytes).
    pub fn component_from_bytes(&self, origin: &str, bytes: &[u8]) -> Result<Component, LoadError> {
        check(origin, bytes)?;
        let plain = Component::new(&self.plain, bytes);
        // Only the plain engine can say whether a component needs concurrency support. It
        // refuses every component that uses it, anywhere inside, while reading it and
        // before it compiles anything.
        #[cfg(feature = "component-model-async")]
        let plain = plain.or_else(|_| Component::new(&self.concurrent, bytes));
        // The host's functions of WASI 0.3 want it, whether a component calls asynchronous
        // ones or not.
        #[cfg(feature = "wasi-p3")]
        let plain = plain.and_then(
            |component| match crate::wasi::imports(&component, "@0.3.") {
                true => Component::new(&self.concurrent, bytes),
                false => Ok(component),
            },
        );
        plain.map_err(|error| LoadError::Invalid {
            origin: origin.to_owned(),
            error,
        })
    }
}
