//! The worlds and interfaces that components are declared with.

use std::sync::Arc;

use composer_plan::{Name, World, similar_names};
use syn::LitStr;
use wit_parser::{InterfaceId, Resolve, WorldId};

use crate::ast::{ComponentKind, ComposeInput};
use crate::bindings::world_name;
use crate::check::{Declaration, DeclaredComponent};
use crate::errors::{MacroErrors, any_of, did_you_mean};
use crate::load::LoadedWit;

/// The declaration of each component; `None` if its world or interface does not exist.
pub(super) fn find(
    input: &ComposeInput,
    wit: &LoadedWit,
    errors: &mut MacroErrors,
) -> Vec<Option<DeclaredComponent>> {
    let resolve = &wit.resolve;
    let known = KnownWorlds::new(resolve, wit.unread.as_deref());
    let components = input.components.iter();
    components
        .map(|component| match &component.kind {
            ComponentKind::World(wanted) => {
                let (name, id) = known.world(wanted, errors)?;
                Some(DeclaredComponent {
                    what: Declaration::World(*id),
                    name: name.clone(),
                    world: Arc::new(World::from_wit(resolve, *id)),
                })
            }
            ComponentKind::Dyn(wanted) | ComponentKind::Many(wanted) => {
                let (name, id) = known.interface(wanted, errors)?;
                Some(DeclaredComponent {
                    what: if component.is_list() {
                        Declaration::Many(*id)
                    } else {
                        Declaration::Dyn(*id)
                    },
                    name: name.clone(),
                    world: Arc::new(World::exporting(resolve, *id)),
                })
            }
        })
        .collect()
}

/// Every world and interface of the WIT, with its full name.
struct KnownWorlds<'w> {
    /// What was not read.
    unread: Option<&'w str>,
    worlds: Vec<(String, WorldId)>,
    interfaces: Vec<(String, InterfaceId)>,
}

impl<'w> KnownWorlds<'w> {
    fn new(resolve: &Resolve, unread: Option<&'w str>) -> Self {
        let worlds = resolve.worlds.iter();
        let worlds = worlds.filter_map(|(id, _)| Some((world_name(resolve, id)?, id)));
        let interfaces = resolve.interfaces.iter();
        KnownWorlds {
            unread,
            worlds: worlds.collect(),
            interfaces: interfaces
                .filter_map(|(id, _)| Some((resolve.id_of(id)?, id)))
                .collect(),
        }
    }

    fn world(&self, wanted: &LitStr, errors: &mut MacroErrors) -> Option<&(String, WorldId)> {
        let text = wanted.value();
        let found = named("world", &text, self.unread, &self.worlds, || {
            is_one_of(&text, &self.interfaces).then(|| {
                format!(
                    "`{text}` is an interface, and a component has a world\n  \
                     fix: write the name of a world that exports it, or `dyn {text:?}` \
                     if no more is known of the component before the program runs"
                )
            })
        });
        found
            .map_err(|message| errors.at(wanted.span(), message))
            .ok()
    }

    fn interface(
        &self,
        wanted: &LitStr,
        errors: &mut MacroErrors,
    ) -> Option<&(String, InterfaceId)> {
        let text = wanted.value();
        let found = named("interface", &text, self.unread, &self.interfaces, || {
            is_one_of(&text, &self.worlds).then(|| {
                format!(
                    "`{text}` is a world, and `dyn` wants an interface that the component exports\
                     \n  fix: write the name of the interface, or `{text:?}` without `dyn`"
                )
            })
        });
        found
            .map_err(|message| errors.at(wanted.span(), message))
            .ok()
    }
}

fn is_one_of<Id>(text: &str, known: &[(String, Id)]) -> bool {
    known.iter().any(|(name, _)| is_named(name, text))
}

fn is_named(name: &str, text: &str) -> bool {
    name == text || Name::new(name).base() == text
}

/// The one item of this name, or a message that says why there is none. `other` gives the
/// message for a name that belongs to an item of the other kind.
fn named<'k, Id>(
    sort: &str,
    text: &str,
    unread: Option<&str>,
    known: &'k [(String, Id)],
    other: impl FnOnce() -> Option<String>,
) -> Result<&'k (String, Id), String> {
    if let Some(exact) = known.iter().find(|(name, _)| name == text) {
        return Ok(exact);
    }
    let names = |wanted: &dyn Fn(&str) -> bool| -> Vec<&'k (String, Id)> {
        known.iter().filter(|(name, _)| wanted(name)).collect()
    };
    let in_any_version = names(&|name| is_named(name, text));
    match in_any_version.as_slice() {
        [one] => return Ok(one),
        [] => {}
        several => {
            return Err(format!(
                "the {sort} `{text}` could be {}\n  \
                 fix: write the one that is meant in full, with its version",
                any_of(&several.iter().map(|(name, _)| name).collect::<Vec<_>>())
            ));
        }
    }
    if let Some(message) = other() {
        return Err(message);
    }
    let mut similar = similar_names(text, known.iter().map(|(name, _)| name.as_str()));
    if similar.is_empty() {
        // The text may lack the package.
        let found = names(&|name| Name::new(name).base().rsplit('/').next() == Some(text));
        similar = found.iter().map(|(name, _)| name.clone()).collect();
    }
    let unread = unread.map_or(String::new(), |unread| format!("\n  {unread}"));
    Err(format!(
        "there is no {sort} `{text}` in the WIT{}{unread}\n  \
         fix: write the {sort} as `namespace:package/{sort}`, as the WIT names it",
        did_you_mean(&similar)
    ))
}
