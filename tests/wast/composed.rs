//! A component composed: whole, as a group that is fused, or taken apart.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use composer::fused::{FusedComponents, FusedMember};
use composer::{
    CallError, ComposableComponent, ComposableDescriptor, Composer, Composition, CompositionError,
    ExportFunc, LookupError, PlanError, StartError, Value, read_world,
};
use wasmtime::Engine;
use wasmtime::component::{Component, Linker, Val};

use super::host::{Host, define, engine, engines, provides, store};
use super::outcome::Outcome;
use super::split::{ExportedFunction, Split};
use super::value::{ListShape, RESOURCES, answer, owned};
use super::watched::{computed, watched};

/// The name of a part that is all there is.
const WHOLE: &str = "whole";

/// A composition that runs.
pub(super) struct Composed {
    composition: Composition,
    functions: Functions,
    /// Resources that were returned: nobody drops them before the file ends.
    kept: Vec<Value>,
}

/// Which functions of the composition are those of the file's component.
enum Functions {
    /// Those of one part, as they are.
    Whole,
    Of(Arc<Split>),
    /// Those of a group; of names that several members export, whose it shows.
    Grouped(Arc<Split>, BTreeMap<String, String>),
}

impl Composed {
    /// The component as one part.
    pub(super) async fn whole(bytes: &[u8]) -> Result<Self, Outcome> {
        let bytes = bytes.to_vec();
        let composer = computed(move || {
            let component = engines().component_from_bytes(WHOLE, &bytes);
            let component = component.map_err(|error| Outcome::Refused(error.to_string()))?;
            let mut composer = Composer::new();
            composer.add(descriptor(WHOLE, &component)?);
            Ok(composer)
        });
        Composed::start(composer.await??, Functions::Whole).await
    }

    /// Its inner components as parts, with a store each.
    pub(super) async fn split(bytes: &[u8]) -> Result<Self, Outcome> {
        let bytes = bytes.to_vec();
        let taken = computed(move || {
            let taken = TakenApart::new(&bytes)?;
            Ok((taken.composer()?, taken.split))
        });
        let (composer, split) = taken.await??;
        Composed::start(composer, Functions::Of(Arc::new(split))).await
    }

    /// Its inner components as members of a group.
    pub(super) async fn group(bytes: &[u8]) -> Result<Self, Outcome> {
        let bytes = bytes.to_vec();
        let group = computed(move || {
            let taken = TakenApart::new(&bytes)?;
            let shown = shown(&taken.split);
            let mut composer = Composer::new();
            composer.add(ComposableDescriptor::new(WHOLE, taken.group(&shown)?));
            Ok((composer, taken.split, shown))
        });
        let (composer, split, shown) = group.await??;
        Composed::start(composer, Functions::Grouped(Arc::new(split), shown)).await
    }

    async fn start(composer: Composer, functions: Functions) -> Result<Self, Outcome> {
        let prepared = computed(move || composer.prepare()).await?;
        let prepared = prepared.map_err(|error| Outcome::Refused(error.to_string()))?;
        let composed = watched(async move { prepared.compose().await }).await?;
        let composition = composed.map_err(|error| match error {
            CompositionError::Start(StartError::Instantiate { .. }) => {
                Outcome::of_error(error.to_string())
            }
            error => Outcome::Refused(error.to_string()),
        })?;
        Ok(Composed {
            composition,
            functions,
            kept: Vec::new(),
        })
    }

    /// Calls a function of the file's component.
    pub(super) async fn call(&mut self, name: &str, arguments: &[Val]) -> Result<Outcome, Outcome> {
        let function = self.function(name)?;
        let params = function.params().iter().zip(arguments.iter().cloned());
        let arguments: Vec<Val> = params
            .map(|((_, ty), argument)| ListShape::from(ty).of(argument))
            .collect();
        let mut results = vec![Val::Bool(false); usize::from(function.result().is_some())];
        let call = function.clone();
        let (called, arguments, results) = watched(async move {
            let called = call.call(&arguments, &mut results).await;
            (called, arguments, results)
        })
        .await?;
        match called {
            Ok(()) => Ok(Outcome::Answers(answer(&results))),
            Err(CallError::NeedsOwned { .. }) => self.call_owned(function, &arguments).await,
            Err(error) => Ok(Outcome::of_error(error.to_string())),
        }
    }

    /// Calls a function that has resources in its signature: a script can only get
    /// some.
    async fn call_owned(
        &mut self,
        function: ExportFunc,
        arguments: &[Val],
    ) -> Result<Outcome, Outcome> {
        let values: Option<Vec<Value>> = arguments.iter().map(owned).collect();
        let values = values.ok_or_else(|| {
            Outcome::Inexpressible("values with parts beside resources".to_owned())
        })?;
        let called = watched(async move { function.call_owned(values).await }).await?;
        Ok(match called {
            Ok(value) => {
                self.kept.extend(value);
                Outcome::Answers(RESOURCES.to_owned())
            }
            Err(error) => Outcome::of_error(error.to_string()),
        })
    }

