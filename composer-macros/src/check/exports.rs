//! The exports that the input declares for the composition.

use std::collections::BTreeSet;

use composer_plan::{
    Extern, FuncType, Graph, Identity, Item, Name, NameMatch, Plan, Type, World, similar_names,
};

use crate::ast::{ComponentEntry, ComposeInput, ExportEntry, text};
use crate::check::{confined, lists};
use crate::errors::{MacroErrors, any_of, details, did_you_mean};

/// Reports exports that no component has, that several have, or whose values cannot leave
/// the composition. If an entry names the component it comes from, the planner checks
/// whether that component has it.
pub(super) fn check(input: &ComposeInput, worlds: &[&World], errors: &mut MacroErrors) {
    for (i, export) in input.exports.iter().enumerate() {
        let name = export.name.value();
        let message = if input.exports[..i].iter().any(|e| e.name.value() == name) {
            Some(format!(
                "the export `{name}` is given twice\n  fix: keep one"
            ))
        } else {
            let found = FoundExports::new(input, worlds, export);
            let is_known = export.from.is_none() && (input.is_complete || !found.is_empty());
            let unclear = is_known.then(|| found.unclear()).flatten();
            unclear.or_else(|| found.confined())
        };
        if let Some(message) = message {
            errors.at(export.name.span(), message);
        }
    }
}

/// Reports exports with resources that a linker defines and that cannot leave their
/// component's store.
pub(super) fn check_resources(
    input: &ComposeInput,
    graph: &Graph,
    plan: &Plan,
    errors: &mut MacroErrors,
) -> bool {
    let mut wrong = false;
    for entry in &input.exports {
        let wanted = entry.name.value();
        // Earlier checks report an export that is missing or ambiguous.
        let Ok(owner) = plan.export_owner(&wanted) else {
            continue;
        };
        let planned = &plan.components[owner.index];
        let mut nodes = graph.nodes.iter();
        let node = nodes.find(|node| node.name == planned.name);
        let world = node.map(|node| &*node.world);
        let Some((world, export)) =
            world.and_then(|world| Some((world, world.export(owner.name.as_str())?)))
        else {
            continue;
        };
        let resource = |func: &FuncType| {
            let place = func.locate(&mut |ty| match ty {
                Type::Own(id) | Type::Borrow(id) => {
                    planned.resources.get(id.0 as usize) == Some(&Identity::Host)
                }
                _ => false,
            })?;
            match place.ty {
                Type::Own(id) | Type::Borrow(id) => Some(world.resource(*id)),
                _ => None,
            }
        };
        let found = match &export.item {
            Item::Func(func) => resource(func).map(|found| (None, found)),
            Item::Interface(interface) => {
                let mut funcs = interface.funcs.iter();
                funcs.find_map(|(name, func)| Some((Some(name), resource(func)?)))
            }
            _ => None,
        };
        let Some((function, resource)) = found else {
            continue;
        };
        let what = match function {
            Some(function) => format!("the function `{function}` of the export `{wanted}`"),
            None => format!("the export `{wanted}`"),
        };
        let message = format!(
            "{what} has the resource `{resource}`, which comes from the linker of component `{}` \
             and cannot leave its store\n  \
             fix: leave it out of `exports`, or let a component export the resource",
            owner.component
        );
        errors.at(entry.name.span(), message);
        wrong = true;
    }
    wrong
}

/// An export of a component.
#[derive(Clone, Copy)]
struct ExportCandidate<'i> {
    component: &'i ComponentEntry,
    world: &'i World,
    export: &'i Extern,
}

/// The exports that an entry can mean.
struct FoundExports<'i> {
    wanted: String,
    offers: Vec<ExportCandidate<'i>>,
    /// Everything that is exported, for messages.
    known: Vec<&'i Name>,
}

