//! The paths to resources in types.

use std::ops::ControlFlow;

use composer_plan::{FuncType, ResourceId, Type};
use wasmtime::component::Val;

use crate::transfer::{CallValues, ResourcePlace, Visit};

/// How a resource is passed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ownership {
    /// The callee becomes its owner.
    Own,
    /// The callee may use it until the call ends.
    Borrow,
}

/// A type, pruned to the paths that lead to resources. Types without
/// resources have none, and their values are not walked at all.
#[derive(Clone, Debug)]
pub(crate) enum ResourcePaths {
    Resource(Ownership, ResourceId),
    /// Every element of a list, or the inside of an option.
    Each(Box<ResourcePaths>),
    /// Keys and values of a map.
    Entries(Option<Box<ResourcePaths>>, Option<Box<ResourcePaths>>),
    /// The named positions of a record or tuple.
    Fields(Vec<(usize, ResourcePaths)>),
    /// The cases of a variant that hold resources.
    Cases(Vec<(String, ResourcePaths)>),
    /// `ok` and `err` of a result.
    Sides(Option<Box<ResourcePaths>>, Option<Box<ResourcePaths>>),
}

/// The resource paths of a signature.
#[derive(Clone, Debug)]
pub(crate) struct FuncResourcePaths {
    params: SidePaths,
    results: SidePaths,
}

/// The resource paths of all parameters, or of the result.
#[derive(Clone, Debug)]
struct SidePaths {
    recipes: Vec<Option<ResourcePaths>>,
    /// The resource at each place for one in the types.
    places: Vec<(Ownership, ResourceId)>,
}

