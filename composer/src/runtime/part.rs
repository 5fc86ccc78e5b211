//! A loaded component as a part of a composition.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use wasmtime::Store;
use wasmtime::component::Linker;

#[cfg(feature = "fused")]
use crate::assembly::fused::{FusedGroup, GroupView};
use crate::assembly::sealed::Part;
use crate::assembly::{Composable, ComposableComponent, DescribedPart, NoStore};
use crate::boundary::isolated::instance::Instance;
use crate::error::{Limit, LimitExceeded, PartError};
use crate::limits::memory_budget::MemoryBudget;
use crate::limits::meter::LimitRules;
use crate::runtime::sandbox::{Grants, Sandbox};
use crate::runtime::{Limits, LoadedComponent, Usage};
use crate::typed::{BindingsFor, TypedBindings};
use crate::wasi::{OwnImports, State};

/// A component with limits and grants, to be added to a composition.
///
/// ```
/// use composer::runtime::{Grants, Limits};
/// use composer::{ComposableDescriptor, Composer, Runtime};
/// # use composer::CompositionError;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), CompositionError> {
/// # let runtime = Runtime::new()?;
/// # let plugin = runtime.load_bytes("plugin", *b"\0asm\x0d\0\x01\0").await?;
/// let part = runtime
///     .part(&plugin)
///     .with_limits(Limits::minimal())
///     .with_grants(Grants::none().with_env("REGION", "eu"));
/// let mut composer = Composer::new();
/// composer.add(ComposableDescriptor::new("plugin", part));
/// # composer.compose().await?;
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct SandboxedComponent {
    component: LoadedComponent,
    limits: Limits,
    grants: Grants,
    seed: u64,
    usage: Usage,
    own: OwnImports,
}

impl SandboxedComponent {
    pub(super) fn new(component: LoadedComponent) -> Self {
        SandboxedComponent {
            limits: component.core().limits.clone(),
            seed: component.core().seed,
            grants: Grants::none(),
            usage: Usage::default(),
            own: OwnImports::default(),
            component,
        }
    }

    /// Sets the limits of the component, in place of its runtime's limits.
    #[must_use]
    pub fn with_limits(mut self, limits: Limits) -> Self {
        self.limits = limits;
        self
    }

    /// Sets the grants of the component, in place of earlier ones.
    #[must_use]
    pub fn with_grants(mut self, grants: Grants) -> Self {
        self.grants = grants;
        self
    }

    /// Sets the seed of the component's randomness, in place of
    /// [its runtime's](crate::Runtime::seed).
    ///
    /// An instance's randomness depends on the seed, its name in the composition, and
    /// the number of instances that the part has had before. So instances differ, and a
    /// run that is repeated in the same order gets the same randomness.
    #[must_use]
    pub fn with_seed(mut self, seed: u64) -> Self {
        self.seed = seed;
        self
    }

    /// Gives the component functions of the program's own, as
    /// [`WasiComponent::with_linker`](crate::wasi::WasiComponent::with_linker) does.
    ///
    /// ```
    /// use composer::Runtime;
    /// use composer::runtime::Limits;
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let runtime = Runtime::builder().limits(Limits::strict()).build()?;
    /// let plugin = runtime.load_bytes("plugin", *b"\0asm\x0d\0\x01\0").await?;
    /// let part = plugin
    ///     .part()
    ///     .with_limits(Limits::strict())
    ///     .with_linker(|linker| {
    ///         let mut store = linker.instance("acme:host/store")?;
    ///         store.func_wrap("limit", |_, (): ()| Ok((100u32,)))
    ///     });
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

    /// Lets resources with values of this type cross, as
    /// [`WasiComponent::with_host_resource`](crate::wasi::WasiComponent::with_host_resource)
    /// does.
    #[must_use]
    pub fn with_host_resource<R: Clone + Send + 'static>(mut self) -> Self {
        self.own.add_resource::<R>();
        self
    }

    /// The usage of all instances, in every composition that has this part or a clone of
    /// it.
    pub fn usage(&self) -> Usage {
        self.usage.clone()
    }
}

impl Composable for SandboxedComponent {}

impl Part for SandboxedComponent {
    fn read(self: Box<Self>, name: &str) -> Result<DescribedPart, PartError> {
        #[cfg(feature = "fused")]
        if let Some(view) = self.component.group() {
            return Box::new(self.fused(name, &view)?).read(name);
        }
        Box::new(self.linked(name)?).read(name)
    }

