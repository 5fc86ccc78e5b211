//! Reading a manifest.

use schemars::generate::SchemaSettings;
use serde::Deserialize;
use serde_json::Value;
use toml::de::DeTable;

use crate::manifest::Manifest;
use crate::manifest::check::check;
use crate::problem::{Problem, Problems, SourceText};

/// Reads a manifest. Everything that its schema does not allow is reported at once.
///
/// # Errors
///
/// The mistakes, each with its place.
pub fn read(text: &SourceText) -> Result<Manifest, Problems> {
    let read = || {
        let (table, errors) = DeTable::parse_recoverable(text.text());
        let mut problems: Problems = errors.into_iter().map(syntax).collect();
        if problems.is_empty() {
            check(&table, &schema(), &mut problems);
        }
        problems.check()?;
        // What the schema allows can be read, so this finds nothing else.
        let read = toml::Deserializer::parse(text.text()).and_then(Manifest::deserialize);
        read.map_err(|error| syntax(error).into())
    };
    read().map_err(|problems: Problems| problems.in_file(text))
}

fn syntax(error: toml::de::Error) -> Problem {
    let problem = Problem::new(error.message());
    match error.span() {
        Some(place) => problem.at(place),
        None => problem,
    }
}

/// The JSON Schema of a manifest, by which editors complete it.
pub fn schema() -> Value {
    let mut settings = SchemaSettings::draft2020_12();
    settings.inline_subschemas = true;
    settings
        .into_generator()
        .into_root_schema_for::<Manifest>()
        .to_value()
}