/// A callback for every resource among some values.
type ResourceVisitor<'v, E> =
    dyn FnMut(Ownership, ResourceId, ResourcePlace<'_>) -> Result<(), E> + 'v;

impl FuncResourcePaths {
    pub(crate) fn new(ty: &FuncType) -> Self {
        FuncResourcePaths {
            params: SidePaths::new(ty.params.iter().map(|(_, ty)| ty)),
            results: SidePaths::new(ty.result.iter()),
        }
    }

    /// Whether any value of the signature can hold a resource.
    #[inline]
    pub(crate) fn has_resources(&self) -> bool {
        !self.params.places.is_empty() || !self.results.places.is_empty()
    }

    /// Visits every resource among the arguments, in order.
    pub(crate) fn visit_args<E>(
        &self,
        args: &mut CallValues,
        visit: &mut ResourceVisitor<'_, E>,
    ) -> Result<(), E> {
        self.params.visit(args, visit)
    }

    /// Visits every resource in the results, in order.
    pub(crate) fn visit_results<E>(
        &self,
        results: &mut CallValues,
        visit: &mut ResourceVisitor<'_, E>,
    ) -> Result<(), E> {
        self.results.visit(results, visit)
    }
}

impl SidePaths {
    fn new<'a>(types: impl Iterator<Item = &'a Type>) -> Self {
        let mut places = Vec::new();
        let recipes = types.map(ResourcePaths::new).collect::<Vec<_>>();
        for recipe in recipes.iter().flatten() {
            recipe.places(&mut places);
        }
        SidePaths { recipes, places }
    }

    fn visit<E>(
        &self,
        values: &mut CallValues,
        visit: &mut ResourceVisitor<'_, E>,
    ) -> Result<(), E> {
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

    /// Visits resources that carry the number of their place in the types.
    fn numbered<E>(
        &self,
        visit: &mut ResourceVisitor<'_, E>,
        each: impl FnOnce(&mut Visit<'_>) -> ControlFlow<()>,
    ) -> Result<(), E> {
        let mut outcome = Ok(());
        let stopped = each(&mut |place, any| {
            let Some((ownership, id)) = self.places.get(place) else {
                return ControlFlow::Continue(());
            };
            outcome = visit(*ownership, *id, ResourcePlace::Static(any));
            match outcome {
                Ok(()) => ControlFlow::Continue(()),
                Err(_) => ControlFlow::Break(()),
            }
        });
        let _ = stopped;
        outcome
    }
}

impl ResourcePaths {
    fn new(ty: &Type) -> Option<ResourcePaths> {
        let boxed = |t: &Type| ResourcePaths::new(t).map(Box::new);
        Some(match ty {
            Type::Own(id) => ResourcePaths::Resource(Ownership::Own, *id),
            Type::Borrow(id) => ResourcePaths::Resource(Ownership::Borrow, *id),
            Type::List(t) | Type::FixedLengthList(t, _) | Type::Option(t) => {
                ResourcePaths::Each(boxed(t)?)
            }
            Type::Map(k, v) => match (boxed(k), boxed(v)) {
                (None, None) => return None,
                (k, v) => ResourcePaths::Entries(k, v),
            },
            Type::Record(fields) => ResourcePaths::fields(fields.iter().map(|(_, t)| t))?,
            Type::Tuple(types) => ResourcePaths::fields(types.iter())?,
            Type::Variant(cases) => {
                let cases: Vec<_> = cases
                    .iter()
                    .filter_map(|(name, t)| Some((name.clone(), ResourcePaths::new(t.as_ref()?)?)))
                    .collect();
                if cases.is_empty() {
                    return None;
                }
                ResourcePaths::Cases(cases)
            }
            Type::Result(sides) => {
                let (ok, err) = &**sides;
                match (ok.as_ref().and_then(boxed), err.as_ref().and_then(boxed)) {
                    (None, None) => return None,
                    (ok, err) => ResourcePaths::Sides(ok, err),
                }
            }
            _ => return None,
        })
    }

    fn fields<'a>(types: impl Iterator<Item = &'a Type>) -> Option<ResourcePaths> {
        let fields: Vec<_> = types
            .enumerate()
            .filter_map(|(i, t)| Some((i, ResourcePaths::new(t)?)))
            .collect();
        (!fields.is_empty()).then_some(ResourcePaths::Fields(fields))
    }

    /// Collects the resources, in the order of the type's text.
    fn places(&self, found: &mut Vec<(Ownership, ResourceId)>) {
        match self {
            ResourcePaths::Resource(ownership, id) => found.push((*ownership, *id)),
            ResourcePaths::Each(inner) => inner.places(found),
            ResourcePaths::Entries(first, second) | ResourcePaths::Sides(first, second) => {
                for inner in [first, second].into_iter().flatten() {
                    inner.places(found);
                }
            }
            ResourcePaths::Fields(fields) => {
                fields.iter().for_each(|(_, inner)| inner.places(found))
            }
            ResourcePaths::Cases(cases) => cases.iter().for_each(|(_, inner)| inner.places(found)),
        }
    }

    /// Visits the resources in a value. A value that does not match the type is skipped:
    /// values are checked before a walk, by wasmtime on the way out of a store and by
    /// [`check`](crate::composition) on the way in from the embedder.
    fn visit<E>(&self, val: &mut Val, visit: &mut ResourceVisitor<'_, E>) -> Result<(), E> {
        match (self, val) {
            (ResourcePaths::Resource(ownership, id), val) => {
                visit(*ownership, *id, ResourcePlace::Dynamic(val))
            }
            (ResourcePaths::Each(inner), Val::List(vals) | Val::FixedLengthList(vals)) => {
                vals.iter_mut().try_for_each(|val| inner.visit(val, visit))
            }
            (ResourcePaths::Each(inner), Val::Option(Some(val))) => inner.visit(val, visit),
            (ResourcePaths::Entries(key, value), Val::Map(entries)) => {
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
            (ResourcePaths::Fields(fields), Val::Record(vals)) => {
                for (i, inner) in fields {
                    if let Some((_, val)) = vals.get_mut(*i) {
                        inner.visit(val, visit)?;
                    }
                }
                Ok(())
            }
            (ResourcePaths::Fields(fields), Val::Tuple(vals)) => {
                for (i, inner) in fields {
                    if let Some(val) = vals.get_mut(*i) {
                        inner.visit(val, visit)?;
                    }
                }
                Ok(())
            }
            (ResourcePaths::Cases(cases), Val::Variant(name, Some(val))) => {
                match cases.iter().find(|(case, _)| case == name) {
                    Some((_, inner)) => inner.visit(val, visit),
                    None => Ok(()),
                }
            }
            (ResourcePaths::Sides(ok, err), Val::Result(result)) => match (ok, err, result) {
                (Some(inner), _, Ok(Some(val))) | (_, Some(inner), Err(Some(val))) => {
                    inner.visit(val, visit)
                }
                _ => Ok(()),
            },
            _ => Ok(()),
        }
    }
}
