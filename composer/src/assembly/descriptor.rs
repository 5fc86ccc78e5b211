//! Descriptors of parts: a part with its name and settings.

use composer_plan::HintTarget;

use crate::assembly::declared::DeclaredComponent;
use crate::assembly::sealed::Part;
use crate::assembly::{Composable, Configure};
use crate::composition::restart::Restart;

/// A part of a composition, with its name and the embedder's settings for it.
pub struct ComposableDescriptor {
    pub(crate) name: String,
    pub(crate) part: Box<dyn Part>,
    pub(crate) import_hints: Vec<(String, HintTarget)>,
    /// The declaration of the component, if `compose!` has one.
    pub(crate) declared: Option<&'static DeclaredComponent>,
}

impl ComposableDescriptor {
    /// Names a part.
    pub fn new(name: impl Into<String>, part: impl Composable + 'static) -> Self {
        ComposableDescriptor::of_part(name, Box::new(part))
    }

    pub(crate) fn of_part(name: impl Into<String>, part: Box<dyn Part>) -> Self {
        ComposableDescriptor {
            name: name.into(),
            part,
            import_hints: Vec::new(),
            declared: None,
        }
    }

    /// Makes the part be checked against its declaration.
    #[must_use]
    pub(crate) fn declared(mut self, component: &'static DeclaredComponent) -> Self {
        self.declared = Some(component);
        self
    }

    /// Chooses the component that satisfies an import of this one. The hint settles an
    /// ambiguity, and overrides the only candidate and the linker.
    ///
    /// The hint means that component's export of the import's own name or, if the import
    /// has a label, of its interface. Another export is named beside the component:
    ///
    /// ```
    /// use composer::{ComposableDescriptor, Composer};
    /// use wasmtime::component::Component;
    ///
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let engine = wasmtime::Engine::default();
    /// let app = Component::new(&engine, r#"(component
    ///     (import "storage" (instance (export "sync" (func)))))"#)?;
    /// # let db = Component::new(&engine, r#"(component
    /// #     (core module $m (func (export "f")))
    /// #     (core instance $i (instantiate $m))
    /// #     (func $f (canon lift (core func $i "f")))
    /// #     (instance $files (export "sync" (func $f)))
    /// #     (export "acme:db/files@1.0.0" (instance $files)))"#)?;
    /// let app = ComposableDescriptor::new("app", app)
    ///     .with_import_hint("storage", ("db", "acme:db/files@1.0.0"));
    /// let mut composer = Composer::new();
    /// composer.add(app);
    /// composer.add(ComposableDescriptor::new("db", db));
    /// let plan = composer.plan()?.to_string();
    /// assert!(plan.contains("storage ← db (acme:db/files@1.0.0)"));
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn with_import_hint(
        mut self,
        import: impl Into<String>,
        to: impl Into<HintTarget>,
    ) -> Self {
        self.import_hints.push((import.into(), to.into()));
        self
    }

    /// Sets the capacity of the part's inbox, as [`Configure::with_inbox_capacity`] does.
    #[must_use]
    pub fn with_inbox_capacity(mut self, calls: usize) -> Self {
        self.part = Box::new(Configure::with_inbox_capacity(self.part, calls));
        self
    }

    /// Sets the restart policy of the part, as [`Configure::with_restart`] does.
    #[must_use]
    pub fn with_restart(mut self, restart: Restart) -> Self {
        self.part = Box::new(Configure::with_restart(self.part, restart));
        self
    }

    /// Gives the part a value of the program's, as [`Configure::with_data`] does.
    #[must_use]
    pub fn with_data<D: Send + Sync + 'static>(mut self, data: D) -> Self {
        self.part = Box::new(Configure::with_data(self.part, data));
        self
    }
}
