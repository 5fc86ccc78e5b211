//! Running compositions: the handle that users hold, with lookups, status and shutdown.

mod add;
mod change;
mod check;
mod component;
mod events;
mod func;
mod layout;
pub(crate) mod lifecycle;
mod nested;
mod remove;
mod replace;
pub(crate) mod restart;
pub(crate) mod running_part;
mod shutdown;
mod status;
mod supervisor;
mod text;
mod value;
mod weak;

use std::collections::BTreeSet;
use std::fmt;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError, RwLock};

use composer_plan::{Link, Node, Plan, similar_names};
use tokio::sync::Mutex as AsyncMutex;

#[cfg(feature = "component-model-async")]
pub(crate) use check::describe;
pub use component::ComponentHandle;
pub use events::{ComponentEvent, ComponentEvents};
pub use func::ExportFunc;
#[cfg(feature = "component-model-async")]
pub(crate) use func::check_value;
pub(crate) use layout::{CompositionLayout, world_with_host_types};
pub use lifecycle::Health;
pub(crate) use running_part::RunningPart;
pub(crate) use running_part::{PendingRun, StartSpec};
pub use shutdown::Shutdown;
pub use status::{ComponentState, ComponentStatus};
pub use value::Value;
#[cfg(feature = "component-model-async")]
pub(crate) use value::{from_val, into_val};
pub use weak::WeakComposition;

use crate::boundary::binding::{ExportOffers, OpenImportCell};
use crate::composition::events::EventSender;
use crate::error::LookupError;
use crate::sync::lock;

/// Components that run and are wired to each other.
///
/// It is a handle: cloning it is cheap, and clones can be used from any task or
/// thread. When the last clone, the last [`ExportFunc`] and the last
/// [`ComponentHandle`] are gone, every component is stopped; so a host
/// function that calls back into its own composition should hold a
/// [`WeakComposition`]. [`Composition::shutdown`] ends it at a chosen moment
/// and waits for it.
#[derive(Clone)]
pub struct Composition {
    inner: Arc<CompositionInner>,
}

struct CompositionInner {
    open_import_cells: Vec<Arc<OpenImportCell>>,
    present: RwLock<Arc<CurrentParts>>,
    /// Set when no new calls from outside are taken.
    closed: AtomicBool,
    /// The components whose exports were given to an outer composition.
    given: Mutex<BTreeSet<String>>,
    /// Removed parts whose calls still end.
    ending: Mutex<Vec<EndingPart>>,
    /// Held while components are changed, because the next plan begins with this one.
    changing: AsyncMutex<()>,
    events: EventSender,
}

/// The current plan of a composition and its parts.
struct CurrentParts {
    layout: Arc<CompositionLayout>,
    /// In start order, as in the plan.
    parts: Vec<Arc<RunningPart>>,
    /// Differs from that of all others.
    version: u64,
}

impl CurrentParts {
    fn new(layout: impl Into<Arc<CompositionLayout>>, parts: Vec<Arc<RunningPart>>) -> Self {
        static VERSIONS: AtomicU64 = AtomicU64::new(0);
        CurrentParts {
            layout: layout.into(),
            parts,
            version: VERSIONS.fetch_add(1, Ordering::Relaxed),
        }
    }
}

/// A part that was removed, until its calls have ended.
struct EndingPart {
    part: Arc<RunningPart>,
    /// The components that it imports from.
    providers: Vec<String>,
}

impl Composition {
    pub(crate) fn new(
        layout: Arc<CompositionLayout>,
        open_import_cells: Vec<Arc<OpenImportCell>>,
        parts: Vec<Arc<RunningPart>>,
    ) -> Self {
        Composition {
            inner: Arc::new(CompositionInner {
                open_import_cells,
                present: RwLock::new(Arc::new(CurrentParts::new(layout, parts))),
                closed: AtomicBool::new(false),
                given: Mutex::default(),
                ending: Mutex::default(),
                changing: AsyncMutex::new(()),
                events: EventSender::new(),
            }),
        }
    }

