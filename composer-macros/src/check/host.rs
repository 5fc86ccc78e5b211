//! What the embedder's linkers are said to provide.

use composer_plan::{Plan, Source, World, similar_names};

use super::means;
use crate::ast::Input;
use crate::errors::{Errors, did_you_mean};

/// Reports entries that nobody imports, and those given twice.
pub(super) fn check(input: &Input, worlds: &[&World], errors: &mut Errors) -> bool {
    let mut wrong = false;
    let imports = || worlds.iter().flat_map(|world| &world.imports);
    for (i, host) in input.host.iter().enumerate() {
        let text = host.value();
        let message = if input.host[..i].iter().any(|other| other.value() == text) {
            format!("the host's `{text}` is given twice\n  fix: keep one")
        } else if !imports().any(|import| means(&text, &import.name)) {
            let similar = similar_names(&text, imports().map(|import| import.name.as_str()));
            format!(
                "the host's `{text}` is imported by no component{}\n  \
                 fix: write the name as it stands in the WIT, or remove it",
                did_you_mean(&similar)
            )
        } else {
            continue;
        };
        errors.at(host.span(), message);
        wrong = true;
    }
    wrong
}

/// Reports entries that everyone who imports them gets from elsewhere.
pub(super) fn check_used(input: &Input, plan: &Plan, errors: &mut Errors) -> bool {
    let mut wrong = false;
    for host in &input.host {
        let text = host.value();
        let mut links = plan.components.iter().flat_map(|c| &c.links);
        let about = links.clone().any(|link| means(&text, &link.import));
        if about && !links.any(|l| l.source == Source::Host && means(&text, &l.import)) {
            let message = format!(
                "the host's `{text}` is not needed, since everyone who imports it gets it from \
                 another component by a hint\n  \
                 fix: remove it, or remove the hints"
            );
            errors.at(host.span(), message);
            wrong = true;
        }
    }
    wrong
}
