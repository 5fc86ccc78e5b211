//! Comparison of a provider's function with the one that its importer was built against.
//!
//! The component model requires equal types, not similar ones: a record with one more
//! field has another layout. So this is a comparison for equality that records where it
//! failed.

use std::collections::HashSet;
use std::fmt;

use super::path::step;
use crate::world::path::join;
use crate::world::{FuncType, ResourceId, Type, World};

/// The first place where two types differ, and the type of each side there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// The path to the place, outermost step first:
    /// `parameter "basket" → list element → field "quantity"`.
    pub path: String,
    /// The type that the importer was built against.
    pub expected: String,
    /// The type that the provider has there.
    pub found: String,
    /// Whether the types are equal except for a resource that belongs to different
    /// components on the two sides.
    pub only_origin: bool,
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Difference {
            path,
            expected,
            found,
            ..
        } = self;
        write!(f, "at {path}: expected {expected}, found {found}")
    }
}

/// The relation between the resources of the two sides.
pub(crate) trait ResourceRelation {
    /// Whether both sides mean the same resource.
    fn same(&self, importer: ResourceId, provider: ResourceId) -> bool;
    /// Names the importer's resource in full, for messages.
    fn importer_name(&self, id: ResourceId) -> String;
    /// Names the provider's resource in full, for messages.
    fn provider_name(&self, id: ResourceId) -> String;
}

/// The first difference between the function that an importer expects and the one that a
/// provider has, or `None` if they are the same.
pub(crate) fn compare_func(
    importer: &FuncType,
    importer_world: &World,
    provider: &FuncType,
    provider_world: &World,
    resources: &impl ResourceRelation,
) -> Option<Difference> {
    let comparison = TypeComparison {
        importer: importer_world,
        provider: provider_world,
        resources,
    };
    comparison.func(importer, provider).err()
}

struct TypeComparison<'a, R> {
    importer: &'a World,
    provider: &'a World,
    resources: &'a R,
}

type EqualUpTo = Result<(), Difference>;

impl<R: ResourceRelation> TypeComparison<'_, R> {
    fn func(&self, a: &FuncType, b: &FuncType) -> EqualUpTo {
        if a.is_async != b.is_async {
            let word = |is_async| if is_async { "async func" } else { "func" };
            return differ(word(a.is_async), word(b.is_async)).under(|| "declaration".into());
        }
        if a.params.len() != b.params.len() {
            return differ(params(a, self.importer), params(b, self.provider))
                .under(|| "parameters".into());
        }
        for (i, ((a, _), (b, _))) in a.params.iter().zip(&b.params).enumerate() {
            if a != b {
                return differ(format!("the name {a:?}"), format!("the name {b:?}"))
                    .under(|| format!("parameter {}", i + 1));
            }
        }
        for ((name, a), (_, b)) in a.params.iter().zip(&b.params) {
            self.ty(a, b).under(|| step::parameter(name))?;
        }
        self.optional(a.result.as_ref(), b.result.as_ref(), "no result")
            .under(step::result)
    }

    fn ty(&self, a: &Type, b: &Type) -> EqualUpTo {
        match (a, b) {
            (Type::List(a), Type::List(b)) => self.ty(a, b).under(step::element),
            (Type::FixedLengthList(a, n), Type::FixedLengthList(b, m)) if n == m => {
                self.ty(a, b).under(step::element)
            }
            (Type::Option(a), Type::Option(b)) => self.ty(a, b).under(step::some),
            (Type::Map(ak, av), Type::Map(bk, bv)) => {
                self.ty(ak, bk).under(step::key)?;
                self.ty(av, bv).under(step::value)
            }
            (Type::Record(a), Type::Record(b)) => self.record(a, b),
            (Type::Tuple(a), Type::Tuple(b)) if a.len() == b.len() => {
                for (i, (a, b)) in a.iter().zip(b.iter()).enumerate() {
                    self.ty(a, b).under(|| step::tuple(i))?;
                }
                Ok(())
            }
            (Type::Variant(a), Type::Variant(b)) => self.variant(a, b),
            (Type::Enum(a), Type::Enum(b)) => labels("case", a, b, |name| name, |_, _| None),
            (Type::Flags(a), Type::Flags(b)) => labels("flag", a, b, |name| name, |_, _| None),
            (Type::Result(a), Type::Result(b)) => {
                let ((a_ok, a_err), (b_ok, b_err)) = (&**a, &**b);
                self.optional(a_ok.as_ref(), b_ok.as_ref(), "no payload")
                    .under(step::ok)?;
                self.optional(a_err.as_ref(), b_err.as_ref(), "no payload")
                    .under(step::err)
            }
            (Type::Future(a), Type::Future(b)) => self
                .optional(a.as_deref(), b.as_deref(), "no payload")
                .under(step::future),
            (Type::Stream(a), Type::Stream(b)) => self
                .optional(a.as_deref(), b.as_deref(), "no payload")
                .under(step::stream),
            (Type::Own(a), Type::Own(b)) | (Type::Borrow(a), Type::Borrow(b)) => {
                self.resource(*a, *b)
            }
            // The remaining cases are types without parts, and types of different kinds.
            _ if a == b => Ok(()),
            _ => differ(a.display(self.importer), b.display(self.provider)),
        }
    }

    fn optional(&self, a: Option<&Type>, b: Option<&Type>, none: &str) -> EqualUpTo {
        match (a, b) {
            (None, None) => Ok(()),
            (Some(a), Some(b)) => self.ty(a, b),
            (Some(a), None) => differ(a.display(self.importer), none),
            (None, Some(b)) => differ(none, b.display(self.provider)),
        }
    }

    fn record(&self, a: &[(String, Type)], b: &[(String, Type)]) -> EqualUpTo {
        labels(
            "field",
            a,
            b,
            |(name, _)| name,
            |side, (_, ty)| {
                Some(match side {
                    ComparedSide::Importer => ty.display(self.importer).to_string(),
                    ComparedSide::Provider => ty.display(self.provider).to_string(),
                })
            },
        )?;
        for ((name, a), (_, b)) in a.iter().zip(b) {
            self.ty(a, b).under(|| step::field(name))?;
        }
        Ok(())
    }

    fn variant(&self, a: &[(String, Option<Type>)], b: &[(String, Option<Type>)]) -> EqualUpTo {
        labels("case", a, b, |(name, _)| name, |_, _| None)?;
        for ((name, a), (_, b)) in a.iter().zip(b) {
            self.optional(a.as_ref(), b.as_ref(), "no payload")
                .under(|| step::case(name))?;
        }
        Ok(())
    }

    fn resource(&self, a: ResourceId, b: ResourceId) -> EqualUpTo {
        if self.resources.same(a, b) {
            return Ok(());
        }
        Err(Difference {
            path: String::new(),
            expected: self.resources.importer_name(a),
            found: self.resources.provider_name(b),
            only_origin: true,
        })
    }
}

