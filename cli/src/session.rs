//! A session: calls one after another in one running composition, whose resources are kept
//! under names.

use std::collections::BTreeMap;
use std::time::Duration;

use composer::plan::Item;
use composer::{Composition, FuncType, Plan, ResourceHandle, Type, Value};

use crate::app::App;
use crate::exit::Exit;
use crate::problem::Problem;
use crate::wave;

/// A running composition, and the resources that are kept of it.
pub(crate) struct Session {
    app: FunctionLookup,
    composition: Composition,
    kept: BTreeMap<String, ResourceHandle>,
}

/// What is known of a composition's exports.
pub(crate) struct FunctionLookup {
    plan: Plan,
    /// Interfaces and functions by the names that they are exported under.
    functions: Vec<(Option<String>, String, FuncType)>,
}

impl FunctionLookup {
    /// The exports of a composition that has been planned.
    pub(crate) fn new(app: &App, plan: Plan) -> Self {
        let mut functions = Vec::new();
        for export in &plan.exports {
            let [component] = &export.components[..] else {
                continue;
            };
            let Some(world) = app.world_of(component) else {
                continue;
            };
            let mut exports = world.exports.iter();
            match exports
                .find(|known| known.name == export.name)
                .map(|known| &known.item)
            {
                Some(Item::Func(ty)) => {
                    functions.push((None, export.name.to_string(), (**ty).clone()));
                }
                Some(Item::Interface(interface)) => {
                    for (name, ty) in &interface.funcs {
                        let interface = Some(export.name.to_string());
                        functions.push((interface, name.clone(), (**ty).clone()));
                    }
                }
                _ => {}
            }
        }
        FunctionLookup { plan, functions }
    }

    /// A function by `interface#name`, or by its name alone if only one has it.
    ///
    /// # Errors
    ///
    /// A problem that says what there is.
    pub(crate) fn find(&self, written: &str) -> Result<(Option<&str>, &str, &FuncType), Problem> {
        let (interface, name) = match written.split_once('#') {
            Some((interface, name)) => (Some(interface), name),
            None => (None, written),
        };
        let is_meant = |known: &Option<String>| match (interface, known) {
            (Some(wanted), Some(known)) => composer::Name::new(known).is_meant_by(wanted),
            (Some(_), None) => false,
            (None, _) => true,
        };
        let there = self.functions.iter().filter(|(known, ..)| is_meant(known));
        let named = there.clone().filter(|(_, function, _)| function == name);
        match named.collect::<Vec<_>>()[..] {
            [(interface, name, ty)] => return Ok((interface.as_deref(), name, ty)),
            [] => {}
            _ => {
                let problem = format!("several interfaces have a function `{written}`");
                return Err(Problem::new(problem).with_help("write `interface#function`"));
            }
        }
        if let Some(interface) = interface
            && let Err(error) = self.plan.export_owner(interface)
        {
            let exports = self
                .plan
                .exports
                .iter()
                .map(|export| format!("`{}`", export.name));
            let exports: Vec<String> = exports.collect();
            let help = format!("the composition exports {}", exports.join(", "));
            return Err(Problem::said(error).with_help(help));
        }
        let names: Vec<String> = there.map(|(_, name, _)| format!("`{name}`")).collect();
        let names = names.join(", ");
        let (problem, help) = match interface {
            Some(interface) => (
                format!("`{interface}` has no function `{name}`"),
                format!("it has {names}"),
            ),
            None => (
                format!("there is no function `{name}`"),
                format!("there are {names}"),
            ),
        };
        Err(Problem::new(problem).with_help(help))
    }
}

impl Session {
    pub(crate) fn new(app: FunctionLookup, composition: Composition) -> Self {
        Session {
            app,
            composition,
            kept: BTreeMap::new(),
        }
    }

    /// Ends it, resources and components.
    pub(crate) async fn end(self, grace: Duration) {
        drop(self.kept);
        self.composition.shutdown(grace).await;
    }

    /// Carries out a line, and returns what it answers: `exports`, `plan`, `drop name`, or `[name =] function(arguments)`.
    ///
    /// # Errors
    ///
    /// What is wrong with the line, or the failure of its call. The session goes on.
    pub(crate) async fn execute(&mut self, line: &str) -> Result<String, Exit> {
        let line = line.trim();
        if let Some(name) = line.strip_prefix("drop ") {
            let name = name.trim();
            return match self.kept.remove(name) {
                Some(_) => Ok(String::new()),
                None => Err(Problem::new(format!("nothing is kept as `{name}`")).into()),
            };
        }
        match line {
            "" => Ok(String::new()),
            "exports" => Ok(self.exports()),
            "plan" => Ok(self.app.plan.to_string()),
            line => self.call(line).await,
        }
    }

    fn exports(&self) -> String {
        let functions = self.app.functions.iter().map(|(interface, name, ty)| {
            let params: Vec<&str> = ty.params.iter().map(|(name, _)| name.as_str()).collect();
            let name = match interface {
                Some(interface) => format!("{interface}#{name}"),
                None => name.clone(),
            };
            format!("{name}({})\n", params.join(", "))
        });
        functions.collect()
    }

