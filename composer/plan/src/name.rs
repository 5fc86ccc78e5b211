//! Names of imports and exports, and when two of them mean the same thing.

use std::fmt;

use semver::Version;
use serde::{Serialize, Serializer};

/// The name of an import or an export: a plain name (`run-add`) or an
/// interface name with an optional version (`wasi:io/streams@0.2.6`).
///
/// Names order by their text.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Name {
    text: String,
    base_len: usize,
    version: Option<Version>,
}

/// How well two names match, best first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum NameMatch {
    /// The same name, version included.
    Exact,
    /// The same interface in versions of one compatible track.
    Compatible,
}

impl Name {
    /// Reads a name. Every text is one: what has no well-formed version is
    /// taken whole and matches only itself.
    pub fn new(text: impl Into<String>) -> Self {
        let text = text.into();
        let split = text
            .rsplit_once('@')
            .and_then(|(base, version)| Some((base.len(), Version::parse(version).ok()?)));
        match split {
            Some((base_len, version)) => Name {
                text,
                base_len,
                version: Some(version),
            },
            None => Name {
                base_len: text.len(),
                text,
                version: None,
            },
        }
    }

    /// The whole name, as the component spells it.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The name without its version: `wasi:io/streams`.
    pub fn base(&self) -> &str {
        &self.text[..self.base_len]
    }

    /// The version, where the name has one.
    pub fn version(&self) -> Option<&Version> {
        self.version.as_ref()
    }

    /// Whether an import and an export with these two names may meet.
    ///
    /// Versions are compatible as the component model's canonical interface
    /// names have it: `1.2.3` and `1.9.0` share the track `1`, `0.2.0` and
    /// `0.2.6` share `0.2`, `0.0.3` stands alone, and a pre-release meets only
    /// itself. The relation goes both ways.
    pub fn matches(&self, other: &Name) -> Option<NameMatch> {
        if self.text == other.text {
            Some(NameMatch::Exact)
        } else {
            (self.class() == other.class()).then_some(NameMatch::Compatible)
        }
    }

    /// This name in the lowest version that is compatible with its own; `None`
    /// where no other version is.
    pub fn lowest_compatible(&self) -> Option<Name> {
        let base = self.base();
        match self.track()? {
            Track::Major(major) => Some(Name::new(format!("{base}@{major}.0.0"))),
            Track::Minor(minor) => Some(Name::new(format!("{base}@0.{minor}.0"))),
            Track::Patch(_) => None,
        }
    }

    /// The set of names that this one matches, itself included: a key for
    /// maps, so that finding partners needs no search.
    pub(crate) fn class(&self) -> Class<'_> {
        match self.track() {
            Some(track) => Class::Track(self.base(), track),
            None => Class::Alone(&self.text),
        }
    }

    /// The part of the version that compatible versions share. A pre-release
    /// has none, since it is compatible with nothing.
    pub(crate) fn track(&self) -> Option<Track> {
        let version = self.version.as_ref().filter(|v| v.pre.is_empty())?;
        Some(match (version.major, version.minor, version.patch) {
            (0, 0, patch) => Track::Patch(patch),
            (0, minor, _) => Track::Minor(minor),
            (major, _, _) => Track::Major(major),
        })
    }
}

/// What all names that match one another have in common.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Class<'a> {
    /// Compatible versions of one interface.
    Track(&'a str, Track),
    /// A name that meets only itself.
    Alone(&'a str),
}

/// Versions that are compatible with each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Track {
    /// `1.x`
    Major(u64),
    /// `0.2.x`
    Minor(u64),
    /// `0.0.3`, compatible only with itself.
    Patch(u64),
}

impl fmt::Display for Track {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Track::Major(major) => write!(f, "{major}.x"),
            Track::Minor(minor) => write!(f, "0.{minor}.x"),
            Track::Patch(patch) => write!(f, "0.0.{patch}"),
        }
    }
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl fmt::Debug for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.text, f)
    }
}

impl From<&str> for Name {
    fn from(text: &str) -> Self {
        Name::new(text)
    }
}

impl Serialize for Name {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.text)
    }
}
