//! Parses the macro's tokens. After a mistake the parser continues after the next comma,
//! so that one run finds several.

use composer_plan::similar_names;
use proc_macro2::{Delimiter, TokenStream, TokenTree};
use syn::ext::IdentExt;
use syn::parse::{ParseBuffer, ParseStream, Parser, Result};
use syn::{Ident, LitStr, Token, braced, bracketed, token};

use crate::ast::{
    ComponentEntry, ComponentKind, ComposeInput, ExportEntry, HostFunctionForm, HostImport,
    ImportHint, ImportHints, WithType,
};
use crate::errors::{MacroErrors, did_you_mean};
use crate::keys;

/// Parses the macro's input; `None` if a required key is missing.
pub(crate) fn parse(input: TokenStream, errors: &mut MacroErrors) -> Option<ComposeInput> {
    let mut fields = InputFields::default();
    let parser = |input: ParseStream<'_>| {
        entries(input, errors, |input, errors| fields.field(input, errors));
        Ok(())
    };
    if let Err(error) = parser.parse2(inside_braces(input)) {
        errors.push(error);
    }
    fields.finish(errors)
}

/// `compose!({ … })` is `compose! { … }`.
fn inside_braces(input: TokenStream) -> TokenStream {
    let mut tokens = input.clone().into_iter();
    match (tokens.next(), tokens.next()) {
        (Some(TokenTree::Group(group)), None) if group.delimiter() == Delimiter::Brace => {
            group.stream()
        }
        _ => input,
    }
}

#[derive(Default)]
struct InputFields {
    seen: Vec<String>,
    paths: Option<Vec<LitStr>>,
    inline: Option<LitStr>,
    features: Vec<LitStr>,
    composition: Option<Ident>,
    components: Option<Vec<ComponentEntry>>,
    hints: Vec<ImportHints>,
    host: Vec<HostImport>,
    with: Vec<WithType>,
    additional_derives: Vec<syn::Path>,
    linker: Vec<LitStr>,
    wasi: Vec<Ident>,
    open: Vec<LitStr>,
    exports: Vec<ExportEntry>,
    krate: Option<syn::Path>,
}

impl InputFields {
    fn field(&mut self, input: ParseStream<'_>, errors: &mut MacroErrors) -> Result<()> {
        if input.peek(LitStr) {
            return Err(input.error(
                "`compose!` takes keys and no name of a world\n  \
                 fix: write `path: \"wit\", composition: Checkout, \
                 components: { till: \"shop:till/till\" }`",
            ));
        }
        let key = input.call(Ident::parse_any)?;
        let name = key.to_string();
        let example =
            keys::example(&name).map_err(|message| syn::Error::new(key.span(), message))?;
        errors.expects(example);
        if self.seen.contains(&name) {
            let message = format!("the key `{name}` is given twice\n  fix: keep one");
            errors.at(key.span(), message);
        }
        self.seen.push(name.clone());
        input.parse::<Token![:]>()?;
        match name.as_str() {
            "path" if input.peek(LitStr) => self.paths = Some(vec![input.parse()?]),
            "path" => self.paths = Some(strings(input, errors)?),
            "inline" => self.inline = Some(input.parse()?),
            "features" => self.features = strings(input, errors)?,
            "composition" => self.composition = Some(input.parse()?),
            "components" => self.components = Some(block(input, errors, component)?),
            "hints" => self.hints = block(input, errors, hints)?,
            "host" => self.host = list(input, errors, host_import)?,
            "with" => self.with = block(input, errors, with_type)?,
            "additional_derives" => {
                self.additional_derives =
                    list(input, errors, |input, _| syn::Path::parse_mod_style(input))?;
            }
            "linker" => self.linker = strings(input, errors)?,
            "wasi" => self.wasi = wasi(input, errors)?,
            "open" => self.open = strings(input, errors)?,
            "exports" => self.exports = exports(input, errors)?,
            _ => self.krate = Some(syn::Path::parse_mod_style(input)?),
        }
        Ok(())
    }

    fn finish(self, errors: &mut MacroErrors) -> Option<ComposeInput> {
        // Input without any key is another mistake, which has been reported.
        let has_keys = !self.seen.is_empty() || errors.is_empty();
        for key in ["composition", "components"] {
            if has_keys && !self.seen.iter().any(|seen| seen == key) {
                let example = keys::example(key).unwrap_or_default();
                let message =
                    format!("`compose!` needs the key `{key}`\n  fix: add it, as in `{example}`");
                errors.at(proc_macro2::Span::call_site(), message);
            }
        }
        let composition = self.composition?;
        let (host, host_functions) = HostFunctionForm::apart(self.host);
        let paths = match (self.paths, &self.inline) {
            (Some(paths), _) => paths,
            (None, Some(_)) => Vec::new(),
            // Without either key, the folder is `wit`.
            (None, None) => vec![LitStr::new("wit", composition.span())],
        };
        Some(ComposeInput {
            paths,
            inline: self.inline,
            features: self.features,
            composition,
            components: self.components?,
            hints: self.hints,
            host,
            host_functions,
            with: self.with,
            additional_derives: self.additional_derives,
            linker: self.linker,
            wasi: self.wasi,
            open: self.open,
            exports: self.exports,
            krate: self.krate,
            is_complete: errors.is_empty(),
        })
    }
}

