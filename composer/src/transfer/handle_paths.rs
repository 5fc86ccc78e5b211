//! The paths to handles in types.

use std::ops::ControlFlow;
#[cfg(feature = "component-model-async")]
use std::sync::Arc;

use composer_plan::{FuncType, ResourceId, Type};
use wasmtime::component::Val;

#[cfg(all(feature = "fast-transfer", feature = "component-model-async"))]
use crate::transfer::AbiImage;
#[cfg(feature = "component-model-async")]
use crate::transfer::Payload;
use crate::transfer::{CallValues, HandlePlace, Visit};

/// How a resource is passed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ownership {
    /// The callee becomes its owner.
    Own,
    /// The callee may use it until the call ends.
    Borrow,
}

/// What a handle in a value stands for, by the value's type.
#[derive(Clone, Debug)]
pub(crate) enum HandleType {
    Resource(Ownership, ResourceId),
    #[cfg(feature = "component-model-async")]
    Stream(Arc<Payload>),
    #[cfg(feature = "component-model-async")]
    Future(Arc<Payload>),
}

/// A type, pruned to the paths that lead to handles. Types without handles have none, and
/// their values are not walked at all.
#[derive(Clone, Debug)]
pub(crate) enum HandlePaths {
    Handle(HandleType),
    /// Every element of a list, or the inside of an option.
    Each(Box<HandlePaths>),
    /// Keys and values of a map.
    Entries(Option<Box<HandlePaths>>, Option<Box<HandlePaths>>),
    /// The named positions of a record or tuple.
    Fields(Vec<(usize, HandlePaths)>),
    /// The cases of a variant that hold handles.
    Cases(Vec<(String, HandlePaths)>),
    /// `ok` and `err` of a result.
    Sides(Option<Box<HandlePaths>>, Option<Box<HandlePaths>>),
}

/// The handle paths of a signature.
#[derive(Clone, Debug, Default)]
pub(crate) struct FuncHandlePaths {
    params: SidePaths,
    results: SidePaths,
}

/// The handle paths of all parameters, of the result, or of the items of a stream.
#[derive(Clone, Debug, Default)]
pub(crate) struct SidePaths {
    recipes: Vec<Option<HandlePaths>>,
    /// The handle at each place for one in the types.
    places: Vec<HandleType>,
}

