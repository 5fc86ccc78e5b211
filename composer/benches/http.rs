//! Measures what serving HTTP costs: requests a second beside wasmtime-wasi-http called by
//! hand, a chain of middlewares beside the same chain fused, and a write to a stream that
//! another component provides beside one to the host's. The components are in Rust.
//!
//! ```sh
//! cargo bench -p wasm-composer --features fused,http,runtime --bench http
//! cargo bench -p wasm-composer --features fused,http,runtime --bench http -- --quick chain
//! ```
//!
//! Words pick the parts (`requests`, `chain`, `write`); `--quick` takes fewer samples, and
//! `--only=instances-on-demand` leaves one way, for a profiler. The
//! figures are medians of samples that were taken in turns; a ratio is that of the medians.

#![allow(clippy::unwrap_used, missing_docs)]

use std::convert::Infallible;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::Relaxed};
use std::time::{Duration, Instant};

use bytes::Bytes;
use composer::fused::{FusedComponents, FusedMember};
use composer::http::HttpService;
use composer::runtime::Reset;
use composer::wasi::WasiComponent;
use composer::{ComposableDescriptor, Composer, Composition, Runtime, Value, load_component};
use futures::future::BoxFuture;
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::service::{Service, service_fn};
use hyper::{Request, Response};
use hyper_util::rt::TokioIo;
use tokio::net::{TcpListener, TcpStream};
use wasmtime::component::{Component, Linker, ResourceTable};
use wasmtime::{Config, Engine, InstanceAllocationStrategy, PoolingAllocationConfig, Store};
use wasmtime_wasi::{WasiCtx, WasiCtxView, WasiView};
use wasmtime_wasi_http::p2::bindings::ProxyPre;
use wasmtime_wasi_http::p2::bindings::http::types::Scheme;
use wasmtime_wasi_http::p2::body::HyperOutgoingBody;
use wasmtime_wasi_http::p2::types::{HostIncomingRequest, HostResponseOutparam};
use wasmtime_wasi_http::{WasiHttpCtx, WasiHttpCtxView, WasiHttpView};

const HANDLER: &str = "wasi:http/incoming-handler";
/// How many connections ask at once.
const CLIENTS: usize = 16;

/// What is measured: its name, and how it takes a sample.
type Subject = (&'static str, Box<dyn Fn() -> BoxFuture<'static, f64>>);

struct Goal {
    subject: &'static str,
    against: &'static str,
    /// The ratio of the two, at least or at most.
    ratio: f64,
}

/// Where more is better, the ratio is a lower bound.
enum Figure {
    /// Requests a second.
    Rate,
    /// Microseconds.
    Time,
}

fn guest_path(name: &str) -> PathBuf {
    let guests = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../tests/guests");
    guests.join(name).join(format!("{name}.wasm"))
}

#[derive(Default)]
struct State {
    table: ResourceTable,
    ctx: WasiCtx,
    http: WasiHttpCtx,
}

impl WasiView for State {
    fn ctx(&mut self) -> WasiCtxView<'_> {
        WasiCtxView {
            ctx: &mut self.ctx,
            table: &mut self.table,
        }
    }
}

impl WasiHttpView for State {
    fn http(&mut self) -> WasiHttpCtxView<'_> {
        WasiHttpCtxView {
            ctx: &mut self.http,
            table: &mut self.table,
            hooks: Default::default(),
        }
    }
}

fn linker(engine: &Engine) -> Linker<State> {
    let mut linker = Linker::new(engine);
    wasmtime_wasi::p2::add_to_linker_async(&mut linker).unwrap();
    wasmtime_wasi_http::p2::add_only_http_to_linker_async(&mut linker).unwrap();
    linker
}

fn engine(is_pooling: bool) -> Engine {
    let mut config = match is_pooling {
        true => pooling(),
        false => Config::new(),
    };
    config.wasm_component_model_async(true);
    Engine::new(&config).unwrap()
}

/// Instances whose memories and stacks are kept for others.
fn pooling() -> Config {
    let mut config = Config::new();
    let pooling = PoolingAllocationConfig::default();
    config.allocation_strategy(InstanceAllocationStrategy::Pooling(pooling));
    config
}

/// wasmtime-wasi-http as its own server calls it: a new store for each request.
#[derive(Clone)]
struct ByHand(ProxyPre<State>);

impl ByHand {
    fn new(engine: &Engine) -> Self {
        let component = Component::from_file(engine, guest_path("http-hello")).unwrap();
        let pre = linker(engine).instantiate_pre(&component).unwrap();
        ByHand(ProxyPre::new(pre).unwrap())
    }