#[derive(Clone, Copy)]
enum ComparedSide {
    Importer,
    Provider,
}

/// Compares the names of fields, cases or flags: first what one side lacks,
/// since that says more than a shifted position, then their order.
fn labels<T>(
    what: &str,
    a: &[T],
    b: &[T],
    name: impl Fn(&T) -> &String,
    show: impl Fn(ComparedSide, &T) -> Option<String>,
) -> EqualUpTo {
    if a.len() == b.len() && a.iter().zip(b).all(|(a, b)| name(a) == name(b)) {
        return Ok(());
    }
    let lacks = |list: &[T], side, other: &[T]| {
        let known: HashSet<&String> = other.iter().map(&name).collect();
        list.iter()
            .find(|item| !known.contains(name(item)))
            .map(|item| (name(item).clone(), show(side, item)))
    };
    let there = |shown: Option<String>| shown.unwrap_or_else(|| format!("a {what}"));
    let absent = format!("no such {what}");
    if let Some((missing, shown)) = lacks(a, ComparedSide::Importer, b) {
        return differ(there(shown), absent).under(|| format!("{what} {missing:?}"));
    }
    if let Some((extra, shown)) = lacks(b, ComparedSide::Provider, a) {
        return differ(absent, there(shown)).under(|| format!("{what} {extra:?}"));
    }
    let order = |list: &[T]| {
        let names: Vec<&str> = list.iter().map(|item| name(item).as_str()).collect();
        names.join(", ")
    };
    differ(order(a), order(b)).under(|| format!("the order of its {what}s"))
}

fn params(func: &FuncType, world: &World) -> String {
    let shown: Vec<String> = func
        .params
        .iter()
        .map(|(name, ty)| format!("{name}: {}", ty.display(world)))
        .collect();
    format!("({})", shown.join(", "))
}

fn differ(expected: impl fmt::Display, found: impl fmt::Display) -> EqualUpTo {
    Err(Difference {
        path: String::new(),
        expected: expected.to_string(),
        found: found.to_string(),
        only_origin: false,
    })
}

trait ComparedUnder {
    /// Says that a difference, if there is one, lies inside this step.
    fn under(self, step: impl FnOnce() -> String) -> Self;
}

impl ComparedUnder for EqualUpTo {
    fn under(self, step: impl FnOnce() -> String) -> Self {
        self.map_err(|mut difference| {
            difference.path = join(step(), &difference.path);
            difference
        })
    }
}

#[cfg(test)]
mod tests;
