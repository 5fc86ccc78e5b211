//! The usual way to link two stores by hand: a task for each, an unbounded channel to it,
//! arguments as `Val`s, and a oneshot for the results.
//!
//! It implements only what the comparison needs: an `async func` is started together with
//! those that are in the channel at that moment; of resources, it carries those that a
//! function returns or borrows.

use std::collections::{HashMap, VecDeque};

use futures::future::{BoxFuture, join_all};
use tokio::sync::{mpsc, oneshot};
use wasmtime::component::types::{ComponentFunc, ComponentItem};
use wasmtime::component::{
    Func, Instance, Linker, LinkerInstance, ResourceAny, ResourceDynamic, ResourceType, Val,
};
use wasmtime::{AsContextMut, Store};

use super::Ready;
use crate::case::{Case, Compiler};

/// A value between stores.
enum Moved {
    Val(Val),
    /// A resource, by the number that its owner gave it.
    Resource(u32),
}

enum Message {
    Call(Request),
    Drop(u32),
}

struct Request {
    callee: Exported,
    args: Vec<Moved>,
    reply: oneshot::Sender<Vec<Moved>>,
}

/// A running component.
struct Actor {
    inbox: mpsc::UnboundedSender<Message>,
    funcs: HashMap<(Option<String>, String), Exported>,
}

#[derive(Clone, Copy)]
struct Exported {
    func: Func,
    is_async: bool,
    results: usize,
}

pub(crate) struct Linked {
    actors: Vec<Actor>,
    called: Exported,
}

pub(crate) async fn ready(compiler: &Compiler, case: &Case) -> Linked {
    let mut actors: Vec<Actor> = Vec::new();
    for (n, part) in case.parts.iter().enumerate() {
        let mut linker = compiler.linker(case, part);
        for (import, item) in compiler.imports(part) {
            if let Some(&provider) = compiler.exporters(&case.parts[..n], &import).last() {
                define(compiler, &mut linker, &import, &item, &actors[provider]);
            }
        }
        let component = compiler.component(part);
        let mut store = Store::new(&compiler.engine, ());
        let instance = linker
            .instantiate_async(&mut store, &component)
            .await
            .unwrap();
        let mut funcs = HashMap::new();
        for (name, item) in component.component_type().exports(&compiler.engine) {
            match item.ty {
                ComponentItem::ComponentFunc(ty) => {
                    let func = exported(&mut store, &instance, None, name, &ty);
                    funcs.insert((None, name.to_owned()), func);
                }
                ComponentItem::ComponentInstance(items) => {
                    for (func, item) in items.exports(&compiler.engine) {
                        if let ComponentItem::ComponentFunc(ty) = item.ty {
                            let key = (Some(name.to_owned()), func.to_owned());
                            let func = exported(&mut store, &instance, Some(name), func, &ty);
                            funcs.insert(key, func);
                        }
                    }
                }
                _ => {}
            }
        }
        let (inbox, messages) = mpsc::unbounded_channel();
        tokio::spawn(serve(store, messages));
        actors.push(Actor { inbox, funcs });
    }
    let call = &case.call;
    let key = (call.interface.map(str::to_owned), call.name.to_owned());
    Linked {
        called: actors[actors.len() - 1].funcs[&key],
        actors,
    }
}

fn exported(
    store: &mut Store<()>,
    instance: &Instance,
    interface: Option<&str>,
    name: &str,
    ty: &ComponentFunc,
) -> Exported {
    let interface = interface.map(|name| {
        let (_, index) = instance.get_export(&mut *store, None, name).unwrap();
        index
    });
    let found = instance.get_export(&mut *store, interface.as_ref(), name);
    Exported {
        func: instance.get_func(store, found.unwrap().1).unwrap(),
        is_async: ty.async_(),
        results: ty.results().len(),
    }
}

/// Defines an import of a component by another one's export.
fn define(
    compiler: &Compiler,
    linker: &mut Linker<()>,
    import: &str,
    item: &ComponentItem,
    provider: &Actor,
) {
    match item {
        ComponentItem::ComponentFunc(_) => {
            let key = (None, import.to_owned());
            adapt(&mut linker.root(), import, provider, provider.funcs[&key]);
        }
        ComponentItem::ComponentInstance(items) => {
            let mut linker = linker.instance(import).unwrap();
            for (name, item) in items.exports(&compiler.engine) {
                match item.ty {
                    ComponentItem::ComponentFunc(_) => {
                        let key = (Some(import.to_owned()), name.to_owned());
                        adapt(&mut linker, name, provider, provider.funcs[&key]);
                    }
                    ComponentItem::Resource(_) => {
                        let inbox = provider.inbox.clone();
                        let ty = ResourceType::host_dynamic(0);
                        let drop = move |_: wasmtime::StoreContextMut<'_, ()>, rep| {
                            let _ = inbox.send(Message::Drop(rep));
                            Ok(())
                        };
                        linker.resource(name, ty, drop).unwrap();
                    }
                    _ => {}
                }
            }
        }
        _ => {}
    }
}

