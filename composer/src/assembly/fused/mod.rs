//! Groups of components that become one component, in one store.

mod encode;
mod group;
mod member;
mod resources;

use std::collections::BTreeMap;
use std::sync::Arc;

use composer_plan::{
    Graph, HostType, Item, Node, Placement, Plan, ResourceId, Side, World, resolve,
};
use wasmtime::component::{Component, Linker, ResourceTable};
use wasmtime::{Engine, Store};

use crate::assembly::fused::encode::{MemberBody, MemberExport};
use crate::assembly::host_imports::HostImports;
use crate::assembly::{Composable, ComposableComponent, DescribedPart};
use crate::boundary::resources::host_table::{Lending, TablePlace, ValueTable};
use crate::boundary::resources::host_types::HostTypes;
pub use crate::error::fuse::{Entangled, FuseError};
use crate::error::{PartError, PartErrors};
use crate::typed::TypedBindings;
#[cfg(feature = "runtime")]
pub(crate) use group::GroupView;
pub(crate) use group::{EncodedGroup, FusedGroup};
pub use member::FusedMember;

use crate::assembly::sealed::Part;

/// A group of components that becomes one component: one store, one linker,
/// one inbox, and calls between its members that cost nanoseconds.
///
/// Inside the group the rules are those of a [`Composer`](crate::Composer): hints,
/// filters, ambiguities, types and cycles, with the same messages. The group imports what
/// no member exports, from its linker or from the other parts of the composition that it
/// is added to; members that import compatible versions of one interface share that
/// import, in the highest version. Its exports are those of its members; a name that
/// several of them export is left out unless [a hint](FusedComponents::with_export_hint)
/// chooses one. The [`Plan`] of the composition shows the group with its members and the
/// links among them.
///
/// ```
/// use composer::fused::{FusedComponents, FusedMember};
/// use composer::{ComposableDescriptor, Composer, CompositionError};
/// use wasmtime::Engine;
///
/// # const GUESTS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/guests");
/// # fn main() -> Result<(), CompositionError> {
/// let engine = Engine::default();
/// let mut shop = FusedComponents::bare(&engine);
/// for name in ["catalog", "tax-eu", "till"] {
///     let file = format!("{GUESTS}/{name}/{name}.wasm");
///     shop.add(FusedMember::from_file(&engine, name, file)?);
/// }
///
/// let mut composer = Composer::new();
/// composer.add(ComposableDescriptor::new("shop", shop));
/// assert_eq!(
///     composer.plan()?.to_string(),
///     "components, in start order
///   shop
///     fused of
///       catalog
///       tax-eu
///       till
///         shop:catalog/prices@1.0.0 ← catalog
///         shop:tax/rates@1.0.0 ← tax-eu
/// exports
///   interface shop:catalog/prices@1.0.0 ← shop
///   interface shop:tax/rates@1.0.0 ← shop
///   interface shop:till/checkout@1.0.0 ← shop
/// "
/// );
/// # Ok(())
/// # }
/// ```
///
/// # What is given up
///
/// Members fail together: a trap in one ends them all, and is reported under the name of
/// the group. What the embedder sets on the store (fuel, an epoch deadline, a limiter)
/// applies to all of them together. They share one inbox as well.
///
/// # What is gained
///
/// Calls between members neither copy values twice nor wait for a task, and
/// whatever the component model allows may cross, streams and resources of the
/// linker included.
///
/// With [`Inlining::InterModule`](wasmtime::Inlining::InterModule) the compiler
/// looks through such calls as well. It is a setting of the engine, off by
/// default; backtraces may then lack the frames of functions that were inlined,
/// and compiling takes longer.
///
/// ```
/// use wasmtime::{Config, Engine, Inlining};
///
/// # fn main() -> wasmtime::Result<()> {
/// let mut config = Config::new();
/// config.compiler_inlining(Inlining::InterModule);
/// let engine = Engine::new(&config)?;
/// assert_eq!(engine.get_compiler_inlining(), Inlining::InterModule);
/// # Ok(())
/// # }
/// ```
///
/// # Limits and grants
///
/// A [`Runtime`](crate::Runtime) makes a component of a group, whose part has limits, grants
/// and functions of the program's like any other: `Runtime::fuse`.
///
/// # Errors
///
/// A group that cannot be made is reported by
/// [`Composer::plan`](crate::Composer::plan) and
/// [`Composer::compose`](crate::Composer::compose) as [`PartError::Fused`],
/// before anything runs; [`FuseError`] says why.
///
/// # Blocking
///
/// Members are compiled when they are loaded, to read what they import and export and to
/// check them against the engine, and the whole once more when it is added to a
/// [`Composer`](crate::Composer). With wasmtime's `Config::cache`, the next run needs
/// neither.
pub struct FusedComponents<T: 'static> {
    linker: Linker<T>,
    store_factory: Box<dyn Fn() -> Store<T> + Send + Sync>,
    members: Vec<FusedMember>,
    export_hints: Vec<(String, String)>,
    exports_only_hinted: bool,
    open_imports: Vec<String>,
    host_types: HostTypes<T>,
}

