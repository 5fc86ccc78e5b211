//! Typed pools, which prepare each composition and lend it in a type of the embedder.

use std::any::Any;
use std::error::Error;
use std::fmt;
use std::marker::PhantomData;
use std::ops::Deref;
use std::sync::Arc;
use std::time::Duration;

use futures::FutureExt;

use crate::composition::Composition;
use crate::error::{LeaseError, PoolError};
use crate::runtime::pool::member::{LendHooks, MemberHandle};
use crate::runtime::pool::{Lease, Pool, PoolBuilder};

impl PoolBuilder {
    /// Prepares each composition when it has started, before it is lent for the first
    /// time. `start` may configure it and check its health, and turns it into the value
    /// that [leases](TypedLease) of the pool contain, for example of the type that
    /// [`compose!`](crate::compose) declares. The value is kept with the composition, so
    /// with [`Reset::Keep`](crate::runtime::pool::Reset::Keep) it is made once and lent
    /// many times.
    ///
    /// `start` is part of the start: it runs in the background, in a task of the pool,
    /// also for compositions that are started ahead. Its composition counts in the pool
    /// however long it takes. A call in it that never returns keeps that place occupied,
    /// so components should have a [limit of time](crate::runtime::Limits::time).
    ///
    /// An error ends the composition. The caller that waits for it fails with
    /// [`LeaseError::Setup`], which holds the error; [`PoolStatus::failed`] counts it,
    /// and so does [`max_failures`](PoolBuilder::max_failures). A panic is passed on to
    /// that caller, as is a panic of the function that makes stores.
    ///
    /// [`PoolStatus::failed`]: crate::runtime::pool::PoolStatus::failed
    ///
    /// # Cancellation
    ///
    /// A caller that stops waiting does not cancel it: the prepared composition goes to
    /// the next caller. The future of `start` is dropped before its end only if the tokio
    /// runtime ends.
    ///
    /// ```
    /// use composer::runtime::{Pool, Reset};
    /// use composer::{ComposableDescriptor, Composer, Composition, LeaseError, Runtime};
    ///
    /// # const GREETER: &[u8] = br#"(component
    /// #     (core module $m
    /// #         (global $n (mut i32) (i32.const 0))
    /// #         (func (export "configure") (param i32) (result i32)
    /// #             (global.set $n (local.get 0)) (i32.lt_u (local.get 0) (i32.const 10)))
    /// #         (func (export "configured") (result i32) (global.get $n)))
    /// #     (core instance $i (instantiate $m))
    /// #     (func (export "configure") (param "n" u32) (result bool)
    /// #         (canon lift (core func $i "configure")))
    /// #     (func (export "configured") (result u32)
    /// #         (canon lift (core func $i "configured"))))"#;
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// #[derive(Debug, thiserror::Error)]
    /// #[error("the plugin refuses {0}")]
    /// struct Refused(u32);
    ///
    /// /// What is lent: a composition that has its configuration.
    /// struct Plugin(Composition);
    ///
    /// async fn configure(
    ///     plugin: Composition,
    ///     with: u32,
    /// ) -> Result<Plugin, Box<dyn std::error::Error + Send + Sync>> {
    ///     let took = plugin.get_func(None, "configure")?.call_owned([with.into()]).await?;
    ///     match took {
    ///         Some(took) if took == true.into() => Ok(Plugin(plugin)),
    ///         _ => Err(Refused(with).into()),
    ///     }
    /// }
    ///
    /// let runtime = Runtime::new()?;
    /// let plugin = runtime.load_bytes("plugin", GREETER).await?;
    /// let mut composer = Composer::new();
    /// composer.add(ComposableDescriptor::new("plugin", runtime.part(&plugin)));
    /// let prepared = composer.prepare()?;
    ///
    /// let pool = runtime.pool(&prepared).reset(Reset::Keep);
    /// let pool = pool.on_start(|plugin| configure(plugin, 7)).build()?;
    /// let plugin = pool.lease().await?;
    /// let configured = plugin.0.get_func(None, "configured")?.call_owned([]).await?;
    /// assert_eq!(configured, Some(7u32.into()));
    ///
    /// let wrong = runtime.pool(&prepared).on_start(|plugin| configure(plugin, 77)).build()?;
    /// let Err(LeaseError::Setup { error, .. }) = wrong.lease().await else { panic!() };
    /// assert_eq!(error.downcast_ref::<Refused>().map(|refused| refused.0), Some(77));
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn on_start<T, E, F>(
        self,
        start: impl Fn(Composition) -> F + Send + Sync + 'static,
    ) -> TypedPoolBuilder<T>
    where
        T: Send + Sync + 'static,
        E: Into<Box<dyn Error + Send + Sync>>,
        F: Future<Output = Result<T, E>> + Send + 'static,
    {
        let begin = move |composition| {
            let made = start(composition);
            async move {
                match made.await {
                    Ok(made) => Ok(Arc::new(made) as MemberHandle),
                    Err(error) => Err(error.into()),
                }
            }
            .boxed()
        };
        let hooks = LendHooks {
            begin: Arc::new(begin),
            end: None,
        };
        TypedPoolBuilder {
            builder: self.hooks(hooks.clone()),
            hooks,
            of: PhantomData,
        }
    }
}

