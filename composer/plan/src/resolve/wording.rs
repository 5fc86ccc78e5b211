//! Phrases that error messages share.

use crate::resolve::dialect::Dialect;
use crate::resolve::report::{Candidate, CycleStep, Hint, NearMiss, ResourceUser};
use crate::words::{any_of, did_you_mean, every_one_of};
use crate::{Difference, HintTarget, Name};

/// Each item on a line of its own, below the sentence it belongs to. Items that read the
/// same are shown once.
pub(super) fn details<T>(items: &[T], text: impl Fn(&T) -> String) -> String {
    const MOST: usize = 8;
    let mut items: Vec<String> = items.iter().map(text).collect();
    items.dedup();
    // "and 1 more" would take the line that the item itself needs.
    let shown = if items.len() > MOST + 1 {
        MOST
    } else {
        items.len()
    };
    let mut text = String::new();
    for item in &items[..shown] {
        text.push_str(&format!("\n  - {item}"));
    }
    if shown < items.len() {
        text.push_str(&format!("\n  - and {} more", items.len() - shown));
    }
    text
}

/// The ways to satisfy an import, the likeliest first.
pub(super) fn unresolved_fix(
    component: &str,
    import: &Name,
    interface: Option<&Name>,
    near: &[NearMiss],
) -> String {
    let mut fixes = NearMiss::fixes(near, interface.unwrap_or(import));
    fixes.push(format!("define it in the linker of `{component}`"));
    fixes.extend(wasi_fix(component, import));
    let open = format!(".with_open_import({:?})", import.as_str());
    format!("{}, or leave it open with `{open}`", fixes.join(", "))
}

/// The fix for several interfaces of one package, of which this is one.
pub(super) fn missing_package_fix(component: &str, import: &Name) -> String {
    let mut fixes = vec![
        "add a component that exports them".to_owned(),
        format!("define them in the linker of `{component}`"),
    ];
    fixes.extend(wasi_fix(component, import));
    format!(
        "{}, or leave each of them open with `.with_open_import(…)`",
        fixes.join(", ")
    )
}

/// The fix for an interface of WASI that this library provides.
fn wasi_fix(component: &str, import: &Name) -> Option<String> {
    const WITH: &str = "composer::wasi::WasiComponent";
    const PACKAGES: [&str; 7] = [
        "cli",
        "clocks",
        "filesystem",
        "http",
        "io",
        "random",
        "sockets",
    ];
    let path = import.as_str().strip_prefix("wasi:")?;
    let (package, _) = path.split_once('/')?;
    let version = import.version().filter(|_| PACKAGES.contains(&package))?;
    let features = match (package, version.major, version.minor) {
        ("http", 0, 2) => ", with the feature `http`",
        ("http", 0, 3) => ", with the features `http` and `wasi-p3`",
        (_, 0, 2) => "",
        (_, 0, 3) => ", with the feature `wasi-p3`",
        _ => return None,
    };
    Some(format!("add `{component}` with WASI (`{WITH}`{features})"))
}

/// The fix for an import that the linker lacks a part of: another source for it, by a hint
/// if a component exports it.
pub(super) fn lacking_fix(hint: Option<String>) -> String {
    match hint {
        Some(hint) => format!(", or take all of it from a component with a hint such as `{hint}`"),
        None => ", or add a component that exports all of it and a hint to that".to_owned(),
    }
}

/// The hints that settle an ambiguity, or an example where they are many.
pub(super) fn ambiguous_fix(component: &str, import: &Name, candidates: &[Candidate]) -> String {
    let hint = |c: &Candidate| {
        let is_unclear = candidates
            .iter()
            .filter(|o| o.component == c.component)
            .count()
            > 1;
        let export = is_unclear.then(|| c.export.as_str());
        Hint::import_call(import.as_str(), &c.component, export)
    };
    match candidates {
        [first, _, _, _, ..] => {
            format!(
                "give component `{component}` a hint such as `{}`",
                hint(first)
            )
        }
        few => format!(
            "give component `{component}` one of the hints {}",
            any_of(few.iter().map(hint))
        ),
    }
}

/// `, such as …`, or another fix if no component exports it.
pub(super) fn found_in(dialect: &dyn Dialect, components: &[String]) -> String {
    let components = components.iter().filter(|name| dialect.can_name(name));
    let components: Vec<&String> = components.collect();
    if components.is_empty() {
        ", or remove the hint".into()
    } else {
        format!(", such as {}", any_of(components))
    }
}

