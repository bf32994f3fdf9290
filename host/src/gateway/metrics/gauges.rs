//! What is read only when somebody asks.

use std::sync::atomic::{AtomicU64, Ordering};

use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::registry::Registry;

use crate::gateway::Gateway;
use crate::policy::shadow::Counted;
use crate::routing::breaker::Position;
use crate::telemetry::{Labels, Value, names};

/// Gauges, and the faults that the policy counts by itself.
#[derive(Default)]
pub(super) struct Gauges {
    generation: Gauge,
    gates: Family<Labels<1>, Gauge>,
    shadow: Family<Labels<1>, Gauge>,
    faults: Family<Labels<1>, Counter<u64, AtomicU64>>,
    catalog: Gauge,
    breakers: Family<Labels<2>, Gauge>,
    open_calls: Gauge,
    queue: Gauge,
    kept: Gauge,
    available: Gauge,
}

impl Gauges {
    pub(super) fn register(registry: &mut Registry) -> Self {
        let all = Self::default();
        registry.register(
            names::GENERATION,
            "The active policy generation",
            all.generation.clone(),
        );
        registry.register(
            names::GATE_OPEN,
            "Whether a gate is open",
            all.gates.clone(),
        );
        registry.register(
            names::SHADOW,
            "Calls of the shadow that runs, by what became of them; 0 where none runs",
            all.shadow.clone(),
        );
        registry.register(
            names::POLICY_FAULTS,
            "Faults of active policy sets",
            all.faults.clone(),
        );
        registry.register(
            names::CATALOG_VERSION,
            "The catalog version in use",
            all.catalog.clone(),
        );
        registry.register(
            names::BREAKER,
            "Breakers of offers that ever failed: 0 closed, 1 half-open, 2 open",
            all.breakers.clone(),
        );
        registry.register(
            names::OPEN_CALLS,
            "Calls that have begun and not ended",
            all.open_calls.clone(),
        );
        registry.register(
            names::QUEUE,
            "Writes that wait for the writer",
            all.queue.clone(),
        );
        registry.register(
            names::KEPT,
            "Ends of calls that wait for the database to come back",
            all.kept.clone(),
        );
        registry.register(
            names::AVAILABLE,
            "Whether the database takes writes",
            all.available.clone(),
        );
        all
    }

    pub(super) fn read(&self, gateway: &Gateway) {
        let policy = gateway.policy.load();
        self.generation.set(policy.active.number);
        let gate = [(names::GATE, Value::Word("routing_preference_live"))];
        let open = policy.gates.routing_preference_live;
        self.gates.get_or_create(&gate).set(open.into());
        let shadow = policy.shadow.as_ref();
        let counted = shadow.map_or_else(Counted::default, |shadow| shadow.counts().read());
        for (outcome, calls) in [
            ("seen", counted.seen),
            ("sampled", counted.sampled),
            ("skipped", counted.skipped),
            ("same", counted.same),
            ("different", counted.different),
        ] {
            let labels = [(names::OUTCOME, Value::Word(outcome))];
            let calls = i64::try_from(calls).unwrap_or(i64::MAX);
            self.shadow.get_or_create(&labels).set(calls);
        }
        for (kind, count) in gateway.policy.faults() {
            let labels = [(names::ERROR_TYPE, Value::Word(kind))];
            let counter = self.faults.get_or_create(&labels);
            counter.inner().store(count, Ordering::Relaxed);
        }
        let routes = gateway.routes.load();
        self.catalog.set(routes.catalog.version);
        for (offer, position) in routes.breakers.positions() {
            let (model, provider) = offer.split_once('@').unwrap_or((&offer, ""));
            let labels = [
                (names::PROVIDER, Value::from(provider)),
                (names::MODEL, Value::from(model)),
            ];
            self.breakers.get_or_create(&labels).set(match position {
                Position::Closed => 0,
                Position::HalfOpen => 1,
                Position::Open => 2,
            });
        }
        let stats = gateway.records.stats();
        self.open_calls.set(stats.pending);
        self.queue.set(count(gateway.records.queued()));
        self.kept.set(count(stats.kept));
        self.available.set(gateway.records.available().into());
    }
}

fn count(count: usize) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}