fn adapt(linker: &mut LinkerInstance<'_, ()>, name: &str, provider: &Actor, callee: Exported) {
    let inbox = provider.inbox.clone();
    if callee.is_async {
        let adapter = linker.func_new_concurrent(name, move |_, _, args, results| {
            let args = args.iter().cloned().map(Moved::Val).collect();
            let answer = ask(&inbox, callee, args);
            Box::pin(async move {
                for (result, moved) in results.iter_mut().zip(answer.await?) {
                    if let Moved::Val(val) = moved {
                        *result = val;
                    }
                }
                Ok(())
            })
        });
        return adapter.unwrap();
    }
    let adapter = linker.func_new_async(name, move |mut store, _, args, results| {
        let inbox = inbox.clone();
        Box::new(async move {
            let mut moved = Vec::with_capacity(args.len());
            for arg in args {
                moved.push(match arg {
                    Val::Resource(any) => {
                        let proxy = any.try_into_resource_dynamic(store.as_context_mut())?;
                        Moved::Resource(proxy.rep())
                    }
                    val => Moved::Val(val.clone()),
                });
            }
            let answer = ask(&inbox, callee, moved).await?;
            for (result, moved) in results.iter_mut().zip(answer) {
                *result = match moved {
                    Moved::Val(val) => val,
                    Moved::Resource(rep) => {
                        let proxy = ResourceDynamic::new_own(rep, 0);
                        Val::Resource(proxy.try_into_resource_any(store.as_context_mut())?)
                    }
                };
            }
            Ok(())
        })
    });
    adapter.unwrap();
}

fn ask(
    inbox: &mpsc::UnboundedSender<Message>,
    callee: Exported,
    args: Vec<Moved>,
) -> impl Future<Output = wasmtime::Result<Vec<Moved>>> + Send + use<> {
    let (reply, answer) = oneshot::channel();
    let request = Request {
        callee,
        args,
        reply,
    };
    let sent = inbox.send(Message::Call(request)).is_ok();
    async move {
        assert!(sent);
        Ok(answer.await?)
    }
}

/// A task that owns a store.
async fn serve(mut store: Store<()>, mut messages: mpsc::UnboundedReceiver<Message>) {
    let mut resources: HashMap<u32, ResourceAny> = HashMap::new();
    let mut next = 0;
    let mut waiting: VecDeque<Message> = VecDeque::new();
    loop {
        let message = match waiting.pop_front() {
            Some(message) => message,
            None => match messages.recv().await {
                Some(message) => message,
                None => return,
            },
        };
        match message {
            Message::Drop(rep) => {
                let resource = resources.remove(&rep).unwrap();
                resource.resource_drop_async(&mut store).await.unwrap();
            }
            Message::Call(request) if request.callee.is_async => {
                let mut batch = vec![request];
                while let Ok(message) = messages.try_recv() {
                    match message {
                        Message::Call(request) if request.callee.is_async => batch.push(request),
                        message => waiting.push_back(message),
                    }
                }
                run_batch(&mut store, batch).await;
            }
            Message::Call(Request {
                callee,
                args,
                reply,
            }) => {
                let args: Vec<Val> = args
                    .into_iter()
                    .map(|arg| match arg {
                        Moved::Val(val) => val,
                        Moved::Resource(rep) => Val::Resource(resources[&rep]),
                    })
                    .collect();
                let mut results = vec![Val::Bool(false); callee.results];
                let call = callee.func.call_async(&mut store, &args, &mut results);
                call.await.unwrap();
                let results = results.into_iter().map(|result| match result {
                    Val::Resource(resource) => {
                        next += 1;
                        resources.insert(next, resource);
                        Moved::Resource(next)
                    }
                    val => Moved::Val(val),
                });
                let _ = reply.send(results.collect());
            }
        }
    }
}

/// Runs calls of `async` functions concurrently until all of them have ended.
async fn run_batch(store: &mut Store<()>, batch: Vec<Request>) {
    let calls = store.run_concurrent(async |accessor| {
        let call = async |request: Request| {
            let vals = request.args.into_iter().filter_map(|arg| match arg {
                Moved::Val(val) => Some(val),
                Moved::Resource(_) => None,
            });
            let args: Vec<Val> = vals.collect();
            let mut results = vec![Val::Bool(false); request.callee.results];
            let func = request.callee.func;
            func.call_concurrent(accessor, &args, &mut results)
                .await
                .unwrap();
            let results = results.into_iter().map(Moved::Val).collect();
            let _ = request.reply.send(results);
        };
        join_all(batch.into_iter().map(call)).await;
    });
    calls.await.unwrap();
}

impl Ready for Linked {
    fn call<'a>(&'a mut self, args: &'a [Val]) -> BoxFuture<'a, Vec<Val>> {
        let caller = &self.actors[self.actors.len() - 1];
        let args = args.iter().cloned().map(Moved::Val).collect();
        let answer = ask(&caller.inbox, self.called, args);
        Box::pin(async move {
            let results = answer.await.unwrap().into_iter();
            let vals = results.filter_map(|result| match result {
                Moved::Val(val) => Some(val),
                Moved::Resource(_) => None,
            });
            vals.collect()
        })
    }
}
