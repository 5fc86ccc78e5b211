//! Measures what the filters of the gateway cost.
//!
//! ```text
//! cargo bench --workspace --bench gateway [decision|load]
//! ```
//!
//! * `decision`: from a request's head with 20 headers to a filter's decision about it,
//!   in Rust types, on a runtime of one thread and of two. First the bare call, then with
//!   everything that the gateway does around it: it leases an instance, copies the head,
//!   times the call, and checks and applies the answer.
//! * `load`: requests over sockets, through a chain of two filters, alone and beside
//!   attackers on another route. Clients, gateway and upstream share the machine.

#![allow(clippy::unwrap_used, missing_docs)]

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use composer::Engines;
use composer_gateway::chain::{Chain, Passed, Terms};
use composer_gateway::config::{FilterConfig, OnFailure};
use composer_gateway::demo::guest_file;
use composer_gateway::pool::Pool;
use composer_gateway::reload::Gateway;
use composer_gateway::server::Server;
use composer_gateway::upstream::Upstream;
use composer_gateway::wit::{Decision, Filter, FilterParts, Header, RequestHead};
use http_body_util::{BodyExt, Full};
use hyper::Request;
use hyper::body::Bytes;
use hyper::http::request;
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use tokio::runtime::{Builder, Runtime};

fn main() {
    let only: Vec<String> = std::env::args()
        .skip(1)
        .filter(|arg| !arg.starts_with("--"))
        .collect();
    let runs = |name: &str| only.is_empty() || only.iter().any(|only| only == name);
    if runs("decision") {
        decisions();
    }
    if runs("load") {
        loads();
    }
}

fn runtime(threads: usize) -> Runtime {
    let mut builder = match threads {
        1 => Builder::new_current_thread(),
        _ => Builder::new_multi_thread(),
    };
    builder
        .worker_threads(threads)
        .enable_all()
        .build()
        .unwrap()
}

// --- decisions

const CONFIGS: [(&str, &str); 3] = [
    ("http-allow", "path /api"),
    ("http-token", "token s3cret ada"),
    ("http-rewrite", "request set x-a b"),
];

fn head() -> request::Parts {
    let mut request = Request::get("/api/things/42?page=7&sort=name");
    let names = [
        ("host", "gateway.example"),
        (
            "user-agent",
            "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0",
        ),
        (
            "accept",
            "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
        ),
        ("accept-language", "en-GB,en;q=0.7,de;q=0.3"),
        ("accept-encoding", "gzip, deflate, br, zstd"),
        ("authorization", "Bearer s3cret"),
        (
            "cookie",
            "session=0123456789abcdef0123456789abcdef; theme=dark",
        ),
        ("referer", "https://gateway.example/api/things?page=6"),
        ("cache-control", "no-cache"),
        ("content-type", "application/json"),
    ];
    for (name, value) in names {
        request = request.header(name, value);
    }
    for n in 0..10 {
        request = request.header(format!("x-header-{n}"), format!("value number {n}"));
    }
    request.body(()).unwrap().into_parts().0
}

fn shown(head: &request::Parts) -> RequestHead {
    RequestHead {
        method: head.method.to_string(),
        target: head.uri.to_string(),
        authority: "gateway.example".to_owned(),
        client: "192.0.2.1".to_owned(),
        headers: head
            .headers
            .iter()
            .map(|(name, value)| Header {
                name: name.to_string(),
                value: value.as_bytes().to_vec(),
            })
            .collect(),
    }
}

fn decisions() {
    println!("decision about a request's head with 20 headers, in µs\n");
    println!("| filter | threads | call: median | p99 | in the gateway: median | p99 |");
    println!("|---|---:|---:|---:|---:|---:|");
    for (guest, config) in CONFIGS {
        for threads in [1, 2] {
            let bare = runtime(threads).block_on(spawned(bare(guest, config)));
            let whole = runtime(threads).block_on(spawned(whole(guest, config)));
            println!(
                "| {guest} | {threads} | {:.1} | {:.1} | {:.1} | {:.1} |",
                micros(&bare, 0.5),
                micros(&bare, 0.99),
                micros(&whole, 0.5),
                micros(&whole, 0.99)
            );
        }
    }
    println!();
}

/// Runs a future on a thread of the runtime, as requests are run.
async fn spawned<T: Send + 'static>(task: impl Future<Output = T> + Send + 'static) -> T {
    tokio::spawn(task).await.unwrap()
}

const WARM: usize = 2_000;
const SAMPLES: usize = 20_000;