/// Parses entries separated by commas, up to the end. A wrong entry is reported and left
/// out.
fn entries<T>(
    input: ParseStream<'_>,
    errors: &mut MacroErrors,
    mut entry: impl FnMut(ParseStream<'_>, &mut MacroErrors) -> Result<T>,
) -> Vec<T> {
    let mut found = Vec::new();
    while !input.is_empty() {
        match entry(input, errors) {
            Ok(_) if !input.is_empty() && !input.peek(Token![,]) => {
                errors.push(input.error("expected `,`"));
            }
            Ok(entry) => found.push(entry),
            Err(error) => errors.syntax(error),
        }
        while !input.is_empty() && !input.peek(Token![,]) {
            skip(input);
        }
        if !input.is_empty() {
            skip(input);
        }
    }
    found
}

fn skip(input: &ParseBuffer<'_>) {
    // A token is left, so this cannot fail.
    drop(input.parse::<TokenTree>());
}

fn block<T>(
    input: ParseStream<'_>,
    errors: &mut MacroErrors,
    entry: impl FnMut(ParseStream<'_>, &mut MacroErrors) -> Result<T>,
) -> Result<Vec<T>> {
    let content;
    braced!(content in input);
    Ok(entries(&content, errors, entry))
}

fn list<T>(
    input: ParseStream<'_>,
    errors: &mut MacroErrors,
    entry: impl FnMut(ParseStream<'_>, &mut MacroErrors) -> Result<T>,
) -> Result<Vec<T>> {
    let content;
    bracketed!(content in input);
    Ok(entries(&content, errors, entry))
}

fn strings(input: ParseStream<'_>, errors: &mut MacroErrors) -> Result<Vec<LitStr>> {
    list(input, errors, |input, _| input.parse())
}

fn component(input: ParseStream<'_>, _: &mut MacroErrors) -> Result<ComponentEntry> {
    let name = component_name(input)?;
    input.parse::<Token![:]>()?;
    let kind = if input.peek(token::Bracket) {
        ComponentKind::Many(component_list(input)?)
    } else if input.parse::<Option<Token![dyn]>>()?.is_some() {
        ComponentKind::Dyn(interface(input)?)
    } else if input.peek(LitStr) {
        ComponentKind::World(input.parse()?)
    } else {
        return Err(
            input.error("expected the name of a world in quotes, such as \"shop:till/till\"")
        );
    };
    Ok(ComponentEntry { name, kind })
}

/// The name of a component: an identifier of Rust.
fn component_name(input: ParseStream<'_>) -> Result<Ident> {
    if let (false, Ok(keyword)) = (input.peek(Ident), input.fork().call(Ident::parse_any)) {
        // These cannot be written as `r#self` either.
        let cannot_be_raw = ["self", "Self", "super", "crate", "_"];
        let fix = match cannot_be_raw.contains(&keyword.to_string().as_str()) {
            true => "give the component another name".to_owned(),
            false => format!("write `r#{keyword}`, or give the component another name"),
        };
        let message = format!("`{keyword}` is a keyword of Rust\n  fix: {fix}");
        return Err(syn::Error::new(keyword.span(), message));
    }
    let name: Ident = input.parse()?;
    if !input.peek(Token![-]) {
        return Ok(name);
    }
    let mut written = name.to_string();
    while input.parse::<Option<Token![-]>>()?.is_some() {
        let word = input.call(Ident::parse_any)?;
        written.push('-');
        written.push_str(&word.to_string());
    }
    let message = format!(
        "`{written}` is no identifier of Rust, and the name of a component is one\n  \
         fix: write `{}`",
        written.replace('-', "_")
    );
    Err(syn::Error::new(name.span(), message))
}

/// `[dyn "plugin:host/plugin"]`
fn component_list(input: ParseStream<'_>) -> Result<LitStr> {
    let content;
    let brackets = bracketed!(content in input);
    if content.is_empty() {
        return Err(syn::Error::new(brackets.span.join(), DYN_LIST));
    }
    let name = list_interface(&content);
    while !content.is_empty() {
        skip(&content);
    }
    name
}

const DYN_LIST: &str = "a list is of components that are known only at run time\n  \
                        fix: write the interface that each of them exports, as in \
                        `[dyn \"plugin:host/plugin\"]`";

fn list_interface(content: ParseStream<'_>) -> Result<LitStr> {
    if content.parse::<Option<Token![dyn]>>()?.is_none() {
        return Err(content.error(DYN_LIST));
    }
    let name = interface(content)?;
    content.parse::<Option<Token![,]>>()?;
    if content.is_empty() {
        return Ok(name);
    }
    Err(content.error(
        "the components of a list all export one interface\n  \
         fix: make another list for another interface",
    ))
}

fn interface(input: ParseStream<'_>) -> Result<LitStr> {
    if input.peek(LitStr) {
        input.parse()
    } else {
        Err(input
            .error("expected the name of an interface in quotes, such as \"plugin:host/plugin\""))
    }
}

const QUOTED: &str = "the name of an import is written in quotes\n  \
                      fix: write it as in `host: [\"shop:host/clock\"]`";

/// `async trappable "shop:host/db"`
fn host_import(input: ParseStream<'_>, _: &mut MacroErrors) -> Result<HostImport> {
    let (mut is_async, mut trappable) = (false, false);
    while !input.peek(LitStr) {
        let Ok(word) = input.call(Ident::parse_any) else {
            return Err(input
                .error("expected the name of an import in quotes, such as \"shop:host/clock\""));
        };
        if input.peek(Token![:]) {
            return Err(syn::Error::new(word.span(), QUOTED));
        }
        let modifier = match word.to_string().as_str() {
            "async" => &mut is_async,
            "trappable" => &mut trappable,
            other => {
                let similar = similar_names(other, ["async", "trappable"]);
                let message = format!(
                    "`host` has no modifier `{other}`{}\n  \
                     fix: write `async` for a trait with async methods, \
                     `trappable` for methods that may fail with a trap, or neither",
                    did_you_mean(&similar)
                );
                return Err(syn::Error::new(word.span(), message));
            }
        };
        if std::mem::replace(modifier, true) {
            let message = format!("the modifier `{word}` is given twice\n  fix: keep one");
            return Err(syn::Error::new(word.span(), message));
        }
        if input.is_empty() || input.peek(Token![,]) {
            let message = format!(
                "`{word}` is about no import\n  \
                 fix: write the name of one behind it, as in `{word} \"shop:host/db\"`"
            );
            return Err(syn::Error::new(word.span(), message));
        }
    }
    Ok(HostImport {
        name: input.parse()?,
        is_async,
        trappable,
    })
}

/// `"plugin:host/context.context": crate::Context`
fn with_type(input: ParseStream<'_>, _: &mut MacroErrors) -> Result<WithType> {
    if !input.peek(LitStr) {
        return Err(input.error(
            "expected the name of a resource in quotes, such as \"plugin:host/context.context\"",
        ));
    }
    let name = input.parse()?;
    input.parse::<Token![:]>()?;
    Ok(WithType {
        name,
        path: input.parse()?,
    })
}

/// `p2` or `[p2, p3]`
fn wasi(input: ParseStream<'_>, errors: &mut MacroErrors) -> Result<Vec<Ident>> {
    if input.peek(token::Bracket) {
        list(input, errors, |input, _| input.parse())
    } else if input.peek(Ident) {
        Ok(vec![input.parse()?])
    } else {
        Err(input.error("expected `p2`, `p3` or both, as in `[p2, p3]`"))
    }
}

fn hints(input: ParseStream<'_>, errors: &mut MacroErrors) -> Result<ImportHints> {
    let component = component_name(input)?;
    input.parse::<Token![:]>()?;
    let hints = block(input, errors, |input, _| {
        let name = input.parse()?;
        input.parse::<Token![:]>()?;
        let to = component_name(input)?;
        let export = match input.peek(token::Bracket) {
            true => {
                let content;
                bracketed!(content in input);
                Some(content.parse()?)
            }
            false => None,
        };
        Ok(ImportHint { name, to, export })
    })?;
    Ok(ImportHints { component, hints })
}

fn exports(input: ParseStream<'_>, errors: &mut MacroErrors) -> Result<Vec<ExportEntry>> {
    if !input.peek(token::Brace) {
        let names = strings(input, errors)?.into_iter();
        return Ok(names.map(|name| ExportEntry { name, from: None }).collect());
    }
    block(input, errors, |input, _| {
        let name = input.parse()?;
        let from = match input.parse::<Option<Token![:]>>()? {
            Some(_) => Some(component_name(input)?),
            None => None,
        };
        Ok(ExportEntry { name, from })
    })
}