impl FusedComponents<()> {
    /// A group with nothing from its embedder: an empty linker, and an empty store.
    pub fn bare(engine: &Engine) -> Self {
        let store = engine.clone();
        FusedComponents::new(Linker::new(engine), move || Store::new(&store, ()))
    }
}

impl<T: Send + 'static> FusedComponents<T> {
    /// A group without members yet, with the linker they share and the store
    /// they will run in.
    ///
    /// Both must be of one [`Engine`], which compiles the group. As with any
    /// part, an import that the linker defines stays the embedder's, whichever
    /// members export it, unless a hint says otherwise.
    pub fn new(
        linker: Linker<T>,
        store_factory: impl Fn() -> Store<T> + Send + Sync + 'static,
    ) -> Self {
        FusedComponents {
            linker,
            store_factory: Box::new(store_factory),
            members: Vec::new(),
            export_hints: Vec::new(),
            exports_only_hinted: false,
            open_imports: Vec::new(),
            host_types: HostTypes::default(),
        }
    }

    /// Adds a member. Its name must differ from those of the other members.
    pub fn add(&mut self, member: FusedMember) -> &mut Self {
        self.members.push(member);
        self
    }

    /// Chooses the member whose export the group shows, for a name that several members
    /// export.
    pub fn with_export_hint(
        &mut self,
        export: impl Into<String>,
        member: impl Into<String>,
    ) -> &mut Self {
        self.export_hints.push((export.into(), member.into()));
        self
    }

    /// As [`Composer::export_only_hinted`](crate::Composer::export_only_hinted).
    pub fn export_only_hinted(&mut self) -> &mut Self {
        self.exports_only_hinted = true;
        self
    }

    /// Makes an import of members an import of the group, although a member exports it.
    pub fn with_open_import(&mut self, import: impl Into<String>) -> &mut Self {
        self.open_imports.push(import.into());
        self
    }

    /// Lets a resource of the embedder's leave the group's store and enter it: see
    /// [`ComposableComponent::with_host_resource`].
    pub fn with_host_resource<R: Clone + Send + 'static>(
        &mut self,
        table: fn(&mut T) -> &mut ResourceTable,
    ) -> &mut Self {
        let table = TablePlace::Data(table);
        self.host_types
            .add(ValueTable::<T, R>::new(table, Lending::clones()));
        self
    }

    /// The same for a type without `Clone`: see
    /// [`ComposableComponent::with_moved_host_resource`].
    pub fn with_moved_host_resource<R: Send + 'static>(
        &mut self,
        table: fn(&mut T) -> &mut ResourceTable,
    ) -> &mut Self {
        let table = TablePlace::Data(table);
        self.host_types
            .add(ValueTable::<T, R>::new(table, Lending::Extract));
        self
    }

    /// Makes one component of the members.
    fn fuse(mut self) -> Result<FusedGroup<T>, FuseError> {
        let encoded = self.encode()?;
        let engine = self.linker.engine();
        let component = Component::from_binary(engine, &encoded.binary).map_err(|error| {
            FuseError::Invalid {
                reason: format!("{error:#}"),
            }
        })?;
        Ok(FusedGroup {
            view: encoded.view(&component),
            part: ComposableComponent::new(component, self.linker, self.store_factory)
                .with_host_types(self.host_types),
        })
    }

    /// Makes one component of the members: a file that any host of components runs.
    ///
    /// ```
    /// use composer::fused::{FusedComponents, FusedMember};
    /// use wasmtime::Engine;
    ///
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let engine = Engine::default();
    /// let mut group = FusedComponents::bare(&engine);
    /// # let bytes = wat_of_a_component();
    /// # fn wat_of_a_component() -> Vec<u8> {
    /// #     let file = concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/guests/tax-eu/tax-eu.wasm");
    /// #     std::fs::read(file).unwrap()
    /// # }
    /// group.add(FusedMember::from_bytes(&engine, "tax", bytes)?);
    /// let bytes = group.into_bytes()?;
    /// assert!(bytes.starts_with(b"\0asm"));
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// [`FuseError`]: the members do not fit together, or not within one component.
    pub fn into_bytes(mut self) -> Result<Vec<u8>, FuseError> {
        Ok(self.encode()?.binary)
    }

    /// Plans the group, and writes the plan down as one binary.
    pub(crate) fn encode(&mut self) -> Result<EncodedGroup, FuseError> {
        if self.members.is_empty() {
            return Err(FuseError::Empty);
        }
        let mut errors = Vec::new();
        let mut graph = Graph {
            nodes: Vec::new(),
            export_hints: std::mem::take(&mut self.export_hints),
            open_imports: std::mem::take(&mut self.open_imports),
            exports_only_hinted: self.exports_only_hinted,
            // Within one store, everything crosses.
            ..Graph::default()
        };
        let mut bodies = BTreeMap::new();
        for mut member in self.members.drain(..) {
            let exports = member.world.exports.iter().map(|export| MemberExport {
                name: export.name.to_string(),
                has_types: !matches!(export.item, Item::Func(_)),
            });
            let body = MemberBody {
                exports: exports.collect(),
                types: types_beside_functions(&member.world),
                bytes: std::mem::take(&mut member.bytes),
            };
            bodies.insert(member.name.clone(), body);
            if let Err(error) = member.filter() {
                errors.push(error);
            }
            let host = HostImports::of(&self.linker, &member.world);
            let host_types = of_one_linker(&member.world);
            graph.nodes.push(Node {
                name: member.name,
                world: Arc::new(member.world),
                in_list: false,
                host: host.all,
                host_in_other_version: host.in_other_version,
                host_lacking: host.lacking,
                host_types,
                import_hints: member.import_hints,
                placement: Placement::SharedStore,
                fused: None,
            });
        }
        if !errors.is_empty() {
            return Err(FuseError::Members(PartErrors { errors }));
        }
        let plan = resolve(&graph)?;
        resources::check(&plan, &graph)?;
        let binary = encode::encode(&plan, &owners(&plan, &graph), &bodies)?;
        Ok(EncodedGroup {
            plan: Arc::new(plan),
            graph,
            binary,
        })
    }
}

