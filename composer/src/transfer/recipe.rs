//! Where in a type its resources are.

use composer_plan::{FuncType, ResourceId, Type};
use wasmtime::component::Val;

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
    params: Vec<Option<Recipe>>,
    result: Option<Recipe>,
}

impl FuncRecipe {
    pub(crate) fn new(ty: &FuncType) -> Self {
        FuncRecipe {
            params: ty.params.iter().map(|(_, t)| Recipe::new(t)).collect(),
            result: ty.result.as_ref().and_then(Recipe::new),
        }
    }

    /// Whether any value of the signature can hold a resource.
    pub(crate) fn has_resources(&self) -> bool {
        self.result.is_some() || self.params.iter().any(Option::is_some)
    }

    /// Visits every resource among the arguments, in order.
    pub(crate) fn visit_args<E>(
        &self,
        vals: &mut [Val],
        visit: &mut impl FnMut(Carry, ResourceId, &mut Val) -> Result<(), E>,
    ) -> Result<(), E> {
        for (recipe, val) in self.params.iter().zip(vals) {
            if let Some(recipe) = recipe {
                recipe.visit(val, visit)?;
            }
        }
        Ok(())
    }

    /// Visits every resource in the results, in order.
    pub(crate) fn visit_results<E>(
        &self,
        vals: &mut [Val],
        visit: &mut impl FnMut(Carry, ResourceId, &mut Val) -> Result<(), E>,
    ) -> Result<(), E> {
        match (&self.result, vals.first_mut()) {
            (Some(recipe), Some(val)) => recipe.visit(val, visit),
            _ => Ok(()),
        }
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

    /// A value of another shape than the type's is passed over: shapes are
    /// checked before a walk, by wasmtime on the way out of a store and by
    /// [`check`](crate::composition) on the way in from the embedder.
    fn visit<E>(
        &self,
        val: &mut Val,
        visit: &mut impl FnMut(Carry, ResourceId, &mut Val) -> Result<(), E>,
    ) -> Result<(), E> {
        match (self, val) {
            (Recipe::Resource(carry, id), val) => visit(*carry, *id, val),
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
