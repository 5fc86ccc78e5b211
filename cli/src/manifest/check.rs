//! Comparing a file with the schema.
//!
//! Reading into Rust types stops at the first mistake. This walks through the whole file, and
//! knows no more than the schema, which is made of the same types: objects with properties,
//! lists, maps, numbers, strings, and alternatives.

use std::ops::Range;

use serde_json::Value as Schema;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::problem::{Problem, Problems};

/// The similarity from which on a name is suggested for another one.
const SIMILAR: f64 = 0.75;

/// Reports everything in a file that its schema does not allow.
pub(super) fn check(file: &Spanned<DeTable<'_>>, schema: &Schema, problems: &mut Problems) {
    table(file.get_ref(), file.span(), "the file", schema, problems);
}

fn table(
    table: &DeTable<'_>,
    place: Range<usize>,
    what: &str,
    schema: &Schema,
    problems: &mut Problems,
) {
    let properties = schema.get("properties").and_then(Schema::as_object);
    let others = schema.get("additionalProperties");
    for (key, inner) in table {
        let name: &str = key.get_ref();
        let known = properties.and_then(|properties| properties.get(name));
        let other = others.filter(|other| other.is_object());
        match known.or(other) {
            Some(schema) => value(inner, name, schema, problems),
            None => {
                let names = properties.into_iter().flat_map(|known| known.keys());
                problems.push(unknown(name, key.span(), what, names));
            }
        }
    }
    let is_there = |name: &&str| table.iter().any(|(key, _)| key.get_ref() == *name);
    for name in required(schema).filter(|name| !is_there(name)) {
        let problem = Problem::new(format!("`{name}` is missing in {what}"));
        problems.push(about(problem, schema, &[name]).at(place.clone()));
    }
    let choices = choices(schema);
    let chosen: Vec<&str> = choices.iter().copied().filter(is_there).collect();
    let all = quoted(&choices);
    match chosen.len() {
        0 if !choices.is_empty() => {
            let problem = Problem::new(format!("one of {all} is missing in {what}"));
            problems.push(about(problem, schema, &choices).at(place));
        }
        0 | 1 => {}
        _ => {
            let mut keys = table.iter().map(|(key, _)| key);
            let second = keys.find(|key| key.get_ref() == chosen[1]);
            let place = second.map_or(place, Spanned::span);
            let problem = Problem::new(format!("only one of {all} can be in {what}")).at(place);
            problems.push(problem.with_help("keep the one that it comes from"));
        }
    }
}

/// The properties that a schema requires.
fn required(schema: &Schema) -> impl Iterator<Item = &str> {
    let required = schema.get("required").and_then(Schema::as_array);
    required.into_iter().flatten().filter_map(Schema::as_str)
}

/// The properties of which exactly one is required.
fn choices(schema: &Schema) -> Vec<&str> {
    let choices = schema.get("oneOf").and_then(Schema::as_array);
    choices.into_iter().flatten().flat_map(required).collect()
}

fn quoted(names: &[&str]) -> String {
    let names: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
    names.join(", ")
}

/// Adds what the schema says about properties.
fn about(problem: Problem, schema: &Schema, names: &[&str]) -> Problem {
    let described = names.iter().filter_map(|name| {
        let about = describe(schema, name)?;
        Some(format!("`{name}`: {about}"))
    });
    let described: Vec<String> = described.collect();
    match described.is_empty() {
        true => problem,
        false => problem.with_help(described.join("\n")),
    }
}

/// A key that the schema does not have.
fn unknown<'n>(
    name: &str,
    place: Range<usize>,
    what: &str,
    known: impl Iterator<Item = &'n String>,
) -> Problem {
    let known: Vec<&String> = known.collect();
    let likeness = |known: &&&String| (strsim::jaro_winkler(name, known) * 1000.0) as u64;
    let nearest = known.iter().max_by_key(likeness);
    let nearest = nearest.filter(|near| strsim::jaro_winkler(name, near) >= SIMILAR);
    let help = match nearest {
        Some(near) => format!("did you mean `{near}`?"),
        None => {
            let known: Vec<String> = known.iter().map(|name| format!("`{name}`")).collect();
            format!("there are: {}", known.join(", "))
        }
    };
    Problem::new(format!("there is no key `{name}` in {what}"))
        .at(place)
        .with_help(help)
}

/// What the schema says about a property.
fn describe<'s>(schema: &'s Schema, name: &str) -> Option<&'s str> {
    schema
        .get("properties")?
        .get(name)?
        .get("description")?
        .as_str()
}

