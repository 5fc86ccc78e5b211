//! Export filters, which show the rest of a composition only some of a part's exports.

use std::sync::Arc;

use composer_plan::{ExportPattern, Name, World};

use crate::assembly::sealed::Part;
use crate::assembly::{Composable, DescribedPart};
use crate::error::PartError;
use crate::typed::TypedBindings;

/// Hides exports of anything [`Composable`].
///
/// A hidden export cannot be reached in any way: other components cannot import it, and
/// the composition's own lookups do not find it.
///
/// An export is named as `function`, `package:name/interface` (in any version),
/// `package:name/interface@1.2.0`, or `package:name/interface#function` for one
/// function inside an interface. A name that matches nothing is an error when
/// the composition is planned.
///
/// ```
/// use composer::{ComposableDescriptor, Composer, ExportFilter};
/// # use wasmtime::Engine;
/// # use wasmtime::component::Component;
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let engine = Engine::default();
/// # let bytes = b"\0asm\x0d\0\x01\0";
/// let plugin = Component::new(&engine, bytes)?;
/// let mut composer = Composer::new();
/// composer.add(ComposableDescriptor::new("plugin", plugin.hiding(&["debug"])));
///
/// // The component exports no `debug`, so there is nothing to hide.
/// let error = composer.plan().unwrap_err();
/// assert!(error.to_string().contains("`debug`"));
/// # Ok(())
/// # }
/// ```
pub trait ExportFilter: Composable + Sized {
    /// Shows only these exports.
    fn exposing(self, exports: &[&str]) -> Filtered<Self> {
        Filtered {
            inner: self,
            rule: FilterRule::Expose(patterns(exports)),
        }
    }

    /// Shows all exports but these.
    fn hiding(self, exports: &[&str]) -> Filtered<Self> {
        Filtered {
            inner: self,
            rule: FilterRule::Hide(patterns(exports)),
        }
    }

    /// Shows the exports for which `keep` returns `true`. It is called for each export as
    /// a whole, with `None`, and then for each function of an interface that it kept.
    fn filter_exports(
        self,
        keep: impl FnMut(&str, Option<&str>) -> bool + Send + 'static,
    ) -> Filtered<Self> {
        Filtered {
            inner: self,
            rule: FilterRule::Keep(Box::new(keep)),
        }
    }
}

impl<C: Composable> ExportFilter for C {}

/// A part with some of its exports hidden, made by [`ExportFilter`].
pub struct Filtered<C> {
    inner: C,
    rule: FilterRule,
}

/// The rule of a filter.
pub(super) enum FilterRule {
    Expose(Vec<ExportPattern>),
    Hide(Vec<ExportPattern>),
    Keep(FunctionPredicate),
}

type FunctionPredicate = Box<dyn FnMut(&str, Option<&str>) -> bool + Send>;

impl FilterRule {
    /// Removes what the filter hides from the world of a component.
    pub(super) fn apply(self, world: &mut World, component: &str) -> Result<(), PartError> {
        match self {
            FilterRule::Expose(patterns) => world.expose(&patterns),
            FilterRule::Hide(patterns) => world.hide(&patterns),
            FilterRule::Keep(mut keep) => {
                world.retain_exports(|name: &Name, function| keep(name.as_str(), function));
                Ok(())
            }
        }
        .map_err(|unknown| PartError::Filter {
            component: component.to_owned(),
            unknown,
        })
    }
}

pub(super) fn patterns(texts: &[&str]) -> Vec<ExportPattern> {
    texts.iter().map(|text| ExportPattern::new(text)).collect()
}

impl<C: Composable + 'static> Composable for Filtered<C> {}

impl<C: Part + 'static> Part for Filtered<C> {
    fn read(self: Box<Self>, name: &str) -> Result<DescribedPart, PartError> {
        let Filtered { inner, rule } = *self;
        let mut known = Box::new(inner).read(name)?;
        rule.apply(Arc::make_mut(&mut known.world), name)?;
        Ok(known)
    }

    fn typed(self, name: &str, glue: &impl TypedBindings) -> Result<Box<dyn Part>, PartError> {
        Ok(Box::new(Filtered {
            inner: self.inner.typed(name, glue)?,
            rule: self.rule,
        }))
    }
}
