//! A component of a running composition, as its embedder sees it.

use std::fmt;
use std::sync::Arc;

use composer_plan as plan;
use composer_plan::{Export, ExportKind, Name};

use crate::boundary::binding::ExportOffers;
use crate::boundary::isolated::address::ExportRefs;
use crate::composition::{
    ComponentStatus, Composition, CurrentParts, ExportFunc, Health, RunningPart, lifecycle, status,
};
use crate::error::{CallError, LookupError};

/// One component of a [`Composition`].
///
/// It represents a place in the composition: the handle stays valid when the component is
/// started again or replaced.
#[derive(Clone)]
pub struct ComponentHandle {
    pub(super) composition: Composition,
    pub(super) part: Arc<RunningPart>,
}

impl fmt::Debug for ComponentHandle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("ComponentHandle")
            .field(&self.name())
            .finish()
    }
}

impl ComponentHandle {
    /// The name it was added under.
    pub fn name(&self) -> &str {
        self.part.name()
    }

    /// The names of what it exports, sorted.
    pub fn exports(&self) -> Vec<String> {
        let present = self.composition.present();
        let Some(index) = self.index(&present) else {
            return Vec::new();
        };
        let offers = &present.layout.offers[index];
        offers.names().map(str::to_owned).collect()
    }

    /// As [`Composition::get_func`], for this component alone.
    ///
    /// # Errors
    ///
    /// As [`Composition::get_func`]. If the component exports several versions of one
    /// interface, a name without a version can still be ambiguous.
    pub fn get_func(&self, interface: Option<&str>, name: &str) -> Result<ExportFunc, LookupError> {
        let present = self.composition.present();
        let Some(part) = self.index(&present) else {
            return Err(LookupError::Component {
                name: self.name().to_owned(),
                similar: Vec::new(),
            });
        };
        let export = match interface {
            Some(interface) => find_export(self.name(), &present.layout.offers[part], interface)?,
            None => name.to_owned(),
        };
        self.composition.func_of(&present, part, &export, name)
    }

    /// Whether the component exports an interface, or did when it was removed.
    pub(crate) fn exports_interface(&self, interface: &str) -> bool {
        find_export(self.name(), &self.part.offers(), interface).is_ok()
    }

    /// A function of this component, also if the component has been removed since: calls
    /// fail then.
    pub(crate) fn func(&self, interface: Option<&str>, name: &str) -> Option<ExportFunc> {
        let offers = self.part.offers();
        let export = match interface {
            Some(interface) => find_export(self.name(), &offers, interface).ok()?,
            None => name.to_owned(),
        };
        let found = self.composition.func_in(&self.part, &offers, &export, name);
        found.ok()
    }

    /// Whether both lead to the same component, and not only to one of the same name.
    pub(crate) fn is_same(&self, other: &ComponentHandle) -> bool {
        Arc::ptr_eq(&self.part, &other.part)
    }

    /// Its place, if it has not been removed. Another component may have its name now.
    pub(super) fn index(&self, present: &CurrentParts) -> Option<usize> {
        let mut parts = present.parts.iter();
        parts.position(|part| Arc::ptr_eq(part, &self.part))
    }

    /// The state of the component and the size of what it keeps.
    pub fn status(&self) -> ComponentStatus {
        status::of(&self.part)
    }

    /// Asks the component for its health, through its export
    /// `composer:lifecycle/lifecycle` (see `wit/lifecycle` in the repository).
    ///
    /// # Errors
    ///
    /// [`CallError`], as for any call: the component is dead, or dies of this one.
    ///
    /// # Cancellation
    ///
    /// As for any call.
    pub async fn health(&self) -> Result<Health, CallError> {
        let ExportRefs::One(address) = self.part.export_refs() else {
            return Ok(Health::Unknown);
        };
        let incarnation = address.incarnation();
        match lifecycle::find_health(&incarnation) {
            Some(func) => lifecycle::ask(&incarnation, func).await,
            None => Ok(Health::Unknown),
        }
    }

    #[cfg(test)]
    pub(crate) fn export_refs(&self) -> &ExportRefs {
        self.part.export_refs()
    }
}

/// The export of a component that `interface` means, by the rules of the whole
/// composition.
fn find_export(
    component: &str,
    offers: &ExportOffers,
    interface: &str,
) -> Result<String, LookupError> {
    let export = |name: &str| Export {
        name: Name::new(name),
        kind: ExportKind::Interface,
        components: vec![component.to_owned()],
    };
    let exports: Vec<Export> = offers.names().map(export).collect();
    let (export, _) = plan::find_export(&exports, interface)?;
    Ok(export.name.to_string())
}
