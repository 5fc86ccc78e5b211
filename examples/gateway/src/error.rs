//! What can go wrong before a request comes: the file, and the start of filters.

use std::path::PathBuf;

use composer::{CompositionError, LoadError, PoolError, RuntimeError};
use thiserror::Error;

use crate::fault::Fault;

/// Why a configuration cannot be used.
#[derive(Debug, Error)]
pub enum ConfigError {
    /// There is no such file, or it cannot be read.
    #[error("cannot read {}: {error}", file.display())]
    Read {
        /// The file.
        file: PathBuf,
        /// Why.
        error: std::io::Error,
    },
    /// It is no TOML, or it has keys that nobody knows.
    #[error("{} cannot be understood:\n{}", file.display(), error.to_string().trim_end())]
    Syntax {
        /// The file.
        file: PathBuf,
        /// Where and why.
        error: Box<toml::de::Error>,
    },
    /// What it says does not fit together.
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
        /// The table it stands in.
        place: String,
        /// The key.
        key: &'static str,
    },
    /// A path that is none.
    #[error("route `{path}`: a path begins with `/`\n  fix: path = \"/{path}\"")]
    Path {
        /// What it says.
        path: String,
    },
    /// Two routes of one path.
    #[error("route `{path}` is there twice\n  fix: remove one, or give it another path")]
    Twice {
        /// The path.
        path: String,
    },
    /// An upstream that is no address.
    #[error(
        "route `{path}`: the upstream `{upstream}` cannot be used: {reason}\n  \
         fix: upstream = \"http://host:port\""
    )]
    Upstream {
        /// The route.
        path: String,
        /// What it says.
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
        /// What it says.
        filter: String,
        /// The filters that there are.
        known: Vec<String>,
    },
}

/// Why a filter cannot be used.
#[derive(Debug, Error)]
pub enum FilterError {
    /// Its file is no component.
    #[error("filter `{filter}`: {error}")]
    Load {
        /// The filter.
        filter: String,
        /// Why, with the file.
        error: LoadError,
    },
    /// Its component is not of the world of filters.
    #[error("filter `{filter}` ({}) is no filter:\n{error}", file.display())]
    Misfit {
        /// The filter.
        filter: String,
        /// Its file.
        file: PathBuf,
        /// What does not fit, and what to do.
        error: Box<CompositionError>,
    },
    /// There is no pool for its instances.
    #[error("filter `{filter}`: {error}")]
    Pool {
        /// The filter.
        filter: String,
        /// Why.
        error: PoolError,
    },
    /// It was started to see whether it works, and does not.
    #[error("filter `{filter}` ({}) does not start: {fault}", file.display())]
    Start {
        /// The filter.
        filter: String,
        /// Its file.
        file: PathBuf,
        /// What happened.
        fault: Box<Fault>,
    },
}

/// Why the gateway does not start, or goes on as it was.
#[derive(Debug, Error)]
pub enum GatewayError {
    /// The file is wrong.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// There is nothing to run filters on.
    #[error(transparent)]
    Runtime(#[from] RuntimeError),
    /// Filters cannot be used: all that cannot.
    #[error("{}", lines(.0))]
    Filters(Vec<FilterError>),
    /// It has been shut down.
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
