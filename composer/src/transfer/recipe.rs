//! Where in a type its resources are.

use std::ops::ControlFlow;

use composer_plan::{FuncType, ResourceId, Type};
use wasmtime::component::Val;

use crate::transfer::{Place, Values, Visit};

/// How a resource is carried.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Carry {
    /// The callee becomes its owner.
    Own,
    /// The callee may use it until the call ends.
    Borrow,
}

/// A type, pruned to the paths that lead to resources. Types without
/// resources have none, and their values are not walked at all.
#[derive(Clone, Debug)]
pub(crate) enum Recipe {
    Resource(Carry, ResourceId),
    /// Every element of a list, or the inside of an option.
    Each(Box<Recipe>),
    /// Keys and values of a map.
    Entries(Option<Box<Recipe>>, Option<Box<Recipe>>),
    /// The named positions of a record or tuple.
    Fields(Vec<(usize, Recipe)>),
    /// The cases of a variant that hold resources.
    Cases(Vec<(String, Recipe)>),
    /// `ok` and `err` of a result.
    Sides(Option<Box<Recipe>>, Option<Box<Recipe>>),
}

/// The recipes of a signature.
#[derive(Clone, Debug)]
pub(crate) struct FuncRecipe {
    params: Side,
    results: Side,
}

/// The recipes of all parameters, or of the result.
#[derive(Clone, Debug)]
struct Side {
    recipes: Vec<Option<Recipe>>,
    /// What stands at each place of the types that is a resource.
    places: Vec<(Carry, ResourceId)>,
}

/// What is called for every resource among some values.
type Visitor<'v, E> = dyn FnMut(Carry, ResourceId, Place<'_>) -> Result<(), E> + 'v;

impl FuncRecipe {
    pub(crate) fn new(ty: &FuncType) -> Self {
        FuncRecipe {
            params: Side::new(ty.params.iter().map(|(_, ty)| ty)),
            results: Side::new(ty.result.iter()),
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
        args: &mut Values,
        visit: &mut Visitor<'_, E>,
    ) -> Result<(), E> {
        self.params.visit(args, visit)
    }

    /// Visits every resource in the results, in order.
    pub(crate) fn visit_results<E>(
        &self,
        results: &mut Values,
        visit: &mut Visitor<'_, E>,
    ) -> Result<(), E> {
        self.results.visit(results, visit)
    }
}

impl Side {
    fn new<'a>(types: impl Iterator<Item = &'a Type>) -> Self {
        let mut places = Vec::new();
        let recipes = types.map(Recipe::new).collect::<Vec<_>>();
        for recipe in recipes.iter().flatten() {
            recipe.places(&mut places);
        }
        Side { recipes, places }
    }

    fn visit<E>(&self, values: &mut Values, visit: &mut Visitor<'_, E>) -> Result<(), E> {
        if self.places.is_empty() {
            return Ok(());
        }
        match values {
            Values::Dynamic(vals) => {
                for (recipe, val) in self.recipes.iter().zip(vals) {
                    if let Some(recipe) = recipe {
                        recipe.visit(val, visit)?;
                    }
                }
                Ok(())
            }
            Values::Static(values) => self.numbered(visit, |visit| values.visit(visit)),
            #[cfg(feature = "fast-transfer")]
            Values::Flow(flow) => self.numbered(visit, |visit| flow.visit(visit)),
            #[cfg(feature = "fast-transfer")]
            Values::Row(_) => Ok(()),
        }
    }

