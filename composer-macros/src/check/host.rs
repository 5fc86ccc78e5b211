//! What an import must be for the embedder to implement a trait for it.

use composer_plan::{FuncType, Item, Name, Type, World};

use super::confined;

const FIX: &str = "list it under `linker`, and define it in the linkers of the parts \
                   that import it";

/// Why there is no trait for the import that `text` means.
pub(super) fn problem(text: &str, worlds: &[&World]) -> Option<String> {
    worlds.iter().find_map(|world| {
        let mut imports = world.imports.iter().filter(|i| i.name.is_meant_by(text));
        let reason = imports.find_map(|import| reason(world, &import.name, &import.item))?;
        Some(format!("the host's `{text}` {reason} yet\n  fix: {FIX}"))
    })
}

fn reason(world: &World, import: &Name, item: &Item) -> Option<String> {
    match item {
        Item::Func(func) => {
            let is_resource = &mut |ty: &Type| matches!(ty, Type::Own(_) | Type::Borrow(_));
            let resource = func.locate(is_resource).map(|place| {
                format!(
                    "has the resource `{}` at {}, and traits for resources are not supported",
                    place.ty.display(world),
                    place.path
                )
            });
            resource.or_else(|| unsupported_type(world, None, func))
        }
        Item::Interface(interface) => {
            let resource = interface.resources.iter().next().map(|(name, id)| {
                let verb = match &world.resource(*id).interface {
                    Some(of) if of == import => "defines",
                    _ => "uses",
                };
                format!("{verb} the resource `{name}`, and traits for resources are not supported")
            });
            let mut funcs = interface.funcs.iter();
            resource.or_else(|| {
                funcs.find_map(|(name, func)| unsupported_type(world, Some(name), func))
            })
        }
        Item::Resource(_) => {
            Some("is a resource, and traits for resources are not supported".to_owned())
        }
        _ => None,
    }
}

fn unsupported_type(world: &World, name: Option<&String>, func: &FuncType) -> Option<String> {
    let place = confined(func)?;
    let function = name.map_or(String::new(), |name| format!(" of its function `{name}`"));
    Some(format!(
        "has `{}` at {}{function}, which traits do not support",
        place.ty.display(world),
        place.path
    ))
}
