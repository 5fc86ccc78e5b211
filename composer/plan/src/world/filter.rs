//! Filters that remove exports from a world, so that no other component sees them.

use std::fmt;

use crate::Name;
use crate::similar::SimilarSearch;
use crate::world::{Extern, Item, World};

/// A pattern for exports of a component.
///
/// | text | means |
/// |---|---|
/// | `add` | a function, or an interface of that plain name |
/// | `composer:test/iproducer` | the interface, whatever its version |
/// | `composer:test/iproducer@0.1.0` | the interface in this version |
/// | `composer:test/iproducer#ping` | one function of the interface |
/// | `composer:test/iproducer@0.1.0#ping` | one function, in this version |
///
/// Methods are written as the component spells them:
/// `shop:stock/counters#[method]counter.increment`.
///
/// ```
/// # use composer_plan::{ExportPattern, Name};
/// let any = ExportPattern::new("shop:tax/rates");
/// assert!(any.names(&Name::new("shop:tax/rates@1.2.0")));
///
/// let one = ExportPattern::new("shop:tax/rates@1.0.0");
/// assert!(!one.names(&Name::new("shop:tax/rates@1.2.0")));
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExportPattern {
    name: Name,
    function: Option<String>,
}

impl ExportPattern {
    /// Parses a pattern. Every text is a pattern; one that matches nothing is reported
    /// when it is applied.
    pub fn new(text: &str) -> Self {
        match text.split_once('#') {
            Some((name, function)) => ExportPattern {
                name: Name::new(name),
                function: Some(function.to_owned()),
            },
            None => ExportPattern {
                name: Name::new(text),
                function: None,
            },
        }
    }

    /// Whether the pattern matches this export, or something inside it.
    pub fn names(&self, export: &Name) -> bool {
        match self.name.version() {
            Some(_) => self.name == *export,
            None => self.name.as_str() == export.as_str() || self.name.as_str() == export.base(),
        }
    }

    /// Whether the pattern matches this function of this export, by itself or as part of
    /// the whole export.
    pub fn names_function(&self, export: &Name, function: &str) -> bool {
        self.names(export) && self.function.as_deref().is_none_or(|f| f == function)
    }

    /// Whether the pattern matches the export as a whole.
    fn names_whole(&self, export: &Name) -> bool {
        self.function.is_none() && self.names(export)
    }

    /// Whether the pattern matches anything in `world`.
    fn is_known(&self, world: &World) -> bool {
        world.exports.iter().any(|export| {
            self.names(&export.name)
                && match (&self.function, &export.item) {
                    (None, _) => true,
                    (Some(f), Item::Interface(interface)) => interface.funcs.contains_key(f),
                    (Some(_), _) => false,
                }
        })
    }
}

impl From<&str> for ExportPattern {
    fn from(text: &str) -> Self {
        ExportPattern::new(text)
    }
}

impl fmt::Display for ExportPattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.function {
            Some(function) => write!(f, "{}#{function}", self.name),
            None => write!(f, "{}", self.name),
        }
    }
}

/// Filter patterns that match no export: misspelt, or out of date.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnknownExports {
    /// The patterns, each with the exports that resemble it.
    pub patterns: Vec<(ExportPattern, Vec<String>)>,
}

impl fmt::Display for UnknownExports {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, (pattern, similar)) in self.patterns.iter().enumerate() {
            if i > 0 {
                f.write_str("\n\n")?;
            }
            write!(
                f,
                "the export filter names `{pattern}`, which matches no export"
            )?;
            if similar.is_empty() {
                f.write_str("\n  fix: remove it from the filter")?;
            } else {
                let similar = crate::words::any_of(similar);
                write!(f, "\n  fix: remove it, or write {similar}")?;
            }
        }
        Ok(())
    }
}

impl std::error::Error for UnknownExports {}

impl World {
    /// Keeps only the exports that one of the patterns matches.
    ///
    /// # Errors
    ///
    /// [`UnknownExports`] if a pattern matches nothing; the world is then unchanged.
    pub fn expose(&mut self, patterns: &[ExportPattern]) -> Result<(), UnknownExports> {
        self.check(patterns)?;
        self.retain_exports(|export, function| {
            patterns.iter().any(|p| match function {
                Some(function) => p.names_function(export, function),
                None => p.names(export),
            })
        });
        Ok(())
    }

    /// Removes the exports that one of the patterns matches.
    ///
    /// # Errors
    ///
    /// [`UnknownExports`] if a pattern matches nothing; the world is then unchanged.
    pub fn hide(&mut self, patterns: &[ExportPattern]) -> Result<(), UnknownExports> {
        self.check(patterns)?;
        self.retain_exports(|export, function| {
            !patterns.iter().any(|p| match function {
                Some(function) => p.names_function(export, function),
                None => p.names_whole(export),
            })
        });
        Ok(())
    }

    /// Keeps the exports for which `keep` returns `true`, and records the others in
    /// [`World::hidden`].
    ///
    /// `keep` is called for each export as a whole (`None`) and, if that stays and is an
    /// interface, for each of its functions. The resources of an interface stay with it.
    /// An interface that loses its last function is removed altogether.
    pub fn retain_exports(&mut self, mut keep: impl FnMut(&Name, Option<&str>) -> bool) {
        let hidden = &mut self.hidden;
        self.exports.retain_mut(|Extern { name, item, .. }| {
            if !keep(name, None) {
                hidden.push(name.to_string());
                return false;
            }
            let Item::Interface(interface) = item else {
                return true;
            };
            let mut gone = Vec::new();
            interface.funcs.retain(|function, _| {
                let keep = keep(name, Some(function));
                if !keep {
                    gone.push(format!("{name}#{function}"));
                }
                keep
            });
            if interface.funcs.is_empty() && !gone.is_empty() {
                hidden.push(name.to_string());
                return false;
            }
            hidden.append(&mut gone);
            true
        });
        self.hidden.sort();
        self.hidden.dedup();
    }

    /// Whether a filter removed this function from this export.
    pub fn hides(&self, export: &Name, function: &str) -> bool {
        self.hidden.iter().any(|hidden| {
            hidden
                .split_once('#')
                .is_some_and(|(name, f)| name == export.as_str() && f == function)
        })
    }

    fn check(&self, patterns: &[ExportPattern]) -> Result<(), UnknownExports> {
        let unknown: Vec<&ExportPattern> = patterns.iter().filter(|p| !p.is_known(self)).collect();
        if unknown.is_empty() {
            return Ok(());
        }
        let mut similar = SimilarSearch::new();
        let patterns = unknown
            .into_iter()
            .map(|pattern| {
                let text = pattern.to_string();
                let known = self.texts(pattern.function.is_some());
                (
                    pattern.clone(),
                    similar.to(&text, known.iter().map(String::as_str)),
                )
            })
            .collect();
        Err(UnknownExports { patterns })
    }

    /// Every export, as a pattern would spell it.
    fn texts(&self, functions: bool) -> Vec<String> {
        let mut texts = Vec::new();
        for Extern { name, item, .. } in &self.exports {
            match item {
                Item::Interface(interface) if functions => {
                    texts.extend(interface.funcs.keys().map(|f| format!("{name}#{f}")));
                }
                _ => texts.push(name.to_string()),
            }
        }
        texts
    }
}
