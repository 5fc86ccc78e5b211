//! The handle that users hold: lookups, state and the end.

mod check;
mod func;
mod shutdown;
mod status;
mod text;
mod value;

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, Weak};

use composer_plan::{
    Export, ExportKind, Graph, Link, Name, Plan, World, find_export, similar_names,
};

pub use func::ExportFunc;
pub use shutdown::Shutdown;
pub use status::{ComponentState, ComponentStatus};
pub use value::Value;

use crate::composable::{Life, Started};
use crate::error::LookupError;
use crate::instance::{Activity, Callee, Slot, lock};
use crate::link::{Offers, Slots, Socket};

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
    inner: Arc<Inner>,
}

struct Inner {
    layout: Arc<Layout>,
    sockets: Vec<Arc<Socket>>,
    /// The parts in start order.
    parts: Vec<Part>,
    activity: Arc<Activity>,
    /// Set when no new calls from outside are taken.
    closed: AtomicBool,
}

/// What is the same in all runs of one plan.
pub(crate) struct Layout {
    pub(crate) plan: Plan,
    pub(crate) graph: Graph,
    /// What each component of the plan offers.
    pub(crate) offers: Vec<Arc<Offers>>,
}

impl Layout {
    /// What the composition imports and exports as a whole.
    pub(crate) fn world(&self) -> World {
        self.plan.world(&self.graph)
    }

    /// The component behind an export of the whole, and its place among what
    /// that component offers; ambiguous names are nobody's.
    pub(crate) fn find_export(&self, name: &str) -> Option<(usize, usize)> {
        let mut exports = self.plan.exports.iter();
        let export = exports.find(|export| export.name.as_str() == name)?;
        let [component] = export.components.as_slice() else {
            return None;
        };
        let part = self.index(component)?;
        Some((part, self.offers[part].find(name)?))
    }

    fn index(&self, component: &str) -> Option<usize> {
        let mut components = self.plan.components.iter();
        components.position(|known| known.name == component)
    }
}

/// A part as it comes from its start.
pub(crate) struct RunningPart {
    pub(crate) slots: Slots,
    pub(crate) life: Life,
}

impl From<Started> for RunningPart {
    fn from(Started { slots, life }: Started) -> Self {
        RunningPart { slots, life }
    }
}

struct Part {
    slots: Slots,
    /// Taken by whoever waits for the end.
    life: Mutex<Option<Life>>,
}

impl Composition {
    pub(crate) fn new(
        layout: Arc<Layout>,
        sockets: Vec<Arc<Socket>>,
        parts: Vec<RunningPart>,
        activity: Arc<Activity>,
    ) -> Self {
        let part = |part: RunningPart| Part {
            slots: part.slots,
            life: Mutex::new(Some(part.life)),
        };
        Composition {
            inner: Arc::new(Inner {
                layout,
                sockets,
                parts: parts.into_iter().map(part).collect(),
                activity,
                closed: AtomicBool::new(false),
            }),
        }
    }

    /// The plan that this composition carries out.
    pub fn plan(&self) -> &Plan {
        &self.inner.layout.plan
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
    pub fn resolved_imports(&self) -> impl Iterator<Item = (&str, &Link)> {
        let components = self.plan().components.iter();
        components.flat_map(|c| c.links.iter().map(|link| (c.name.as_str(), link)))
    }

    /// Finds an exported function: one inside `interface`, or with `None` one
    /// that stands directly in a component's world.
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
        let owner = self.plan().export_owner(interface.unwrap_or(name))?;
        self.func_of(owner.index, owner.name.as_str(), name)
    }

    /// A component of this composition, by the name it was added under.
    ///
    /// # Errors
    ///
    /// [`LookupError::Component`] with the names that come near.
    pub fn component(&self, name: &str) -> Result<ComponentHandle, LookupError> {
        let Some(index) = self.inner.layout.index(name) else {
            let known = self.plan().components.iter().map(|c| c.name.as_str());
            return Err(LookupError::Component {
                name: name.to_owned(),
                similar: similar_names(name, known),
            });
        };
        Ok(ComponentHandle {
            composition: self.clone(),
            index,
        })
    }

