//! A part that has been read, and waits for its place in a plan.

use std::sync::Arc;

use composer_plan::{HintTarget, Node, Placement, PlannedComponent, Source, World};

use crate::assembly::declared::DeclaredKind;
use crate::assembly::prepared::PreparedPart;
use crate::assembly::{ComposableDescriptor, DescribedPart, LinkedPart};
use crate::boundary::binding::{ExportOffers, PlannedSource};
use crate::boundary::link_context::LinkContext;
use crate::composition::restart::Restart;
use crate::error::{PartError, StartError};
use crate::handles::element;

/// A part whose world, host imports and hints have been read.
pub(crate) struct AddedPart {
    pub(crate) name: String,
    pub(crate) known: DescribedPart,
    /// The world that the planner sees.
    shown: Arc<World>,
    import_hints: Vec<(String, HintTarget)>,
    /// Whether `compose!` declared it, as a component of a list or as one that stays.
    is_in_list: bool,
    pub(super) is_typed: bool,
}

impl AddedPart {
    pub(crate) fn read(part: ComposableDescriptor) -> Result<Self, Vec<PartError>> {
        if let Some(reason) = name_fault(&part) {
            let name = part.name;
            return Err(vec![PartError::Name { name, reason }]);
        }
        let known = part.part.read(&part.name).map_err(|error| vec![error])?;
        let mut added = AddedPart {
            shown: known.world.clone(),
            known,
            name: part.name,
            import_hints: part.import_hints,
            is_in_list: part
                .declared
                .is_some_and(|one| one.kind == DeclaredKind::Many),
            is_typed: part
                .declared
                .is_some_and(|one| one.kind != DeclaredKind::Many),
        };
        if let Some(declared) = part.declared {
            let held = declared.hold(&added.name, &mut added.known)?;
            added.shown = held.shown;
            added.import_hints.extend(held.hints);
        }
        Ok(added)
    }

    /// Links the part to what the components of its plan offer. It imports from those
    /// before it alone.
    pub(crate) fn link(
        self,
        planned: &PlannedComponent,
        offers: &[Arc<ExportOffers>],
    ) -> Result<PreparedPart, StartError> {
        let sources = || {
            let links = planned.links.iter();
            links.map(|link| source(&link.source, offers)).collect()
        };
        let refused = planned.links.iter().map(|link| link.refused.clone());
        let settings = self.known.settings;
        let LinkedPart { offers: own, start } = self.known.link.link(LinkContext {
            name: self.name.clone(),
            world: self.known.world,
            sources: sources(),
            refused: refused.collect(),
            inbox: settings.inbox,
            data: settings.data,
            rules: None,
        })?;
        Ok(PreparedPart {
            name: self.name,
            imports: sources(),
            start: start.into(),
            offers: own,
            restart: settings.restart.unwrap_or_else(Restart::never),
        })
    }

    /// The part, as the planner sees it.
    pub(crate) fn node(&self) -> Node {
        Node {
            name: self.name.clone(),
            world: self.shown.clone(),
            in_list: self.is_in_list,
            host: self.known.host.all.clone(),
            host_in_other_version: self.known.host.in_other_version.clone(),
            host_lacking: self.known.host.lacking.clone(),
            host_types: self.known.host_types.clone(),
            import_hints: self.import_hints.clone(),
            placement: Placement::default(),
            fused: self.known.fused.clone(),
        }
    }
}

/// What is wrong with the name of a part.
fn name_fault(part: &ComposableDescriptor) -> Option<&'static str> {
    let list = part.declared.filter(|one| one.kind == DeclaredKind::Many);
    let own = match list {
        Some(list) => part.name.strip_prefix(&element(list.name, "")),
        None => Some(&*part.name),
    };
    match own {
        Some("") => Some("the name is empty"),
        Some(name) if name.chars().any(char::is_control) => {
            Some("the name contains a control character")
        }
        _ => None,
    }
}

fn source(source: &Source, offers: &[Arc<ExportOffers>]) -> PlannedSource {
    match source {
        Source::Component { index, export, .. } => {
            let offers = &offers[*index];
            match offers.find(export.as_str()) {
                Some(export) => PlannedSource::Part {
                    part: *index,
                    export,
                    offer: offers.get(export).clone(),
                },
                None => PlannedSource::Elsewhere,
            }
        }
        Source::Open { index } => PlannedSource::Open(*index),
        _ => PlannedSource::Elsewhere,
    }
}