/// Makes a [`TypedPool`]. See [`PoolBuilder::on_start`].
pub struct TypedPoolBuilder<T> {
    builder: PoolBuilder,
    hooks: LendHooks,
    of: PhantomData<fn() -> T>,
}

impl<T: Send + Sync + 'static> TypedPoolBuilder<T> {
    /// Calls `end` with each composition before it is ended, in a task of the pool. It is
    /// not called if a component of the composition died, if the composition was
    /// [discarded](TypedLease::discard), if a call still runs in it when the
    /// [time for that](PoolBuilder::drain) is over, or if it is
    /// [cut off](crate::runtime::Pool::close): then nothing of the composition can be
    /// trusted, and it is ended at once.
    ///
    /// The composition counts in the pool for as long as `end` takes. The pool does not
    /// report its outcome. A panic ends the composition.
    ///
    /// ```
    /// use std::sync::Arc;
    /// use std::sync::atomic::{AtomicU32, Ordering};
    /// use std::time::Duration;
    ///
    /// use composer::runtime::Pool;
    /// use composer::{Composer, Composition, CompositionError};
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let prepared = Composer::new().prepare()?;
    /// let told = Arc::new(AtomicU32::new(0));
    /// let tell = told.clone();
    /// let pool = Pool::builder(&prepared)
    ///     .on_start(|composition| async { Ok::<_, CompositionError>(composition) })
    ///     .on_end(move |_composition: Arc<Composition>| {
    ///         let tell = tell.clone();
    ///         async move { drop(tell.fetch_add(1, Ordering::Relaxed)) }
    ///     })
    ///     .build()?;
    /// drop(pool.lease().await?);
    /// pool.close(Duration::from_secs(10)).await;
    /// assert_eq!(told.load(Ordering::Relaxed), 1);
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn on_end<F>(mut self, end: impl Fn(Arc<T>) -> F + Send + Sync + 'static) -> Self
    where
        F: Future<Output = ()> + Send + 'static,
    {
        let end = move |handle: MemberHandle| match handle.downcast::<T>() {
            Ok(handle) => end(handle).boxed(),
            Err(_) => std::future::ready(()).boxed(),
        };
        self.hooks.end = Some(Arc::new(end));
        self.builder = self.builder.hooks(self.hooks.clone());
        self
    }

    /// Makes the pool, on the current tokio runtime.
    ///
    /// # Errors
    ///
    /// The same as [`PoolBuilder::build`].
    pub fn build(self) -> Result<TypedPool<T>, PoolError> {
        Ok(TypedPool {
            pool: self.builder.build()?,
            of: PhantomData,
        })
    }
}

