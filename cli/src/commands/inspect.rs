//! `inspect`: what a component is and needs.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;
use wasmparser::{KnownCustom, Parser, Payload};
use wit_component::{DecodedWasm, WitPrinter, decode};
use wit_parser::WorldKey;

use crate::args::{Format, InspectArgs};
use crate::commands::print;
use crate::exit::Exit;
use crate::problem::Problem;
use crate::source::read_bytes;

/// The facts about a component.
#[derive(Serialize)]
struct InspectedComponent {
    file: String,
    bytes: usize,
    /// Fields of the `producers` section, each with names and versions.
    producers: Vec<(String, Vec<String>)>,
    imports: Vec<Import>,
    exports: Vec<String>,
    wit: String,
}

#[derive(Serialize)]
struct Import {
    name: String,
    needs: String,
}

pub(super) fn inspect(args: &InspectArgs) -> Result<(), Exit> {
    let bytes = read_bytes(&args.component)?;
    let file = args.component.display().to_string();
    let inspected = InspectedComponent::of(file, &bytes)?;
    match args.format {
        Format::Text => print(&inspected.text()),
        Format::Json => {
            let json = serde_json::to_string_pretty(&inspected).unwrap_or_default();
            print(&format!("{json}\n"))
        }
    }
}

impl InspectedComponent {
    fn of(file: String, bytes: &[u8]) -> Result<InspectedComponent, Problem> {
        let wrong = |error: &dyn std::fmt::Display| {
            Problem::new(format!("`{file}` is no component: {error}"))
        };
        if !bytes.starts_with(b"\0asm") {
            return Err(wrong(&"it is not in the binary format of WebAssembly"));
        }
        let decoded = decode(bytes).map_err(|error| wrong(&format!("{error:#}")))?;
        let DecodedWasm::Component(resolve, world) = &decoded else {
            let problem = wrong(&"it is a package of WIT, which has no code");
            return Err(problem);
        };
        let mut wit = WitPrinter::default();
        let package = decoded.package();
        let printed = wit.print(resolve, package, &[]);
        printed.map_err(|error| wrong(&format!("{error:#}")))?;
        let world = &resolve.worlds[*world];
        let names = |keys: Vec<&WorldKey>| -> Vec<String> {
            keys.into_iter()
                .map(|key| resolve.name_world_key(key))
                .collect()
        };
        Ok(InspectedComponent {
            imports: names(world.imports.keys().collect())
                .into_iter()
                .map(|name| Import {
                    needs: needs(&name),
                    name,
                })
                .collect(),
            exports: names(world.exports.keys().collect()),
            wit: wit.output.to_string(),
            producers: producers(bytes).map_err(|error| wrong(&error))?,
            bytes: bytes.len(),
            file,
        })
    }

    fn text(&self) -> String {
        let mut text = format!("{}, {} bytes\n", self.file, self.bytes);
        for (field, values) in &self.producers {
            text.push_str(&format!("  {field}: {}\n", values.join(", ")));
        }
        text.push_str("imports\n");
        for Import { name, needs } in &self.imports {
            text.push_str(&format!("  {name}: {needs}\n"));
        }
        text.push_str("exports\n");
        for name in &self.exports {
            text.push_str(&format!("  {name}\n"));
        }
        format!("{text}\n{}", self.wit)
    }
}

/// What satisfies an import.
fn needs(import: &str) -> String {
    let Some(path) = import.strip_prefix("wasi:") else {
        return "a component that exports it".to_owned();
    };
    let grant = |what: &str| format!("there, and empty until it is granted: {what}");
    let interface = path.split('@').next().unwrap_or_default();
    match interface {
        "cli/environment" => grant("`env`, `args`"),
        "cli/stdin" => "there, and at its end; `run` gives it".to_owned(),
        "config/store" => "there, and empty until it has values: `config`".to_owned(),
        "sockets/ip-name-lookup" => grant("`name-lookup`"),
        "http/outgoing-handler" | "http/client" => grant("`http-to`"),
        "http/incoming-handler" | "http/handler" | "cli/run" => {
            "a component that exports it".to_owned()
        }
        "random/random" | "random/insecure" | "random/insecure-seed" => {
            "there, made from a seed until it is granted: `real-randomness`".to_owned()
        }
        _ => match interface.split('/').next().unwrap_or_default() {
            "filesystem" => grant("`read`, `write`"),
            "sockets" => grant("`tcp-to`, `tcp-at`, `udp-to`, `udp-at`, `network`"),
            "cli" | "clocks" | "io" | "random" | "http" => "there".to_owned(),
            _ => "a component that exports it".to_owned(),
        },
    }
}

/// The tools that a component and the modules in it say they were made with.
fn producers(bytes: &[u8]) -> wasmparser::Result<Vec<(String, Vec<String>)>> {
    let mut found: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for payload in Parser::new(0).parse_all(bytes) {
        let Payload::CustomSection(section) = payload? else {
            continue;
        };
        let KnownCustom::Producers(fields) = section.as_known() else {
            continue;
        };
        for field in fields {
            let field = field?;
            let known = found.entry(field.name.to_owned()).or_default();
            for value in field.values {
                let value = value?;
                known.insert(
                    format!("{} {}", value.name, value.version)
                        .trim_end()
                        .to_owned(),
                );
            }
        }
    }
    let listed = found.into_iter();
    Ok(listed
        .map(|(field, values)| (field, values.into_iter().collect()))
        .collect())
}
