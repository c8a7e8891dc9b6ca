//! Spans of requests for an OpenTelemetry collector, over OTLP/HTTP.
//!
//! A span is made of the line that the server logs about a request, when the
//! request is over: requests that nobody traces pay nothing for it. The
//! standard's environment variables apply (`OTEL_EXPORTER_OTLP_ENDPOINT`,
//! `OTEL_EXPORTER_OTLP_TRACES_ENDPOINT`, `OTEL_EXPORTER_OTLP_HEADERS`,
//! `OTEL_SERVICE_NAME` …); without an endpoint nothing is exported.

use std::{
    fmt,
    time::{Duration, SystemTime},
};

use opentelemetry::{
    Context, KeyValue,
    trace::{
        Span as _, SpanContext, SpanId, SpanKind, Status, TraceContextExt as _, TraceFlags, TraceId, TraceState,
        Tracer as _, TracerProvider as _,
    },
};
use opentelemetry_otlp::{SpanExporter, WithHttpConfig as _};
use opentelemetry_sdk::{
    Resource,
    trace::{SdkTracer, SdkTracerProvider},
};
use tracing::{
    Event, Subscriber,
    field::{Field, Visit},
};
use tracing_subscriber::layer::{Context as LayerContext, Layer};

use crate::error::{Code, Error, Result};

/// Either names a collector.
const ENDPOINTS: [&str; 2] = ["OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "OTEL_EXPORTER_OTLP_ENDPOINT"];

/// What exports; ends with what it still holds.
pub struct Export {
    provider: SdkTracerProvider,
}

impl Export {
    /// An export to the collector that the environment names, if it names one.
    ///
    /// # Errors
    ///
    /// `configuration_invalid` for settings that make no exporter.
    pub fn from_environment() -> Result<Option<Self>> {
        let named = |name: &&str| std::env::var_os(name).is_some_and(|value| !value.is_empty());
        if !ENDPOINTS.iter().any(named) {
            return Ok(None);
        }
        // The exporter's client asks for the process' own choice.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let exporter = SpanExporter::builder()
            .with_http()
            .with_headers(std::collections::HashMap::new())
            .build()
            .map_err(|_| {
                let message = "the OTEL_EXPORTER_OTLP_… variables make no exporter: the endpoint is an http or https URL of a collector";
                Error::new(Code::ConfigurationInvalid, message)
            })?;
        let mut resource = Resource::builder();
        if std::env::var_os("OTEL_SERVICE_NAME").is_none() {
            resource = resource.with_service_name("proyecta");
        }
        let provider = SdkTracerProvider::builder()
            .with_batch_exporter(exporter)
            .with_resource(resource.build())
            .build();
        Ok(Some(Self { provider }))
    }

    /// The layer that makes spans.
    pub fn layer(&self) -> Spans {
        Spans {
            tracer: self.provider.tracer("proyecta"),
        }
    }

    /// Sends what is left; waits for the collector, not for long.
    pub fn end(self) {
        let _ = self.provider.shutdown_with_timeout(Duration::from_secs(5));
    }
}

/// Makes a span of each line about a request.
pub struct Spans {
    tracer: SdkTracer,
}

impl<S: Subscriber> Layer<S> for Spans {
    fn on_event(&self, event: &Event<'_>, _: LayerContext<'_, S>) {
        if event.metadata().target() != "proyecta::http" {
            return;
        }
        let mut request = Request::default();
        event.record(&mut request);
        if request.message == "request" {
            self.export(&request);
        }
    }
}

impl Spans {
    fn export(&self, request: &Request) {
        let end = SystemTime::now();
        let took = Duration::from_secs_f64((request.duration_ms / 1000.0).clamp(0.0, 86_400.0));
        let mut attributes = vec![
            KeyValue::new("http.request.method", request.method.clone()),
            KeyValue::new("http.route", request.route.clone()),
            KeyValue::new("http.response.status_code", request.status),
            KeyValue::new("proyecta.request_id", request.request_id.clone()),
        ];
        if !request.key.is_empty() {
            attributes.push(KeyValue::new("proyecta.key_id", request.key.clone()));
        }
        let parent = match parent(&request.traceparent) {
            Some(parent) => Context::new().with_remote_span_context(parent),
            None => Context::new(),
        };
        let builder = self
            .tracer
            .span_builder(format!("{} {}", request.method, request.route))
            .with_kind(SpanKind::Server)
            .with_start_time(end.checked_sub(took).unwrap_or(end))
            .with_attributes(attributes);
        let mut span = self.tracer.build_with_context(builder, &parent);
        if request.status >= 500 {
            span.set_status(Status::error("the server failed"));
        }
        span.end_with_timestamp(end);
    }
}

/// The caller's span, as the header `traceparent` names it (W3C Trace
/// Context, section 3.2).
fn parent(header: &str) -> Option<SpanContext> {
    let mut parts = header.split('-');
    let (version, trace, span, flags) = (parts.next()?, parts.next()?, parts.next()?, parts.next()?);
    let fits = version.len() == 2 && version != "ff" && trace.len() == 32 && span.len() == 16 && flags.len() == 2;
    if !fits || version == "00" && parts.next().is_some() {
        return None;
    }
    let sampled = u8::from_str_radix(flags, 16).ok()? & 1;
    let context = SpanContext::new(
        TraceId::from_hex(trace).ok()?,
        SpanId::from_hex(span).ok()?,
        TraceFlags::new(sampled),
        true,
        TraceState::default(),
    );
    context.is_valid().then_some(context)
}

/// The members of a line about a request.
#[derive(Default)]
struct Request {
    message: String,
    method: String,
    route: String,
    request_id: String,
    key: String,
    traceparent: String,
    status: i64,
    duration_ms: f64,
}

impl Visit for Request {
    fn record_f64(&mut self, field: &Field, value: f64) {
        if field.name() == "duration_ms" {
            self.duration_ms = value;
        }
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        if field.name() == "status" {
            self.status = value;
        }
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.record_i64(field, i64::try_from(value).unwrap_or(0));
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        let member = match field.name() {
            "message" => &mut self.message,
            "method" => &mut self.method,
            "route" => &mut self.route,
            "request_id" => &mut self.request_id,
            "key" => &mut self.key,
            "traceparent" => &mut self.traceparent,
            _ => return,
        };
        value.clone_into(member);
    }

    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.record_str(field, &format!("{value:?}"));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_caller_names_its_span_or_none() {
        let found = parent("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01").unwrap();
        assert!(found.is_sampled() && found.is_remote());
        assert_eq!(found.trace_id().to_string(), "4bf92f3577b34da6a3ce929d0e0e4736");
        for wrong in [
            "",
            "00",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7",
            "00-00000000000000000000000000000000-00f067aa0ba902b7-01",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01",
            "ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-more",
            "00-4bf92f3577b34da6a3ce929d0e0e473x-00f067aa0ba902b7-01",
        ] {
            assert!(parent(wrong).is_none(), "{wrong}");
        }
    }
}