fn value(found: &Spanned<DeValue<'_>>, what: &str, schema: &Schema, problems: &mut Problems) {
    if let Some(alternatives) = alternatives(schema) {
        let mut fitting = alternatives
            .iter()
            .filter(|schema| is_kind(found.get_ref(), schema));
        return match fitting.next() {
            Some(schema) => value(found, what, schema, problems),
            None => problems.push(wrong_kind(found, what, &alternatives)),
        };
    }
    if !is_kind(found.get_ref(), schema) {
        return problems.push(wrong_kind(found, what, &[schema]));
    }
    match found.get_ref() {
        DeValue::Table(inner) => {
            table(inner, found.span(), &format!("`{what}`"), schema, problems);
        }
        DeValue::Array(items) => {
            if let Some(schema) = schema.get("items") {
                for item in items {
                    value(item, what, schema, problems);
                }
            }
        }
        DeValue::String(text) => {
            let allowed = cases(schema);
            if !allowed.is_empty() && !allowed.contains(&&**text) {
                let allowed: Vec<String> = allowed.iter().map(|case| format!("{case:?}")).collect();
                let problem = Problem::new(format!("`{what}` cannot be {text:?}"))
                    .at(found.span())
                    .with_help(format!("it is one of {}", allowed.join(", ")));
                problems.push(problem);
            }
        }
        DeValue::Integer(number) => {
            let number = i128::from_str_radix(number.as_str(), number.radix());
            let bound = |name| schema.get(name).and_then(Schema::as_i64).map(i128::from);
            let least = bound("minimum");
            let most = match schema.get("format").and_then(Schema::as_str) {
                Some("uint32") => Some(i128::from(u32::MAX)),
                _ => Some(i128::from(i64::MAX)),
            };
            let fits = number.is_ok_and(|number| {
                least.is_none_or(|least| least <= number) && most.is_none_or(|most| number <= most)
            });
            if !fits {
                let problem = Problem::new(format!("`{what}` is out of range")).at(found.span());
                problems.push(problem.with_help(format!(
                    "it is a number from {} to {}",
                    least.unwrap_or(i128::from(i64::MIN)),
                    most.unwrap_or(i128::from(i64::MAX)),
                )));
            }
        }
        _ => {}
    }
}

/// What a value may be, where there is a choice. `null` is none, since TOML has no such value.
fn alternatives(schema: &Schema) -> Option<Vec<&Schema>> {
    let choice = schema.get("anyOf").or_else(|| schema.get("oneOf"))?;
    if !choices(schema).is_empty() {
        return None;
    }
    let choice = choice.as_array()?.iter();
    let choice: Vec<&Schema> = choice.filter(|schema| !is_null(schema)).collect();
    // Cases of an enum are one kind.
    (!choice.iter().all(|schema| schema.get("const").is_some())).then_some(choice)
}

fn is_null(schema: &Schema) -> bool {
    schema.get("type").and_then(Schema::as_str) == Some("null")
}

/// The texts that an enum has.
fn cases(schema: &Schema) -> Vec<&str> {
    let listed = schema.get("enum").and_then(Schema::as_array);
    let listed = listed.into_iter().flatten().filter_map(Schema::as_str);
    let each = schema.get("oneOf").and_then(Schema::as_array);
    let each = each.into_iter().flatten();
    let each = each.filter_map(|schema| schema.get("const").and_then(Schema::as_str));
    listed.chain(each).collect()
}

/// The names of the types that a schema allows.
fn types(schema: &Schema) -> Vec<&str> {
    let types = match schema.get("type") {
        Some(Schema::String(one)) => vec![one.as_str()],
        Some(Schema::Array(some)) => some.iter().filter_map(Schema::as_str).collect(),
        _ if cases(schema).is_empty() => Vec::new(),
        _ => vec!["string"],
    };
    types.into_iter().filter(|ty| *ty != "null").collect()
}

fn is_kind(value: &DeValue<'_>, schema: &Schema) -> bool {
    let types = types(schema);
    types.is_empty() || types.contains(&kind(value))
}

/// The name that JSON Schema has for the type of a value.
fn kind(value: &DeValue<'_>) -> &'static str {
    match value {
        DeValue::String(_) => "string",
        DeValue::Integer(_) => "integer",
        DeValue::Float(_) => "number",
        DeValue::Boolean(_) => "boolean",
        DeValue::Datetime(_) => "date",
        DeValue::Array(_) => "array",
        DeValue::Table(_) => "object",
    }
}

fn wrong_kind(found: &Spanned<DeValue<'_>>, what: &str, allowed: &[&Schema]) -> Problem {
    let allowed = allowed.iter().flat_map(|schema| types(schema));
    let allowed: Vec<&str> = allowed.map(in_words).collect();
    let found_kind = in_words(kind(found.get_ref()));
    Problem::new(format!(
        "`{what}` is {found_kind}, and should be {}",
        allowed.join(" or ")
    ))
    .at(found.span())
}

/// What TOML calls a type.
fn in_words(kind: &str) -> &'static str {
    match kind {
        "string" => "a string",
        "integer" => "a whole number",
        "number" => "a number",
        "boolean" => "`true` or `false`",
        "array" => "a list",
        "object" => "a table",
        _ => "a date",
    }
}