    async fn handle(
        &self,
        request: Request<Incoming>,
    ) -> wasmtime::Result<Response<HyperOutgoingBody>> {
        let mut store = Store::new(self.0.engine(), State::default());
        let (sender, answer) = tokio::sync::oneshot::channel();
        let request = store
            .data_mut()
            .http()
            .new_incoming_request(Scheme::Http, request)?;
        let out = store.data_mut().http().new_response_outparam(sender)?;
        let pre = self.0.clone();
        let task = tokio::spawn(async move {
            let proxy = pre.instantiate_async(&mut store).await?;
            let handler = proxy.wasi_http_incoming_handler();
            handler.call_handle(&mut store, request, out).await
        });
        match answer.await {
            Ok(response) => Ok(response?),
            Err(_) => {
                task.await.unwrap()?;
                panic!("no answer")
            }
        }
    }
}

async fn serve<S, B>(service: S) -> SocketAddr
where
    S: Service<Request<Incoming>, Response = Response<B>> + Clone + Send + 'static,
    S::Future: Send,
    S::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
    B: hyper::body::Body<Data = Bytes> + Send + 'static,
    B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
{
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        loop {
            let (stream, _) = listener.accept().await.unwrap();
            stream.set_nodelay(true).unwrap();
            let service = service.clone();
            tokio::spawn(async move {
                let _ = hyper::server::conn::http1::Builder::new()
                    .serve_connection(TokioIo::new(stream), service)
                    .await;
            });
        }
    });
    address
}

/// Requests a second, from several clients over sockets.
async fn rate(server: SocketAddr, time: Duration) -> f64 {
    let (over, count) = (
        Arc::new(AtomicBool::new(false)),
        Arc::new(AtomicU64::new(0)),
    );
    let clients = (0..CLIENTS).map(|_| {
        let (over, count) = (over.clone(), count.clone());
        tokio::spawn(async move {
            let stream = TcpStream::connect(server).await.unwrap();
            stream.set_nodelay(true).unwrap();
            let (mut sender, connection) =
                hyper::client::conn::http1::handshake(TokioIo::new(stream))
                    .await
                    .unwrap();
            tokio::spawn(connection);
            while !over.load(Relaxed) {
                let request = Request::get("/hello").header("host", "localhost");
                let request = request.body(Full::new(Bytes::new())).unwrap();
                sender.ready().await.unwrap();
                let response = sender.send_request(request).await.unwrap();
                assert_eq!(response.status(), 200);
                let body = response.into_body().collect().await.unwrap().to_bytes();
                assert_eq!(body, "hello, world");
                count.fetch_add(1, Relaxed);
            }
        })
    });
    let clients: Vec<_> = clients.collect();
    let start = Instant::now();
    tokio::time::sleep(time).await;
    let (served, taken) = (count.load(Relaxed), start.elapsed());
    over.store(true, Relaxed);
    for client in clients {
        client.await.unwrap();
    }
    served as f64 / taken.as_secs_f64()
}

/// A server's rate, as a subject.
fn rate_of(name: &'static str, server: SocketAddr, time: Duration) -> Subject {
    (name, Box::new(move || Box::pin(rate(server, time))))
}

async fn requests(runtime: &Runtime, pooling: &Runtime, time: Duration) -> Vec<Subject> {
    let mut subjects = Vec::new();
    for (name, is_pooling) in [("by hand", false), ("by hand, pooling allocator", true)] {
        let by_hand = ByHand::new(&engine(is_pooling));
        let service = service_fn(move |request| {
            let by_hand = by_hand.clone();
            async move { Ok::<_, Infallible>(by_hand.handle(request).await.unwrap()) }
        });
        subjects.push(rate_of(name, serve(service).await, time));
    }
    for (name, runtime, reset, warm) in [
        ("instances on demand", runtime, Reset::Fresh, 0),
        (
            "instances on demand, some warm",
            runtime,
            Reset::Fresh,
            CLIENTS,
        ),
        (
            "instances on demand, pooling allocator",
            pooling,
            Reset::Fresh,
            0,
        ),
        ("instances used again", runtime, Reset::Keep, 0),
    ] {
        let hello = runtime.load_file(guest_path("http-hello")).await.unwrap();
        let mut composer = Composer::new();
        composer.add(ComposableDescriptor::new("hello", hello.part()));
        let prepared = composer.prepare().unwrap();
        let pool = runtime
            .pool(&prepared)
            .max(2 * CLIENTS)
            .warm(warm)
            .reset(reset);
        let service = HttpService::of_pool(pool.build().unwrap());
        subjects.push(rate_of(name, serve(service).await, time));
    }
    subjects
}