/// A callback for every handle among some values.
pub(crate) type HandleVisitor<'v, E> =
    dyn FnMut(&HandleType, HandlePlace<'_>) -> Result<(), E> + 'v;

impl FuncHandlePaths {
    pub(crate) fn new(ty: &FuncType) -> Self {
        FuncHandlePaths {
            params: SidePaths::new(ty.params.iter().map(|(_, ty)| ty)),
            results: SidePaths::new(ty.result.iter()),
        }
    }

    /// Whether any value of the signature can hold a handle.
    #[inline]
    pub(crate) fn has_handles(&self) -> bool {
        !self.params.places.is_empty() || !self.results.places.is_empty()
    }

    /// Visits every handle among the arguments, in order.
    pub(crate) fn visit_args<E>(
        &self,
        args: &mut CallValues,
        visit: &mut HandleVisitor<'_, E>,
    ) -> Result<(), E> {
        self.params.visit(args, visit)
    }

    /// Visits every handle in the results, in order.
    pub(crate) fn visit_results<E>(
        &self,
        results: &mut CallValues,
        visit: &mut HandleVisitor<'_, E>,
    ) -> Result<(), E> {
        self.results.visit(results, visit)
    }
}

impl SidePaths {
    pub(crate) fn new<'a>(types: impl Iterator<Item = &'a Type>) -> Self {
        let mut places = Vec::new();
        let recipes = types.map(HandlePaths::new).collect::<Vec<_>>();
        for recipe in recipes.iter().flatten() {
            recipe.places(&mut places);
        }
        SidePaths { recipes, places }
    }

    #[cfg(all(feature = "fast-transfer", feature = "component-model-async"))]
    pub(crate) fn has_handles(&self) -> bool {
        !self.places.is_empty()
    }

    fn visit<E>(&self, values: &mut CallValues, visit: &mut HandleVisitor<'_, E>) -> Result<(), E> {
        if self.places.is_empty() {
            return Ok(());
        }
        match values {
            CallValues::Dynamic(vals) => {
                for (recipe, val) in self.recipes.iter().zip(vals) {
                    if let Some(recipe) = recipe {
                        recipe.visit(val, visit)?;
                    }
                }
                Ok(())
            }
            CallValues::Static(values) => self.numbered(visit, |visit| values.visit(visit)),
            #[cfg(feature = "fast-transfer")]
            CallValues::Image(abi_image) => self.numbered(visit, |visit| abi_image.visit(visit)),
            #[cfg(feature = "fast-transfer")]
            CallValues::Scalars(_) => Ok(()),
        }
    }

    /// Visits every handle in an image, in order.
    #[cfg(all(feature = "fast-transfer", feature = "component-model-async"))]
    pub(crate) fn visit_image<E>(
        &self,
        abi_image: &mut AbiImage,
        visit: &mut HandleVisitor<'_, E>,
    ) -> Result<(), E> {
        match self.places.is_empty() {
            true => Ok(()),
            false => self.numbered(visit, |visit| abi_image.visit(visit)),
        }
    }

    /// Visits handles that carry the number of their place in the types.
    fn numbered<E>(
        &self,
        visit: &mut HandleVisitor<'_, E>,
        each: impl FnOnce(&mut Visit<'_>) -> ControlFlow<()>,
    ) -> Result<(), E> {
        let mut outcome = Ok(());
        let stopped = each(&mut |place, handle| {
            let Some(ty) = self.places.get(place) else {
                return ControlFlow::Continue(());
            };
            outcome = visit(ty, HandlePlace::Static(handle));
            match outcome {
                Ok(()) => ControlFlow::Continue(()),
                Err(_) => ControlFlow::Break(()),
            }
        });
        let _ = stopped;
        outcome
    }
}

impl HandlePaths {
    fn new(ty: &Type) -> Option<HandlePaths> {
        let boxed = |t: &Type| HandlePaths::new(t).map(Box::new);
        Some(match ty {
            Type::Own(id) => HandlePaths::Handle(HandleType::Resource(Ownership::Own, *id)),
            Type::Borrow(id) => HandlePaths::Handle(HandleType::Resource(Ownership::Borrow, *id)),
            #[cfg(feature = "component-model-async")]
            Type::Stream(item) => HandlePaths::Handle(HandleType::Stream(Payload::of_stream(item))),
            #[cfg(feature = "component-model-async")]
            Type::Future(item) => HandlePaths::Handle(HandleType::Future(Payload::of_future(item))),
            Type::List(t) | Type::FixedLengthList(t, _) | Type::Option(t) => {
                HandlePaths::Each(boxed(t)?)
            }
            Type::Map(k, v) => match (boxed(k), boxed(v)) {
                (None, None) => return None,
                (k, v) => HandlePaths::Entries(k, v),
            },
            Type::Record(fields) => HandlePaths::fields(fields.iter().map(|(_, t)| t))?,
            Type::Tuple(types) => HandlePaths::fields(types.iter())?,
            Type::Variant(cases) => {
                let cases: Vec<_> = cases
                    .iter()
                    .filter_map(|(name, t)| Some((name.clone(), HandlePaths::new(t.as_ref()?)?)))
                    .collect();
                if cases.is_empty() {
                    return None;
                }
                HandlePaths::Cases(cases)
            }
            Type::Result(sides) => {
                let (ok, err) = &**sides;
                match (ok.as_ref().and_then(boxed), err.as_ref().and_then(boxed)) {
                    (None, None) => return None,
                    (ok, err) => HandlePaths::Sides(ok, err),
                }
            }
            _ => return None,
        })
    }

    fn fields<'a>(types: impl Iterator<Item = &'a Type>) -> Option<HandlePaths> {
        let fields: Vec<_> = types
            .enumerate()
            .filter_map(|(i, t)| Some((i, HandlePaths::new(t)?)))
            .collect();
        (!fields.is_empty()).then_some(HandlePaths::Fields(fields))
    }

    /// Collects the handles, in the order of the type's text.
    fn places(&self, found: &mut Vec<HandleType>) {
        match self {
            HandlePaths::Handle(ty) => found.push(ty.clone()),
            HandlePaths::Each(inner) => inner.places(found),
            HandlePaths::Entries(first, second) | HandlePaths::Sides(first, second) => {
                for inner in [first, second].into_iter().flatten() {
                    inner.places(found);
                }
            }
            HandlePaths::Fields(fields) => fields.iter().for_each(|(_, inner)| inner.places(found)),
            HandlePaths::Cases(cases) => cases.iter().for_each(|(_, inner)| inner.places(found)),
        }
    }

    /// Visits the handles in a value. A value that does not match the type is skipped:
    /// values are checked before a walk, by wasmtime on the way out of a store and by
    /// [`check`](crate::composition) on the way in from the embedder.
    fn visit<E>(&self, val: &mut Val, visit: &mut HandleVisitor<'_, E>) -> Result<(), E> {
        match (self, val) {
            (HandlePaths::Handle(ty), val) => visit(ty, HandlePlace::Dynamic(val)),
            (HandlePaths::Each(inner), Val::List(vals) | Val::FixedLengthList(vals)) => {
                vals.iter_mut().try_for_each(|val| inner.visit(val, visit))
            }
            (HandlePaths::Each(inner), Val::Option(Some(val))) => inner.visit(val, visit),
            (HandlePaths::Entries(key, value), Val::Map(entries)) => {
                for (k, v) in entries {
                    if let Some(key) = key {
                        key.visit(k, visit)?;
                    }
                    if let Some(value) = value {
                        value.visit(v, visit)?;
                    }
                }
                Ok(())
            }
            (HandlePaths::Fields(fields), Val::Record(vals)) => {
                for (i, inner) in fields {
                    if let Some((_, val)) = vals.get_mut(*i) {
                        inner.visit(val, visit)?;
                    }
                }
                Ok(())
            }
            (HandlePaths::Fields(fields), Val::Tuple(vals)) => {
                for (i, inner) in fields {
                    if let Some(val) = vals.get_mut(*i) {
                        inner.visit(val, visit)?;
                    }
                }
                Ok(())
            }
            (HandlePaths::Cases(cases), Val::Variant(name, Some(val))) => {
                match cases.iter().find(|(case, _)| case == name) {
                    Some((_, inner)) => inner.visit(val, visit),
                    None => Ok(()),
                }
            }
            (HandlePaths::Sides(ok, err), Val::Result(result)) => match (ok, err, result) {
                (Some(inner), _, Ok(Some(val))) | (_, Some(inner), Err(Some(val))) => {
                    inner.visit(val, visit)
                }
                _ => Ok(()),
            },
            _ => Ok(()),
        }
    }
}
