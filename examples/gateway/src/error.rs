//! Errors before the first request: in the file, and at the start of filters.

use std::path::PathBuf;

use composer::{CompositionError, LoadError, PoolError, RuntimeError};
use thiserror::Error;

use crate::fault::Fault;

/// The reason why a configuration cannot be used.
#[derive(Debug, Error)]
pub enum ConfigError {
    /// The file does not exist, or cannot be read.
    #[error("cannot read {}: {error}", file.display())]
    Read {
        /// The file.
        file: PathBuf,
        /// Why.
        error: std::io::Error,
    },
    /// The file is not TOML, or has unknown keys.
    #[error("{} cannot be understood:\n{}", file.display(), error.to_string().trim_end())]
    Syntax {
        /// The file.
        file: PathBuf,
        /// The place and the reason.
        error: Box<toml::de::Error>,
    },
    /// The file contradicts itself, or has values that cannot be used.
    #[error("{} has mistakes:\n{}", file.display(), lines(mistakes))]
    Mistakes {
        /// The file.
        file: PathBuf,
        /// All of them.
        mistakes: Vec<Mistake>,
    },
}

/// A mistake in a configuration.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum Mistake {
    /// A number that cannot be zero.
    #[error("`{place}`: `{key}` is 0, so nothing could run\n  fix: say 1 or more")]
    Zero {
        /// The table of the key.
        place: String,
        /// The key.
        key: &'static str,
    },
    /// A path that does not begin with `/`.
    #[error("route `{path}`: a path begins with `/`\n  fix: path = \"/{path}\"")]
    Path {
        /// The path as the file has it.
        path: String,
    },
    /// Two routes with the same path.
    #[error("route `{path}` is there twice\n  fix: remove one, or give it another path")]
    Twice {
        /// The path.
        path: String,
    },
    /// An upstream that is not an address.
    #[error(
        "route `{path}`: the upstream `{upstream}` cannot be used: {reason}\n  \
         fix: upstream = \"http://host:port\""
    )]
    Upstream {
        /// The route.
        path: String,
        /// The upstream as the file has it.
        upstream: String,
        /// What is wrong with it.
        reason: String,
    },
    /// A filter that is not declared.
    #[error(
        "route `{path}` names the filter `{filter}`, and there is none of this name{}\n  \
         fix: declare it as [filters.{filter}]",
        among(known)
    )]
    Filter {
        /// The route.
        path: String,
        /// The filter as the file has it.
        filter: String,
        /// The declared filters.
        known: Vec<String>,
    },
}

/// The reason why a filter cannot be used.
#[derive(Debug, Error)]
pub enum FilterError {
    /// Its file is not a component.
    #[error("filter `{filter}`: {error}")]
    Load {
        /// The filter.
        filter: String,
        /// Why, with the file.
        error: LoadError,
    },
    /// Its component does not fit the world of filters.
    #[error("filter `{filter}` ({}) is no filter:\n{error}", file.display())]
    Misfit {
        /// The filter.
        filter: String,
        /// Its file.
        file: PathBuf,
        /// The misfit, with a fix.
        error: Box<CompositionError>,
    },
    /// The pool for its instances cannot be made.
    #[error("filter `{filter}`: {error}")]
    Pool {
        /// The filter.
        filter: String,
        /// Why.
        error: PoolError,
    },
    /// Its first instance, started as a check, does not work.
    #[error("filter `{filter}` ({}) does not start: {fault}", file.display())]
    Start {
        /// The filter.
        filter: String,
        /// Its file.
        file: PathBuf,
        /// The fault.
        fault: Box<Fault>,
    },
}

/// The reason why the gateway does not start, or keeps its old site.
#[derive(Debug, Error)]
pub enum GatewayError {
    /// The file is wrong.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// The runtime for filters cannot be made.
    #[error(transparent)]
    Runtime(#[from] RuntimeError),
    /// Filters cannot be used; all of them are listed.
    #[error("{}", lines(.0))]
    Filters(Vec<FilterError>),
    /// The gateway has been shut down.
    #[error("the gateway has been shut down")]
    Closed,
}

fn lines(errors: &[impl std::fmt::Display]) -> String {
    let lines: Vec<String> = errors.iter().map(ToString::to_string).collect();
    lines.join("\n")
}

fn among(known: &[String]) -> String {
    match known {
        [] => String::new(),
        known => format!("; there are: {}", known.join(", ")),
    }
}