async fn bare(guest: &'static str, config: &'static str) -> Vec<Duration> {
    let engines = Engines::new().unwrap();
    let filter = engines.load_component(guest_file(guest)).unwrap();
    let filter = Filter::compose(FilterParts { filter }).await.unwrap();
    filter.lifecycle().configure(config).await.unwrap().unwrap();
    let exports = filter.filter();
    let head = head();
    let mut samples = Vec::with_capacity(SAMPLES);
    for n in 0..WARM + SAMPLES {
        let shown = shown(&head);
        let start = Instant::now();
        let decision = exports.on_request_headers(shown).await.unwrap();
        if n >= WARM {
            samples.push(start.elapsed());
        }
        assert!(matches!(decision, Decision::Allow(_)));
    }
    samples
}

async fn whole(guest: &'static str, config: &'static str) -> Vec<Duration> {
    let runtime = composer::Runtime::new().unwrap();
    let component = runtime.load_file(guest_file(guest)).await.unwrap();
    let config = FilterConfig {
        component: guest_file(guest),
        config: config.to_owned(),
        instances: 8,
        wait_ms: 1000,
        time_ms: 50,
        deadline_ms: 1000,
        memory_mib: 16,
        restarts_per_second: 10,
    };
    let chain = Chain {
        filters: vec![Pool::new(guest, &config, &runtime, &component).unwrap()],
        terms: Terms {
            on_failure: OnFailure::Closed,
            buffer_bytes: 64 << 10,
            reply_bytes: 1 << 20,
        },
    };
    let mut samples = Vec::with_capacity(SAMPLES);
    for n in 0..WARM + SAMPLES {
        let mut head = head();
        let start = Instant::now();
        let passed = chain
            .request(&mut head, "gateway.example", "192.0.2.1")
            .await;
        if n >= WARM {
            samples.push(start.elapsed());
        }
        assert!(matches!(passed, Ok(Passed::Onward(_))));
    }
    samples
}

fn micros(samples: &[Duration], part: f64) -> f64 {
    let mut sorted = samples.to_vec();
    sorted.sort();
    let index = ((sorted.len() - 1) as f64 * part).round() as usize;
    sorted[index].as_secs_f64() * 1e6
}

// --- load

const CLIENTS: usize = 32;
const ROUND: Duration = Duration::from_secs(3);
const ROUNDS: usize = 5;
/// The interval of each client's requests in the second table: 4,000 a second from all
/// clients.
const PACE: Duration = Duration::from_millis(8);

type Sender = Client<HttpConnector, Full<Bytes>>;

struct World {
    gateway: Arc<Gateway>,
    uri: String,
    client: Sender,
}

fn loads() {
    runtime(2).block_on(spawned(async {
        let upstream = Upstream::start().await.unwrap();
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("gateway.toml");
        std::fs::write(&file, config(&upstream)).unwrap();
        let gateway = Gateway::open(&file).await.unwrap();
        let server = Server::bind(gateway.clone()).await.unwrap();
        let world = Arc::new(World {
            gateway,
            uri: format!("http://{}", server.address().unwrap()),
            client: Client::builder(TokioExecutor::new()).build_http(),
        });
        tokio::spawn(server.run(std::future::pending()));

        println!("{CLIENTS} clients; rounds of {ROUND:?}, in turns\n");
        round(&world, "/plain", None, None).await;
        println!("each asks again at once:");
        table(&world, None).await;
        println!("each asks every {PACE:?}:");
        table(&world, Some(PACE)).await;
        let status = world.gateway.site().filter("hostile").unwrap().status();
        println!(
            "instances of the hostile filter that failed: {}",
            status.failed + status.crashed
        );
    }));
}

/// Runs rounds of each kind in turns; each client sends its requests at the interval
/// `pace`.
async fn table(world: &Arc<World>, pace: Option<Duration>) {
    let mut kinds = [
        Kind::new("no filter", "/plain", None),
        Kind::new("two filters, alone", "/api", None),
        Kind::new("beside one that spins", "/api", Some("spin")),
        Kind::new("beside one that traps", "/api", Some("trap")),
        Kind::new("beside one that eats memory", "/api", Some("memory")),
    ];
    for _ in 0..ROUNDS {
        for kind in &mut kinds {
            let (latencies, time) = round(world, kind.path, kind.wrong, pace).await;
            kind.time += time;
            kind.latencies.extend(latencies);
        }
    }
    println!("\n| | requests/s | p50 ms | p99 ms | times alone: p50 | p99 |");
    println!("|---|---:|---:|---:|---:|---:|");
    let alone = [0.5, 0.99].map(|part| kinds[1].millis(part));
    for kind in &kinds {
        let [p50, p99] = [0.5, 0.99].map(|part| kind.millis(part));
        println!(
            "| {} | {:.0} | {p50:.2} | {p99:.2} | {:.2} | {:.2} |",
            kind.name,
            kind.rate(),
            p50 / alone[0],
            p99 / alone[1],
        );
    }
    println!();
}

