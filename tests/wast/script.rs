//! A parsed `.wast` file.

use std::collections::HashMap;
use std::path::Path;
use std::sync::Arc;

use anyhow::{Context as _, Result, anyhow};
use wasmtime::component::Val;
use wast::lexer::Lexer;
use wast::parser::{self, ParseBuffer};
use wast::{QuoteWat, Wast, WastArg, WastDirective, WastExecute, WastInvoke, WastRet, Wat};

use super::value::{answer, val};

/// What a file says is to be done, in order.
pub(super) struct Script {
    /// Where the file is in the folder of its suite.
    pub(super) name: String,
    pub(super) directives: Vec<Directive>,
}

/// Something to be done, and what is to come of it.
pub(super) struct Directive {
    pub(super) line: usize,
    pub(super) act: Act,
    pub(super) expected: Expectation,
}

pub(super) enum Act {
    /// Instantiates a component.
    Instantiate {
        name: Option<String>,
        component: Arc<[u8]>,
    },
    /// Calls a function of the instance of that name, or of the latest one.
    Invoke {
        instance: Option<String>,
        function: String,
        arguments: Vec<Val>,
    },
    /// Nothing that could be done in several ways.
    Nothing(String),
}

/// What a file says will come of something.
pub(super) enum Expectation {
    /// It does not fail.
    Success,
    /// This answer.
    Answer(String),
    /// A trap whose message has this text in it.
    Trap(String),
}

impl Script {
    /// Reads a file.
    pub(super) fn read(folder: &Path, path: &Path) -> Result<Self> {
        let name = path.strip_prefix(folder).unwrap_or(path).display();
        let source = std::fs::read_to_string(path).with_context(|| format!("reading {name}"))?;
        let directives = read(&source).with_context(|| format!("parsing {name}"))?;
        Ok(Script {
            name: name.to_string(),
            directives,
        })
    }
}

fn read(source: &str) -> Result<Vec<Directive>> {
    let mut lexer = Lexer::new(source);
    // Some suites test names with characters that look like others.
    lexer.allow_confusing_unicode(true);
    let buffer = ParseBuffer::new_with_lexer(lexer)?;
    let mut definitions = HashMap::new();
    let directives = parser::parse::<Wast<'_>>(&buffer)?.directives.into_iter();
    let directives = directives.map(|directive| {
        let line = directive.span().linecol_in(source).0 + 1;
        let (act, expected) = read_directive(directive, &mut definitions).unwrap_or_else(|error| {
            let why = format!("it cannot be encoded: {error:#}");
            (Act::Nothing(why), Expectation::Success)
        });
        Directive {
            line,
            act,
            expected,
        }
    });
    Ok(directives.collect())
}

/// Components that a file defines before it instantiates them.
type Definitions = HashMap<Option<String>, Arc<[u8]>>;

fn read_directive(
    directive: WastDirective<'_>,
    definitions: &mut Definitions,
) -> Result<(Act, Expectation)> {
    let nothing = |why: &str| (Act::Nothing(why.to_owned()), Expectation::Success);
    let trap = |message: &str| Expectation::Trap(message.to_owned());
    Ok(match directive {
        WastDirective::Module(mut text) => match component(&mut text)? {
            Some((name, component)) => (Act::Instantiate { name, component }, Expectation::Success),
            None => nothing("a core module"),
        },
        WastDirective::ModuleDefinition(mut text) => match component(&mut text)? {
            Some((name, component)) => {
                definitions.insert(name, component.clone());
                definitions.insert(None, component);
                nothing("a definition: it runs when it is instantiated")
            }
            None => nothing("a core module"),
        },
        WastDirective::ModuleInstance {
            instance, module, ..
        } => {
            let definition = module.map(|id| id.name().to_owned());
            let component = definitions.get(&definition);
            let component = component.context("there is no such definition")?.clone();
            let name = instance.map(|id| id.name().to_owned());
            (Act::Instantiate { name, component }, Expectation::Success)
        }
        WastDirective::Invoke(invoke) => (read_invoke(&invoke)?, Expectation::Success),
        WastDirective::AssertReturn { exec, results, .. } => {
            let results = results.iter().map(|result| match result {
                WastRet::Component(result) => Ok(val(result)),
                _ => Err(anyhow!("a result of a core function")),
            });
            let answer = answer(&results.collect::<Result<Vec<Val>>>()?);
            (execute(exec)?, Expectation::Answer(answer))
        }
        WastDirective::AssertTrap { exec, message, .. } => (execute(exec)?, trap(message)),
        WastDirective::AssertException { exec, .. } => (execute(exec)?, trap("")),
        WastDirective::AssertExhaustion { call, message, .. } => {
            (read_invoke(&call)?, trap(message))
        }
        WastDirective::AssertUnlinkable {
            module, message, ..
        } => (execute(WastExecute::Wat(module))?, trap(message)),
        WastDirective::AssertMalformed { .. } | WastDirective::AssertInvalid { .. } => {
            nothing("a component that is not valid: nothing of it runs")
        }
        _ => nothing("a directive about core modules or threads"),
    })
}

/// What an assertion is about.
fn execute(what: WastExecute<'_>) -> Result<Act> {
    Ok(match what {
        WastExecute::Invoke(invoke) => read_invoke(&invoke)?,
        WastExecute::Wat(mut text @ Wat::Component(_)) => Act::Instantiate {
            name: None,
            component: text.encode()?.into(),
        },
        _ => Act::Nothing("an assertion about core modules".to_owned()),
    })
}

fn read_invoke(invoke: &WastInvoke<'_>) -> Result<Act> {
    let arguments = invoke.args.iter().map(|argument| match argument {
        WastArg::Component(argument) => Ok(val(argument)),
        _ => Err(anyhow!("an argument of a core function")),
    });
    Ok(Act::Invoke {
        instance: invoke.module.map(|id| id.name().to_owned()),
        function: invoke.name.to_owned(),
        arguments: arguments.collect::<Result<_>>()?,
    })
}

/// A component with the name that a file gives it.
type NamedComponent = (Option<String>, Arc<[u8]>);

/// A component of a file; `None` for a core module.
fn component(text: &mut QuoteWat<'_>) -> Result<Option<NamedComponent>> {
    let is_component = matches!(
        text,
        QuoteWat::Wat(Wat::Component(_)) | QuoteWat::QuoteComponent(..)
    );
    if !is_component {
        return Ok(None);
    }
    let name = text.name().map(|id| id.name().to_owned());
    Ok(Some((name, text.encode()?.into())))
}
