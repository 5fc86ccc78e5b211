//! Links that a reader need not see one by one: the interfaces of WASI, of which every
//! standard library imports a score.

use std::fmt;

use semver::Version;

use crate::plan::{Link, Source};

/// One or several links of a component, for one line of text or one arrow.
pub(super) enum BriefLink<'p> {
    One(&'p Link),
    Wasi(WasiLinks<'p>),
}

/// Several interfaces of one version of WASI that come from the component's linker.
pub(super) struct WasiLinks<'p> {
    count: usize,
    version: &'p Version,
}

/// The links in their order; several interfaces of one version of WASI stand where the
/// first of them would.
pub(super) fn brief(links: &[Link]) -> Vec<BriefLink<'_>> {
    let mut shown = Vec::new();
    for (i, link) in links.iter().enumerate() {
        let Some(version) = wasi_version(link) else {
            shown.push(BriefLink::One(link));
            continue;
        };
        let is_same = |other: &&Link| wasi_version(other) == Some(version);
        if links[..i].iter().any(|other| is_same(&other)) {
            continue;
        }
        let count = links.iter().filter(is_same).count();
        shown.push(match count {
            1 => BriefLink::One(link),
            _ => BriefLink::Wasi(WasiLinks { count, version }),
        });
    }
    shown
}

/// The version of WASI that a link is about, if it is one to be counted.
fn wasi_version(link: &Link) -> Option<&Version> {
    let is_plain = link.source == Source::Host && link.refused.is_empty();
    let is_wasi = link.import.base().starts_with("wasi:");
    link.import.version().filter(|_| is_plain && is_wasi)
}

impl fmt::Display for WasiLinks<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} interfaces of WASI {}", self.count, self.version)
    }
}
