//! One component and its store, called by the embedder in Rust types: the cost of a call
//! without a boundary.

use std::time::{Duration, Instant};

use tokio::runtime::Runtime;
use wasmtime::Store;
use wasmtime::component::{
    ComponentNamedList, ComponentType, Instance, Lift, Linker, Lower, ResourceAny, TypedFunc,
};

use super::Run;
use crate::case::{Compiler, Part};

pub(crate) struct Direct {
    store: Store<()>,
    instance: Instance,
}

impl Direct {
    pub(crate) async fn new(compiler: &Compiler, part: &Part) -> Direct {
        let mut store = Store::new(&compiler.engine, ());
        let component = compiler.component(part);
        let linker = Linker::new(&compiler.engine);
        let instance = linker
            .instantiate_async(&mut store, &component)
            .await
            .unwrap();
        Direct { store, instance }
    }

    fn func<P, R>(&mut self, interface: Option<&str>, name: &str) -> TypedFunc<P, R>
    where
        P: ComponentNamedList + Lower,
        R: ComponentNamedList + Lift,
    {
        let store = &mut self.store;
        let interface = interface.map(|name| {
            let (_, index) = self.instance.get_export(&mut *store, None, name).unwrap();
            index
        });
        let (_, index) = self
            .instance
            .get_export(&mut *store, interface.as_ref(), name)
            .unwrap();
        self.instance.get_typed_func(store, index).unwrap()
    }

    /// Calls a function with the same arguments again and again.
    pub(crate) fn repeat<P, R>(mut self, interface: Option<&str>, name: &str, args: P) -> Run
    where
        P: ComponentNamedList + Lower + Clone + Send + Sync + 'static,
        R: ComponentNamedList + Lift + Send + Sync + 'static,
    {
        let func: TypedFunc<P, R> = self.func(interface, name);
        timed(move |runtime, times| {
            runtime.block_on(async {
                let mut spent = Duration::ZERO;
                let mut left = times;
                // The arguments are cloned outside of the measured time.
                while left > 0 {
                    let batch = left.min(8);
                    let args = vec![args.clone(); batch as usize];
                    let start = Instant::now();
                    for args in args {
                        func.call_async(&mut self.store, args).await.unwrap();
                    }
                    spent += start.elapsed();
                    left -= batch;
                }
                spent
            })
        })
    }

    /// Makes a counter, increments and drops it.
    pub(crate) fn counters(mut self) -> Run {
        let counters = Some("test:resources/counters@0.1.0");
        let new: TypedFunc<(u32,), (ResourceAny,)> = self.func(counters, "[constructor]counter");
        let increment: TypedFunc<(ResourceAny, u32), (u32,)> =
            self.func(counters, "[method]counter.increment");
        timed(move |runtime, times| {
            runtime.block_on(async {
                let store = &mut self.store;
                let start = Instant::now();
                for _ in 0..times {
                    let (counter,) = new.call_async(&mut *store, (0,)).await.unwrap();
                    increment
                        .call_async(&mut *store, (counter, 1))
                        .await
                        .unwrap();
                    counter.resource_drop_async(&mut *store).await.unwrap();
                }
                start.elapsed()
            })
        })
    }
}

fn timed(run: impl FnMut(&Runtime, u32) -> Duration + 'static) -> Run {
    Box::new(run)
}

#[derive(Clone, ComponentType, Lift, Lower)]
#[component(record)]
pub(crate) struct Inner {
    id: u64,
    label: String,
}

#[derive(Clone, ComponentType, Lift, Lower)]
#[component(record)]
pub(crate) struct Outer {
    name: String,
    count: u32,
    ratio: f64,
    tags: Vec<String>,
    inner: Inner,
}

/// The records that `pump.wat` sends.
pub(crate) fn records(size: u32) -> Vec<Outer> {
    let outer = |count| Outer {
        name: "thirty-two".to_owned(),
        count,
        ratio: 0.5,
        tags: vec!["thirty".to_owned(), "two".to_owned()],
        inner: Inner {
            id: 7,
            label: "wo bytes ".to_owned(),
        },
    };
    (0..size).map(outer).collect()
}

#[derive(Clone, ComponentType, Lift, Lower)]
#[component(variant)]
pub(crate) enum TreeNode {
    #[component(name = "leaf")]
    Leaf(u32),
    #[component(name = "text")]
    Text(String),
    #[component(name = "fork")]
    Fork((u32, u32)),
}

/// The tree that `trees.wat` sends.
pub(crate) fn tree(size: u32) -> Vec<TreeNode> {
    let node = |n| match n % 3 {
        0 => TreeNode::Leaf(64),
        1 => TreeNode::Text("a node's text".to_owned()),
        _ => TreeNode::Fork((64, 13)),
    };
    (0..size).map(node).collect()
}
