//! Two stores that are linked by hand, without this crate: a function of the host calls
//! the other store directly. There are no limits, and only the caller can reach the
//! callee.
//!
//! A callee without WASI is called by `TypedFunc::call`. WASI may wait, so a callee with
//! WASI is called by `TypedFunc::call_async`, each time on a stack of its own.

use wasmtime::component::{
    Component, ComponentNamedList, ComponentType, Instance, Lift, Linker, LinkerInstance, Lower,
    ResourceTable, TypedFunc,
};
use wasmtime::{AsContextMut, Engine, Store};
use wasmtime_wasi::{WasiCtx, WasiCtxView, WasiView};

/// The interface of the functions whose values are more than numbers.
const ECHO: &str = "test:values/echo@0.1.0";

/// The caller, whose store owns the callee.
pub(crate) struct ByHand {
    store: Store<State>,
    func: TypedFunc<(u32, u32), (u32,)>,
}

#[derive(Default)]
struct State {
    wasi: WasiCtx,
    table: ResourceTable,
    callee: Option<Box<Callee>>,
}

struct Callee {
    store: Store<State>,
    add: TypedFunc<(u32, u32), (u32,)>,
    text: TypedFunc<(String,), (String,)>,
    bytes: TypedFunc<(Vec<u8>,), (Vec<u8>,)>,
    records: TypedFunc<(Vec<Outer>,), (Vec<Outer>,)>,
}

#[derive(ComponentType, Lift, Lower)]
#[component(record)]
struct Inner {
    id: u64,
    label: String,
}

#[derive(ComponentType, Lift, Lower)]
#[component(record)]
struct Outer {
    name: String,
    count: u32,
    ratio: f64,
    tags: Vec<String>,
    inner: Inner,
}

impl WasiView for State {
    fn ctx(&mut self) -> WasiCtxView<'_> {
        WasiCtxView {
            ctx: &mut self.wasi,
            table: &mut self.table,
        }
    }
}

impl ByHand {
    /// `name` is the function of the caller to call; `waits` says whether the callee has
    /// WASI.
    pub(crate) async fn new(
        callee: &Component,
        caller: &Component,
        waits: bool,
        name: &str,
    ) -> Self {
        let engine = caller.engine();
        let callee = Callee::new(callee).await;

        let mut linker = linker(engine);
        link(&mut linker.root(), waits, "add", |callee| callee.add);
        let mut echo = linker.instance(ECHO).unwrap();
        link(&mut echo, waits, "echo-string", |callee| callee.text);
        link(&mut echo, waits, "echo-bytes", |callee| callee.bytes);
        link(&mut echo, waits, "echo-records", |callee| callee.records);

        let mut store = Store::new(engine, State::default());
        store.data_mut().callee = Some(Box::new(callee));
        let instance = linker.instantiate_async(&mut store, caller).await.unwrap();
        let func = instance.get_typed_func(&mut store, name).unwrap();
        ByHand { store, func }
    }

    pub(crate) async fn call(&mut self, size: u32, times: u32) -> u32 {
        let called = self.func.call_async(&mut self.store, (size, times)).await;
        called.unwrap().0
    }
}

impl Callee {
    async fn new(component: &Component) -> Callee {
        let engine = component.engine();
        let mut store = Store::new(engine, State::default());
        let linker = linker(engine);
        let instance = linker.instantiate_async(&mut store, component).await;
        let instance = instance.unwrap();
        Callee {
            add: instance.get_typed_func(&mut store, "add").unwrap(),
            text: find(&mut store, &instance, "echo-string"),
            bytes: find(&mut store, &instance, "echo-bytes"),
            records: find(&mut store, &instance, "echo-records"),
            store,
        }
    }
}

fn linker(engine: &Engine) -> Linker<State> {
    let mut linker = Linker::new(engine);
    wasmtime_wasi::p2::add_to_linker_async(&mut linker).unwrap();
    linker
}

fn find<P, R>(store: &mut Store<State>, instance: &Instance, name: &str) -> TypedFunc<P, R>
where
    P: ComponentNamedList + Lower,
    R: ComponentNamedList + Lift,
{
    let interface = instance.get_export_index(&mut *store, None, ECHO).unwrap();
    let func = instance.get_export_index(&mut *store, Some(&interface), name);
    instance.get_typed_func(store, func.unwrap()).unwrap()
}

fn link<P, R>(
    linker: &mut LinkerInstance<'_, State>,
    waits: bool,
    name: &str,
    pick: fn(&Callee) -> TypedFunc<P, R>,
) where
    P: ComponentNamedList + Lift + Lower + Send + Sync + 'static,
    R: ComponentNamedList + Lift + Lower + Send + Sync + 'static,
{
    let linked = match waits {
        true => linker.func_wrap_async(name, move |mut caller, args: P| {
            Box::new(async move {
                let callee = caller.data_mut().callee.as_mut().unwrap();
                let func = pick(callee);
                func.call_async(callee.store.as_context_mut(), args).await
            })
        }),
        false => linker.func_wrap(name, move |mut caller, args: P| {
            let callee = caller.data_mut().callee.as_mut().unwrap();
            let func = pick(callee);
            func.call(callee.store.as_context_mut(), args)
        }),
    };
    linked.unwrap();
}