const CHAIN: [&str; 4] = ["http-gate", "http-gate", "http-gate", "http-hello"];

/// Three middlewares and a handler, in parts that `part` makes.
async fn chain(mut part: impl FnMut(&str, &str) -> ComposableDescriptor) -> Composition {
    let mut composer = Composer::new();
    for (i, guest) in CHAIN.iter().enumerate() {
        let mut descriptor = part(&format!("c{i}"), guest);
        if i < CHAIN.len() - 1 {
            descriptor = descriptor.with_import_hint(HANDLER, format!("c{}", i + 1));
        }
        composer.add(descriptor);
    }
    composer.with_export_hint(HANDLER, "c0");
    composer.compose().await.unwrap()
}

async fn fused_chain(engine: &Engine) -> Composition {
    let linker = linker(engine);
    let store = engine.clone();
    let mut group = FusedComponents::new(linker, move || Store::new(&store, State::default()));
    for (i, guest) in CHAIN.iter().enumerate() {
        let path = guest_path(guest);
        let mut member = FusedMember::from_file(engine, format!("c{i}"), path).unwrap();
        if i < CHAIN.len() - 1 {
            member = member.with_import_hint(HANDLER, format!("c{}", i + 1));
        }
        group.add(member);
    }
    group.with_export_hint(HANDLER, "c0");
    group
        .with_moved_host_resource::<HostIncomingRequest>(|state| &mut state.table)
        .with_moved_host_resource::<HostResponseOutparam>(|state| &mut state.table);
    let mut composer = Composer::new();
    composer.add(ComposableDescriptor::new("group", group));
    composer.compose().await.unwrap()
}

/// The time of a request through a composition, without a socket.
fn time_of(name: &'static str, composition: &Composition, count: u32) -> Subject {
    let service = HttpService::new(composition).unwrap();
    let sample = move || {
        let service = service.clone();
        let sample: BoxFuture<'static, f64> = Box::pin(async move {
            let start = Instant::now();
            for _ in 0..count {
                let request = Request::get("/hello").header("host", "localhost");
                let request = request.header("x-key", "open sesame");
                let request = request.body(Full::new(Bytes::new())).unwrap();
                let response = service.handle(request).await.unwrap();
                assert_eq!(response.status(), 200);
                let body = response.into_body().collect().await.unwrap().to_bytes();
                assert_eq!(body, "hello, world");
            }
            start.elapsed().as_secs_f64() * 1e6 / f64::from(count)
        });
        sample
    };
    (name, Box::new(sample))
}

async fn chains(runtime: &Runtime, count: u32) -> Vec<Subject> {
    let engine = engine(false);
    let fused = fused_chain(&engine).await;
    let plain = chain(|name, guest| {
        let component = load_component(&engine, guest_path(guest)).unwrap();
        ComposableDescriptor::new(name, WasiComponent::new(component))
    });
    let gate = runtime.load_file(guest_path("http-gate")).await.unwrap();
    let hello = runtime.load_file(guest_path("http-hello")).await.unwrap();
    let loaded = chain(|name, guest| {
        let loaded = if guest == "http-gate" { &gate } else { &hello };
        ComposableDescriptor::new(name, loaded.part())
    });
    vec![
        time_of("fused", &fused, count),
        time_of("isolated, default limits", &loaded.await, count),
        time_of("isolated, plain WASI", &plain.await, count),
    ]
}

/// Writes 4 KiB to its standard output, as often as it is told.
const WRITER: &str = r#"
(component
  (import "wasi:io/error@0.2.0" (instance $error (export "error" (type (sub resource)))))
  (alias export $error "error" (type $error))
  (import "wasi:io/streams@0.2.0" (instance $streams
    (alias outer 1 $error (type $outer))
    (export "error" (type $error (eq $outer)))
    (export "output-stream" (type $out (sub resource)))
    (type $failure (variant (case "last-operation-failed" (own $error)) (case "closed")))
    (export "stream-error" (type $failed (eq $failure)))
    (export "[method]output-stream.blocking-write-and-flush"
      (func (param "self" (borrow $out)) (param "contents" (list u8))
        (result (result (error $failed)))))))
  (alias export $streams "output-stream" (type $out))
  (import "wasi:cli/stdout@0.2.0" (instance $stdout
    (alias outer 1 $out (type $outer))
    (export "output-stream" (type $out (eq $outer)))
    (export "get-stdout" (func (result (own $out))))))
  (core module $memory (memory (export "memory") 1))
  (core instance $memory (instantiate $memory))
  (alias core export $memory "memory" (core memory $shared))
  (core func $get (canon lower (func $stdout "get-stdout")))
  (core func $write (canon lower
    (func $streams "[method]output-stream.blocking-write-and-flush")
    (memory $shared)))
  (core module $code
    (import "" "get" (func $get (result i32)))
    (import "" "write" (func $write (param i32 i32 i32 i32)))
    (import "" "memory" (memory 1))
    (func (export "run") (param $times i32)
      (local $out i32)
      (local.set $out (call $get))
      (loop $more
        (call $write (local.get $out) (i32.const 4096) (i32.const 4096) (i32.const 16))
        (if (i32.load8_u (i32.const 16)) (then unreachable))
        (br_if $more (local.tee $times (i32.sub (local.get $times) (i32.const 1)))))))
  (core instance $code (instantiate $code (with "" (instance
    (export "get" (func $get))
    (export "write" (func $write))
    (export "memory" (memory $shared))))))
  (func (export "run") (param "times" u32) (canon lift (core func $code "run"))))
