//! Takes a component of components apart: each instance in it becomes a part, with what
//! it gives to others among its exports, and what the outer component says of who gets
//! what from whom becomes import hints.

mod origin;
mod outer;
mod part;
mod sections;
mod spaces;
mod wrapped;

use std::collections::BTreeMap;

use anyhow::{Context as _, Result, bail};
use wasmparser::ComponentExternalKind as Kind;

use self::origin::{Origins, Provider};
use self::outer::taken_out;
use self::part::{Given, PartBuilder};
use self::spaces::{Definition, Item, Spaces};

/// A component taken apart.
pub(super) struct Split {
    pub(super) parts: Vec<Part>,
    /// The functions that it exports, or why nobody does any more.
    pub(super) functions: BTreeMap<String, Result<ExportedFunction, String>>,
}

/// An instance of an inner component.
pub(super) struct Part {
    pub(super) name: String,
    pub(super) bytes: Vec<u8>,
    /// From which other part each import comes.
    pub(super) hints: Vec<(String, String)>,
    /// The functions and interfaces that it exports.
    pub(super) exports: Vec<String>,
}

/// Where a function of the outer component is now.
#[derive(Clone)]
pub(super) struct ExportedFunction {
    pub(super) part: String,
    /// Names of exports, of which the last is the function's.
    pub(super) path: Vec<String>,
}

/// The imports of a component.
pub(super) fn imports(bytes: &[u8]) -> Result<Vec<String>> {
    let spaces = Spaces::read(bytes)?;
    Ok(spaces.imports.iter().map(|i| i.0.to_owned()).collect())
}

impl Split {
    /// Takes a component apart.
    ///
    /// # Errors
    ///
    /// If it is anything but instances of components that are wired together.
    pub(super) fn new(bytes: &[u8]) -> Result<Self> {
        let spaces = Spaces::read(bytes)?;
        let mut taking = Taking {
            origins: Origins { spaces: &spaces },
            builders: builders(bytes, &spaces)?,
            hints: BTreeMap::new(),
            renamed: 0,
        };
        taking.each_argument(Taking::allow)?;
        taking.each_argument(Taking::argument)?;
        let functions = taking.functions();
        let Taking {
            builders,
            mut hints,
            ..
        } = taking;
        let parts = builders.into_iter().map(|(instance, builder)| Part {
            name: name(instance),
            exports: builder.exported().map(str::to_owned).collect(),
            bytes: builder.bytes,
            hints: hints.remove(&instance).unwrap_or_default(),
        });
        Ok(Split {
            parts: parts.collect(),
            functions,
        })
    }
}

/// The name of the part that an instance becomes. Parts that need nothing of each other
/// start in the order of their names, so this keeps the order of the instances.
fn name(instance: u32) -> String {
    format!("instance-{instance:02}")
}

/// A builder for each instance of an inner component.
fn builders(bytes: &[u8], spaces: &Spaces<'_>) -> Result<BTreeMap<u32, PartBuilder>> {
    let mut builders = BTreeMap::new();
    for (instance, definition) in (0..).zip(spaces.of(Kind::Instance)) {
        let Definition::Instantiated { component, .. } = definition else {
            continue;
        };
        let component = inline(spaces, *component)
            .context("it has an instance of a component that it does not define")?;
        let component = taken_out(bytes, spaces, &bytes[component])?;
        builders.insert(instance, PartBuilder::new(component)?);
    }
    if builders.is_empty() {
        bail!("it has no instances of inner components");
    }
    Ok(builders)
}

/// Where the bytes of an inner component are.
fn inline(spaces: &Spaces<'_>, component: u32) -> Option<std::ops::Range<usize>> {
    match spaces.of(Kind::Component).get(component as usize)? {
        Definition::Inline(content) => Some(content.clone()),
        Definition::Export { of } => inline(spaces, *of),
        _ => None,
    }
}

/// A component that is being taken apart.
struct Taking<'s, 'a> {
    origins: Origins<'s, 'a>,
    builders: BTreeMap<u32, PartBuilder>,
    hints: BTreeMap<u32, Vec<(String, String)>>,
    /// How many imports have got a new name.
    renamed: usize,
}

