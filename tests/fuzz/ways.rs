//! The guests of a [`Spec`](super::spec::Spec), composed in three ways.

use composer::fused::{FusedComponents, FusedMember};
use composer::{
    CallError, ComponentState, ComposableComponent, ComposableDescriptor, Composer, Composition,
    PreparedComposition, ResourceHandle, Type, Value,
};
use wasmtime::Store;
use wasmtime::component::{Component, Linker, Val};

use super::guests::{Fault, binaries};
use super::spec::Spec;
use super::things::{Things, blank, undress};
use crate::support::engine;

const THINGS: &str = "test:fuzz/things";
const ECHO: &str = "test:fuzz/echo";
const NAMES: [&str; 3] = ["maker", "echo", "relay"];

/// Ready to run any number of times.
pub(super) struct Ways {
    /// Values cross from `relay` to `echo` in bulk where they can.
    pub(super) fast: PreparedComposition,
    /// They cross as `Val`s.
    pub(super) slow: PreparedComposition,
    /// wasmtime passes them on, within one store.
    pub(super) fused: PreparedComposition,
}

impl Ways {
    pub(super) fn new(spec: &Spec) -> Self {
        let binaries = binaries(spec);
        let [maker, echo, relay] = [0, 1, 2].map(|i| {
            Component::from_binary(engine(), &binaries[i])
                .unwrap_or_else(|error| panic!("{}: {error:?}", NAMES[i]))
        });
        let part = |component: &Component| {
            let linker = Linker::new(engine());
            ComposableComponent::new(component.clone(), linker, || Store::new(engine(), ()))
        };
        let before_echo = |relay: ComposableComponent<()>| {
            let mut composer = Composer::new();
            composer.add(ComposableDescriptor::new("maker", part(&maker)));
            composer.add(ComposableDescriptor::new("echo", part(&echo)));
            composer.add(ComposableDescriptor::new("relay", relay));
            composer.with_export_hint(ECHO, "relay");
            composer
        };
        let fast = before_echo(part(&relay));
        let slow = before_echo(part(&relay).one_by_one());

        let mut group = FusedComponents::bare(engine());
        for (name, bytes) in NAMES.into_iter().zip(binaries) {
            group.add(FusedMember::from_bytes(engine(), name, bytes).unwrap());
        }
        group.with_export_hint(ECHO, "relay");
        let mut fused = Composer::new();
        fused.add(ComposableDescriptor::new("group", group));

        Ways {
            fast: fast.prepare().unwrap(),
            slow: slow.prepare().unwrap(),
            fused: fused.prepare().unwrap(),
        }
    }
}

/// A composition that runs.
pub(super) struct Run(Composition);

/// What a call came to.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Outcome {
    /// The answer, with zeros for resources, and the resources' numbers.
    Answer(Val, Vec<u32>),
    /// The root of the error, and who is dead since.
    Failure(String, Vec<String>),
}

/// What is left of resources: those that live, and of each component how many
/// it gave out and how many it holds.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Books {
    /// Nobody can tell once the maker is gone.
    pub(super) live: Option<u32>,
    pub(super) tables: Vec<(usize, usize)>,
}

impl Books {
    pub(super) fn are_empty(&self) -> bool {
        self.live == Some(0) && self.tables.iter().all(|counts| *counts == (0, 0))
    }
}

impl Run {
    pub(super) async fn start(prepared: &PreparedComposition) -> Run {
        Run(prepared.compose().await.unwrap())
    }

    async fn things(&self, name: &str, args: Vec<Value>) -> Result<Option<Value>, CallError> {
        let func = self.0.get_func(Some(THINGS), name).unwrap();
        func.call_owned(args).await
    }

    async fn make(&self, number: u32) -> ResourceHandle {
        let made = self.things("[constructor]thing", vec![Value::U32(number)]);
        match made.await.unwrap() {
            Some(Value::Own(thing)) => thing,
            other => panic!("{other:?}"),
        }
    }

    async fn number(&self, thing: &ResourceHandle) -> u32 {
        let args = vec![Value::Borrow(thing.borrow())];
        match self.things("[method]thing.number", args).await.unwrap() {
            Some(Value::U32(number)) => number,
            other => panic!("{other:?}"),
        }
    }

    /// Tells a guest to break the ABI.
    pub(super) async fn arm(&self, guest: &str, fault: Fault, at: u32, number: u32) {
        let interface = format!("test:fuzz/{guest}-faults");
        let func = self.0.get_func(Some(&interface), "arm").unwrap();
        let args = [fault as u32, at, number].map(Value::U32);
        func.call_owned(args).await.unwrap();
    }

    /// What a guest found that it had been given since it was armed, byte for
    /// byte; `None` if it is dead.
    pub(super) async fn given(&self, guest: &str) -> Option<Value> {
        let interface = format!("test:fuzz/{guest}-faults");
        let func = self.0.get_func(Some(&interface), "given").unwrap();
        func.call_owned([]).await.ok().flatten()
    }

    /// Calls a function of `relay`, and lets go of all resources again.
    pub(super) async fn call(&self, function: usize, params: &[Type], args: &[Val]) -> Outcome {
        let mut things = Things::default();
        let mut numbers = Vec::new();
        for (ty, val) in params.iter().zip(args) {
            blank(ty, &mut val.clone(), &mut numbers);
        }
        for number in numbers.into_iter().rev() {
            things.new.push(self.make(number).await);
        }
        let args = params.iter().zip(args);
        let args: Vec<Value> = args.map(|(ty, val)| things.dress(ty, val)).collect();
        let name = format!("f{function}");
        let func = self.0.get_func(Some(ECHO), &name).unwrap();
        match func.call_owned(args).await {
            Ok(value) => {
                let mut returned = Vec::new();
                let val = undress(value.unwrap(), &mut returned);
                let mut numbers = Vec::new();
                for thing in &returned {
                    numbers.push(self.number(thing).await);
                }
                Outcome::Answer(val, numbers)
            }
            Err(error) => {
                let mut cause: &dyn std::error::Error = &error;
                while let Some(source) = cause.source() {
                    cause = source;
                }
                Outcome::Failure(cause.to_string(), self.dead())
            }
        }
    }

    /// The components that are there, in whichever way.
    fn components(&self) -> impl Iterator<Item = composer::ComponentHandle> {
        let names = NAMES.into_iter().chain(["group"]);
        names.filter_map(|name| self.0.component(name).ok())
    }

    fn dead(&self) -> Vec<String> {
        self.components()
            .filter(|component| matches!(component.status().state, ComponentState::Dead(_)))
            .map(|component| component.name().to_owned())
            .collect()
    }

    /// What is left once everybody has put their books in order: a call of the
    /// maker comes after all destructors that wait.
    pub(super) async fn books(&self) -> Books {
        let live = match self.things("live", vec![]).await {
            Ok(Some(Value::U32(live))) => Some(live),
            Ok(other) => panic!("{other:?}"),
            Err(_) => None,
        };
        let tables = self.components().map(|component| {
            let status = component.status();
            (status.resources_given, status.resources_held)
        });
        Books {
            live,
            tables: tables.collect(),
        }
    }
}
