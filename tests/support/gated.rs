//! The host of `gated.wat`: a gate at which its calls wait, and a list of the
//! things it has destroyed.

use std::sync::{Arc, Mutex};

use composer::{
    CallError, ComponentStatus, ComposableComponent, ComposableDescriptor, Composer, Composition,
    ResourceHandle, Value,
};
use tokio::sync::Semaphore;
use tokio::task::JoinHandle;
use wasmtime::component::Linker;

use super::counters::own;
use super::wat::wat_part;

/// A composition with a component `gated`.
pub(crate) struct Gated {
    pub(crate) composition: Composition,
    pub(crate) gate: Gate,
}

#[derive(Clone)]
pub(crate) struct Gate {
    /// One permit for each call that has come to the gate.
    waiting: Arc<Semaphore>,
    /// One permit for each call that may pass.
    open: Arc<Semaphore>,
    destroyed: Arc<Mutex<Vec<u32>>>,
}

impl Gated {
    pub(crate) async fn start() -> Gated {
        Gated::beside(|_| ()).await
    }

    /// Starts it beside other components.
    pub(crate) async fn beside(add: impl FnOnce(&mut Composer)) -> Gated {
        let gate = Gate::new();
        let mut composer = Composer::new();
        composer.add(ComposableDescriptor::new("gated", gate.part()));
        add(&mut composer);
        Gated {
            composition: composer.compose().await.unwrap(),
            gate,
        }
    }

    /// Calls a function of the component `gated`.
    pub(crate) async fn call(
        &self,
        name: &str,
        args: impl IntoIterator<Item = Value>,
    ) -> Result<Value, CallError> {
        let gated = self.composition.component("gated").unwrap();
        let func = gated.get_func(None, name).unwrap();
        Ok(func.call_owned(args).await?.unwrap())
    }

    /// Begins a call, as a task, that then waits at the gate.
    pub(crate) async fn begin(
        &self,
        name: &str,
        args: impl IntoIterator<Item = Value>,
    ) -> JoinHandle<Result<Value, CallError>> {
        let gated = self.composition.component("gated").unwrap();
        let func = gated.get_func(None, name).unwrap();
        let args: Vec<Value> = args.into_iter().collect();
        let call = tokio::spawn(async move { Ok(func.call_owned(args).await?.unwrap()) });
        self.gate.waiting().await;
        call
    }

    pub(crate) async fn make(&self, number: u32) -> ResourceHandle {
        own(self.call("make", [number.into()]).await.unwrap())
    }

    pub(crate) fn status(&self) -> ComponentStatus {
        self.composition.component("gated").unwrap().status()
    }
}

impl Gate {
    pub(crate) fn new() -> Gate {
        Gate {
            waiting: Arc::new(Semaphore::new(0)),
            open: Arc::new(Semaphore::new(0)),
            destroyed: Arc::default(),
        }
    }

    /// The component, with this for its host.
    pub(crate) fn part(&self) -> ComposableComponent<()> {
        wat_part("gated", |linker| {
            self.define_gate(linker);
            let destroyed = self.destroyed.clone();
            let mut root = linker.root();
            root.func_wrap("destroyed", move |_, (thing,): (u32,)| {
                destroyed.lock().unwrap().push(thing);
                Ok(())
            })
            .unwrap();
        })
    }

    /// Defines all that it imports but its destructor's report.
    pub(crate) fn define_gate(&self, linker: &mut Linker<()>) {
        let mut root = linker.root();
        let gate = self.clone();
        root.func_wrap_async("wait", move |_, (): ()| {
            let gate = gate.clone();
            Box::new(async move {
                gate.pass().await;
                Ok(())
            })
        })
        .unwrap();
        let gate = self.clone();
        root.func_wrap_concurrent("pause", move |_, (): ()| {
            let gate = gate.clone();
            Box::pin(async move {
                gate.pass().await;
                Ok(())
            })
        })
        .unwrap();
    }

    /// Waits at the gate.
    pub(crate) async fn pass(&self) {
        self.waiting.add_permits(1);
        self.open.acquire().await.unwrap().forget();
    }

    /// Waits until one more call has come to the gate.
    pub(crate) async fn waiting(&self) {
        self.waiting.acquire().await.unwrap().forget();
    }

    /// Lets one call pass, now or later.
    pub(crate) fn open(&self) {
        self.open.add_permits(1);
    }

    /// The numbers of the things destroyed so far, in order.
    pub(crate) fn destroyed(&self) -> Vec<u32> {
        self.destroyed.lock().unwrap().clone()
    }
}
