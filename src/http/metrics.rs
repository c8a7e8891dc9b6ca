//! What operators watch, in the format of Prometheus.

use std::{
    sync::{
        Arc,
        atomic::{AtomicI64, AtomicU64},
    },
    time::Duration,
};

use prometheus_client::{
    encoding::{EncodeLabelSet, text::encode},
    metrics::{counter::Counter, family::Family, gauge::Gauge, histogram::Histogram},
    registry::{Registry, Unit},
};

use super::limits::InHand;

/// Upper bounds of the latency histogram's buckets, in seconds.
const BUCKETS: [f64; 12] = [
    0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1.0, 5.0, 30.0,
];

#[derive(Debug, Clone, Hash, PartialEq, Eq, EncodeLabelSet)]
struct Answer {
    operation: &'static str,
    status: u16,
}

#[derive(Debug, Clone, Hash, PartialEq, Eq, EncodeLabelSet)]
struct ByOperation {
    operation: &'static str,
}

/// The counters, and the registry that writes them out.
pub(super) struct Metrics {
    registry: Registry,
    requests: Family<Answer, Counter>,
    seconds: Family<ByOperation, Histogram>,
    refused_keys: Counter,
    in_hand: Gauge,
    connections: Gauge<i64, AtomicI64>,
    accepted: Counter<u64, AtomicU64>,
    hand: InHand,
}

impl Metrics {
    pub(super) fn new(hand: InHand) -> Arc<Self> {
        let mut metrics = Self {
            registry: Registry::with_prefix("proyecta"),
            requests: Family::default(),
            seconds: Family::new_with_constructor(|| Histogram::new(BUCKETS)),
            refused_keys: Counter::default(),
            in_hand: Gauge::default(),
            connections: Gauge::default(),
            accepted: Counter::default(),
            hand,
        };
        let registry = &mut metrics.registry;
        registry.register(
            "http_requests",
            "Requests answered, by operation and status",
            metrics.requests.clone(),
        );
        registry.register_with_unit(
            "http_request_duration",
            "Time from a request's head to its answer, by operation",
            Unit::Seconds,
            metrics.seconds.clone(),
        );
        registry.register(
            "http_authentication_failures",
            "Requests with an API key that opens nothing",
            metrics.refused_keys.clone(),
        );
        registry.register(
            "http_requests_in_flight",
            "Requests that are being worked on",
            metrics.in_hand.clone(),
        );
        registry.register("http_connections", "Open connections", metrics.connections.clone());
        registry.register(
            "http_connections_accepted",
            "Connections accepted since the start",
            metrics.accepted.clone(),
        );
        Arc::new(metrics)
    }

    /// A request was answered. `operation` is `none` where none was found.
    pub(super) fn answered(&self, operation: &'static str, status: u16, took: Duration) {
        self.requests.get_or_create(&Answer { operation, status }).inc();
        self.seconds
            .get_or_create(&ByOperation { operation })
            .observe(took.as_secs_f64());
    }

    /// A key opened nothing.
    pub(super) fn key_refused(&self) {
        self.refused_keys.inc();
    }

    /// A connection was accepted.
    pub(super) fn connected(&self) {
        self.accepted.inc();
        self.connections.inc();
    }

    /// A connection ended.
    pub(super) fn disconnected(&self) {
        self.connections.dec();
    }

    /// All of it as text.
    pub(super) fn text(&self) -> String {
        self.in_hand.set(i64::try_from(self.hand.count()).unwrap_or(i64::MAX));
        let mut text = String::new();
        // Writing into a text cannot fail; half of it would still be of use.
        let _ = encode(&mut text, &self.registry);
        text
    }
}
