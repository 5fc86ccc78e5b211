//! The syntax tree of the macro's input, with the tokens that errors point to.

use syn::ext::IdentExt;
use syn::{Ident, LitStr, Path};

/// One `compose!`.
pub(crate) struct ComposeInput {
    /// Folders or files of WIT, relative to the crate's manifest.
    pub(crate) paths: Vec<LitStr>,
    /// Inline WIT text.
    pub(crate) inline: Option<LitStr>,
    /// The names of the unstable WIT features to enable.
    pub(crate) features: Vec<LitStr>,
    /// The name of the generated composition type.
    pub(crate) composition: Ident,
    pub(crate) components: Vec<ComponentEntry>,
    pub(crate) hints: Vec<ImportHints>,
    /// Imports for which the embedder implements traits.
    pub(crate) host: Vec<HostImport>,
    /// Functions of those whose methods have a form of their own.
    pub(crate) host_functions: Vec<HostFunctionForm>,
    /// The Rust types of resources that the embedder implements.
    pub(crate) with: Vec<WithType>,
    /// The traits that records, variants and enums derive, too.
    pub(crate) additional_derives: Vec<Path>,
    /// Imports that the linkers of the parts provide.
    pub(crate) linker: Vec<LitStr>,
    /// The WASI versions that the linkers of the parts provide.
    pub(crate) wasi: Vec<Ident>,
    /// Imports that are left open.
    pub(crate) open: Vec<LitStr>,
    pub(crate) exports: Vec<ExportEntry>,
    /// The path of the `composer` crate.
    pub(crate) krate: Option<Path>,
    /// Whether all of it could be read. If not, what is missing elsewhere may be a
    /// consequence of what could not be read.
    pub(crate) is_complete: bool,
}

/// `till: "shop:till/till"`
pub(crate) struct ComponentEntry {
    pub(crate) name: Ident,
    pub(crate) kind: ComponentKind,
}

/// How much the macro knows about a component at compile time.
pub(crate) enum ComponentKind {
    /// Its world: `"shop:till/till"`.
    World(LitStr),
    /// Only an interface that it exports: `dyn "shop:tax/rates"`.
    Dyn(LitStr),
    /// An interface that each of any number of components exports:
    /// `[dyn "plugin:host/plugin"]`.
    Many(LitStr),
}

impl ComponentEntry {
    /// Whether the entry stands for any number of components.
    pub(crate) fn is_list(&self) -> bool {
        matches!(self.kind, ComponentKind::Many(_))
    }

    /// Whether the component's imports are known only at run time.
    pub(crate) fn is_dyn(&self) -> bool {
        matches!(self.kind, ComponentKind::Dyn(_) | ComponentKind::Many(_))
    }
}

/// `"shop:host/clock"` or `async trappable "shop:host/db"`
pub(crate) struct HostImport {
    pub(crate) name: LitStr,
    /// The methods of its trait are async.
    pub(crate) is_async: bool,
    /// The methods of its trait may fail with a trap.
    pub(crate) trappable: bool,
}

/// `async "shop:host/db#load"`
pub(crate) struct HostFunctionForm {
    pub(crate) entry: HostImport,
    /// The text before the `#`.
    pub(crate) interface: String,
    /// The text behind it.
    pub(crate) function: String,
}

impl HostFunctionForm {
    /// The entry, if its name is that of a function of an interface.
    fn of(entry: HostImport) -> Result<Self, HostImport> {
        match entry.name.value().split_once('#') {
            Some((interface, function)) => Ok(HostFunctionForm {
                interface: interface.to_owned(),
                function: function.to_owned(),
                entry,
            }),
            None => Err(entry),
        }
    }

    /// The entries about whole imports, and those about one function.
    pub(crate) fn apart(entries: Vec<HostImport>) -> (Vec<HostImport>, Vec<Self>) {
        let mut forms = Vec::new();
        let whole = entries
            .into_iter()
            .filter_map(|entry| match Self::of(entry) {
                Ok(form) => {
                    forms.push(form);
                    None
                }
                Err(entry) => Some(entry),
            });
        (whole.collect(), forms)
    }

    /// Whether the entry means the function of this name. `counter.increment` stands for
    /// `[method]counter.increment`.
    pub(crate) fn means(&self, function: &str) -> bool {
        self.function == function || self.function == plain_name(function)
    }
}

/// `counter.increment` of `[method]counter.increment`.
pub(crate) fn plain_name(function: &str) -> &str {
    function.split_once(']').map_or(function, |(_, rest)| rest)
}

/// `"plugin:host/context.context": crate::Context`
pub(crate) struct WithType {
    /// The resource.
    pub(crate) name: LitStr,
    pub(crate) path: Path,
}

/// `till: { "shop:tax/rates": tax }`
pub(crate) struct ImportHints {
    pub(crate) component: Ident,
    pub(crate) hints: Vec<ImportHint>,
}

/// `"shop:tax/rates": tax` or `"rates": tax["shop:tax/rates"]`
pub(crate) struct ImportHint {
    pub(crate) name: LitStr,
    pub(crate) to: Ident,
    /// The export of that component that is meant.
    pub(crate) export: Option<LitStr>,
}

/// `"shop:till/checkout"` or `"shop:till/checkout": till`
pub(crate) struct ExportEntry {
    pub(crate) name: LitStr,
    pub(crate) from: Option<Ident>,
}

/// The name as the planner spells it.
pub(crate) fn text(ident: &Ident) -> String {
    ident.unraw().to_string()
}
