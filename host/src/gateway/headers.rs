//! What every inference answer says of its call, before the body.

use std::sync::Arc;

use axum::body::Body;
use axum::response::{IntoResponse, Response};
use http::header::{CACHE_CONTROL, CONTENT_TYPE};
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

use super::rate::Standing;
use crate::dialect::Dialect;
use crate::record::Key;
use crate::store::AgentId;

/// The facts of a call as they become known. What is not known is left out.
#[derive(Debug)]
pub struct Receipt {
    /// What the client speaks.
    pub dialect: Dialect,
    /// The request's key.
    pub key: Key,
    /// Whose call it is.
    pub agent: Option<AgentId>,
    /// Where the key stands; none where nothing limits it.
    pub rate: Option<Standing>,
    /// Whether a provider was, or is to be, called.
    pub dispatched: bool,
    /// Whether there is, or will be, a receipt.
    pub settles: bool,
    /// The offer that answers.
    pub offer: Option<Arc<str>>,
    /// The active generation, for a routed call.
    pub generation: Option<i64>,
    /// The provider's id of the request.
    pub upstream_request_id: Option<String>,
    /// Whether the answer is a stream.
    pub streamed: bool,
    /// The decision as JSON, where the client gets to see it.
    pub decision: Option<String>,
    /// The deprecation and sunset of the alias that was used.
    pub dates: (Option<Date>, Option<Date>),
}

impl Receipt {
    /// A request of which nothing is known yet.
    pub fn new(key: Key, dialect: Dialect) -> Self {
        Self {
            dialect,
            key,
            agent: None,
            rate: None,
            dispatched: false,
            settles: false,
            offer: None,
            generation: None,
            upstream_request_id: None,
            streamed: false,
            decision: None,
            dates: (None, None),
        }
    }

    /// The request's id.
    pub fn request_id(&self) -> String {
        self.key.request_id()
    }

    /// The request's id without a prefix.
    pub fn id(&self) -> String {
        self.request_id().split_off("req_".len())
    }

    /// A response with a JSON body and the headers.
    pub fn json(&self, status: StatusCode, body: impl Into<Body>) -> Response {
        let mut response = json(status, body);
        self.write(response.headers_mut());
        response
    }

    /// A response with events and the headers.
    pub fn events(&self, body: Body) -> Response {
        let mut response = events(body);
        self.write(response.headers_mut());
        response
    }

    /// Adds the headers.
    pub fn write(&self, headers: &mut HeaderMap) {
        self.write_call(headers);
        self.write_standing(headers);
    }

    /// Adds the headers of the call, which are the same whenever its answer is
    /// given.
    pub fn write_call(&self, headers: &mut HeaderMap) {
        let mut set = |name: &'static str, value: Option<String>| {
            if let Some(value) = value.and_then(|value| HeaderValue::try_from(value).ok()) {
                headers.insert(HeaderName::from_static(name), value);
            }
        };
        set("request-id", Some(self.request_id()));
        set(
            "x-request-id",
            (self.dialect == Dialect::OpenaiChat).then(|| self.request_id()),
        );
        set(
            "x-ainfera-upstream-request-id",
            self.upstream_request_id.clone(),
        );
        set(
            "x-ainfera-inference-id",
            self.dispatched.then(|| self.key.inference_id()),
        );
        set(
            "x-ainfera-receipt-id",
            self.settles.then(|| self.key.receipt_id()),
        );
        set(
            "x-ainfera-audit-url",
            self.agent
                .filter(|_| self.dispatched)
                .map(|agent| format!("/v1/agents/{agent}/audit")),
        );
        set(
            "x-ainfera-agent-id",
            self.agent.map(|agent| agent.to_string()),
        );
        set("x-ainfera-model", self.offer.as_deref().map(str::to_owned));
        set(
            "x-ainfera-generation",
            self.generation.map(|number| number.to_string()),
        );
        set(
            "x-ainfera-stream-mode",
            self.streamed.then(|| "native".to_owned()),
        );
        let (deprecated, sunset) = self.dates;
        set(
            "deprecation",
            deprecated
                .and_then(midnight)
                .map(|at| format!("@{}", at.as_second())),
        );
        set(
            "sunset",
            sunset
                .and_then(midnight)
                .map(|at| at.strftime("%a, %d %b %Y %H:%M:%S GMT").to_string()),
        );
    }

    /// Adds the headers of where the key stands now.
    pub fn write_standing(&self, headers: &mut HeaderMap) {
        let Some(rate) = &self.rate else {
            return;
        };
        for (name, value) in rate.headers(self.dialect, Timestamp::now()) {
            if let Ok(value) = HeaderValue::try_from(value) {
                headers.insert(HeaderName::from_static(name), value);
            }
        }
    }
}

/// A response with a JSON body.
pub fn json(status: StatusCode, body: impl Into<Body>) -> Response {
    let mut response = (status, body.into()).into_response();
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response
}

/// A response with server-sent events.
pub fn events(body: Body) -> Response {
    let mut response = body.into_response();
    let headers = response.headers_mut();
    let events = HeaderValue::from_static("text/event-stream; charset=utf-8");
    headers.insert(CONTENT_TYPE, events);
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    response
}

/// 00:00 UTC of `day`.
fn midnight(day: Date) -> Option<Timestamp> {
    day.to_zoned(TimeZone::UTC)
        .ok()
        .map(|zoned| zoned.timestamp())
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::indexing_slicing)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_as_rfc_9745_and_rfc_8594_write_them() {
        let mut receipt = Receipt::new(Key(1), Dialect::Anthropic);
        receipt.dates = (
            Some(jiff::civil::date(2026, 1, 1)),
            Some(jiff::civil::date(2026, 6, 1)),
        );
        let mut headers = HeaderMap::new();
        receipt.write(&mut headers);
        assert_eq!(headers["deprecation"], "@1767225600");
        assert_eq!(headers["sunset"], "Mon, 01 Jun 2026 00:00:00 GMT");
    }

    #[test]
    fn what_is_not_known_is_left_out() {
        let mut headers = HeaderMap::new();
        Receipt::new(Key(0x2a), Dialect::Anthropic).write(&mut headers);
        let names: Vec<_> = headers
            .iter()
            .map(|(name, value)| format!("{name}: {}", value.to_str().unwrap()))
            .collect();
        assert_eq!(names, ["request-id: req_000000000000002a"]);
    }
}