    /// A handle that does not keep the composition running.
    pub fn downgrade(&self) -> WeakComposition {
        WeakComposition(Arc::downgrade(&self.inner))
    }

    fn func_of(&self, part: usize, export: &str, name: &str) -> Result<ExportFunc, LookupError> {
        let offers = &self.inner.layout.offers[part];
        let index = offers.find(export);
        let offer = index.map(|index| offers.get(index));
        if let (Some(index), Some(func)) = (index, offer.and_then(|offer| offer.func(name))) {
            let slot = self.slot(part, index);
            return ExportFunc::new(self.clone(), Callee { slot, func });
        }
        let known = offer.into_iter().flat_map(|offer| offer.names());
        Err(LookupError::Function {
            component: self.plan().components[part].name.clone(),
            name: match offer {
                Some(_) => format!("`{name}` in `{export}`"),
                None => format!("`{export}`"),
            },
            similar: similar_names(name, known),
        })
    }

    /// Where an export of a part runs.
    pub(crate) fn slot(&self, part: usize, export: usize) -> Arc<Slot> {
        self.inner.parts[part].slots.of(export).clone()
    }

    pub(crate) fn is_closed(&self) -> bool {
        self.inner.closed.load(Ordering::Acquire)
    }

    pub(crate) fn sockets(&self) -> &[Arc<Socket>] {
        &self.inner.sockets
    }

    pub(crate) fn layout(&self) -> &Layout {
        &self.inner.layout
    }

    /// What each component imports and lets others see, by name.
    pub(crate) fn component_worlds(&self) -> impl Iterator<Item = (&str, &World)> {
        let nodes = self.inner.layout.graph.nodes.iter();
        nodes.map(|node| (node.name.as_str(), &*node.world))
    }

    /// Asks every component to end, users before their providers.
    pub(crate) fn stop(&self) {
        self.inner.stop();
    }
}

impl Inner {
    fn stop(&self) {
        self.closed.store(true, Ordering::Release);
        for part in self.parts.iter().rev() {
            if let Some(life) = &*lock(&part.life) {
                life.stop();
            }
        }
    }
}

impl Drop for Inner {
    fn drop(&mut self) {
        self.stop();
    }
}

/// A handle to a [`Composition`] that does not keep it running.
#[derive(Clone)]
pub struct WeakComposition(Weak<Inner>);

impl WeakComposition {
    /// The composition, if anybody still holds it.
    pub fn upgrade(&self) -> Option<Composition> {
        let inner = self.0.upgrade()?;
        Some(Composition { inner })
    }
}

/// One component of a [`Composition`].
#[derive(Clone)]
pub struct ComponentHandle {
    composition: Composition,
    index: usize,
}

impl ComponentHandle {
    /// The name it was added under.
    pub fn name(&self) -> &str {
        &self.composition.plan().components[self.index].name
    }

    /// The names of what it exports, sorted.
    pub fn exports(&self) -> impl Iterator<Item = &str> {
        self.composition.inner.layout.offers[self.index].names()
    }

    /// As [`Composition::get_func`], for this component alone.
    ///
    /// # Errors
    ///
    /// As [`Composition::get_func`]; several versions of one interface can
    /// still make a name without one unclear.
    pub fn get_func(&self, interface: Option<&str>, name: &str) -> Result<ExportFunc, LookupError> {
        let export = match interface {
            Some(interface) => self.find_export(interface)?,
            None => name.to_owned(),
        };
        self.composition.func_of(self.index, &export, name)
    }

    /// How the component fares.
    pub fn status(&self) -> ComponentStatus {
        status::of(self.part())
    }

    /// The export that `interface` means, by the rules of the whole composition.
    fn find_export(&self, interface: &str) -> Result<String, LookupError> {
        let export = |name: &str| Export {
            name: Name::new(name),
            kind: ExportKind::Interface,
            components: vec![self.name().to_owned()],
        };
        let exports: Vec<Export> = self.exports().map(export).collect();
        let (export, _) = find_export(&exports, interface)?;
        Ok(export.name.to_string())
    }

    fn part(&self) -> &Part {
        &self.composition.inner.parts[self.index]
    }
}