struct Kind {
    name: &'static str,
    path: &'static str,
    wrong: Option<&'static str>,
    latencies: Vec<Duration>,
    time: Duration,
}

impl Kind {
    fn new(name: &'static str, path: &'static str, wrong: Option<&'static str>) -> Kind {
        Kind {
            name,
            path,
            wrong,
            latencies: Vec::new(),
            time: Duration::ZERO,
        }
    }

    fn millis(&self, part: f64) -> f64 {
        micros(&self.latencies, part) / 1e3
    }

    fn rate(&self) -> f64 {
        self.latencies.len() as f64 / self.time.as_secs_f64()
    }
}

fn config(upstream: &Upstream) -> String {
    let filter = |name: &str, more: &str| {
        let file = guest_file(&format!("http-{name}"));
        format!(
            "[filters.{name}]\ncomponent = '{}'\n{more}\n",
            file.display()
        )
    };
    let route = |path: &str, filters: &str| {
        let upstream = upstream.address();
        format!(
            "[[routes]]\npath = '{path}'\nupstream = 'http://{upstream}'\nfilters = [{filters}]\n"
        )
    };
    [
        "listen = '127.0.0.1:0'\n".to_owned(),
        filter("allow", "config = 'path /api'"),
        filter("token", "config = 'token s3cret ada'"),
        // Everything else has its default.
        filter("hostile", "instances = 2"),
        route("/plain", ""),
        route("/api", "'allow', 'token'"),
        route("/hostile", "'hostile'"),
    ]
    .concat()
}

/// The latencies of a round, in which every answer must be right. Two attackers run
/// beside it if `wrong` is given.
async fn round(
    world: &Arc<World>,
    path: &str,
    wrong: Option<&str>,
    pace: Option<Duration>,
) -> (Vec<Duration>, Duration) {
    let done = Arc::new(AtomicBool::new(false));
    let attacks = Arc::new(AtomicU64::new(0));
    let attackers = wrong.iter().flat_map(|wrong| {
        let uri = format!("{}/hostile?wrong={wrong}", world.uri);
        [uri.clone(), uri]
    });
    let attackers: Vec<_> = attackers
        .map(|uri| {
            let (world, done, attacks) = (world.clone(), done.clone(), attacks.clone());
            tokio::spawn(async move {
                while !done.load(Ordering::Relaxed) {
                    let status = ask(&world, &uri).await;
                    assert_eq!(status, 503);
                    attacks.fetch_add(1, Ordering::Relaxed);
                    // Without a pause, an attacker that is refused at once would measure
                    // only the refusals.
                    tokio::time::sleep(Duration::from_millis(1)).await;
                }
            })
        })
        .collect();
    let start = Instant::now();
    let clients: Vec<_> = (0..CLIENTS)
        .map(|n| {
            let world = world.clone();
            let uri = format!("{}{path}/{n}", world.uri);
            tokio::spawn(async move {
                let mut latencies = Vec::new();
                let mut turns = pace.map(|pace| {
                    let first = start + pace * n as u32 / CLIENTS as u32;
                    tokio::time::interval_at(first.into(), pace)
                });
                while start.elapsed() < ROUND {
                    if let Some(turns) = &mut turns {
                        turns.tick().await;
                    }
                    let asked = Instant::now();
                    assert_eq!(ask(&world, &uri).await, 200);
                    latencies.push(asked.elapsed());
                }
                latencies
            })
        })
        .collect();
    let mut latencies = Vec::new();
    for client in clients {
        latencies.extend(client.await.unwrap());
    }
    let time = start.elapsed();
    done.store(true, Ordering::Relaxed);
    for attacker in attackers {
        attacker.await.unwrap();
    }
    (latencies, time)
}

async fn ask(world: &World, uri: &str) -> u16 {
    let request = Request::get(uri).header("authorization", "Bearer s3cret");
    let response = world.client.request(request.body(Full::default()).unwrap());
    let response = response.await.unwrap();
    let status = response.status().as_u16();
    response.into_body().collect().await.unwrap();
    status
}
