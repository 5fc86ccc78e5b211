//! Members: the components that are fused.

use std::path::Path;

use composer_plan::{HintTarget, World};
use wasmtime::Engine;

use crate::assembly::filter::{FilterRule, patterns};
use crate::error::{LoadError, PartError};
use crate::load::world::read_world;
use crate::load::{component_from_bytes, read};

/// A component of a [group](crate::assembly::fused::FusedComponents): its name and bytes,
/// and the embedder's settings for it.
///
/// It is made from bytes and not from a wasmtime
/// [`Component`](wasmtime::component::Component), which does not keep them.
///
/// ```
/// use composer::LoadError;
/// use composer::fused::FusedMember;
/// use wasmtime::Engine;
///
/// let core_module = b"\0asm\x01\0\0\0";
/// let error = FusedMember::from_bytes(&Engine::default(), "till", core_module).err();
/// assert!(matches!(error, Some(LoadError::CoreModule { .. })));
/// ```
pub struct FusedMember {
    pub(super) name: String,
    pub(super) bytes: Vec<u8>,
    pub(super) world: World,
    pub(super) import_hints: Vec<(String, HintTarget)>,
    rules: Vec<FilterRule>,
}

impl FusedMember {
    /// Takes a component from memory, in the binary format. Errors use its name.
    ///
    /// This blocks: it compiles the component, as
    /// [`component_from_bytes`] does.
    ///
    /// # Errors
    ///
    /// As [`component_from_bytes`], and [`LoadError::Text`].
    pub fn from_bytes(
        engine: &Engine,
        name: impl Into<String>,
        bytes: impl Into<Vec<u8>>,
    ) -> Result<Self, LoadError> {
        let name = name.into();
        let origin = name.clone();
        FusedMember::load(engine, name, &origin, bytes.into())
    }

    /// Takes a component from a file, in the binary format.
    ///
    /// This blocks: it compiles the component, as
    /// [`load_component`](crate::load_component) does.
    ///
    /// # Errors
    ///
    /// As [`load_component`](crate::load_component), and [`LoadError::Text`].
    pub fn from_file(
        engine: &Engine,
        name: impl Into<String>,
        path: impl AsRef<Path>,
    ) -> Result<Self, LoadError> {
        let path = path.as_ref();
        let bytes = read(path)?;
        FusedMember::load(engine, name.into(), &path.display().to_string(), bytes)
    }

    fn load(
        engine: &Engine,
        name: String,
        origin: &str,
        bytes: Vec<u8>,
    ) -> Result<Self, LoadError> {
        // Only the engine knows what a component needs from it. It checks this component
        // alone here, because an error about the whole group would not name the member
        // that caused it.
        let component = component_from_bytes(engine, origin, &bytes)?;
        if !bytes.starts_with(b"\0asm") {
            return Err(LoadError::Text {
                origin: origin.to_owned(),
            });
        }
        Ok(FusedMember::new(name, bytes, read_world(&component)))
    }

    /// What it imports and exports.
    pub fn world(&self) -> &World {
        &self.world
    }

    pub(crate) fn new(name: String, bytes: Vec<u8>, world: World) -> Self {
        FusedMember {
            name,
            bytes,
            world,
            import_hints: Vec::new(),
            rules: Vec::new(),
        }
    }

    /// Chooses the member that satisfies an import of this one, as
    /// [`ComposableDescriptor::with_import_hint`](crate::ComposableDescriptor::with_import_hint)
    /// does.
    #[must_use]
    pub fn with_import_hint(
        mut self,
        import: impl Into<String>,
        to: impl Into<HintTarget>,
    ) -> Self {
        self.import_hints.push((import.into(), to.into()));
        self
    }

    /// Shows only these exports, to other members and outside the group. They
    /// are named as in an [`ExportFilter`](crate::ExportFilter).
    #[must_use]
    pub fn exposing(mut self, exports: &[&str]) -> Self {
        self.rules.push(FilterRule::Expose(patterns(exports)));
        self
    }

    /// Shows all exports but these, to other members and outside the group.
    #[must_use]
    pub fn hiding(mut self, exports: &[&str]) -> Self {
        self.rules.push(FilterRule::Hide(patterns(exports)));
        self
    }

    /// Shows the exports for which the given function returns `true`. It is called as by
    /// [`ExportFilter::filter_exports`](crate::ExportFilter::filter_exports).
    #[must_use]
    pub fn filter_exports(
        mut self,
        keep: impl FnMut(&str, Option<&str>) -> bool + Send + 'static,
    ) -> Self {
        self.rules.push(FilterRule::Keep(Box::new(keep)));
        self
    }

    /// Removes what its filters hide from its world.
    pub(super) fn filter(&mut self) -> Result<(), PartError> {
        self.rules
            .drain(..)
            .try_for_each(|rule| rule.apply(&mut self.world, &self.name))
    }
}