impl<'i> FoundExports<'i> {
    fn new(input: &'i ComposeInput, worlds: &[&'i World], entry: &ExportEntry) -> Self {
        let wanted = entry.name.value();
        let components = input.components.iter().zip(worlds);
        let all: Vec<ExportCandidate<'i>> = components
            .flat_map(|(component, world)| {
                let callable = world
                    .exports
                    .iter()
                    .filter(|e| matches!(e.item, Item::Func(_) | Item::Interface(_)));
                callable.map(move |export| ExportCandidate {
                    component,
                    world,
                    export,
                })
            })
            .collect();
        let known = all.iter().map(|offer| &offer.export.name).collect();
        let mut offers = all;
        offers.retain(|offer| offer.export.name.is_meant_by(&wanted));
        if let Some(from) = &entry.from {
            offers.retain(|offer| text(&offer.component.name) == text(from));
        }
        let is_exact = |offer: &ExportCandidate<'_>| {
            Name::new(&*wanted).matches(&offer.export.name) == Some(NameMatch::Exact)
        };
        if offers.iter().any(is_exact) {
            offers.retain(is_exact);
        }
        FoundExports {
            wanted,
            offers,
            known,
        }
    }

    fn is_empty(&self) -> bool {
        self.offers.is_empty()
    }

    /// Why the entry does not mean exactly one export of one component.
    fn unclear(&self) -> Option<String> {
        let wanted = &self.wanted;
        let names: BTreeSet<&Name> = self.offers.iter().map(|o| &o.export.name).collect();
        if self.offers.is_empty() {
            let similar = similar_names(wanted, self.known.iter().map(|name| name.as_str()));
            return Some(format!(
                "no component exports `{wanted}`{}\n  \
                 fix: write the name as it stands in the WIT, or add a component that exports it",
                did_you_mean(&similar)
            ));
        }
        if names.len() > 1 {
            return Some(format!(
                "the export `{wanted}` could be {}\n  \
                 fix: write the one that is meant in full, with its version",
                any_of(&names.into_iter().collect::<Vec<_>>())
            ));
        }
        let single = self.offers.iter().filter(|o| !o.component.is_list());
        let single: Vec<String> = single.map(|o| text(&o.component.name)).collect();
        let said: Vec<String> = self.offers.iter().map(ExportCandidate::said).collect();
        match (said.as_slice(), single.as_slice()) {
            // Lists export nothing of the composition's.
            (_, [_]) => None,
            (said, []) => Some(format!(
                "only lists export `{wanted}`, and a list is no single component:{}\n  fix: {}",
                details(said),
                lists::own_name_fix(wanted)
            )),
            (said, single) => {
                let hint = |component| format!("exports: {{ {wanted:?}: {component} }}");
                let hints: Vec<String> = single.iter().map(hint).collect();
                Some(format!(
                    "several components export `{wanted}`:{}\n  \
                     fix: say whose is meant, with {}",
                    details(said),
                    any_of(&hints)
                ))
            }
        }
    }

    /// The part of the export that cannot leave its component's store. A function of an
    /// interface is left out for such a part, unless no other one is left.
    fn confined(&self) -> Option<String> {
        let single = |offer: &&ExportCandidate<'_>| !offer.component.is_list();
        let ExportCandidate { world, export, .. } = self.offers.iter().find(single)?;
        let wanted = &self.wanted;
        let (what, place) = match &export.item {
            Item::Func(func) => (format!("the export `{wanted}`"), confined(func)?),
            Item::Interface(interface) => {
                let confined: Option<Vec<_>> = interface
                    .funcs
                    .iter()
                    .map(|(name, func)| Some((name, confined(func)?)))
                    .collect();
                let (name, place) = confined?.into_iter().next()?;
                (
                    format!("the function `{name}` of the export `{wanted}`"),
                    place,
                )
            }
            _ => return None,
        };
        Some(format!(
            "{what} has `{}` at {}, which cannot leave its store\n  \
             fix: leave it out of `exports`, or, if the interface is yours, pass a string or a \
             resource instead",
            place.ty.display(world),
            place.path
        ))
    }
}

impl ExportCandidate<'_> {
    fn said(&self) -> String {
        let sort = if self.component.is_list() {
            "the list"
        } else {
            "component"
        };
        let (name, export) = (text(&self.component.name), &self.export.name);
        format!("{sort} `{name}` exports `{export}`")
    }
}
