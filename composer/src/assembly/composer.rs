//! The composer, which makes a plan of parts and hints, and linked parts of the plan.

use std::collections::BTreeMap;
use std::sync::Arc;

use composer_plan::{Graph, HostType, Plan, ResourceId, World, resolve};

use crate::assembly::ComposableDescriptor;
use crate::assembly::added_part::AddedPart;
use crate::assembly::prepared::PreparedComposition;
use crate::boundary::binding::ExportOffers;
use crate::composition::{Composition, CompositionLayout, world_with_host_types};
use crate::error::{CompositionError, PartError, PartErrors, StartError};
use crate::transfer::STREAM_ITEMS;

/// Wires components into a [`Composition`].
///
/// Add the parts, settle by hints what would be ambiguous, look at the
/// [`plan`](Composer::plan) if you like, then [`compose`](Composer::compose). Every
/// import gets exactly one source:
///
/// 1. the component that an import hint names, else
/// 2. the embedder's own linker for that component, if it defines the import
///    (so no component can slip in between a component and what the embedder
///    gave it), else
/// 3. an import of the composition itself, if it was
///    [left open](Composer::with_open_import), else
/// 4. the one other component that exports it: under exactly this name, or
///    else in a compatible version.
///
/// Anything else is an error, with a message that says what to do. Types are compared
/// before anything is instantiated.
///
/// A function with a type that cannot go from one store to another (`error-context`) does
/// not keep the rest of its interface from being linked: it is listed in
/// [`Link::refused`](crate::Link::refused), and a component that calls it ends with
/// [`CallError::Refused`](crate::CallError::Refused).
/// [`require_all_functions`](Composer::require_all_functions) makes it an error of the
/// plan.
#[derive(Default)]
pub struct Composer {
    parts: Vec<AddedPart>,
    errors: Vec<PartError>,
    export_hints: Vec<(String, String)>,
    open_imports: Vec<String>,
    /// Whether a function that would be refused is an error.
    requires_all_functions: bool,
    exports_only_hinted: bool,
}

impl Composer {
    /// A composer with no parts.
    pub fn new() -> Self {
        Composer::default()
    }

    /// Adds a part. Its name must differ from all others.
    ///
    /// Mistakes in the part are reported by [`plan`](Composer::plan) and
    /// [`compose`](Composer::compose).
    pub fn add(&mut self, part: ComposableDescriptor) -> &mut Self {
        match AddedPart::read(part) {
            Ok(part) => self.parts.push(part),
            Err(errors) => self.errors.extend(errors),
        }
        self
    }

    /// Notes that a part cannot be used.
    pub(crate) fn refuse(&mut self, error: PartError) {
        self.errors.push(error);
    }

    /// Chooses the component whose export the composition shows, for a name that several
    /// components export.
    pub fn with_export_hint(
        &mut self,
        export: impl Into<String>,
        component: impl Into<String>,
    ) -> &mut Self {
        self.export_hints.push((export.into(), component.into()));
        self
    }

    /// Makes the composition export what [export hints](Composer::with_export_hint) name, and
    /// nothing else. Without this it also exports whatever its components do.
    ///
    /// ```
    /// use composer::{ComposableDescriptor, Composer};
    /// # use wasmtime::Engine;
    /// # use wasmtime::component::Component;
    ///
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let both = r#"(component
    /// #     (core module $m (func (export "f")))
    /// #     (core instance $i (instantiate $m))
    /// #     (func (export "greet") (canon lift (core func $i "f")))
    /// #     (func (export "internal") (canon lift (core func $i "f"))))"#;
    /// # let component = Component::new(&Engine::default(), both)?;
    /// let mut composer = Composer::new();
    /// composer
    ///     .add(ComposableDescriptor::new("greeter", component))
    ///     .with_export_hint("greet", "greeter")
    ///     .export_only_hinted();
    /// let exports = composer.plan()?.exports;
    /// assert_eq!(exports.len(), 1);
    /// assert_eq!(exports[0].name.as_str(), "greet");
    /// # Ok(())
    /// # }
    /// ```
    pub fn export_only_hinted(&mut self) -> &mut Self {
        self.exports_only_hinted = true;
        self
    }

    /// Leaves an import open: no component here has to satisfy it. When the
    /// composition is nested in another, it becomes an import of the whole.
    pub fn with_open_import(&mut self, import: impl Into<String>) -> &mut Self {
        self.open_imports.push(import.into());
        self
    }

    /// Makes it an error if a function that a component imports from another one cannot be
    /// called, because a type in it cannot go from one store to another. Otherwise such a
    /// function is linked as one that fails, and the rest of its interface works.
    ///
    /// This is about the links of this composition, also after a component was
    /// [replaced](crate::ComponentHandle::replace). A nested composition has its own.
    ///
    /// ```
    /// use composer::{ComposableDescriptor, Composer, CompositionError};
    /// # use wasmtime::{Config, Engine};
    ///
    /// # const LOG: &[u8] = br#"(component
    /// #     (core module $m (func (export "log") (param i32)))
    /// #     (core instance $i (instantiate $m))
    /// #     (func (export "log") (param "why" error-context)
    /// #         (canon lift (core func $i "log"))))"#;
    /// # const APP: &[u8] = br#"(component
    /// #     (import "log" (func (param "why" error-context))))"#;
    /// # fn main() -> Result<(), CompositionError> {
    /// # let mut config = Config::new();
    /// # config.wasm_component_model_async(true).wasm_component_model_error_context(true);
    /// # let engine = Engine::new(&config).unwrap();
    /// # let load = |text| composer::component_from_bytes(&engine, "a text", text);
    /// let mut composer = Composer::new();
    /// composer
    ///     .add(ComposableDescriptor::new("log", load(LOG)?))
    ///     .add(ComposableDescriptor::new("app", load(APP)?));
    /// let plan = composer.plan()?;
    /// let [link] = &plan.components[1].links[..] else { unreachable!() };
    /// assert_eq!(link.refused[0].path, "parameter \"why\"");
    ///
    /// composer.require_all_functions();
    /// let error = composer.plan().unwrap_err().to_string();
    /// assert!(error.contains("`error-context` cannot cross from one store to another"));
    /// # Ok(())
    /// # }
    /// ```
    pub fn require_all_functions(&mut self) -> &mut Self {
        self.requires_all_functions = true;
        self
    }

