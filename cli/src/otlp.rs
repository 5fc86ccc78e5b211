//! Calls as spans of OpenTelemetry, sent to a collector.

use std::env;
use std::sync::{Arc, Mutex, PoisonError};

use opentelemetry::trace::{Status, TracerProvider};
use opentelemetry::{KeyValue, Value};
use opentelemetry_otlp::{Protocol, SpanExporter as OtlpExporter, WithExportConfig};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::error::OTelSdkResult;
use opentelemetry_sdk::trace::{SdkTracerProvider, SpanData, SpanExporter};
use tracing::Subscriber;
use tracing_subscriber::Layer;
use tracing_subscriber::registry::LookupSpan;

use crate::problem::Problem;

/// The name of this program in a collector, if `OTEL_SERVICE_NAME` has no other.
const NAME: &str = "wasm-composer";

/// Spans that are sent to a collector in batches, by a thread of their own.
///
/// Spans that come faster than the collector takes them are dropped, not kept: the queue has
/// 2,048 places, or as many as `OTEL_BSP_MAX_QUEUE_SIZE` says.
pub struct SpanExport {
    address: String,
    provider: SdkTracerProvider,
    failure: FirstFailure,
}

/// The first failure to send spans.
type FirstFailure = Arc<Mutex<Option<String>>>;

impl SpanExport {
    /// Sends spans to the collector at this address, by OTLP over HTTP.
    ///
    /// # Errors
    ///
    /// If this is no address. Whether a collector is there is known later, at the
    /// [`end`](SpanExport::end).
    pub fn to(address: &str) -> Result<Self, Problem> {
        let wrong = |why: &str| {
            Problem::new(format!("spans cannot be sent to `{address}`: {why}"))
                .with_help("name a collector, such as `127.0.0.1:4318`")
        };
        let base = match address.split_once("://") {
            None => format!("http://{address}"),
            Some(("http", _)) => address.to_owned(),
            Some(_) => return Err(wrong("it is reached by plain HTTP, and by nothing else")),
        };
        let base = base.trim_end_matches('/').trim_end_matches("/v1/traces");
        let exporter = OtlpExporter::builder()
            .with_http()
            .with_protocol(Protocol::HttpBinary)
            .with_endpoint(format!("{base}/v1/traces"))
            .build();
        let exporter = exporter.map_err(|error| wrong(&error.to_string()))?;
        let resource = Resource::builder();
        let resource = match env::var_os("OTEL_SERVICE_NAME") {
            Some(_) => resource,
            None => resource.with_service_name(NAME),
        };
        let failure = FirstFailure::default();
        let exporter = CallExporter {
            exporter,
            failure: failure.clone(),
        };
        let provider = SdkTracerProvider::builder()
            .with_batch_exporter(exporter)
            .with_resource(resource.build())
            .build();
        Ok(SpanExport {
            address: address.to_owned(),
            provider,
            failure,
        })
    }

    /// The layer that takes the spans.
    pub fn layer<S>(&self) -> impl Layer<S> + use<S>
    where
        S: Subscriber + for<'s> LookupSpan<'s>,
    {
        let tracer = self.provider.tracer(NAME);
        tracing_opentelemetry::layer()
            .with_tracer(tracer)
            .with_location(false)
            .with_threads(false)
            .with_target(false)
    }

    /// Sends what is left.
    ///
    /// # Errors
    ///
    /// Why not everything was sent.
    pub async fn end(self) -> Result<(), Problem> {
        let SpanExport {
            address,
            provider,
            failure,
        } = self;
        // It waits for the thread that sends.
        let ended = tokio::task::spawn_blocking(move || provider.shutdown()).await;
        let first = failure
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take();
        let failed = match (first, ended) {
            (Some(first), _) => first,
            (None, Ok(Ok(()))) => return Ok(()),
            (None, Ok(Err(error))) => error.to_string(),
            (None, Err(error)) => error.to_string(),
        };
        let message = format!("spans could not be sent to `{address}`: {failed}");
        Err(Problem::new(message).with_help("is a collector there, and does it answer?"))
    }
}

/// Names calls after their functions, and marks those that failed.
#[derive(Debug)]
struct CallExporter {
    exporter: OtlpExporter,
    failure: FirstFailure,
}

impl SpanExporter for CallExporter {
    async fn export(&self, mut batch: Vec<SpanData>) -> OTelSdkResult {
        for span in &mut batch {
            name(span);
        }
        let sent = self.exporter.export(batch).await;
        if let Err(error) = &sent {
            let mut first = self.failure.lock().unwrap_or_else(PoisonError::into_inner);
            first.get_or_insert_with(|| error.to_string());
        }
        sent
    }

    fn shutdown_with_timeout(&self, timeout: std::time::Duration) -> OTelSdkResult {
        self.exporter.shutdown_with_timeout(timeout)
    }

    fn set_resource(&mut self, resource: &Resource) {
        self.exporter.set_resource(resource);
    }
}

fn name(span: &mut SpanData) {
    let text = |key: &str| {
        let mut attributes = span.attributes.iter();
        let found = attributes.find(|KeyValue { key: name, .. }| name.as_str() == key);
        match found.map(|attribute| &attribute.value) {
            Some(Value::String(text)) => Some(text.as_str()),
            _ => None,
        }
    };
    let (Some(component), Some(function)) = (text("component"), text("function")) else {
        return;
    };
    let named = match text("interface") {
        Some(interface) => format!("{component} {interface}#{function}"),
        None => format!("{component} {function}"),
    };
    let status = match text("outcome") {
        Some("returned") | None => Status::Unset,
        Some(outcome) => Status::error(text("error").unwrap_or(outcome).to_owned()),
    };
    span.name = named.into();
    span.status = status;
}