    /// The plan that this composition carries out: the latest, if a component was
    /// [replaced](ComponentHandle::replace), [added](Composition::add) or
    /// [removed](ComponentHandle::remove).
    pub fn plan(&self) -> Arc<Plan> {
        self.present().layout.plan.clone()
    }

    /// Every import of every component and where it comes from, in start order.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), composer::CompositionError> {
    /// let composition = composer::Composer::new().compose().await?;
    /// for (component, link) in composition.resolved_imports() {
    ///     println!("{component}: {} from {:?}", link.import, link.source);
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub fn resolved_imports(&self) -> impl Iterator<Item = (String, Link)> + use<> {
        let plan = self.plan();
        let imports = plan.components.iter().flat_map(|component| {
            let links = component.links.iter();
            links.map(|link| (component.name.clone(), link.clone()))
        });
        imports.collect::<Vec<_>>().into_iter()
    }

    /// Finds an exported function: one inside `interface`, or with `None` one that is
    /// directly in a component's world.
    ///
    /// An interface is found by its exact name, by a compatible version, or by
    /// its name without a version. Methods, statics and constructors of
    /// resources are named as the component model names them:
    /// `[method]counter.increment`, `[static]counter.named`,
    /// `[constructor]counter`.
    ///
    /// # Errors
    ///
    /// [`LookupError`]: there is nothing of that name or a filter hides it,
    /// several components export it, or its values cannot leave a store.
    pub fn get_func(&self, interface: Option<&str>, name: &str) -> Result<ExportFunc, LookupError> {
        let present = self.present();
        let owner = present
            .layout
            .plan
            .export_owner(interface.unwrap_or(name))?;
        self.func_of(&present, owner.index, owner.name.as_str(), name)
    }

    /// A component of this composition, by the name it was added under.
    ///
    /// # Errors
    ///
    /// [`LookupError::Component`] with similar names.
    pub fn component(&self, name: &str) -> Result<ComponentHandle, LookupError> {
        let present = self.present();
        let Some(index) = present.layout.index(name) else {
            let components = present.layout.plan.components.iter();
            let known = components.map(|c| c.name.as_str());
            return Err(LookupError::Component {
                name: name.to_owned(),
                similar: similar_names(name, known),
            });
        };
        Ok(ComponentHandle {
            composition: self.clone(),
            part: present.parts[index].clone(),
        })
    }

    /// All components of this composition, in the order in which they were started.
    pub fn components(&self) -> Vec<ComponentHandle> {
        let present = self.present();
        let parts = present.parts.iter();
        let handle = |part: &Arc<RunningPart>| ComponentHandle {
            composition: self.clone(),
            part: part.clone(),
        };
        parts.map(handle).collect()
    }

    /// The components whose names begin with `prefix` and whose nodes are wanted, in the
    /// order in which they were added.
    pub(crate) fn elements(
        &self,
        prefix: &str,
        is_wanted: impl Fn(&Node) -> bool,
    ) -> Vec<ComponentHandle> {
        let present = self.present();
        let nodes = present.layout.graph.nodes.iter();
        let elements = nodes.filter(|node| node.name.starts_with(prefix) && is_wanted(node));
        let parts = elements.filter_map(|node| {
            let index = present.layout.index(&node.name)?;
            Some(ComponentHandle {
                composition: self.clone(),
                part: present.parts[index].clone(),
            })
        });
        parts.collect()
    }

    /// A handle that does not keep the composition running.
    pub fn downgrade(&self) -> WeakComposition {
        WeakComposition::new(&self.inner)
    }

    fn func_of(
        &self,
        present: &CurrentParts,
        part: usize,
        export: &str,
        name: &str,
    ) -> Result<ExportFunc, LookupError> {
        self.func_in(
            &present.parts[part],
            &present.layout.offers[part],
            export,
            name,
        )
    }

