//! The worlds that components are declared with.

use std::sync::Arc;

use composer_plan::{Name, World, similar_names};
use syn::LitStr;
use wit_parser::{Resolve, WorldId};

use super::Declared;
use crate::ast::Input;
use crate::errors::{Errors, any_of, did_you_mean};

/// The world of each component; `None` for one that is not there.
pub(super) fn find(input: &Input, resolve: &Resolve, errors: &mut Errors) -> Vec<Option<Declared>> {
    let known = known(resolve);
    let components = input.components.iter();
    components
        .map(|component| {
            let (name, id) = named(&component.world, &known, resolve, errors)?;
            Some(Declared {
                id: *id,
                name: name.clone(),
                world: Arc::new(World::from_wit(resolve, *id)),
            })
        })
        .collect()
}

/// Every world there is, with its name in full.
fn known(resolve: &Resolve) -> Vec<(String, WorldId)> {
    let worlds = resolve.worlds.iter().filter_map(|(id, world)| {
        let package = &resolve.packages[world.package?];
        Some((package.name.interface_id(&world.name), id))
    });
    worlds.collect()
}

fn named<'k>(
    wanted: &LitStr,
    known: &'k [(String, WorldId)],
    resolve: &Resolve,
    errors: &mut Errors,
) -> Option<&'k (String, WorldId)> {
    let text = wanted.value();
    if let Some(exact) = known.iter().find(|(name, _)| *name == text) {
        return Some(exact);
    }
    let in_any_version = |(name, _): &&(String, WorldId)| Name::new(name).base() == text;
    let found: Vec<_> = known.iter().filter(in_any_version).collect();
    let names = |found: &[&(String, WorldId)]| -> Vec<String> {
        found.iter().map(|(name, _)| name.clone()).collect()
    };
    match found.as_slice() {
        [one] => return Some(one),
        [] => {}
        several => {
            let message = format!(
                "the world `{text}` could be {}\n  \
                 fix: write the one that is meant in full, with its version",
                any_of(&names(several))
            );
            errors.at(wanted.span(), message);
            return None;
        }
    }
    let interface = resolve.interfaces.iter().any(|(id, _)| {
        let name = resolve.id_of(id).map(Name::new);
        name.is_some_and(|name| name.as_str() == text || name.base() == text)
    });
    if interface {
        let message = format!(
            "`{text}` is an interface, and a component has a world\n  \
             fix: write the name of a world that exports it"
        );
        errors.at(wanted.span(), message);
        return None;
    }
    let mut similar = similar_names(&text, known.iter().map(|(name, _)| name.as_str()));
    if similar.is_empty() {
        // Perhaps only the package is missing.
        let last = |name: &str| Name::new(name).base().rsplit('/').next() == Some(text.as_str());
        let found: Vec<_> = known.iter().filter(|(name, _)| last(name)).collect();
        similar = names(&found);
    }
    let message = format!(
        "there is no world `{text}` in the WIT{}\n  \
         fix: write the world as `namespace:package/world`, as the WIT names it",
        did_you_mean(&similar)
    );
    errors.at(wanted.span(), message);
    None
}
