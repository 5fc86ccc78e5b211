//! Groups of components that a runtime fuses, with limits and grants for the whole.

use std::sync::Arc;

use crate::assembly::fused::{FuseError, FusedComponents, FusedMember};
use crate::error::LoadError;
use crate::load::world::read_world;
use crate::runtime::library::blocking;
use crate::runtime::{LoadedComponent, Runtime};

impl Runtime {
    /// Loads a component, in the binary format, as a member of a group that
    /// [`fuse`](Runtime::fuse) makes one component of.
    ///
    /// # Errors
    ///
    /// As [`load_bytes`](Runtime::load_bytes), and [`LoadError::Text`].
    ///
    /// # Cancellation
    ///
    /// As for [`load_bytes`](Runtime::load_bytes).
    pub async fn load_member(
        &self,
        name: impl Into<String>,
        bytes: impl Into<Vec<u8>>,
    ) -> Result<FusedMember, LoadError> {
        let (name, bytes) = (name.into(), bytes.into());
        if !bytes.starts_with(b"\0asm") {
            return Err(LoadError::Text { origin: name });
        }
        let component = self.load_bytes(name.clone(), bytes.clone()).await?;
        let world = read_world(component.component());
        Ok(FusedMember::new(name, bytes, world))
    }

    /// Makes one component of a group: one store, one inbox, calls between the members
    /// that cost nanoseconds. Its [`part`](LoadedComponent::part) has the limits of this
    /// runtime, or other ones, for all members together, and grants and functions of the
    /// program's for all of them. It keeps the plan of its members, which the plan of a
    /// composition shows.
    ///
    /// The group's own linker is not used: what the part links (WASI, `with_linker`) is
    /// imported by the whole. A member that exports what another one imports provides it,
    /// also where the part has it.
    ///
    /// The component is kept like any that is loaded under `name`, also
    /// [on disk](crate::runtime::RuntimeBuilder::cache_folder).
    ///
    /// ```
    /// use composer::fused::FusedComponents;
    /// use composer::runtime::Limits;
    /// use composer::{ComposableDescriptor, Composer, Runtime};
    /// # use wasmtime::Engine;
    ///
    /// # const GUESTS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/guests");
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let runtime = Runtime::builder().limits(Limits::strict()).build()?;
    /// let mut shop = FusedComponents::bare(&Engine::default());
    /// for name in ["catalog", "tax-eu", "till"] {
    /// #   let bytes = std::fs::read(format!("{GUESTS}/{name}/{name}.wasm"))?;
    ///     shop.add(runtime.load_member(name, bytes).await?);
    /// }
    /// let shop = runtime.fuse("shop", shop).await?;
    ///
    /// let mut composer = Composer::new();
    /// composer.add(ComposableDescriptor::new("shop", shop.part()));
    /// assert!(composer.plan()?.to_string().contains("shop:tax/rates@1.0.0 ← tax-eu"));
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// [`FuseError`]; [`FuseError::Load`] if the whole cannot be loaded, because it is
    /// [too large](LoadError::TooLarge), for example.
    ///
    /// # Cancellation
    ///
    /// As for [`load_bytes`](Runtime::load_bytes).
    pub async fn fuse(
        &self,
        name: impl Into<String>,
        mut group: FusedComponents<()>,
    ) -> Result<LoadedComponent, FuseError> {
        let name = name.into();
        let unloaded = |error: LoadError| FuseError::Load {
            error: error.to_string(),
        };
        let encoded = blocking(&name, move || Ok(group.encode()));
        let mut encoded = encoded.await.map_err(unloaded)??;
        let binary = std::mem::take(&mut encoded.binary);
        let loaded = self.load_bytes(name, binary).await.map_err(unloaded)?;
        let view = encoded.view(loaded.component());
        Ok(loaded.as_group(Arc::new(view)))
    }
}