    fn typed(self, name: &str, glue: &impl TypedBindings) -> Result<Box<dyn Part>, PartError> {
        self.typed_part(name, glue)
    }
}

impl SandboxedComponent {
    fn typed_part(
        self,
        name: &str,
        glue: &dyn BindingsFor<State>,
    ) -> Result<Box<dyn Part>, PartError> {
        #[cfg(feature = "fused")]
        if let Some(view) = self.component.group() {
            return self.fused(name, &view)?.typed_part(name, glue);
        }
        self.linked(name)?.typed_part(name, glue)
    }

    /// The component of a group.
    #[cfg(feature = "fused")]
    fn fused(self, name: &str, view: &GroupView) -> Result<FusedGroup<State>, PartError> {
        Ok(FusedGroup {
            part: self.linked(name)?,
            view: view.clone(),
        })
    }

    /// The component with WASI in its linker, and its limits in its stores.
    fn linked(self, name: &str) -> Result<ComposableComponent<State>, PartError> {
        self.check(name)?;
        let SandboxedComponent {
            component: loaded,
            limits,
            grants,
            seed,
            usage,
            own,
        } = self;
        let component = loaded.component().clone();
        let mut linker = crate::wasi::linker(&component, name)?;
        grants.define_clocks(&mut linker, &component, name)?;
        own.define(&mut linker, name)?;
        let core = loaded.core();
        let (counts_fuel, counts_time) = (core.counts_fuel, core.counts_time);
        let rules = Arc::new(LimitRules {
            limits: limits.clone(),
            stack: core.stack,
            ticker: core.ticker.clone(),
            counts_time,
            usage: usage.clone(),
        });
        let engine = component.engine().clone();
        let made = AtomicU64::new(0);
        let name = name.to_owned();
        let store = move || {
            let nth = made.fetch_add(1, Ordering::Relaxed);
            let (ctx, clock) = grants.context(&name, seed, nth).map_err(NoStore::Failed)?;
            let state = State::new(
                ctx,
                #[cfg(feature = "http")]
                grants.http_context(),
            );
            #[cfg(feature = "wasi-config")]
            let state = grants.configured(state);
            let budget = MemoryBudget::new(limits.clone(), usage.clone());
            let mut store = Store::new(&engine, state.with_sandbox(Sandbox { budget, clock }));
            State::limit(&mut store);
            store.set_max_component_handles(limits.handles());
            store.set_hostcall_fuel(limits.value_size());
            if counts_fuel {
                let fuel = limits.fuel().unwrap_or(u64::MAX);
                store.set_fuel(fuel).map_err(NoStore::Failed)?;
            }
            if counts_time {
                store.set_epoch_deadline(1);
                store.epoch_deadline_callback(|_| Instance::at_tick());
            }
            Ok(store)
        };
        let part = ComposableComponent::fallible(component, linker, store);
        Ok(part.with_host_types(own.types()).with_rules(rules))
    }

    /// Refuses, before anything runs, limits that cannot be enforced or kept.
    fn check(&self, name: &str) -> Result<(), PartError> {
        let core = self.component.core();
        let unwatched = |limit, setting| PartError::Unwatched {
            component: name.to_owned(),
            limit,
            setting,
        };
        if self.limits.fuel().is_some() && !core.counts_fuel {
            return Err(unwatched(Limit::Fuel, "count_fuel"));
        }
        if self.limits.limits_time() && !core.counts_time {
            return Err(unwatched(Limit::Time, "count_time"));
        }
        if self.limits.deadline().is_some() && core.ticker.is_none() {
            return Err(unwatched(Limit::Deadline, "count_time"));
        }
        // The needs of a component that imports core modules are not known here; its
        // store enforces the limits.
        let Some(needs) = self.component.component().resources_required() else {
            return Ok(());
        };
        let counts = [
            (Limit::Memories, needs.num_memories, self.limits.memories()),
            (Limit::Tables, needs.num_tables, self.limits.tables()),
        ];
        for (limit, needed, allowed) in counts {
            if needed as usize > allowed {
                let needed = Some(u64::from(needed));
                return Err(PartError::Limit {
                    component: name.to_owned(),
                    exceeded: LimitExceeded::new(limit, needed, allowed as u64),
                });
            }
        }
        Ok(())
    }
}
