//! Components that are added to a running composition.

use tokio::runtime::Handle;

use crate::assembly::ComposableDescriptor;
use crate::assembly::added_part::AddedPart;
use crate::composition::change::{
    ChangeRefusal, PartsInPlanOrder, open_import_cells, plan_changed,
};
use crate::composition::{ComponentEvent, ComponentHandle, Composition, CurrentParts};
use crate::error::{AddError, PartErrors, StartError};

impl Composition {
    /// Adds a component while the composition runs.
    ///
    /// The part is planned with all that is there by the rules of
    /// [`Composer`](crate::Composer), linked and started, and only then can it be found.
    /// Its imports come from components that run, from its own linker, or from an import
    /// that the composition leaves open already. The links of all other components stay
    /// as they are.
    ///
    /// An export that another component has, too, is of several components from then on:
    /// [`get_func`](Composition::get_func) does not choose one, and functions that were
    /// found before lead where they did. [`ComponentHandle::get_func`] finds those of the
    /// new one.
    ///
    /// For a list that [`compose!`](crate::compose!) declares, the macro makes such parts
    /// (`AppParts::plugins("name", part)`), and [`List::add`](crate::List::add) returns
    /// the typed handle.
    ///
    /// ```
    /// # use std::time::Duration;
    /// use composer::{ComposableDescriptor, Composer, Engines};
    ///
    /// # const ONE: &[u8] = br#"(component
    /// #     (core module $m (func (export "n") (result i32) (i32.const 1)))
    /// #     (core instance $i (instantiate $m))
    /// #     (func (export "n") (result u32) (canon lift (core func $i "n"))))"#;
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let plugin = Engines::new()?.component_from_bytes("one.wat", ONE)?;
    /// let composition = Composer::new().compose().await?;
    /// let one = composition.add(ComposableDescriptor::new("one", plugin)).await?;
    /// assert_eq!(one.get_func(None, "n")?.call_owned([]).await?, Some(1u32.into()));
    ///
    /// one.remove(Duration::from_secs(5)).await?;
    /// assert!(composition.component("one").is_err());
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// Other changes wait until this one is done, so a component whose start takes long
    /// delays them. A `Runtime` [limits](crate::runtime::Limits) that time.
    ///
    /// # Errors
    ///
    /// [`AddError`]. The composition continues as before.
    ///
    /// # Cancellation
    ///
    /// Dropping the future leaves the composition as it was; what was started is stopped.
    pub async fn add(&self, part: ComposableDescriptor) -> Result<ComponentHandle, AddError> {
        if Handle::try_current().is_err() {
            return Err(StartError::NoRuntime.into());
        }
        let inner = &self.inner;
        // Changes are made one after another, since each plan is made from the one before.
        let _turn = inner.changing.lock().await;
        let component = part.name.clone();
        let stopped = || AddError::Stopped {
            component: component.clone(),
        };
        if self.is_closed() {
            return Err(stopped());
        }
        let present = self.present();
        let layout = &present.layout;
        if layout.index(&component).is_some() {
            return Err(AddError::Exists { component });
        }
        let new = AddedPart::read(part).map_err(|errors| PartErrors { errors })?;
        if new.known.link.contains(self) {
            return Err(AddError::Itself { component });
        }
        let mut graph = layout.graph.clone();
        graph.nodes.push(new.node());
        let unplanned = |unplanned| match unplanned {
            ChangeRefusal::Misfit(errors) => AddError::Plan {
                component: component.clone(),
                errors,
            },
            ChangeRefusal::Rewired(reason) => AddError::Rewired {
                component: component.clone(),
                reason,
            },
        };
        let plan = plan_changed(&graph, &layout.plan, &component).map_err(unplanned)?;
        let cells =
            open_import_cells(&plan, &layout.plan, self.open_import_cells()).map_err(unplanned)?;
        let place = plan.components.iter().position(|c| c.name == component);
        let index = place.ok_or_else(stopped)?;
        // Nothing is behind the new one in the plan that it could import from, so the
        // places of its sources are those before it.
        let PartsInPlanOrder {
            mut parts,
            mut offers,
        } = PartsInPlanOrder::new(&present, &plan);
        let prepared = new.link(&plan.components[index], &offers)?;
        let part = prepared.run(&parts, &cells).await?;
        parts.insert(index, part.clone());
        offers.insert(index, prepared.offers);
        let layout = layout.changed(plan, graph, offers);
        if !inner.install(CurrentParts::new(layout, parts)) {
            part.stop();
            return Err(stopped());
        }
        inner.events.send(ComponentEvent::Added { component });
        Ok(ComponentHandle {
            composition: self.clone(),
            part,
        })
    }
}
