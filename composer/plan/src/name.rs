//! Names of imports and exports, and the rules by which two of them match.

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
    /// Parses a name. Every text is a name; one without a well-formed version is taken as
    /// a whole and matches only itself.
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

    /// The version, if the name has one.
    pub fn version(&self) -> Option<&Version> {
        self.version.as_ref()
    }

    /// Whether the name gives a location or a hash of contents. No component can
    /// export such a name.
    pub(crate) fn is_location(&self) -> bool {
        const KINDS: [&str; 5] = [
            "url",
            "relative-url",
            "integrity",
            "locked-dep",
            "unlocked-dep",
        ];
        let kind = self.text.split_once('=').map(|(kind, _)| kind);
        kind.is_some_and(|kind| KINDS.contains(&kind))
    }

    /// Whether an import and an export with these two names match, and how well.
    ///
    /// Versions are compatible by the rule of the component model's canonical interface
    /// names: `1.2.3` and `1.9.0` share the track `1`, `0.2.0` and `0.2.6` share `0.2`,
    /// and `0.0.3` and pre-releases match only themselves. The relation is symmetric.
    pub fn matches(&self, other: &Name) -> Option<NameMatch> {
        if self.text == other.text {
            Some(NameMatch::Exact)
        } else {
            (self.class() == other.class()).then_some(NameMatch::Compatible)
        }
    }

    /// Whether a text that the embedder wrote can mean this name: the name itself, a
    /// compatible version of it, or, without a version, the name in any version.
    ///
    /// ```
    /// # use composer_plan::Name;
    /// let rates = Name::new("shop:tax/rates@1.2.0");
    /// assert!(rates.is_meant_by("shop:tax/rates"));
    /// assert!(rates.is_meant_by("shop:tax/rates@1.0.0"));
    /// assert!(!rates.is_meant_by("shop:tax/rates@2.0.0"));
    /// ```
    pub fn is_meant_by(&self, text: &str) -> bool {
        text == self.base() || Name::new(text).matches(self).is_some()
    }

    /// The class of the names that this one matches, itself included. As a key of maps it
    /// finds matching names without a search.
    pub(crate) fn class(&self) -> NameClass<'_> {
        match self.track() {
            Some(track) => NameClass::Track(self.base(), track),
            None => NameClass::Alone(&self.text),
        }
    }

    /// The part of the version that compatible versions share. A pre-release
    /// has none, since it is compatible with nothing.
    pub(crate) fn track(&self) -> Option<VersionTrack> {
        let version = self.version.as_ref().filter(|v| v.pre.is_empty())?;
        Some(match (version.major, version.minor, version.patch) {
            (0, 0, patch) => VersionTrack::Patch(patch),
            (0, minor, _) => VersionTrack::Minor(minor),
            (major, _, _) => VersionTrack::Major(major),
        })
    }

    /// This name in the lowest and in the highest version that is compatible
    /// with its own; `None` where no other version is.
    pub fn compatible_range(&self) -> Option<(Name, Name)> {
        let in_version =
            |major, minor, patch| Name::new(format!("{}@{major}.{minor}.{patch}", self.base()));
        match self.track()? {
            VersionTrack::Major(major) => Some((
                in_version(major, 0, 0),
                in_version(major, u64::MAX, u64::MAX),
            )),
            VersionTrack::Minor(minor) => {
                Some((in_version(0, minor, 0), in_version(0, minor, u64::MAX)))
            }
            VersionTrack::Patch(_) => None,
        }
    }
}

/// A class of names that all match one another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum NameClass<'a> {
    /// Compatible versions of one interface.
    Track(&'a str, VersionTrack),
    /// A name that matches only itself.
    Alone(&'a str),
}

/// Versions that are compatible with each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum VersionTrack {
    /// `1.x`
    Major(u64),
    /// `0.2.x`
    Minor(u64),
    /// `0.0.3`, compatible only with itself.
    Patch(u64),
}

impl fmt::Display for VersionTrack {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            VersionTrack::Major(major) => write!(f, "{major}.x"),
            VersionTrack::Minor(minor) => write!(f, "0.{minor}.x"),
            VersionTrack::Patch(patch) => write!(f, "0.0.{patch}"),
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_has_a_base_and_perhaps_a_version() {
        for (text, base, version) in [
            ("add", "add", None),
            ("x:y/z", "x:y/z", None),
            ("x:y/z@1.2.3-rc.1+b", "x:y/z", Some("1.2.3-rc.1+b")),
            ("x:y/z@1", "x:y/z@1", None),
            ("x:y/z@", "x:y/z@", None),
            ("@1.0.0", "", Some("1.0.0")),
            ("", "", None),
        ] {
            let name = Name::new(text);
            assert_eq!(name.as_str(), text);
            assert_eq!(name.to_string(), text);
            assert_eq!(name.base(), base);
            assert_eq!(name.version().map(Version::to_string).as_deref(), version);
        }
    }

    #[test]
    fn a_match_says_how_good_it_is() {
        let matches = |a: &str, b: &str| Name::new(a).matches(&Name::new(b));
        assert_eq!(matches("a@1.0.0", "a@1.0.0"), Some(NameMatch::Exact));
        assert_eq!(matches("a@1.0.0", "a@1.0.1"), Some(NameMatch::Compatible));
        assert_eq!(matches("a@1.0.0", "b@1.0.0"), None);
        assert_eq!(matches("a@1.0.0-rc", "a@1.0.0-rc"), Some(NameMatch::Exact));
        assert!(NameMatch::Exact < NameMatch::Compatible);
    }

    #[test]
    fn the_compatible_range_is_the_whole_track() {
        let max = u64::MAX;
        for (name, range) in [
            (
                "a@1.2.3",
                Some(("a@1.0.0".into(), format!("a@1.{max}.{max}"))),
            ),
            ("a@0.2.6", Some(("a@0.2.0".into(), format!("a@0.2.{max}")))),
            ("a@0.0.3", None),
            ("a@1.0.0-rc", None),
            ("a", None),
        ] {
            let found = Name::new(name).compatible_range();
            let found = found.map(|(low, high)| (low.to_string(), high.to_string()));
            assert_eq!(found, range);
        }
    }
}