    /// The function of a part, which may have been removed.
    fn func_in(
        &self,
        part: &Arc<RunningPart>,
        offers: &ExportOffers,
        export: &str,
        name: &str,
    ) -> Result<ExportFunc, LookupError> {
        let index = offers.find(export);
        let offer = index.map(|index| offers.get(index));
        if let (Some(index), Some(offer)) = (index, offer)
            && let Some(func) = offer.func(name)
        {
            let export_ref = part.export_refs().of(index);
            return ExportFunc::new(self.clone(), export_ref, offer.clone(), func);
        }
        let known = offer.into_iter().flat_map(|offer| offer.names());
        Err(LookupError::Function {
            component: part.name().to_owned(),
            name: match offer {
                Some(_) => format!("`{name}` in `{export}`"),
                None => format!("`{export}`"),
            },
            similar: similar_names(name, known),
        })
    }

    fn present(&self) -> Arc<CurrentParts> {
        self.inner.present()
    }

    pub(crate) fn is_closed(&self) -> bool {
        self.inner.closed.load(Ordering::Acquire)
    }

    pub(crate) fn open_import_cells(&self) -> &[Arc<OpenImportCell>] {
        &self.inner.open_import_cells
    }

    pub(crate) fn layout(&self) -> Arc<CompositionLayout> {
        self.present().layout.clone()
    }

    /// Which parts it has, as a number that changes with them.
    pub(crate) fn version(&self) -> u64 {
        self.present().version
    }

    /// Whether `other` is this composition, or nested in it.
    pub(crate) fn contains(&self, other: &Composition) -> bool {
        Arc::ptr_eq(&self.inner, &other.inner)
            || self.nested().iter().any(|nested| nested.contains(other))
    }

    /// Gives the exports of some of these parts to an outer composition: those stay from
    /// now on. An error is the name of one that has been removed.
    fn give_out(
        &self,
        present: &CurrentParts,
        parts: impl Iterator<Item = usize>,
    ) -> Result<(), String> {
        // Removing takes this lock, too.
        let mut given = lock(&self.inner.given);
        let now = self.present();
        let mut names = Vec::new();
        for part in parts {
            let part = &present.parts[part];
            let name = part.name().to_owned();
            if !now.parts.iter().any(|there| Arc::ptr_eq(there, part)) {
                return Err(name);
            }
            names.push(name);
        }
        given.extend(names);
        Ok(())
    }

    /// Asks every component to end, users before their providers.
    pub(crate) fn stop(&self) {
        self.inner.stop();
    }
}

impl fmt::Debug for Composition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let present = self.present();
        let names: Vec<_> = present.parts.iter().map(|part| part.name()).collect();
        write!(f, "Composition({names:?})")
    }
}

impl CompositionInner {
    fn present(&self) -> Arc<CurrentParts> {
        let present = self.present.read();
        present.unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Puts other parts in place, unless the composition has been closed: what ends it
    /// then may have looked at its parts already.
    fn install(&self, next: CurrentParts) -> bool {
        let mut present = self.present.write().unwrap_or_else(PoisonError::into_inner);
        let is_open = !self.closed.load(Ordering::Acquire);
        if is_open {
            *present = Arc::new(next);
        }
        is_open
    }

    /// Takes no more calls.
    fn close(&self) {
        self.closed.store(true, Ordering::Release);
        self.events.close();
    }

    fn stop(&self) {
        self.close();
        for part in self.all_parts() {
            part.stop();
        }
    }

    /// The parts and those that are ending, users before their providers.
    fn all_parts(&self) -> Vec<Arc<RunningPart>> {
        let present = self.present();
        let ending = lock(&self.ending);
        let mut parts: Vec<_> = ending.iter().map(|ending| ending.part.clone()).collect();
        drop(ending);
        // One that is just being removed may be in both.
        let present = present.parts.iter().rev();
        let others = present.filter(|part| !parts.iter().any(|one| Arc::ptr_eq(one, part)));
        let others: Vec<_> = others.cloned().collect();
        parts.extend(others);
        parts
    }
}

impl Drop for CompositionInner {
    fn drop(&mut self) {
        self.stop();
    }
}
