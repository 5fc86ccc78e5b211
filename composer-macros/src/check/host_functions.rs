//! The entries of `host` that are about one function of an interface.

use composer_plan::{Name, similar_names};
use wit_parser::{Function, Resolve};

use crate::ast::{ComposeInput, HostFunctionForm, plain_name};
use crate::bindings::HostFunction;
use crate::check::host::{TraitOf, interfaces};
use crate::check::provided::means;
use crate::errors::{MacroErrors, did_you_mean};

/// The forms of the functions of an interface that have one of their own.
pub(super) fn forms(
    input: &ComposeInput,
    of: &TraitOf,
    name: &str,
    resolve: &Resolve,
) -> Vec<(String, HostFunction)> {
    let TraitOf::Interface(id) = of else {
        return Vec::new();
    };
    let name = Name::new(name);
    let entries = input.host_functions.iter();
    let entries = entries.filter(|entry| means(&entry.interface, &name));
    let forms = entries.flat_map(|form| {
        let functions = resolve.interfaces[*id].functions.keys();
        let meant = functions.filter(|function| form.means(function));
        let hosted = HostFunction {
            is_async: form.entry.is_async,
            trappable: form.entry.trappable,
        };
        meant.map(move |function| (function.clone(), hosted))
    });
    forms.collect()
}

/// Reports entries that are about no function, and those that change nothing.
pub(super) fn check(input: &ComposeInput, resolve: &Resolve, errors: &mut MacroErrors) {
    for (place, form) in input.host_functions.iter().enumerate() {
        if let Some(message) = problem(input, &input.host_functions[..place], form, resolve) {
            errors.at(form.entry.name.span(), message);
        }
    }
    for entry in input.host.iter().filter(|entry| entry.is_async) {
        let name = entry.name.value();
        let mut functions = functions_of(&name, resolve).peekable();
        // Functions and resources of a world are not among these.
        if functions.peek().is_some() && functions.all(|(_, function)| function.kind.is_async()) {
            let message = format!(
                "`async {name:?}` changes nothing: all its functions are `async` in the WIT\n  \
                 fix: remove `async`"
            );
            errors.at(entry.name.span(), message);
        }
    }
}

fn problem(
    input: &ComposeInput,
    before: &[HostFunctionForm],
    form: &HostFunctionForm,
    resolve: &Resolve,
) -> Option<String> {
    let HostFunctionForm {
        entry,
        interface,
        function,
    } = form;
    let text = entry.name.value();
    let mut meant = interfaces(interface, resolve).map(|(name, _)| Name::new(name));
    let is_hosted = |name: &Name| {
        input
            .host
            .iter()
            .any(|host| means(&host.name.value(), name))
    };
    if !meant.any(|name| is_hosted(&name)) {
        return Some(format!(
            "`{text}` is about a function of `{interface}`, which is not under `host`\n  \
             fix: list `{interface:?}` under `host`, too"
        ));
    }
    let known: Vec<(&str, &Function)> = functions_of(interface, resolve).collect();
    let Some((_, found)) = known.iter().find(|(name, _)| form.means(name)) else {
        let similar = similar_names(function, known.iter().map(|(name, _)| plain_name(name)));
        return Some(format!(
            "`{interface}` has no function `{function}`{}\n  \
             fix: write the name as it stands in the WIT, `counter.increment` for a method",
            did_you_mean(&similar)
        ));
    };
    let same = |other: &HostFunctionForm| {
        let of = |text: &str| {
            interfaces(text, resolve)
                .map(|(_, id)| id)
                .collect::<Vec<_>>()
        };
        of(&other.interface) == of(interface) && other.means(&found.name)
    };
    if before.iter().any(same) {
        return Some(format!("`{text}` is given twice\n  fix: keep one"));
    }
    if entry.is_async && found.kind.is_async() {
        return Some(format!(
            "`async {text:?}` changes nothing: the function is `async` in the WIT\n  \
             fix: remove `async`, or the entry if nothing else is before the name"
        ));
    }
    let of_all = input.host.iter().find(|host| {
        let mut meant = interfaces(interface, resolve);
        meant.any(|(name, _)| means(&host.name.value(), &Name::new(name)))
    })?;
    let is_async = of_all.is_async && !found.kind.is_async();
    let is_same = (entry.is_async, entry.trappable) == (is_async, of_all.trappable);
    is_same.then(|| {
        format!(
            "`{text}` changes nothing: the whole interface has the same words before its name\n  \
             fix: remove the entry, or write `async` or `trappable` before it"
        )
    })
}

/// The functions of the interfaces that a text means.
fn functions_of<'r>(
    text: &str,
    resolve: &'r Resolve,
) -> impl Iterator<Item = (&'r str, &'r Function)> {
    let meant: Vec<_> = interfaces(text, resolve).map(|(_, id)| id).collect();
    let functions = meant
        .into_iter()
        .flat_map(|id| &resolve.interfaces[id].functions);
    functions.map(|(name, function)| (&**name, function))
}
