//! The known differences, each with its reason.
//!
//! A suite may have a file `known.txt` beside its cases. A line of it is
//! `file:line | way | difference | reason`; those that begin with `#` are comments. A
//! difference is written as the report prints it, up to the colon.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::{Context as _, Result, bail};

use super::report::{Finding, Report};

/// Where a difference is: the directive, as `file:line`, and the way.
type Place = (String, String);

#[derive(Default)]
pub(super) struct KnownDifferences(BTreeMap<Place, String>);

impl KnownDifferences {
    /// Reads the list of a suite, if it has one.
    pub(super) fn read(folder: &Path) -> Result<Self> {
        let path = folder.join("known.txt");
        if !path.exists() {
            return Ok(KnownDifferences::default());
        }
        let list = std::fs::read_to_string(&path).context("reading known.txt")?;
        let mut known = BTreeMap::new();
        for (number, line) in (1..).zip(list.lines()) {
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            let fields: Vec<&str> = line.split(" | ").map(str::trim).collect();
            let [directive, way, difference, reason] = fields[..] else {
                bail!("known.txt:{number}: four fields, not {}", fields.len());
            };
            if reason.is_empty() {
                bail!("known.txt:{number}: why?");
            }
            let place = (directive.to_owned(), way.to_owned());
            if known.insert(place, difference.to_owned()).is_some() {
                bail!("known.txt:{number}: a second time");
            }
        }
        Ok(KnownDifferences(known))
    }

    /// Whether a difference is listed.
    pub(super) fn has(&self, finding: &Finding) -> bool {
        self.0.get(&place(finding)) == Some(&finding.verdict.kind())
    }

    /// What is listed and does not occur any more.
    pub(super) fn gone(&self, report: &Report) -> Vec<String> {
        let found: BTreeMap<Place, String> = report
            .differences()
            .map(|finding| (place(finding), finding.verdict.kind()))
            .collect();
        let gone = self.0.iter();
        gone.filter(|&(place, kind)| found.get(place) != Some(kind))
            .map(|((directive, way), kind)| format!("{directive} | {way} | {kind}"))
            .collect()
    }
}

fn place(finding: &Finding) -> Place {
    let directive = format!("{}:{}", finding.file, finding.line);
    (directive, finding.way.to_string())
}
