//! What is told of a call to the export of traces and metrics, from what its
//! record is made of.

use rust_decimal::prelude::ToPrimitive as _;

use super::closed::{Attempt, Outcome, Progress};
use super::hold::Shortfall;
use super::opened::Opened;
use super::words::{Router, Status, UsageSource};
use crate::store::{AgentId, Key, TenantId};
use crate::telemetry::otlp::{AttemptEnded, CallEnded, TraceParent};

/// What of a call's beginning is told at its end.
#[derive(Debug)]
pub(super) struct Traced {
    parent: Option<TraceParent>,
    key: Key,
    router: Router,
    tenant: TenantId,
    agent: AgentId,
    at_us: i64,
    started: std::time::Instant,
    route: &'static str,
    stream: bool,
    requested: String,
    max_tokens: Option<u64>,
    generation: Option<i64>,
    floor: Option<f64>,
    dispatched: bool,
    before_dispatch_us: i64,
}

impl Traced {
    pub(super) fn of(opened: &Opened) -> Self {
        Self {
            parent: opened.parent,
            key: opened.key,
            router: opened.router,
            tenant: opened.tenant,
            agent: opened.agent,
            at_us: opened.at_us,
            started: opened.started,
            route: opened.route,
            stream: opened.stream,
            requested: opened.requested.clone(),
            max_tokens: opened.max_tokens,
            generation: opened.generation,
            floor: opened.floor.and_then(|floor| floor.to_f64()),
            dispatched: opened.dispatched,
            before_dispatch_us: 0,
        }
    }

    /// The call is open: a provider may be called now.
    pub(super) fn dispatched(&mut self) {
        self.before_dispatch_us = self.elapsed_us();
    }

    /// The call has ended now.
    pub(super) fn ended(self, outcome: &Outcome, progress: &Progress) -> Box<CallEnded> {
        let usage = progress.usage;
        let cached = usage.cache_read_tokens.unwrap_or(0) + usage.cache_write_tokens.unwrap_or(0);
        Box::new(CallEnded {
            parent: self.parent,
            began_us: self.at_us,
            before_dispatch_us: self.before_dispatch_us,
            latency_us: self.elapsed_us(),
            request_id: self.key.request_id(),
            inference_id: self.dispatched.then(|| self.key.inference_id()),
            tenant: self.tenant.to_string(),
            agent: self.agent.to_string(),
            route: self.route,
            router: self.router.as_str(),
            stream: self.stream,
            requested: self.requested,
            max_tokens: self.max_tokens,
            generation: self.generation,
            floor: self.floor,
            outcome: outcome.status.as_str(),
            reason: outcome.reason.clone(),
            fault: fault(outcome.status, progress.http_status),
            http_status: progress.http_status,
            offer: progress.offer.clone(),
            attempts: progress.attempts.iter().map(attempt).collect(),
            input_tokens: usage.input_tokens.map(|input| input + cached),
            output_tokens: usage.output_tokens,
            cache_read_tokens: usage.cache_read_tokens,
            cache_write_tokens: usage.cache_write_tokens,
            usage_source: progress.usage_source.map(UsageSource::as_str),
            cost_nanousd: progress.cost_nanousd,
            first_token_us: progress.first_token_us,
            stop_reason: progress.stop_reason.clone(),
            upstream_request_id: progress.upstream_request_id.clone(),
        })
    }

    /// The call was refused as there is no money for it.
    pub(super) fn declined(mut self, why: Shortfall) -> Box<CallEnded> {
        self.dispatched = false;
        let (outcome, progress) = why.end();
        self.ended(&outcome, &progress)
    }

    fn elapsed_us(&self) -> i64 {
        i64::try_from(self.started.elapsed().as_micros()).unwrap_or(i64::MAX)
    }
}

/// Whether a call that ended so is an error of this side: as for any server's
/// span, what is answered with less than 500 is none.
/// <https://opentelemetry.io/docs/specs/semconv/http/http-spans/#status>
fn fault(status: Status, http: Option<u16>) -> bool {
    match status {
        Status::Succeeded | Status::Cancelled => false,
        Status::Interrupted | Status::Abandoned => true,
        Status::Failed | Status::Refused | Status::RejectedFloor => {
            http.is_none_or(|status| status >= 500)
        }
    }
}

fn attempt(attempt: &Attempt) -> AttemptEnded {
    AttemptEnded {
        offer: attempt.offer.clone(),
        outcome: attempt.outcome,
        http_status: attempt.http_status,
        latency_us: attempt.latency_us,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_not_the_clients_is_a_fault() {
        for (status, http, is) in [
            (Status::Succeeded, Some(200), false),
            (Status::Cancelled, Some(200), false),
            (Status::Interrupted, Some(200), true),
            (Status::Failed, Some(502), true),
            (Status::Failed, Some(429), false),
            (Status::Failed, None, true),
            (Status::Refused, Some(403), false),
            (Status::Refused, Some(503), true),
            (Status::RejectedFloor, Some(422), false),
        ] {
            assert_eq!(fault(status, http), is, "{status:?} {http:?}");
        }
    }
}