/// `a → b → a`
pub(super) fn cycle_path(dialect: &dyn Dialect, steps: &[CycleStep]) -> String {
    let names = steps.iter().map(|step| step.component.as_str());
    let last = steps.last().map(|step| step.provider.as_str());
    let names = names.chain(last).map(|component| dialect.name(component));
    names.collect::<Vec<_>>().join(" → ")
}

/// The import and its provider, with the provider's name for the export if it differs.
pub(super) fn link(import: &Name, provider: &str, export: &Name) -> String {
    if import == export {
        format!("`{import}` from {provider}")
    } else {
        format!("`{import}` from {provider}, which has `{export}`")
    }
}

/// A function of an import, or `itself` for the import as a whole.
pub(super) fn about(function: &Option<String>, itself: &str) -> String {
    match function {
        Some(function) => format!("its function `{function}`"),
        None => itself.to_owned(),
    }
}

/// An import with the interface that it is, if its name is a label.
pub(super) fn labelled(import: &Name, interface: &Option<Name>) -> String {
    match interface {
        Some(interface) => format!("`{import}` (the interface `{interface}`)"),
        None => format!("`{import}`"),
    }
}

/// An import, or something within it.
pub(super) fn inside(import: &Name, item: &Option<String>) -> String {
    match item {
        Some(item) => format!("`{item}` of `{import}`"),
        None => format!("`{import}`"),
    }
}

/// The reason why a function is missing.
pub(super) fn missing(provider: &str, export: &Name, hidden: bool, similar: &[String]) -> String {
    if hidden {
        return format!("which the export filter of {provider} hides");
    }
    let proposal = did_you_mean(similar);
    format!("but `{export}` of {provider} has no such function{proposal}")
}

/// The fix for a missing function.
pub(super) fn missing_fix(
    component: &str,
    provider: &str,
    export: &Name,
    function: &str,
    hidden: bool,
) -> String {
    if hidden {
        format!("let the export filter of `{provider}` show `{export}#{function}`")
    } else {
        format!(
            "build `{provider}` against the version that `{component}` uses, \
             or hint to another component"
        )
    }
}

/// The fix for types that differ.
pub(super) fn mismatch_fix(difference: &Difference) -> &'static str {
    if difference.only_origin {
        "use import hints to give both sides the resource of one component"
    } else {
        "build both against one version of the interface, or hint to another component"
    }
}

/// A resource that would come from two sides.
pub(super) fn split(
    dialect: &dyn Dialect,
    component: &str,
    (resource, interface): (&str, Option<&Name>),
    provider: &str,
    users: &[ResourceUser],
) -> String {
    let of_interface = match interface {
        Some(interface) => format!(" of `{interface}`"),
        None => String::new(),
    };
    // All of them, as the fix is about each.
    let users_by_line = users
        .iter()
        .map(|user| format!("\n  - {}", user.text(dialect)));
    format!(
        "{} uses the resource `{resource}`{of_interface} of {} and the one of its linker, but \
         these imports have to come from one side:{}\n  fix: {}",
        dialect.component(component),
        dialect.component(provider),
        users_by_line.collect::<String>(),
        split_fix(dialect, component, provider, users)
    )
}

/// The ways to get everything that uses a resource from one side.
fn split_fix(
    dialect: &dyn Dialect,
    component: &str,
    provider: &str,
    users: &[ResourceUser],
) -> String {
    let elsewhere = users
        .iter()
        .filter(|user| user.provider.as_deref() != Some(provider));
    let (offered, lacking): (Vec<_>, Vec<_>) = elsewhere.partition(|user| user.offered);
    let name = dialect.name(provider);
    if !lacking.is_empty() {
        let lacking = every_one_of(lacking.iter().map(|user| &user.import));
        return format!(
            "take all of them from the linker, or let `{name}` export {lacking} as well"
        );
    }
    let to = HintTarget::from(provider);
    let hints = offered.iter();
    let hints = hints.map(|user| dialect.import_hint(component, &user.import, &to));
    let hints = every_one_of(hints);
    format!("take all of them from `{name}` with {hints}, or all from the linker")
}

/// A kind of item with its article.
pub(super) fn a(kind: &str) -> String {
    let article = if kind.starts_with(['a', 'e', 'i', 'o', 'u']) {
        "an"
    } else {
        "a"
    };
    format!("{article} {kind}")
}

impl Difference {
    /// A difference that is not inside a type.
    pub(super) fn of_kinds(expected: &str, found: &str) -> Self {
        Difference {
            path: "the import itself".into(),
            expected: a(expected),
            found: a(found),
            only_origin: false,
        }
    }
}