/// The exports that the group shows, and their owners: the exports of the plan that
/// belong to one member, and the resources in the world of one member alone.
fn owners(plan: &Plan, graph: &Graph) -> BTreeMap<String, String> {
    let mut owners: BTreeMap<String, Vec<&str>> = BTreeMap::new();
    for export in &plan.exports {
        let owner = owners.entry(export.name.to_string()).or_default();
        owner.extend(export.components.iter().map(String::as_str));
    }
    for node in &graph.nodes {
        let exports = node.world.exports.iter();
        for export in exports.filter(|export| matches!(export.item, Item::Resource(_))) {
            let owner = owners.entry(export.name.to_string()).or_default();
            owner.push(&node.name);
        }
    }
    let sole = |(name, owners): (String, Vec<&str>)| match owners[..] {
        [owner] => Some((name, owner.to_owned())),
        _ => None,
    };
    owners.into_iter().filter_map(sole).collect()
}

/// The resources that a member may have of the group's linker: within one store, all of
/// them cross, whatever their types are.
fn of_one_linker(world: &World) -> BTreeMap<ResourceId, HostType> {
    let resources = (0..).map(ResourceId).zip(&world.resources);
    let imported = resources.filter(|(_, resource)| resource.side == Side::Import);
    imported
        .map(|(id, resource)| (id, HostType::new(resource, "resource of the linker")))
        .collect()
}

impl<T: Send + 'static> Composable for FusedComponents<T> {}

impl<T: Send + 'static> FusedComponents<T> {
    fn fuse_as(self, name: &str) -> Result<FusedGroup<T>, PartError> {
        self.fuse().map_err(|error| PartError::Fused {
            component: name.to_owned(),
            error: Box::new(error),
        })
    }
}

impl<T: Send + 'static> Part for FusedComponents<T> {
    fn read(self: Box<Self>, name: &str) -> Result<DescribedPart, PartError> {
        Box::new(self.fuse_as(name)?).read(name)
    }

    fn typed(self, name: &str, glue: &impl TypedBindings) -> Result<Box<dyn Part>, PartError> {
        // The program implements imports of the whole, so they are defined in the linker
        // once the imports of the whole are known.
        self.fuse_as(name)?.typed(name, glue)
    }
}

/// The types that stand directly in a member's world.
fn types_beside_functions(world: &World) -> Vec<String> {
    let resources = world.exports.iter().filter_map(|export| match export.item {
        Item::Resource(_) => Some(export.name.to_string()),
        _ => None,
    });
    let mut types: Vec<String> = world.types.iter().cloned().chain(resources).collect();
    types.sort();
    types.dedup();
    types
}
