//! What is wrong with an input, in the form that people and programs read.

use std::fmt;
use std::ops::Range;
use std::sync::Arc;

use miette::{Diagnostic, LabeledSpan, NamedSource, SourceCode};
use serde::Serialize;

/// The text of a file that problems point into.
#[derive(Clone, Debug)]
pub struct SourceText(Arc<NamedSource<String>>);

impl SourceText {
    /// The text of the file of this name.
    pub fn new(name: impl AsRef<str>, text: String) -> Self {
        SourceText(Arc::new(NamedSource::new(name, text)))
    }

    pub(crate) fn text(&self) -> &str {
        self.0.inner()
    }

    fn name(&self) -> &str {
        self.0.name()
    }
}

/// One mistake.
#[derive(Clone, Debug, thiserror::Error)]
#[error("{message}")]
pub struct Problem {
    message: String,
    help: Option<String>,
    /// Places in the file, each with what it has to do with the mistake.
    places: Vec<(Range<usize>, Option<String>)>,
    source_text: Option<SourceText>,
}

impl Problem {
    /// A mistake that has no place in a file.
    pub fn new(message: impl fmt::Display) -> Self {
        Problem {
            message: message.to_string(),
            help: None,
            places: Vec::new(),
            source_text: None,
        }
    }

    /// A mistake that the library has found: its message says how to mend it.
    pub fn said(error: impl fmt::Display) -> Self {
        let text = in_words_of_a_manifest(&error.to_string());
        match text.split_once("\n  fix: ") {
            Some((message, fix)) => Problem::new(message).with_help(fix),
            None => Problem::new(text),
        }
    }

    /// Says how to mend it.
    #[must_use]
    pub fn with_help(mut self, help: impl fmt::Display) -> Self {
        self.help = Some(help.to_string());
        self
    }

    /// Points to bytes of the file. The first place is where the mistake is.
    #[must_use]
    pub fn at(mut self, place: Range<usize>) -> Self {
        self.places.push((place, None));
        self
    }

    /// Points to bytes of the file that have something to do with it.
    #[must_use]
    pub fn with_note(mut self, place: Range<usize>, note: impl fmt::Display) -> Self {
        self.places.push((place, Some(note.to_string())));
        self
    }

    /// Says which file its places are in.
    #[must_use]
    pub fn in_file(mut self, text: &SourceText) -> Self {
        if !self.places.is_empty() {
            self.source_text = Some(text.clone());
        }
        self
    }
}

/// The library names the methods that set limits; a manifest has keys for them.
fn in_words_of_a_manifest(text: &str) -> String {
    const METHOD: &str = "`Limits::with_";
    let mut pieces = text.split(METHOD);
    let mut written = pieces.next().unwrap_or_default().to_owned();
    for piece in pieces {
        let (name, rest) = piece.split_once('`').unwrap_or((piece, ""));
        let key = name.replace('_', "-");
        written.push_str(&format!("`{key}` in its `limits`{rest}"));
    }
    written
}

impl Diagnostic for Problem {
    fn help<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        let help = self.help.as_ref()?;
        Some(Box::new(help))
    }

    fn source_code(&self) -> Option<&dyn SourceCode> {
        let text = self.source_text.as_ref()?;
        Some(&*text.0)
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        let labels = self.places.iter().map(|(place, note)| {
            LabeledSpan::new(note.clone(), place.start, place.end - place.start)
        });
        Some(Box::new(labels))
    }
}

/// All mistakes of an input.
#[derive(Debug, Default)]
pub struct Problems {
    problems: Vec<Problem>,
}

impl Problems {
    /// Adds a mistake.
    pub fn push(&mut self, problem: Problem) {
        self.problems.push(problem);
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.problems.is_empty()
    }

    /// The mistakes.
    pub fn iter(&self) -> impl Iterator<Item = &Problem> {
        self.problems.iter()
    }

    /// `Err` if there are any, in the order of their places.
    ///
    /// # Errors
    ///
    /// These mistakes.
    pub fn check(self) -> Result<(), Problems> {
        match self.is_empty() {
            true => Ok(()),
            false => Err(self.sorted()),
        }
    }

    /// The mistakes in the order of their places.
    #[must_use]
    pub fn sorted(mut self) -> Self {
        let place = |problem: &Problem| problem.places.first().map(|(place, _)| place.start);
        self.problems.sort_by_key(place);
        self
    }

    /// Adds mistakes.
    pub fn extend(&mut self, more: Problems) {
        self.problems.extend(more.problems);
    }

    /// Adds the file to all that have places.
    #[must_use]
    pub fn in_file(self, text: &SourceText) -> Self {
        let problems = self.problems.into_iter();
        Problems {
            problems: problems.map(|problem| problem.in_file(text)).collect(),
        }
    }

    /// The mistakes for programs to read.
    pub fn to_json(&self) -> String {
        let mistakes: Vec<_> = self.problems.iter().map(JsonProblem::of).collect();
        let errors = serde_json::json!({ "errors": mistakes });
        format!("{errors:#}")
    }
}

impl From<Problem> for Problems {
    fn from(problem: Problem) -> Self {
        Problems {
            problems: vec![problem],
        }
    }
}

impl FromIterator<Problem> for Problems {
    fn from_iter<I: IntoIterator<Item = Problem>>(problems: I) -> Self {
        Problems {
            problems: problems.into_iter().collect(),
        }
    }
}

#[derive(Serialize)]
struct JsonProblem<'p> {
    message: &'p str,
    help: Option<&'p str>,
    file: Option<&'p str>,
    places: Vec<JsonPlace<'p>>,
}

/// Lines and columns begin with 1; columns count characters.
#[derive(Serialize)]
struct JsonPlace<'p> {
    line: usize,
    column: usize,
    note: Option<&'p str>,
}

impl<'p> JsonProblem<'p> {
    fn of(problem: &'p Problem) -> Self {
        let text = problem.source_text.as_ref();
        let places = text.into_iter().flat_map(|text| {
            problem.places.iter().map(|(place, note)| {
                let before = text.text().get(..place.start).unwrap_or_default();
                let line = before.rsplit('\n').next().unwrap_or_default();
                JsonPlace {
                    line: before.matches('\n').count() + 1,
                    column: line.chars().count() + 1,
                    note: note.as_deref(),
                }
            })
        });
        JsonProblem {
            message: &problem.message,
            help: problem.help.as_deref(),
            file: text.map(SourceText::name),
            places: places.collect(),
        }
    }
}
