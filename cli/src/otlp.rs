//! Calls as spans of OpenTelemetry, sent to a collector.

use std::env;

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
pub struct SpanExport(SdkTracerProvider);

impl SpanExport {
    /// Sends spans to the collector at this address, by OTLP over HTTP.
    ///
    /// # Errors
    ///
    /// If this is no address. A collector that is not there is found out later, by
    /// [`end`](SpanExport::end).
    pub fn to(address: &str) -> Result<Self, Problem> {
        let base = match address.contains("://") {
            true => address.to_owned(),
            false => format!("http://{address}"),
        };
        let exporter = OtlpExporter::builder()
            .with_http()
            .with_protocol(Protocol::HttpBinary)
            .with_endpoint(format!("{}/v1/traces", base.trim_end_matches('/')))
            .build();
        let exporter = exporter.map_err(|error| {
            Problem::new(format!("spans cannot be sent to `{address}`: {error}"))
                .with_help("name a collector, such as `127.0.0.1:4318`")
        })?;
        let resource = Resource::builder();
        let resource = match env::var_os("OTEL_SERVICE_NAME") {
            Some(_) => resource,
            None => resource.with_service_name(NAME),
        };
        let provider = SdkTracerProvider::builder()
            .with_batch_exporter(CallExporter(exporter))
            .with_resource(resource.build())
            .build();
        Ok(SpanExport(provider))
    }

    /// The layer that takes the spans.
    pub fn layer<S>(&self) -> impl Layer<S> + use<S>
    where
        S: Subscriber + for<'s> LookupSpan<'s>,
    {
        let tracer = self.0.tracer(NAME);
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
    /// Why it cannot be sent.
    pub async fn end(self) -> Result<(), Problem> {
        // It waits for the thread that sends.
        let ended = tokio::task::spawn_blocking(move || self.0.shutdown()).await;
        match ended {
            Ok(Ok(())) => Ok(()),
            Ok(Err(error)) => Err(Problem::new(format!("spans could not be sent: {error}"))),
            Err(error) => Err(Problem::new(format!("spans could not be sent: {error}"))),
        }
    }
}

/// Names calls after their functions, and marks those that failed.
#[derive(Debug)]
struct CallExporter(OtlpExporter);

impl SpanExporter for CallExporter {
    async fn export(&self, mut batch: Vec<SpanData>) -> OTelSdkResult {
        for span in &mut batch {
            name(span);
        }
        self.0.export(batch).await
    }

    fn shutdown_with_timeout(&self, timeout: std::time::Duration) -> OTelSdkResult {
        self.0.shutdown_with_timeout(timeout)
    }

    fn set_resource(&mut self, resource: &Resource) {
        self.0.set_resource(resource);
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