"#;

/// A standard output of another component, which counts what it gets.
const OUTPUT: &str = r#"
(component
  (import "wasi:io/error@0.2.0" (instance $error (export "error" (type (sub resource)))))
  (alias export $error "error" (type $error))
  (core module $code
    (memory (export "memory") 2)
    (global $next (mut i32) (i32.const 1024))
    (global $bytes (mut i64) (i64.const 0))
    (func (export "realloc") (param i32 i32 i32 i32) (result i32) (i32.const 4096))
    (func (export "get") (result i32) (i32.const 7))
    (func (export "write") (param $self i32) (param $from i32) (param $bytes i32) (result i32)
      (global.set $bytes (i64.add (global.get $bytes) (i64.extend_i32_u (local.get $bytes))))
      (i32.const 16)))
  (core instance $code (instantiate $code))
  (type $out (resource (rep i32)))
  (core func $new (canon resource.new $out))
  (core module $wrap
    (import "" "new" (func $new (param i32) (result i32)))
    (func (export "get") (result i32) (call $new (i32.const 7))))
  (core instance $wrap (instantiate $wrap (with "" (instance (export "new" (func $new))))))
  (type $failure (variant (case "last-operation-failed" (own $error)) (case "closed")))
  (func $get (result (own $out)) (canon lift (core func $wrap "get")))
  (func $write (param "self" (borrow $out)) (param "contents" (list u8))
    (result (result (error $failure)))
    (canon lift (core func $code "write") (memory (core memory $code "memory"))
      (realloc (core func $code "realloc"))))
  (component $streams
    (import "error" (type $error (sub resource)))
    (import "output-stream" (type $out (sub resource)))
    (type $failure (variant (case "last-operation-failed" (own $error)) (case "closed")))
    (import "stream-error" (type $failed (eq $failure)))
    (import "write" (func $write (param "self" (borrow $out)) (param "contents" (list u8))
      (result (result (error $failed)))))
    (export $error' "error" (type $error))
    (export $out' "output-stream" (type $out))
    (type $failure' (variant (case "last-operation-failed" (own $error')) (case "closed")))
    (export $failed' "stream-error" (type $failure'))
    (export "[method]output-stream.blocking-write-and-flush" (func $write)
      (func (param "self" (borrow $out')) (param "contents" (list u8))
        (result (result (error $failed'))))))
  (instance $streams (instantiate $streams
    (with "error" (type $error))
    (with "output-stream" (type $out))
    (with "stream-error" (type $failure))
    (with "write" (func $write))))
  (export $shown "wasi:io/streams@0.2.0" (instance $streams))
  (alias export $shown "output-stream" (type $out-shown))
  (component $stdout
    (import "output-stream" (type $out (sub resource)))
    (import "get" (func $get (result (own $out))))
    (export $out' "output-stream" (type $out))
    (export "get-stdout" (func $get) (func (result (own $out')))))
  (instance $stdout (instantiate $stdout
    (with "output-stream" (type $out-shown))
    (with "get" (func $get))))
  (export "wasi:cli/stdout@0.2.0" (instance $stdout)))
"#;

async fn writes(runtime: &Runtime, count: u32) -> Vec<Subject> {
    let bytes = |text: &str| wat::parse_str(text).unwrap();
    let writer = runtime.load_bytes("writer", bytes(WRITER)).await.unwrap();
    let output = runtime.load_bytes("output", bytes(OUTPUT)).await.unwrap();
    let mut composer = Composer::new();
    composer.add(ComposableDescriptor::new("writer", writer.part()));
    let to_host = composer.compose().await.unwrap();
    let mut composer = Composer::new();
    let part = ComposableDescriptor::new("writer", writer.part());
    let part = part
        .with_import_hint("wasi:io/streams@0.2.0", "output")
        .with_import_hint("wasi:cli/stdout@0.2.0", "output");
    composer
        .add(part)
        .add(ComposableDescriptor::new("output", output.part()));
    let to_component = composer.compose().await.unwrap();
    let subject = |name, composition: &Composition| -> Subject {
        let run = composition.get_func(None, "run").unwrap();
        let sample = move || {
            let run = run.clone();
            let sample: BoxFuture<'static, f64> = Box::pin(async move {
                let start = Instant::now();
                run.call_owned([Value::U32(count)]).await.unwrap();
                start.elapsed().as_secs_f64() * 1e6 / f64::from(count)
            });
            sample
        };
        (name, Box::new(sample))
    };
    vec![
        subject("the host's stream", &to_host),
        subject("another component's stream", &to_component),
    ]
}

async fn show(
    title: &str,
    mut subjects: Vec<Subject>,
    samples: usize,
    figure: Figure,
    goals: &[Goal],
) {
    let only = std::env::args().find_map(|arg| Some(arg.strip_prefix("--only=")?.to_owned()));
    if let Some(only) = only {
        subjects.retain(|(name, _)| name.replace(", ", "-").replace(' ', "-") == only);
    }
    let mut taken = vec![Vec::new(); subjects.len()];
    for _ in 0..=samples {
        for ((_, sample), taken) in subjects.iter().zip(&mut taken) {
            taken.push(sample().await);
        }
    }
    let medians: Vec<f64> = taken
        .into_iter()
        .map(|mut samples| {
            // The first warms up.
            samples.remove(0);
            samples.sort_by(f64::total_cmp);
            samples[samples.len() / 2]
        })
        .collect();
    let unit = match figure {
        Figure::Rate => "requests a second",
        Figure::Time => "µs",
    };
    println!("\n| {title} | {unit} | beside the first |\n|---|---:|---:|");
    for ((name, _), median) in subjects.iter().zip(&medians) {
        println!("| {name} | {median:.1} | {:.2} |", median / medians[0]);
    }
    for goal in goals {
        let of = |name| {
            let found = subjects.iter().position(|(subject, _)| *subject == name);
            found.map(|found| medians[found])
        };
        let (Some(subject), Some(against)) = (of(goal.subject), of(goal.against)) else {
            continue;
        };
        let ratio = subject / against;
        let (word, is_met) = match figure {
            Figure::Rate => ("at least", ratio >= goal.ratio),
            Figure::Time => ("at most", ratio <= goal.ratio),
        };
        let verdict = if is_met { "met" } else { "missed" };
        println!(
            "\n{}: {ratio:.2} × {}, {word} {} wanted: {verdict}",
            goal.subject, goal.against, goal.ratio
        );
    }
}

const fn goal(subject: &'static str, against: &'static str, ratio: f64) -> Goal {
    Goal {
        subject,
        against,
        ratio,
    }
}

#[tokio::main]
async fn main() {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let is_quick = args.iter().any(|arg| arg == "--quick");
    let samples = if is_quick { 3 } else { 9 };
    let wanted: Vec<&String> = args.iter().filter(|arg| !arg.starts_with("--")).collect();
    let is_wanted = |part: &str| wanted.is_empty() || wanted.iter().any(|word| *word == part);
    let runtime = Runtime::new().unwrap();
    if is_wanted("requests") {
        let time = Duration::from_millis(if is_quick { 500 } else { 2000 });
        let pooling = Runtime::builder().config(pooling()).build().unwrap();
        let subjects = requests(&runtime, &pooling, time).await;
        let goals = [
            goal("instances on demand", "by hand", 1.0),
            goal(
                "instances on demand, pooling allocator",
                "by hand, pooling allocator",
                1.0,
            ),
            goal("instances used again", "by hand", 3.0),
        ];
        show("hello", subjects, samples, Figure::Rate, &goals).await;
    }
    if is_wanted("chain") {
        let subjects = chains(&runtime, if is_quick { 200 } else { 2000 }).await;
        let goals = [goal("isolated, default limits", "fused", 1.3)];
        show("three middlewares", subjects, samples, Figure::Time, &goals).await;
    }
    if is_wanted("write") {
        let subjects = writes(&runtime, if is_quick { 2000 } else { 20_000 }).await;
        let goals = [goal("another component's stream", "the host's stream", 3.0)];
        show("write of 4 KiB", subjects, samples, Figure::Time, &goals).await;
    }
}
