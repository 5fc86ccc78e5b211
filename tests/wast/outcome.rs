//! The outcome of a directive in one way, and its difference from another outcome.

use std::fmt;

use super::script::Expectation;

/// What came of a directive.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Outcome {
    /// It did what it was to do, with this answer.
    Answers(String),
    /// It trapped, or failed otherwise while it ran.
    Fails(String),
    /// It could not be composed.
    Refused(String),
    /// Nothing came of it in all the time that there was.
    Hangs,
    /// The host panicked.
    Panics(String),
    /// This way has no way to say it.
    Inexpressible(String),
    /// There is nothing to say, because of what came of a directive before.
    Skipped(String),
}

impl Outcome {
    /// What comes of starting something.
    pub(super) const STARTED: &'static str = "started";

    /// Of an error's text. The host's panics are errors too, where they are caught.
    pub(super) fn of_error(text: String) -> Self {
        match text.contains("host function panicked") {
            true => Outcome::Panics(text),
            false => Outcome::Fails(text),
        }
    }
}

/// How an outcome compares with the one it should be.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Verdict {
    Agrees,
    /// Both fail, and this one does not say what the file expects to hear.
    OtherWords(String),
    /// An answer where there should be another one, or none.
    WrongAnswer(String),
    /// It fails where it should answer.
    Fails(String),
    Refused(String),
    Hangs,
    Panics(String),
    Inexpressible(String),
    Skipped(String),
}

impl Verdict {
    /// What wasmtime comes to, beside what the file expects.
    pub(super) fn of_oracle(expected: &Expectation, found: &Outcome) -> Self {
        let should = match (expected, found) {
            (Expectation::Success, Outcome::Answers(_)) => return Verdict::Agrees,
            (Expectation::Success, _) => Outcome::Answers(String::new()),
            (Expectation::Answer(answer), _) => Outcome::Answers(answer.clone()),
            (Expectation::Trap(message), _) => Outcome::Fails(message.clone()),
        };
        Verdict::new(expected, &should, found)
    }

    /// What something comes to, beside what it comes to in one store.
    ///
    /// Where wasmtime does not do what the file expects, because it is older than the
    /// file or for other reasons, either is right.
    pub(super) fn of_way(expected: &Expectation, should: &Outcome, found: &Outcome) -> Self {
        let disagrees = Verdict::of_oracle(expected, should) != Verdict::Agrees;
        match disagrees && Verdict::of_oracle(expected, found) == Verdict::Agrees {
            true => Verdict::Agrees,
            false => Verdict::new(expected, should, found),
        }
    }

    fn new(expected: &Expectation, should: &Outcome, found: &Outcome) -> Self {
        match (should, found) {
            // Nobody can say what it should be.
            (Outcome::Skipped(why), _) => Verdict::Skipped(why.clone()),
            (Outcome::Inexpressible(why), _) => Verdict::Inexpressible(why.clone()),
            (_, Outcome::Skipped(why)) => Verdict::Skipped(why.clone()),
            (_, Outcome::Inexpressible(why)) => Verdict::Inexpressible(why.clone()),
            (_, Outcome::Panics(text)) => Verdict::Panics(text.clone()),
            (Outcome::Hangs, Outcome::Hangs) => Verdict::Agrees,
            (_, Outcome::Hangs) => Verdict::Hangs,
            (Outcome::Answers(a), Outcome::Answers(b)) if a == b => Verdict::Agrees,
            (_, Outcome::Answers(answer)) => Verdict::WrongAnswer(answer.clone()),
            (
                Outcome::Fails(_) | Outcome::Refused(_),
                Outcome::Fails(text) | Outcome::Refused(text),
            ) => match expected {
                Expectation::Trap(message) if !says(text, message) => {
                    Verdict::OtherWords(text.clone())
                }
                _ => Verdict::Agrees,
            },
            (_, Outcome::Fails(text)) => Verdict::Fails(text.clone()),
            (_, Outcome::Refused(text)) => Verdict::Refused(text.clone()),
        }
    }

    /// Whether nobody has to be told.
    pub(super) fn is_no_difference(&self) -> bool {
        matches!(self, Verdict::Agrees | Verdict::Skipped(_))
    }

    /// Whether it is never to be, in anybody's file.
    pub(super) fn is_grave(&self) -> bool {
        matches!(
            self,
            Verdict::WrongAnswer(_) | Verdict::Hangs | Verdict::Panics(_)
        )
    }

    /// The same as it stands in a list of known differences: answers in full, and of
    /// what fails only that it does.
    pub(super) fn kind(&self) -> String {
        match self {
            Verdict::Agrees => "agrees".to_owned(),
            Verdict::OtherWords(_) => "other words".to_owned(),
            Verdict::WrongAnswer(answer) => format!("answers {answer}"),
            Verdict::Fails(_) => "fails".to_owned(),
            Verdict::Refused(_) => "is refused".to_owned(),
            Verdict::Hangs => "hangs".to_owned(),
            Verdict::Panics(_) => "panics".to_owned(),
            Verdict::Inexpressible(_) => "not applicable".to_owned(),
            Verdict::Skipped(_) => "skipped".to_owned(),
        }
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.kind())?;
        match self {
            Verdict::OtherWords(text)
            | Verdict::Fails(text)
            | Verdict::Refused(text)
            | Verdict::Panics(text)
            | Verdict::Inexpressible(text)
            | Verdict::Skipped(text) => write!(f, ": {}", text.replace('\n', " ")),
            _ => Ok(()),
        }
    }
}

/// Whether an error says what a file expects. Composer leaves out that it is a trap of
/// wasm where it says so itself.
fn says(text: &str, message: &str) -> bool {
    text.contains(message.strip_prefix("wasm trap: ").unwrap_or(message))
}
