//! `--otlp`: what a collector gets.

use std::convert::Infallible;
use std::net::{Ipv4Addr, TcpListener};
use std::process::Output;
use std::sync::mpsc::{self, Receiver};

use http_body_util::{BodyExt, Full};
use hyper::body::{Bytes, Incoming};
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::TokioIo;
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use opentelemetry_proto::tonic::common::v1::any_value::Value;
use opentelemetry_proto::tonic::trace::v1::Span;
use prost::Message;
use tokio::process::Command;

use crate::support::{repository, wasm_composer};

/// A collector, and what it has been sent.
struct Collector {
    address: String,
    requests: Receiver<(String, ExportTraceServiceRequest)>,
}

impl Collector {
    async fn start() -> Collector {
        let listener = tokio::net::TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await;
        let listener = listener.unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let (sender, requests) = mpsc::channel();
        tokio::spawn(async move {
            loop {
                let (stream, _) = listener.accept().await.unwrap();
                let sender = sender.clone();
                let service = service_fn(move |request: Request<Incoming>| {
                    let sender = sender.clone();
                    async move {
                        let path = request.uri().path().to_owned();
                        let body = request.into_body().collect().await.unwrap().to_bytes();
                        let sent = ExportTraceServiceRequest::decode(body).unwrap();
                        sender.send((path, sent)).unwrap();
                        Ok::<_, Infallible>(Response::new(Full::new(Bytes::new())))
                    }
                });
                let http = hyper::server::conn::http1::Builder::new();
                tokio::spawn(http.serve_connection(TokioIo::new(stream), service));
            }
        });
        Collector { address, requests }
    }

    /// All spans that have been sent, by now, with the name of who sent them.
    fn spans(&self) -> (String, Vec<Span>) {
        let mut service = String::new();
        let mut spans = Vec::new();
        for (path, request) in self.requests.try_iter() {
            assert_eq!(path, "/v1/traces");
            for of_resource in request.resource_spans {
                for attribute in of_resource.resource.unwrap().attributes {
                    if attribute.key == "service.name"
                        && let Some(Value::StringValue(name)) = attribute.value.unwrap().value
                    {
                        service = name;
                    }
                }
                for scope in of_resource.scope_spans {
                    spans.extend(scope.spans);
                }
            }
        }
        (service, spans)
    }
}

async fn command(args: &[&str]) -> Output {
    Command::from(wasm_composer())
        .args(args)
        .output()
        .await
        .unwrap()
}

const TOTAL: &str = "shop:till/checkout#total";

#[tokio::test]
async fn each_call_is_a_span() {
    let collector = Collector::start().await;
    let basket = "[{sku: \"apple\", quantity: 3}]";
    let args = [
        "call",
        "examples/shop",
        TOTAL,
        basket,
        "--otlp",
        &collector.address,
    ];
    let output = command(&args).await;
    assert!(output.status.success(), "{output:?}");
    assert_eq!(output.stderr, b"");

    let (service, spans) = collector.spans();
    assert_eq!(service, "wasm-composer");
    let of = |name: &str| {
        let mut found = spans.iter().filter(|span| span.name == name);
        found
            .next()
            .unwrap_or_else(|| panic!("no {name}: {spans:?}"))
    };
    let total = of("till shop:till/checkout@1.0.0#total");
    let price = of("catalog shop:catalog/prices@1.0.0#lookup");
    assert_eq!(price.parent_span_id, total.span_id);
    assert_eq!(price.trace_id, total.trace_id);
    assert!(total.parent_span_id.is_empty());
    assert!(total.start_time_unix_nano <= price.start_time_unix_nano);
    assert!(price.end_time_unix_nano <= total.end_time_unix_nano);
    assert!(
        spans
            .iter()
            .all(|span| span.status.as_ref().is_none_or(|it| it.code == 0))
    );
}

#[tokio::test]
async fn a_call_that_fails() {
    let collector = Collector::start().await;
    let hostile = "tests/guests/hostile/hostile.wasm";
    let url = format!("http://{}/", collector.address);
    let output = command(&["call", hostile, "test:hostile/faults#trap", "--otlp", &url]).await;
    assert_eq!(output.status.code(), Some(3), "{output:?}");
    let (_, spans) = collector.spans();
    assert_eq!(spans.len(), 1, "{spans:?}");
    let status = spans[0].status.as_ref().unwrap();
    assert_eq!(
        (spans[0].name.as_str(), status.code),
        ("hostile test:hostile/faults@0.1.0#trap", 2)
    );
}

/// Without a collector everything goes on, and that is said.
#[tokio::test]
async fn nobody_collects() {
    // A port that is free again.
    let free = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let address = free.local_addr().unwrap().to_string();
    drop(free);
    let echo = [
        "call",
        "examples/greeter",
        "local:greetings/greet#greet",
        "\"you\"",
    ];
    let output = command(&[&echo[..], &["--otlp", &address]].concat()).await;
    assert!(output.status.success(), "{output:?}");
    assert_eq!(output.stdout, b"\"Hello, you!\"\n");
    let said = String::from_utf8(output.stderr).unwrap();
    let wanted = format!("spans could not be sent to `{address}`");
    assert_eq!(said.matches(&wanted).count(), 1, "{said}");
    assert!(said.contains("is a collector there"), "{said}");

    for wrong in ["no address", "https://127.0.0.1:4318", "ftp://127.0.0.1"] {
        let output = command(&[&echo[..], &["--otlp", wrong]].concat()).await;
        assert_eq!(output.status.code(), Some(1), "{output:?}");
        let said = String::from_utf8(output.stderr).unwrap();
        assert!(said.contains("name a collector"), "{said}");
    }
}

/// A program that is asked to end has its spans sent before.
#[cfg(unix)]
#[tokio::test]
async fn a_program_that_is_asked_to_end() {
    use std::process::Stdio;

    use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};

    let collector = Collector::start().await;
    let path = format!("{}/v1/traces", collector.address);
    let mut child = Command::from(wasm_composer())
        .current_dir(repository().join("tests/guests"))
        .args([
            "run",
            "tax-tool/tax-tool.wasm",
            "tax-eu/tax-eu.wasm",
            "--otlp",
            &path,
        ])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut input = child.stdin.take().unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    assert_eq!(lines.next_line().await.unwrap().unwrap(), "begins");
    input.write_all(b"one\n").await.unwrap();
    assert_eq!(lines.next_line().await.unwrap().unwrap(), "one EU");
    let pid = child.id().unwrap().to_string();
    let killed = Command::new("kill").arg(pid).status().await.unwrap();
    assert!(killed.success());
    assert_eq!(child.wait().await.unwrap().code(), Some(128 + 15));
    let (_, spans) = collector.spans();
    let region = "tax-eu shop:tax/rates@1.0.0#region";
    assert!(spans.iter().any(|span| span.name == region), "{spans:?}");
}
