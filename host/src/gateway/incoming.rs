//! A well-formed call by a known caller, and the beginning of its record.

use std::sync::Arc;
use std::time::Instant;

use axum::body::Body;
use axum::response::Response;
use bytes::Bytes;
use http::HeaderMap;

use super::callers::Caller;
use super::decision::decision;
use super::error::{ApiError, unrecorded};
use super::headers::Receipt;
use super::hint::Hint;
use super::idempotency::Keyed;
use super::metrics::Metrics;
use super::routes::{Eligible, Routes};
use super::rulesets::Rulesets;
use crate::body::{self, BodyError, BodyLimits};
use crate::catalog::{Catalog, NanoUsd};
use crate::dialect::{ClientRequest, Head};
use crate::provider::{Call, Recorded};
use crate::record::{
    Hold, NotOpened, OpenCall, Opened, Outcome, Progress, Records, Router, Shortfall,
};
use crate::telemetry::otlp::TraceParent;

/// Header values are recorded up to this many bytes.
const LONGEST_SESSION: usize = 128;
/// A preference is recorded up to this many bytes: longer ones move nothing.
const LONGEST_PREFERENCE: usize = 256;

/// What is known of a call before it is classified.
pub struct Incoming<'a> {
    /// Where it is recorded.
    pub records: &'a Records,
    /// What is counted.
    pub metrics: &'a Metrics,
    /// When its last byte was here.
    pub received: Instant,
    /// What calls are decided by.
    pub rulesets: &'a Rulesets,
    /// The catalog and providers that it keeps to its end.
    pub routes: Arc<Routes>,
    /// Who calls.
    pub caller: Arc<Caller>,
    /// The offers that it may be given.
    pub eligible: Arc<Eligible>,
    /// The hint.
    pub hint: Hint,
    /// The request.
    pub request: &'a ClientRequest<'a>,
    /// The client's headers.
    pub headers: &'a HeaderMap,
    /// The client's query string.
    pub query: Option<&'a str>,
    /// The path that was called.
    pub route: &'static str,
    /// Its idempotency key.
    pub keyed: Option<Keyed<'a>>,
}

impl<'a> Incoming<'a> {
    /// What the gateway acts on of the request.
    pub fn head(&self) -> &Head<'a> {
        self.request.head()
    }

    /// The answer of a call before with the same idempotency key.
    ///
    /// # Errors
    /// 409 while that call runs, 422 where its body was another.
    pub async fn replayed(&self, receipt: &Receipt) -> Result<Option<Response>, ApiError> {
        match &self.keyed {
            None => Ok(None),
            Some(keyed) => keyed.look(receipt).await,
        }
    }

    /// The record's beginning, as far as the request itself says it.
    pub fn opened(&self, router: Router, receipt: &Receipt) -> Box<Opened> {
        let shape = &self.head().shape;
        let header = |name| -> Option<String> {
            let value = self.headers.get(name)?.to_str().ok()?;
            Some(value.chars().take(LONGEST_SESSION).collect())
        };
        Box::new(Opened {
            stream: self.head().stream,
            preference: self
                .hint
                .preference
                .as_deref()
                .map(|text| shortened(text, LONGEST_PREFERENCE)),
            min_quality: self.hint.min_quality.map(|floor| floor.get()),
            max_cost: self.hint.max_cost,
            allow_providers: self.hint.allow.clone(),
            deny_providers: self.hint.deny.clone(),
            task_type: self.hint.task_type.clone(),
            catalog_version: Some(self.routes.catalog.version),
            eligibility_mask: Some(Arc::clone(&self.eligible.text)),
            text_bytes: shape.text_bytes,
            images: shape.images,
            tools: shape.tools,
            thinking: shape.thinking,
            max_tokens: shape.max_tokens,
            call_cap_nanousd: self.caller.call_cap_nanousd,
            client_session: header("x-claude-code-session-id"),
            client_agent: header("x-claude-code-agent-id"),
            client_parent: header("x-claude-code-parent-agent-id"),
            parent: TraceParent::of(self.headers),
            ..Opened::new(
                receipt.key,
                router,
                self.caller.tenant,
                self.caller.agent,
                self.route,
                self.head().model.clone().into_owned(),
            )
        })
    }

    /// Records the call, and holds what it may cost, before a provider is
    /// called.
    ///
    /// # Errors
    /// 402 where there is no money for it, 503 where it cannot be recorded:
    /// then it is not made.
    pub async fn open(
        &self,
        mut opened: Box<Opened>,
        hold: NanoUsd,
        receipt: &mut Receipt,
    ) -> Result<OpenCall, ApiError> {
        let Caller {
            credit_limit_nanousd,
            day_cap_nanousd,
            ..
        } = *self.caller;
        opened.dispatched = true;
        opened.claim = self.keyed.as_ref().map(Keyed::claim);
        opened.hold = Some(Hold::new(hold.0, credit_limit_nanousd, day_cap_nanousd));
        receipt.decision = decision(&opened, receipt.dialect);
        let captured = captures_passthrough(&opened, &self.routes.catalog);
        let open = self.records.open(opened).await.map_err(not_opened)?;
        self.alarm(captured);
        receipt.dispatched = true;
        let metrics = self.records.metrics();
        metrics
            .before_dispatch
            .observe_time(self.received.elapsed());
        Ok(open)
    }

    /// The agent's cap for a call, where `estimate` is above it.
    pub fn exceeded_cap(&self, estimate: NanoUsd) -> Option<NanoUsd> {
        let cap = self.caller.call_cap_nanousd.map(NanoUsd);
        cap.filter(|cap| estimate > *cap)
    }

    /// Records a call that is refused before a provider is called, and gives
    /// `error` back to answer with.
    pub async fn refuse(&self, opened: Box<Opened>, outcome: Outcome, error: ApiError) -> ApiError {
        let progress = Progress {
            http_status: Some(error.status()),
            ..Progress::default()
        };
        let captured = captures_passthrough(&opened, &self.routes.catalog);
        match self.records.refuse(opened, outcome, progress).await {
            Ok(()) => {
                self.alarm(captured);
                error
            }
            Err(unavailable) => unrecorded(unavailable),
        }
    }

    fn alarm(&self, captured: bool) {
        if captured {
            self.metrics.passthrough_captured.inc();
            tracing::error!("passthrough_captured");
        }
    }

    /// The call as an adapter needs it; nothing says yet that it is recorded.
    pub fn call<'c>(&'c self, id: &'c str) -> Call<'c> {
        Call {
            request: self.request,
            headers: self.headers,
            query: self.query,
            id,
            recorded: Recorded::No(&self.metrics.dispatch_without_capture),
        }
    }
}