impl<T> fmt::Debug for TypedPoolBuilder<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.builder.fmt(f)
    }
}

/// A [`Pool`] that lends the values that [`PoolBuilder::on_start`] has made of its
/// compositions.
///
/// Like a [`Pool`], it is a handle that is cheap to clone. It [dereferences](Deref) to a
/// [`Pool`] for everything other than leasing.
pub struct TypedPool<T> {
    pool: Pool,
    of: PhantomData<fn() -> T>,
}

impl<T: Send + Sync + 'static> TypedPool<T> {
    /// Like [`Pool::lease`].
    ///
    /// # Errors
    ///
    /// The same as [`Pool::lease`].
    ///
    /// # Panics
    ///
    /// The same as [`Pool::lease`].
    ///
    /// # Cancellation
    ///
    /// The same as [`Pool::lease`].
    pub async fn lease(&self) -> Result<TypedLease<T>, LeaseError> {
        Ok(self.typed(self.pool.lease().await?))
    }

    /// Like [`Pool::lease_within`].
    ///
    /// # Errors
    ///
    /// The same as [`Pool::lease_within`].
    ///
    /// # Panics
    ///
    /// The same as [`Pool::lease_within`].
    ///
    /// # Cancellation
    ///
    /// The same as [`Pool::lease`].
    pub async fn lease_within(&self, time: Duration) -> Result<TypedLease<T>, LeaseError> {
        Ok(self.typed(self.pool.lease_within(time).await?))
    }

    /// Like [`Pool::try_lease`].
    ///
    /// # Errors
    ///
    /// The same as [`Pool::try_lease`].
    ///
    /// # Panics
    ///
    /// The same as [`Pool::lease`].
    ///
    /// # Cancellation
    ///
    /// The same as [`Pool::lease`].
    pub async fn try_lease(&self) -> Result<TypedLease<T>, LeaseError> {
        Ok(self.typed(self.pool.try_lease().await?))
    }

    fn typed(&self, lease: Lease) -> TypedLease<T> {
        let handle = lease.handle().cloned();
        match handle.map(<Arc<dyn Any + Send + Sync>>::downcast::<T>) {
            Some(Ok(typed)) => TypedLease { typed, lease },
            // Each composition has a handle of this type, which `on_start` has made.
            _ => unreachable!("a composition of another pool"),
        }
    }
}

impl<T> Deref for TypedPool<T> {
    type Target = Pool;

    fn deref(&self) -> &Pool {
        &self.pool
    }
}

impl<T> Clone for TypedPool<T> {
    fn clone(&self) -> Self {
        TypedPool {
            pool: self.pool.clone(),
            of: PhantomData,
        }
    }
}

impl<T> fmt::Debug for TypedPool<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.pool.fmt(f)
    }
}

/// A [`Lease`] with a value of another type, to which it [dereferences](Deref). A
/// [`TypedPool`] lends it, or [`Lease::typed`] makes it.
pub struct TypedLease<T> {
    /// This is dropped first, so that the pool finds no other handle of the composition.
    typed: Arc<T>,
    lease: Lease,
}

impl<T> TypedLease<T> {
    pub(super) fn new(typed: T, lease: Lease) -> TypedLease<T> {
        TypedLease {
            typed: Arc::new(typed),
            lease,
        }
    }

    /// The composition behind it.
    pub fn composition(&self) -> &Composition {
        &self.lease
    }

    /// Gives the composition back and has it replaced, as [`Lease::discard`] does.
    pub fn discard(self) {
        drop(self.typed);
        self.lease.discard();
    }
}

impl<T> Deref for TypedLease<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.typed
    }
}

impl<T> fmt::Debug for TypedLease<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("TypedLease").field(&self.lease).finish()
    }
}