    fn function(&self, name: &str) -> Result<ExportFunc, Outcome> {
        let (component, path) = match &self.functions {
            Functions::Whole => (WHOLE, vec![name.to_owned()]),
            Functions::Of(split) => {
                let exported = exported(split, name)?;
                (exported.part.as_str(), exported.path.clone())
            }
            Functions::Grouped(split, shown) => {
                let exported = exported(split, name)?;
                let path = exported.path.clone();
                if path.first().and_then(|first| shown.get(first)) != Some(&exported.part) {
                    let why = format!("the group shows another member's `{}`", path.join("/"));
                    return Err(Outcome::Inexpressible(why));
                }
                (WHOLE, path)
            }
        };
        let refused = |error: LookupError| match error {
            // No embedder can say what has to be said here.
            LookupError::Untransferable { .. } => Outcome::Inexpressible(error.to_string()),
            error => Outcome::Refused(error.to_string()),
        };
        let component = self.composition.component(component).map_err(refused)?;
        match &path[..] {
            [function] => component.get_func(None, function),
            [interface, function] => component.get_func(Some(interface), function),
            _ => {
                let why = format!("`{}` is in an interface of an interface", path.join("/"));
                return Err(Outcome::Inexpressible(why));
            }
        }
        .map_err(refused)
    }
}

fn exported<'a>(split: &'a Split, name: &str) -> Result<&'a ExportedFunction, Outcome> {
    let exported = split.functions.get(name);
    let exported = exported.ok_or_else(|| Outcome::Fails(format!("no function `{name}`")))?;
    let exported = exported.as_ref();
    exported.map_err(|why| Outcome::Inexpressible(why.clone()))
}

/// Whose export a group shows under each name: that which the file's component exports
/// if it can, or else the first.
fn shown(split: &Split) -> BTreeMap<String, String> {
    let mut shown = BTreeMap::new();
    for exported in split.functions.values().flatten() {
        let name = exported.path[0].clone();
        shown.entry(name).or_insert_with(|| exported.part.clone());
    }
    for part in &split.parts {
        for export in &part.exports {
            let owner = shown.entry(export.clone());
            owner.or_insert_with(|| part.name.clone());
        }
    }
    shown
}

/// A component taken apart, with its parts compiled.
struct TakenApart {
    split: Split,
    components: Vec<Component>,
}

impl TakenApart {
    fn new(bytes: &[u8]) -> Result<Self, Outcome> {
        let inexpressible = |error| Outcome::Inexpressible(format!("it is not split: {error:#}"));
        let split = Split::new(bytes).map_err(inexpressible)?;
        let components = split.parts.iter().map(|part| {
            let component = engines().component_from_bytes(&part.name, &part.bytes);
            component.map_err(|error| inexpressible(error.into()))
        });
        let mut taken = TakenApart {
            components: components.collect::<Result<_, _>>()?,
            split,
        };
        taken.remove_hints_for_types()?;
        Ok(taken)
    }

    /// A hint about types is a mistake to a composer.
    fn remove_hints_for_types(&mut self) -> Result<(), Outcome> {
        loop {
            let Err(CompositionError::Plan(errors)) = self.composer()?.plan() else {
                return Ok(());
            };
            let useless: BTreeSet<_> = errors
                .into_iter()
                .filter_map(|error| match error {
                    PlanError::HintUnknownName { hint, .. } | PlanError::HintForType { hint } => {
                        Some((hint.component?, (hint.name, hint.to)))
                    }
                    _ => None,
                })
                .collect();
            if useless.is_empty() {
                return Ok(());
            }
            for part in &mut self.split.parts {
                let name = part.name.clone();
                part.hints
                    .retain(|hint| !useless.contains(&(name.clone(), hint.clone())));
            }
        }
    }

    /// Its parts, each with a store of its own.
    fn composer(&self) -> Result<Composer, Outcome> {
        let mut composer = Composer::new();
        for (part, component) in self.split.parts.iter().zip(&self.components) {
            let mut descriptor = descriptor(&part.name, component)?;
            for (import, from) in &part.hints {
                descriptor = descriptor.with_import_hint(import, from);
            }
            composer.add(descriptor);
        }
        Ok(composer)
    }

    /// Its parts as members of a group.
    fn group(&self, shown: &BTreeMap<String, String>) -> Result<FusedComponents<Host>, Outcome> {
        let needs_host = self.components.iter().any(needs_host);
        let linker = linker(engine(), needs_host)?;
        let mut group = FusedComponents::new(linker, || store(engine()));
        for part in &self.split.parts {
            let member = FusedMember::from_bytes(engine(), &part.name, part.bytes.clone());
            let mut member = member.map_err(|error| Outcome::Refused(error.to_string()))?;
            for (import, from) in &part.hints {
                member = member.with_import_hint(import, from);
            }
            group.add(member);
        }
        for (export, member) in shown {
            let parts = self.split.parts.iter();
            // A hint that would change nothing is a mistake here too.
            if parts.filter(|part| part.exports.contains(export)).count() > 1 {
                group.with_export_hint(export, member);
            }
        }
        Ok(group)
    }
}

/// A component as a part, with the host's functions if it imports any.
fn descriptor(name: &str, component: &Component) -> Result<ComposableDescriptor, Outcome> {
    if !needs_host(component) {
        return Ok(ComposableDescriptor::new(name, component.clone()));
    }
    let engine = component.engine().clone();
    let linker = linker(&engine, true)?;
    let part = ComposableComponent::new(component.clone(), linker, move || store(&engine));
    Ok(ComposableDescriptor::new(name, part))
}

fn needs_host(component: &Component) -> bool {
    let world = read_world(component);
    let mut imports = world.imports.iter();
    imports.any(|import| provides(import.name.as_str()))
}

fn linker(engine: &Engine, with_host: bool) -> Result<Linker<Host>, Outcome> {
    let mut linker = Linker::new(engine);
    if with_host {
        define(&mut linker).map_err(|error| Outcome::Refused(format!("{error:#}")))?;
    }
    Ok(linker)
}
