//! The host of the `steps` guests: gates to wait at, notes of what happens,
//! and calls back into the composition.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, OnceLock};

use composer::fused::{FusedComponents, FusedMember};
use composer::{
    CallError, ComposableComponent, ComposableDescriptor, Composer, Composition, Value,
    WeakComposition,
};
use tokio::sync::{mpsc, watch};
use wasmtime::component::Linker;
use wasmtime::{Engine, Store};

use super::{engine, guest, guest_path, part};

const HOST: &str = "test:flow/host@0.1.0";
pub(crate) const STEPS: &str = "test:flow/steps";
pub(crate) const DRIVER: &str = "test:flow/driver";

/// A composition of `steps` and `steps-user`, and the host's side of it.
pub(crate) struct Flow {
    pub(crate) composition: Composition,
    host: Host,
    notes: mpsc::UnboundedReceiver<String>,
}

#[derive(Clone)]
struct Host {
    gates: Arc<Mutex<HashMap<u32, watch::Sender<bool>>>>,
    notes: mpsc::UnboundedSender<String>,
    composition: Arc<OnceLock<WeakComposition>>,
}

impl Flow {
    pub(crate) async fn start() -> Flow {
        Flow::with_inbox(64).await
    }

    /// Starts with an inbox of this capacity for `steps`.
    pub(crate) async fn with_inbox(capacity: usize) -> Flow {
        Flow::of(|host, composer| {
            let steps = ComposableDescriptor::new("steps", host.steps(engine()));
            composer
                .add(steps.with_inbox_capacity(capacity))
                .add(ComposableDescriptor::new("steps-user", part("steps-user")));
        })
        .await
    }

    /// Starts with both in one store, as a part `group`.
    pub(crate) async fn fused() -> Flow {
        Flow::of(|host, composer| {
            let mut group =
                FusedComponents::new(host.linker(engine()), || Store::new(engine(), ()));
            for name in ["steps", "steps-user"] {
                group.add(FusedMember::from_file(engine(), name, guest_path(name)).unwrap());
            }
            composer.add(ComposableDescriptor::new("group", group));
        })
        .await
    }

    async fn of(add: impl FnOnce(&Host, &mut Composer)) -> Flow {
        let (notes, received) = mpsc::unbounded_channel();
        let host = Host {
            gates: Arc::default(),
            notes,
            composition: Arc::default(),
        };
        let mut composer = Composer::new();
        add(&host, &mut composer);
        let composition = composer.compose().await.unwrap();
        host.composition.set(composition.downgrade()).ok().unwrap();
        Flow {
            composition,
            host,
            notes: received,
        }
    }

    /// Lets everybody through who waits at this gate, now or later.
    pub(crate) fn open(&self, gate: u32) {
        self.host.gate(gate).send_replace(true);
    }

    /// Waits until a guest has noted this.
    pub(crate) async fn noted(&mut self, wanted: &str) {
        while let Some(note) = self.notes.recv().await {
            if note == wanted {
                return;
            }
        }
        panic!("nobody will note {wanted}");
    }

    pub(crate) async fn call(
        &self,
        interface: &str,
        name: &str,
        args: impl IntoIterator<Item = Value>,
    ) -> Result<Value, CallError> {
        let func = self.composition.get_func(Some(interface), name).unwrap();
        Ok(func.call_owned(args).await?.unwrap())
    }

    /// Starts a call as a task of its own.
    pub(crate) fn spawn(
        &self,
        interface: &str,
        name: &str,
        args: impl IntoIterator<Item = Value>,
    ) -> tokio::task::JoinHandle<Result<Value, CallError>> {
        let func = self.composition.get_func(Some(interface), name).unwrap();
        let args: Vec<Value> = args.into_iter().collect();
        tokio::spawn(async move { Ok(func.call_owned(args).await?.unwrap()) })
    }

    /// A slow call that waits at `gate`, begun.
    pub(crate) async fn begin_slow(
        &mut self,
        gate: u32,
        tag: &str,
    ) -> tokio::task::JoinHandle<Result<Value, CallError>> {
        let task = self.spawn(STEPS, "slow", [gate.into(), tag.into()]);
        self.noted(&format!("begin {tag}")).await;
        task
    }
}

impl Host {
    fn gate(&self, gate: u32) -> watch::Sender<bool> {
        let mut gates = self.gates.lock().unwrap();
        gates
            .entry(gate)
            .or_insert_with(|| watch::channel(false).0)
            .clone()
    }

    async fn wait(&self, gate: u32) {
        let mut open = self.gate(gate).subscribe();
        open.wait_for(|open| *open).await.unwrap();
    }

    /// What `call-back` does: `gate:7` waits at a gate, and
    /// `gate:7 interface#function` then goes on with a call.
    async fn call_back(&self, name: &str, depth: u32) -> Result<u32, CallError> {
        let _ = self.notes.send(format!("called back {name}"));
        let target = match name.split_once(' ') {
            Some((gate, target)) => {
                self.wait(gate.strip_prefix("gate:").unwrap().parse().unwrap())
                    .await;
                target
            }
            None => name,
        };
        let Some((interface, function)) = target.split_once('#') else {
            return Ok(depth);
        };
        let composition = self.composition.get().unwrap().upgrade().unwrap();
        let func = composition.get_func(Some(interface), function).unwrap();
        let args: Vec<Value> = match func.params().len() {
            0 => vec![],
            1 => vec![1u32.into()],
            _ => vec![name.into(), depth.saturating_sub(1).into()],
        };
        match func.call_owned(args).await? {
            Some(Value::U32(n)) => Ok(n),
            other => panic!("{other:?}"),
        }
    }

    fn steps(&self, engine: &Engine) -> ComposableComponent<()> {
        let store_engine = engine.clone();
        ComposableComponent::new(guest("steps"), self.linker(engine), move || {
            Store::new(&store_engine, ())
        })
    }

    fn linker(&self, engine: &Engine) -> Linker<()> {
        let mut linker: Linker<()> = Linker::new(engine);
        let mut instance = linker.instance(HOST).unwrap();
        let host = self.clone();
        instance
            .func_wrap_concurrent("wait", move |_, (gate,): (u32,)| {
                let host = host.clone();
                Box::pin(async move {
                    host.wait(gate).await;
                    Ok(())
                })
            })
            .unwrap();
        let notes = self.notes.clone();
        instance
            .func_wrap("note", move |_, (text,): (String,)| {
                let _ = notes.send(text);
                Ok(())
            })
            .unwrap();
        let host = self.clone();
        instance
            .func_wrap_async("call-back", move |_, (name, depth): (String, u32)| {
                let host = host.clone();
                Box::new(async move {
                    Ok((host
                        .call_back(&name, depth)
                        .await
                        .map_err(wasmtime::Error::new)?,))
                })
            })
            .unwrap();
        let host = self.clone();
        instance
            .func_wrap_concurrent("call-back-async", move |_, (name, depth): (String, u32)| {
                let host = host.clone();
                Box::pin(async move {
                    Ok((host
                        .call_back(&name, depth)
                        .await
                        .map_err(wasmtime::Error::new)?,))
                })
            })
            .unwrap();
        linker
    }
}