    /// Decides every link, without running anything.
    ///
    /// # Errors
    ///
    /// [`CompositionError::Parts`] or [`CompositionError::Plan`], with every
    /// mistake of the first stage that found one.
    pub fn plan(&self) -> Result<Plan, CompositionError> {
        if !self.errors.is_empty() {
            let errors = self.errors.clone();
            return Err(PartErrors { errors }.into());
        }
        Ok(resolve(&self.graph())?)
    }

    /// Plans the composition and does everything that does not depend on a run: it links
    /// the imports, once for each component. The result can be composed any number of
    /// times.
    ///
    /// # Errors
    ///
    /// As [`plan`](Composer::plan), or [`CompositionError::Start`] if a
    /// component does not fit its linker.
    ///
    /// ```
    /// use composer::{ComposableDescriptor, Composer, Engines};
    ///
    /// # const COUNTER: &[u8] = br#"(component
    /// #     (core module $m
    /// #         (global $n (mut i32) (i32.const 0))
    /// #         (func (export "next") (result i32)
    /// #             global.get $n i32.const 1 i32.add global.set $n global.get $n))
    /// #     (core instance $i (instantiate $m))
    /// #     (func (export "next") (result u32) (canon lift (core func $i "next"))))"#;
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), composer::CompositionError> {
    /// let counter = Engines::new()?.component_from_bytes("counter.wat", COUNTER)?;
    /// let mut composer = Composer::new();
    /// composer.add(ComposableDescriptor::new("counter", counter));
    /// let prepared = composer.prepare()?;
    ///
    /// // Two compositions of one plan, each with a state of its own.
    /// let (one, two) = (prepared.compose().await?, prepared.compose().await?);
    /// for (composition, expected) in [(&one, 1u32), (&one, 2), (&two, 1)] {
    ///     let next = composition.get_func(None, "next")?;
    ///     assert_eq!(next.call_owned([]).await?, Some(expected.into()));
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub fn prepare(self) -> Result<PreparedComposition, CompositionError> {
        Ok(self.into_planned()?.link()?)
    }

    /// Plans the composition and starts it: providers before their users, each
    /// in its own store with its own task on the current tokio runtime.
    ///
    /// This is [`prepare`](Composer::prepare) and one
    /// [`PreparedComposition::compose`].
    ///
    /// # Errors
    ///
    /// Those of both. Components that had been started are stopped.
    ///
    /// # Cancellation
    ///
    /// Dropping the future stops the components that it had started.
    pub async fn compose(self) -> Result<Composition, CompositionError> {
        self.prepare()?.compose().await
    }

    /// Whether a part has an import that `import` names.
    pub(crate) fn imports(&self, import: &str) -> bool {
        let worlds = self.parts.iter().map(|part| &part.known.world);
        let mut imports = worlds.flat_map(|world| &world.imports);
        imports.any(|real| real.name.is_meant_by(import))
    }

    pub(crate) fn into_planned(self) -> Result<PlannedComposition, CompositionError> {
        Ok(PlannedComposition {
            plan: self.plan()?,
            graph: self.graph(),
            parts: self.parts,
        })
    }

    fn graph(&self) -> Graph {
        Graph {
            nodes: self.parts.iter().map(AddedPart::node).collect(),
            export_hints: self.export_hints.clone(),
            open_imports: self.open_imports.clone(),
            stream_items: STREAM_ITEMS,
            requires_all_functions: self.requires_all_functions,
            exports_only_hinted: self.exports_only_hinted,
        }
    }
}

/// A composition that has been planned and not yet linked.
pub(crate) struct PlannedComposition {
    plan: Plan,
    graph: Graph,
    parts: Vec<AddedPart>,
}

impl PlannedComposition {
    pub(crate) fn world_with_host_types(&self) -> (World, BTreeMap<ResourceId, HostType>) {
        world_with_host_types(&self.plan, &self.graph)
    }

    /// Whether this running composition is inside.
    pub(crate) fn contains(&self, composition: &Composition) -> bool {
        let mut parts = self.parts.iter();
        parts.any(|part| part.known.link.contains(composition))
    }

    /// Links every part to what the parts before it offer.
    pub(crate) fn link(self) -> Result<PreparedComposition, StartError> {
        let PlannedComposition { plan, graph, parts } = self;
        let typed = parts.iter().filter(|part| part.is_typed);
        let typed = typed.map(|part| part.name.clone()).collect();
        let parts = parts.into_iter().map(|part| (part.name.clone(), part));
        let mut added: BTreeMap<String, AddedPart> = parts.collect();
        let mut offers: Vec<Arc<ExportOffers>> = Vec::new();
        let mut parts = Vec::new();
        for component in &plan.components {
            // It is always there: the plan was made of these parts.
            let Some(part) = added.remove(&component.name) else {
                continue;
            };
            let part = part.link(component, &offers)?;
            offers.push(part.offers.clone());
            parts.push(part);
        }
        let layout = CompositionLayout {
            plan: Arc::new(plan),
            graph,
            offers,
            typed: Arc::new(typed),
        };
        Ok(PreparedComposition::new(layout, parts))
    }
}
