//! Exported functions that get no method: what is accepted, and would otherwise be missed
//! only where it is called.

use wit_parser::Resolve;

use crate::bindings::Bindings;
use crate::check::unused::Warning;

/// Finds the functions that the composition exports and that typed calls do not support.
pub(super) fn find(bindings: &Bindings, resolve: &Resolve) -> Vec<Warning> {
    let exported = bindings
        .modules
        .iter()
        .filter(|module| module.is_exported());
    let warning = exported.filter_map(|module| {
        let left_out = bindings.without_method(module, resolve);
        if left_out.is_empty() {
            return None;
        }
        let functions: Vec<String> = left_out
            .iter()
            .map(|(function, what)| format!("`{}` (because of {what})", function.name))
            .collect();
        let interface = module.interface.as_deref().unwrap_or_default();
        let message = format!(
            "these functions of `{interface}` have no method, since typed calls do not support \
             their types: {}; call them by `composition().get_func(Some(\"{interface}\"), ..)`",
            functions.join(", "),
        );
        Some(Warning {
            span: module.span,
            message,
        })
    });
    warning.collect()
}