    async fn call(&mut self, line: &str) -> Result<String, Exit> {
        let (keep, call) = match kept_as(line) {
            Some((name, call)) => (Some(name), call),
            None => (None, line),
        };
        let form = || {
            Problem::new(format!("`{line}` is no call"))
                .with_help("write `function(arguments)`, or `name = function(arguments)`")
        };
        let (function, rest) = call.split_once('(').ok_or_else(form)?;
        let arguments = rest.trim_end().strip_suffix(')').ok_or_else(form)?;
        let mut arguments = split_arguments(arguments);
        let function = self.specified(function.trim(), &mut arguments);
        let (interface, name, ty) = self.app.find(&function)?;
        let func = self
            .composition
            .get_func(interface, name)
            .map_err(Problem::said)?;
        let ty = ty.clone();
        if let (Some(name), false) = (keep, matches!(ty.result, Some(Type::Own(_)))) {
            return Err(Problem::new(format!(
                "only resources are kept, and the result for `{name}` is none"
            ))
            .into());
        }
        let values = self.values(&function, &ty, &arguments)?;
        let result = func.call_owned(values).await;
        let result = result.map_err(Exit::failed)?;
        match (result, keep) {
            (None, None) => Ok(String::new()),
            (Some(Value::Own(resource)), keep) => {
                let name = keep.map_or_else(|| self.free_name(), str::to_owned);
                let text = format!("{name}: {}\n", resource.resource());
                self.kept.insert(name, resource);
                Ok(text)
            }
            (Some(value), _) => Ok(format!("{value}\n")),
            (None, Some(_)) => Ok(String::new()),
        }
    }

    /// The component model's name for what is written: `new counter` is a constructor,
    /// `one.value` a method of what is kept as `one`, and `counter.named` a static function.
    fn specified(&self, written: &str, arguments: &mut Vec<String>) -> String {
        let (interface, name) = match written.split_once('#') {
            Some((interface, name)) => (format!("{interface}#"), name),
            None => (String::new(), written),
        };
        if let Some(resource) = name.strip_prefix("new ") {
            return format!("{interface}[constructor]{}", resource.trim());
        }
        let Some((owner, function)) = name.split_once('.') else {
            return written.to_owned();
        };
        if name.starts_with('[') {
            return written.to_owned();
        }
        let Some(resource) = self.kept.get(owner) else {
            return format!("{interface}[static]{owner}.{function}");
        };
        arguments.insert(0, owner.to_owned());
        let full = resource.resource();
        match full.rsplit_once('.') {
            Some((interface, resource)) => format!("{interface}#[method]{resource}.{function}"),
            None => format!("[method]{full}.{function}"),
        }
    }

    /// The values of the arguments. Resources that are given away are no longer kept.
    fn values(
        &mut self,
        function: &str,
        ty: &FuncType,
        arguments: &[String],
    ) -> Result<Vec<Value>, Problem> {
        wave::check_count(function, ty, arguments.len())?;
        let typed = || ty.params.iter().zip(arguments);
        let missing = |name: &str| {
            Problem::new(format!("no resource is kept as `{name}`"))
                .with_help("`name = function(arguments)` keeps the resource that it returns")
        };
        // All of them are looked at before one is given away.
        let is_resource = |ty: &Type| matches!(ty, Type::Own(_) | Type::Borrow(_));
        for ((_, ty), text) in typed() {
            let uses = typed().filter(|((_, ty), other)| is_resource(ty) && *other == text);
            if matches!(ty, Type::Own(_)) && uses.count() > 1 {
                let message = format!("`{text}` is given away, so it can be no other argument");
                return Err(Problem::new(message));
            }
        }
        let mut values = Vec::with_capacity(arguments.len());
        for ((name, ty), text) in typed() {
            values.push(match ty {
                Type::Own(_) if self.kept.contains_key(text) => None,
                Type::Borrow(_) => {
                    let kept = self.kept.get(text).ok_or_else(|| missing(text))?;
                    Some(Value::Borrow(kept.borrow()))
                }
                Type::Own(_) => return Err(missing(text)),
                ty => Some(wave::argument(function, name, ty, text)?),
            });
        }
        let given = typed().zip(values).map(|((_, text), value)| match value {
            Some(value) => Ok(value),
            None => self
                .kept
                .remove(text)
                .map(Value::Own)
                .ok_or_else(|| missing(text)),
        });
        given.collect()
    }

    /// A name for a resource that was given none.
    fn free_name(&self) -> String {
        let names = (1..).map(|number| format!("r{number}"));
        let mut free = names.filter(|name| !self.kept.contains_key(name));
        free.next().unwrap_or_default()
    }
}

/// The name in `name = call`, and the call.
fn kept_as(line: &str) -> Option<(&str, &str)> {
    let (name, call) = line.split_once('=')?;
    let name = name.trim();
    let is_name = !name.is_empty()
        && name
            .chars()
            .all(|char| char.is_alphanumeric() || char == '_' || char == '-');
    is_name.then_some((name, call.trim()))
}

/// Splits arguments at the commas that are in no value.
fn split_arguments(text: &str) -> Vec<String> {
    let mut arguments = vec![String::new()];
    let (mut depth, mut quote, mut escaped) = (0usize, None, false);
    for char in text.chars() {
        if let Some(end) = quote {
            if !escaped && char == end {
                quote = None;
            }
            escaped = !escaped && char == '\\';
        } else {
            match char {
                '"' | '\'' => quote = Some(char),
                '(' | '[' | '{' => depth += 1,
                ')' | ']' | '}' => depth = depth.saturating_sub(1),
                ',' if depth == 0 => {
                    arguments.push(String::new());
                    continue;
                }
                _ => {}
            }
        }
        if let Some(last) = arguments.last_mut() {
            last.push(char);
        }
    }
    let arguments = arguments.iter().map(|argument| argument.trim().to_owned());
    let arguments: Vec<String> = arguments.collect();
    match &arguments[..] {
        [only] if only.is_empty() => Vec::new(),
        _ => arguments,
    }
}