impl Taking<'_, '_> {
    fn builder(&mut self, instance: u32) -> Result<&mut PartBuilder> {
        self.builders.get_mut(&instance).context("no such instance")
    }

    /// Does something for every argument of every instance.
    fn each_argument(
        &mut self,
        act: impl Fn(&mut Self, u32, &Item<'_>) -> Result<()>,
    ) -> Result<()> {
        let spaces = self.origins.spaces;
        for (instance, definition) in (0..).zip(spaces.of(Kind::Instance)) {
            let Definition::Instantiated { arguments, .. } = definition else {
                continue;
            };
            for argument in arguments {
                let Item { name, kind, .. } = argument;
                if let Kind::Component | Kind::Module | Kind::Value = kind {
                    bail!(
                        "a {} is passed to an inner component as `{name}`",
                        kind.desc()
                    );
                }
                act(self, instance, argument).with_context(|| format!("the argument `{name}`"))?;
            }
        }
        Ok(())
    }

    /// Sees to it that an instance can be an argument, if it is to be.
    fn allow(&mut self, _: u32, argument: &Item<'_>) -> Result<()> {
        let provider = self.origins.provider(argument.kind, argument.index)?;
        let Provider::Instance {
            instance,
            given: Given::Everything,
        } = provider
        else {
            return Ok(());
        };
        self.builder(instance)?.allow_everything()
    }

    /// Has a part export what another gets of it.
    fn argument(&mut self, instance: u32, argument: &Item<'_>) -> Result<()> {
        let (by, given) = match self.origins.provider(argument.kind, argument.index)? {
            Provider::Nobody => return Ok(()),
            Provider::Import(name) if name == argument.name => return Ok(()),
            Provider::Import(name) => {
                return self.builder(instance)?.rename_import(argument.name, &name);
            }
            Provider::Instance { instance, given } => (instance, given),
        };
        let mut import = argument.name.to_owned();
        if !self.builder(by)?.takes(&import, &given) {
            if import.starts_with('[') {
                bail!("it cannot get another name, and its provider has something else of it");
            }
            self.renamed += 1;
            import = format!("renamed-{}", letters(self.renamed));
            self.builder(instance)?
                .rename_import(argument.name, &import)?;
        }
        self.builder(by)?.export(&import, &given)?;
        self.hints
            .entry(instance)
            .or_default()
            .push((import, name(by)));
        Ok(())
    }

    /// Who exports the functions of the outer component now.
    fn functions(&mut self) -> BTreeMap<String, Result<ExportedFunction, String>> {
        let spaces = self.origins.spaces;
        let exports = spaces.exports.iter();
        let functions = exports.filter(|export| export.kind == Kind::Func);
        let functions = functions.map(|export| {
            let exported = self.function(export.name, export.index);
            let exported = exported.map_err(|error| format!("{error:#}"));
            (export.name.to_owned(), exported)
        });
        functions.collect()
    }

    fn function(&mut self, exported: &str, index: u32) -> Result<ExportedFunction> {
        let Provider::Instance {
            instance,
            given: given @ Given::Export { .. },
        } = self.origins.provider(Kind::Func, index)?
        else {
            bail!("it is not an export of an inner component");
        };
        let Given::Export { path, .. } = &given else {
            bail!("it is an instance");
        };
        let mut path = path.clone();
        let builder = self.builder(instance)?;
        if let (Some(whole), 1) = (builder.whole_name(), path.len()) {
            path.insert(0, whole.to_owned());
        } else if path.len() == 1 && builder.takes(exported, &given) {
            // Under the name that the outer component gives it, so that it can be told
            // from what other parts export.
            builder.export(exported, &given)?;
            path = vec![exported.to_owned()];
        }
        Ok(ExportedFunction {
            part: name(instance),
            path,
        })
    }
}

/// A number in letters, since words of a name may not begin with digits.
fn letters(number: usize) -> String {
    let digits = number.to_string().into_bytes();
    let letters = digits
        .into_iter()
        .map(|digit| char::from(digit - b'0' + b'a'));
    letters.collect()
}
