//! The report on the files of a suite.

use std::collections::BTreeMap;
use std::fmt;

use super::known::KnownDifferences;
use super::outcome::{Outcome, Verdict};
use super::script::Script;
use super::ways::Way;

/// What one directive comes to in one way.
pub(super) struct Finding {
    pub(super) file: String,
    pub(super) line: usize,
    pub(super) way: Way,
    pub(super) verdict: Verdict,
    /// What it comes to in one store.
    should: Outcome,
}

/// All findings, in the order of the files.
#[derive(Default)]
pub(super) struct Report {
    findings: Vec<Finding>,
    /// Files that are no scripts.
    unread: Vec<String>,
}

impl Report {
    /// Adds a file that could not be read.
    pub(super) fn add_unread(&mut self, why: String) {
        self.unread.push(why);
    }

    /// Adds what came of a file: the outcomes of each way, the oracle's first.
    pub(super) fn add(&mut self, script: &Script, runs: &[Vec<Outcome>]) {
        for (way, run) in Way::ALL.into_iter().zip(runs) {
            for (i, directive) in script.directives.iter().enumerate() {
                let (should, found) = (&runs[0][i], &run[i]);
                let verdict = match way {
                    Way::OneStore => Verdict::of_oracle(&directive.expected, found),
                    _ => Verdict::of_way(&directive.expected, should, found),
                };
                self.findings.push(Finding {
                    file: script.name.clone(),
                    line: directive.line,
                    way,
                    verdict,
                    should: should.clone(),
                });
            }
        }
    }

    /// Files that could not be read.
    pub(super) fn unread(&self) -> &[String] {
        &self.unread
    }

    /// All differences.
    pub(super) fn differences(&self) -> impl Iterator<Item = &Finding> {
        let findings = self.findings.iter();
        findings.filter(|finding| !finding.verdict.is_no_difference())
    }

    /// Prints a table of the files, what differs, and a table of the ways.
    pub(super) fn print(&self, known: &KnownDifferences) {
        let mut files: Vec<(&str, Vec<&Finding>)> = Vec::new();
        for finding in &self.findings {
            match files.last_mut() {
                Some((file, findings)) if *file == finding.file => findings.push(finding),
                _ => files.push((&finding.file, vec![finding])),
            }
        }
        println!("{}  file", Counts::HEAD);
        for (file, findings) in &files {
            println!("{}  {file}", Counts::of(findings.iter().copied()));
        }
        for (file, findings) in &files {
            let differences = findings.iter().filter(|f| !f.verdict.is_no_difference());
            let mut differences = differences.peekable();
            if differences.peek().is_some() {
                println!("\n{file}");
            }
            for finding in differences {
                let mark = match (finding.verdict.is_grave(), known.has(finding)) {
                    (_, true) => "known",
                    (true, false) => "GRAVE",
                    (false, false) => "     ",
                };
                println!("  {mark} {finding}");
            }
        }
        println!("\n{}  way", Counts::HEAD);
        for way in Way::ALL {
            let findings = self.findings.iter().filter(|finding| finding.way == way);
            println!("{}  {way}", Counts::of(findings));
        }
        self.print_skipped();
        for unread in &self.unread {
            println!("not read: {unread}");
        }
    }

    /// What could not be said in a way, or not at all, and how often.
    fn print_skipped(&self) {
        let mut skipped: BTreeMap<(Way, &str), usize> = BTreeMap::new();
        for finding in &self.findings {
            if let Verdict::Skipped(why) | Verdict::Inexpressible(why) = &finding.verdict {
                *skipped.entry((finding.way, why)).or_default() += 1;
            }
        }
        println!("\nnot applicable");
        for ((way, why), count) in skipped {
            println!("{count:>6}  {way}: {}", why.replace('\n', " "));
        }
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Finding { line, way, .. } = self;
        write!(f, "{line}: {way}: {}", self.verdict)?;
        match &self.should {
            _ if *way == Way::OneStore => Ok(()),
            Outcome::Answers(answer) => write!(f, " (should answer {answer})"),
            Outcome::Fails(why) => write!(f, " (should fail: {})", first_line(why)),
            _ => Ok(()),
        }
    }
}

fn first_line(text: &str) -> &str {
    text.lines().next().unwrap_or_default()
}

/// How many directives came to what.
#[derive(Default)]
struct Counts {
    agree: usize,
    other_words: usize,
    fail: usize,
    refused: usize,
    wrong: usize,
    hang: usize,
    panic: usize,
    not_applicable: usize,
}

impl Counts {
    const HEAD: &'static str = " agree  words  fails  refused  WRONG  HANGS  PANICS    n/a";

    fn of<'a>(findings: impl Iterator<Item = &'a Finding>) -> Self {
        let mut counts = Counts::default();
        for finding in findings {
            *match &finding.verdict {
                Verdict::Agrees => &mut counts.agree,
                Verdict::OtherWords(_) => &mut counts.other_words,
                Verdict::Fails(_) => &mut counts.fail,
                Verdict::Refused(_) => &mut counts.refused,
                Verdict::WrongAnswer(_) => &mut counts.wrong,
                Verdict::Hangs => &mut counts.hang,
                Verdict::Panics(_) => &mut counts.panic,
                Verdict::Inexpressible(_) | Verdict::Skipped(_) => &mut counts.not_applicable,
            } += 1;
        }
        counts
    }
}

impl fmt::Display for Counts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{:>6} {:>6} {:>6} {:>8} {:>6} {:>6} {:>7} {:>6}",
            self.agree,
            self.other_words,
            self.fail,
            self.refused,
            self.wrong,
            self.hang,
            self.panic,
            self.not_applicable
        )
    }
}