/// Whether the record would be a routed call's although the catalog has its
/// name: the types don't tell a routed call from a pinned one.
fn captures_passthrough(opened: &Opened, catalog: &Catalog) -> bool {
    opened.router == Router::Policy && catalog.names(&opened.requested)
}

/// The body, or the error that its sender is told.
pub async fn read_body(body: Body, limits: &BodyLimits) -> Result<Bytes, ApiError> {
    body::read(body, limits).await.map_err(|error| match error {
        BodyError::TooLarge => ApiError::too_large(limits.bytes),
        BodyError::TooSlow => ApiError::too_slow(),
        BodyError::Broken(why) => ApiError::invalid(format!("the request body broke off: {why}")),
    })
}

/// What a client is told of a call that was not opened.
fn not_opened(error: NotOpened) -> ApiError {
    match error {
        NotOpened::Short(Shortfall::Funds { needed, left }) => {
            ApiError::insufficient_funds(NanoUsd(needed), NanoUsd(left))
        }
        NotOpened::Short(Shortfall::DayCap { needed, left }) => {
            ApiError::day_cap_exceeded(NanoUsd(needed), NanoUsd(left))
        }
        NotOpened::Claimed => ApiError::idempotency_in_flight(),
        NotOpened::Unavailable(_) => unrecorded(error),
    }
}

/// At most `longest` bytes of `text`.
fn shortened(text: &str, longest: usize) -> String {
    text.get(..text.floor_char_boundary(longest))
        .unwrap_or_default()
        .to_owned()
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::catalog::{CatalogFile, DEFAULT};
    use crate::record::Key;
    use crate::store::{AgentId, TenantId};

    #[test]
    fn a_routed_row_with_a_name_of_the_catalog_is_noticed() {
        let catalog = Catalog::new(1, CatalogFile::from_toml(DEFAULT).unwrap()).unwrap();
        let captures = |router, name: &str| {
            let (tenant, agent) = (TenantId(Key(1)), AgentId(Key(2)));
            let opened = Opened::new(
                Key(3),
                router,
                tenant,
                agent,
                "/v1/messages",
                name.to_owned(),
            );
            captures_passthrough(&opened, &catalog)
        };
        assert!(captures(Router::Policy, "sim-small"));
        assert!(captures(Router::Policy, "sim-small@simulated"));
        assert!(!captures(Router::Direct, "sim-small"));
        assert!(!captures(Router::Policy, "ainfera-inference"));
    }
}
