//! The builder of runtimes.

use std::path::PathBuf;
use std::sync::Arc;

use wasmtime::Config;

use crate::error::{LoadError, RuntimeError};
use crate::limits::ticker::Ticker;
use crate::load::engines::Engines;
use crate::load::stack::DEFAULT_STACK;
use crate::runtime::cache::{CacheFolder, CacheKey};
use crate::runtime::compositions::OwnedCompositions;
use crate::runtime::library::ComponentLibrary;
use crate::runtime::pool::PoolScheduler;
use crate::runtime::{Limits, Runtime, RuntimeCore};

const DEFAULT_SIZE: u64 = 64 << 20;

/// Makes a [`Runtime`].
///
/// ```
/// use composer::Runtime;
/// use composer::runtime::Limits;
///
/// # fn main() -> Result<(), composer::RuntimeError> {
/// let runtime = Runtime::builder()
///     .limits(Limits::minimal())
///     .count_fuel(true) // some parts get a limit of fuel
///     .max_component_size(4 << 20)
///     .build()?;
/// # let _ = runtime;
/// # Ok(())
/// # }
/// ```
#[derive(Default)]
pub struct RuntimeBuilder {
    config: Option<Config>,
    limits: Limits,
    count_fuel: Option<bool>,
    count_time: Option<bool>,
    stack: Option<usize>,
    max_component_size: Option<u64>,
    seed: Option<u64>,
    cache: Option<(PathBuf, CacheKey)>,
    max_instances: Option<usize>,
}

impl RuntimeBuilder {
    /// Sets the limits of parts that do not have
    /// [limits of their own](crate::runtime::SandboxedComponent::with_limits).
    #[must_use]
    pub fn limits(mut self, limits: Limits) -> Self {
        self.limits = limits;
        self
    }

    /// Sets whether code is compiled so that its fuel is counted, which makes it
    /// [slower](crate::runtime::Limits), some loops by much. By default it is if the
    /// runtime's [`limits`](RuntimeBuilder::limits) limit the fuel of a call. Without it,
    /// a part whose fuel is limited cannot be used.
    #[must_use]
    pub fn count_fuel(mut self, yes: bool) -> Self {
        self.count_fuel = Some(yes);
        self
    }

    /// Sets whether code is compiled so that it can be interrupted while it computes,
    /// which makes it [slower](crate::runtime::Limits), too. By default it is if the
    /// runtime's [`limits`](RuntimeBuilder::limits) limit any processor time. Without it,
    /// a part whose time is limited cannot be used.
    #[must_use]
    pub fn count_time(mut self, yes: bool) -> Self {
        self.count_time = Some(yes);
        self
    }

    /// Sets the stack that a component's code may use, in bytes; the default is 512 KiB.
    /// It is a setting of the engines, so all components of a runtime have the same.
    #[must_use]
    pub fn stack(mut self, bytes: usize) -> Self {
        self.stack = Some(bytes);
        self
    }

    /// Sets the largest size of a component that is compiled, in bytes; the default is
    /// 64 MiB.
    #[must_use]
    pub fn max_component_size(mut self, bytes: u64) -> Self {
        self.max_component_size = Some(bytes);
        self
    }

    /// Sets the number of instances that all [pools](crate::Runtime::pool) of the runtime
    /// may have together; by default there is no limit. Each instance has a store and a
    /// task: a composition counts once for each of its components, including those of
    /// nested compositions. Compositions outside of pools do not count.
    #[must_use]
    pub fn max_instances(mut self, instances: usize) -> Self {
        self.max_instances = Some(instances);
        self
    }

    /// Sets the seed of the components' randomness. They have no other source of
    /// randomness unless they
    /// [are granted one](crate::runtime::Grants::with_real_randomness). By default the
    /// seed is chosen at random; [`Runtime::seed`] returns it.
    #[must_use]
    pub fn seed(mut self, seed: u64) -> Self {
        self.seed = Some(seed);
        self
    }

    /// Keeps compiled components in a folder, so that they are not compiled again when
    /// the program is restarted. The folder is made if it does not exist. Any number of
    /// runtimes and processes may share it; a folder is best used with a single
    /// configuration, because it holds one file for each component.
    ///
    /// A file is used only if it was written with the same key, for the same bytes, by
    /// the same version of wasmtime with the same settings. Anything else that is found
    /// under its name is replaced. So an attacker who can write to the folder but does
    /// not have the key can make the program compile again, and no more.
    #[must_use]
    pub fn cache_folder(mut self, folder: impl Into<PathBuf>, key: CacheKey) -> Self {
        self.cache = Some((folder.into(), key));
        self
    }

    /// Sets wasmtime's configuration, for everything that this builder does not set, such
    /// as a pool of instances. The builder overrides its settings of fuel, epochs and
    /// stacks.
    #[must_use]
    pub fn config(mut self, config: Config) -> Self {
        self.config = Some(config);
        self
    }

    /// Makes the runtime.
    ///
    /// # Errors
    ///
    /// [`RuntimeError`]: wasmtime refuses the configuration, or the system
    /// refuses a thread, randomness or the folder for compiled components. This
    /// blocks for a moment if there is such a folder.
    pub fn build(self) -> Result<Runtime, RuntimeError> {
        let RuntimeBuilder {
            config,
            limits,
            count_fuel,
            count_time,
            stack,
            max_component_size,
            seed,
            cache,
            max_instances,
        } = self;
        let counts_fuel = count_fuel.unwrap_or(limits.fuel().is_some());
        let counts_time = count_time.unwrap_or(limits.limits_time());
        let stack = stack.unwrap_or(DEFAULT_STACK);
        let mut config = config.unwrap_or_default();
        config
            .consume_fuel(counts_fuel)
            .epoch_interruption(counts_time);
        let engines = Engines::with_stack(&config, stack).map_err(|error| match error {
            LoadError::Engine { error } => RuntimeError::Engine { error },
            other => RuntimeError::Engine {
                error: wasmtime::Error::new(other),
            },
        })?;
        let ticker = match counts_time || limits.deadline().is_some() {
            true => {
                let ticker = Ticker::start(engines.all());
                let ticker = ticker.map_err(|error| RuntimeError::Thread { error })?;
                Some(Arc::new(ticker))
            }
            false => None,
        };
        let cache = cache
            .map(|(folder, key)| CacheFolder::open(folder, key))
            .transpose()?;
        let library = ComponentLibrary::new(max_component_size.unwrap_or(DEFAULT_SIZE), cache);
        let seed = match seed {
            Some(seed) => seed,
            None => u64::from_ne_bytes(random()?),
        };
        let places = PoolScheduler::new(max_instances);
        Ok(Runtime {
            compositions: Arc::new(OwnedCompositions::new(places.clone())),
            core: Arc::new(RuntimeCore {
                engines,
                ticker,
                counts_time,
                counts_fuel,
                stack,
                limits,
                seed,
                library,
                places,
            }),
        })
    }
}

/// Bytes from the system's source of randomness.
pub(super) fn random<const N: usize>() -> Result<[u8; N], RuntimeError> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).map_err(|error| RuntimeError::Randomness {
        reason: error.to_string(),
    })?;
    Ok(bytes)
}