    /// Visits resources that say themselves at which place of the types they
    /// stand.
    fn numbered<E>(
        &self,
        visit: &mut Visitor<'_, E>,
        each: impl FnOnce(&mut Visit<'_>) -> ControlFlow<()>,
    ) -> Result<(), E> {
        let mut outcome = Ok(());
        let stopped = each(&mut |place, any| {
            let Some((carry, id)) = self.places.get(place) else {
                return ControlFlow::Continue(());
            };
            outcome = visit(*carry, *id, Place::Static(any));
            match outcome {
                Ok(()) => ControlFlow::Continue(()),
                Err(_) => ControlFlow::Break(()),
            }
        });
        let _ = stopped;
        outcome
    }
}

impl Recipe {
    fn new(ty: &Type) -> Option<Recipe> {
        let boxed = |t: &Type| Recipe::new(t).map(Box::new);
        Some(match ty {
            Type::Own(id) => Recipe::Resource(Carry::Own, *id),
            Type::Borrow(id) => Recipe::Resource(Carry::Borrow, *id),
            Type::List(t) | Type::FixedLengthList(t, _) | Type::Option(t) => {
                Recipe::Each(boxed(t)?)
            }
            Type::Map(k, v) => match (boxed(k), boxed(v)) {
                (None, None) => return None,
                (k, v) => Recipe::Entries(k, v),
            },
            Type::Record(fields) => Recipe::fields(fields.iter().map(|(_, t)| t))?,
            Type::Tuple(types) => Recipe::fields(types.iter())?,
            Type::Variant(cases) => {
                let cases: Vec<_> = cases
                    .iter()
                    .filter_map(|(name, t)| Some((name.clone(), Recipe::new(t.as_ref()?)?)))
                    .collect();
                if cases.is_empty() {
                    return None;
                }
                Recipe::Cases(cases)
            }
            Type::Result(sides) => {
                let (ok, err) = &**sides;
                match (ok.as_ref().and_then(boxed), err.as_ref().and_then(boxed)) {
                    (None, None) => return None,
                    (ok, err) => Recipe::Sides(ok, err),
                }
            }
            _ => return None,
        })
    }

    fn fields<'a>(types: impl Iterator<Item = &'a Type>) -> Option<Recipe> {
        let fields: Vec<_> = types
            .enumerate()
            .filter_map(|(i, t)| Some((i, Recipe::new(t)?)))
            .collect();
        (!fields.is_empty()).then_some(Recipe::Fields(fields))
    }

    /// The resources, in the order of the type's text.
    fn places(&self, found: &mut Vec<(Carry, ResourceId)>) {
        match self {
            Recipe::Resource(carry, id) => found.push((*carry, *id)),
            Recipe::Each(inner) => inner.places(found),
            Recipe::Entries(first, second) | Recipe::Sides(first, second) => {
                for inner in [first, second].into_iter().flatten() {
                    inner.places(found);
                }
            }
            Recipe::Fields(fields) => fields.iter().for_each(|(_, inner)| inner.places(found)),
            Recipe::Cases(cases) => cases.iter().for_each(|(_, inner)| inner.places(found)),
        }
    }

    /// A value of another shape than the type's is passed over: shapes are
    /// checked before a walk, by wasmtime on the way out of a store and by
    /// [`check`](crate::composition) on the way in from the embedder.
    fn visit<E>(&self, val: &mut Val, visit: &mut Visitor<'_, E>) -> Result<(), E> {
        match (self, val) {
            (Recipe::Resource(carry, id), val) => visit(*carry, *id, Place::Dynamic(val)),
            (Recipe::Each(inner), Val::List(vals) | Val::FixedLengthList(vals)) => {
                vals.iter_mut().try_for_each(|val| inner.visit(val, visit))
            }
            (Recipe::Each(inner), Val::Option(Some(val))) => inner.visit(val, visit),
            (Recipe::Entries(key, value), Val::Map(entries)) => {
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
            (Recipe::Fields(fields), Val::Record(vals)) => {
                for (i, inner) in fields {
                    if let Some((_, val)) = vals.get_mut(*i) {
                        inner.visit(val, visit)?;
                    }
                }
                Ok(())
            }
            (Recipe::Fields(fields), Val::Tuple(vals)) => {
                for (i, inner) in fields {
                    if let Some(val) = vals.get_mut(*i) {
                        inner.visit(val, visit)?;
                    }
                }
                Ok(())
            }
            (Recipe::Cases(cases), Val::Variant(name, Some(val))) => {
                match cases.iter().find(|(case, _)| case == name) {
                    Some((_, inner)) => inner.visit(val, visit),
                    None => Ok(()),
                }
            }
            (Recipe::Sides(ok, err), Val::Result(result)) => match (ok, err, result) {
                (Some(inner), _, Ok(Some(val))) | (_, Some(inner), Err(Some(val))) => {
                    inner.visit(val, visit)
                }
                _ => Ok(()),
            },
            _ => Ok(()),
        }
    }
}
