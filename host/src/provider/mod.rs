//! Calling a provider: one adapter for each protocol, venues as data.
//!
//! An adapter turns a client's request into the provider's. The answer comes
//! back as it is where both speak the same dialect, and else in the form between
//! dialects. Nothing here retries or
//! chooses: that is [`crate::routing::dispatch`].

mod anthropic;
mod exchange;
mod failure;
mod openai_chat;
mod openai_responses;
mod simulated;
mod start;

use std::collections::HashMap;
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, HeaderValue};
use prometheus_client::metrics::counter::Counter;
use reqwest::Url;

pub use exchange::{ByteStream, ReadError};
pub use failure::{Failure, FailureKind};

use crate::catalog::{Catalog, Offer, Protocol};
use crate::dialect::common::{self, Capture};
use crate::dialect::relay::{Relay, Step};
use crate::dialect::{ClientRequest, RequestError};
use crate::record::OpenCall;

/// How long a provider may take.
#[derive(Clone, Copy, Debug)]
pub struct Timeouts {
    /// To connect.
    pub connect: Duration,
    /// From the request to the first event of a stream.
    pub first_event: Duration,
    /// From the request to the end of an answer that is not streamed.
    pub answer: Duration,
    /// Between two chunks of a stream.
    pub idle: Duration,
    /// Silence after which the client gets a ping of ours.
    pub ping: Duration,
}

impl Timeouts {
    /// How long a call may take until its answer has begun: to the first event
    /// of a stream, or to the end of what is not streamed.
    fn to_begin(self, stream: bool) -> Duration {
        if stream {
            self.first_event
        } else {
            self.answer
        }
    }
}

impl Default for Timeouts {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(5),
            first_event: Duration::from_secs(120),
            answer: Duration::from_secs(600),
            idle: Duration::from_secs(120),
            ping: Duration::from_secs(15),
        }
    }
}

/// A client's call, as an adapter needs it.
pub struct Call<'a> {
    /// The request.
    pub request: &'a ClientRequest<'a>,
    /// The client's headers; an adapter takes the few that are its protocol's.
    pub headers: &'a HeaderMap,
    /// The client's query string.
    pub query: Option<&'a str>,
    /// Our id of the call, without a prefix.
    pub id: &'a str,
    /// Whether it is recorded.
    pub recorded: Recorded<'a>,
}

/// Whether a call is recorded, which every client's call has to be before a
/// provider is called.
#[derive(Clone, Copy)]
pub enum Recorded<'a> {
    /// Its pending row is committed.
    Yes,
    /// Not that anybody knows: where it is made all the same, that is counted.
    No(&'a Counter),
    /// It is no client's.
    Exempt,
}

impl Recorded<'_> {
    /// A provider is called now.
    fn dispatch(self, id: &str) {
        if let Self::No(alarm) = self {
            alarm.inc();
            tracing::error!(id, "dispatch_without_capture");
        }
    }
}

impl Call<'_> {
    /// The same, recorded by `open`.
    #[must_use]
    pub fn recorded_by(mut self, open: &OpenCall) -> Self {
        if open.is_committed() {
            self.recorded = Recorded::Yes;
        }
        self
    }

    /// Whether the answer is to be streamed.
    fn stream(&self) -> bool {
        self.request.head().stream
    }
}

/// An answer that has begun.
pub enum Answer {
    /// Whole, not streamed.
    Whole {
        /// What it says.
        answer: Whole,
        /// What the record keeps of it.
        capture: Capture,
        /// The provider's id of the request.
        upstream_request_id: Option<String>,
    },
    /// A stream whose first event is here.
    Stream(Box<Streaming>),
}

/// A whole answer.
pub enum Whole {
    /// The JSON body of a provider that speaks the client's dialect.
    Same(Bytes),
    /// To be written in the client's dialect.
    Translated(Box<common::Answer>),
}

/// A stream whose first event is here and is no error.
pub struct Streaming {
    /// What has come so far: never [`crate::dialect::relay::Progress::Waiting`].
    pub first: Step,
    /// What reads the rest.
    pub relay: Box<dyn Relay>,
    /// The rest.
    pub source: ByteStream,
    /// The provider's id of the request.
    pub upstream_request_id: Option<String>,
}

/// Where a venue is and what opens it.
struct Endpoint {
    url: Url,
    key: HeaderValue,
}

/// The HTTP client and the venues of one catalog version.
pub struct Providers {
    http: reqwest::Client,
    endpoints: HashMap<String, Endpoint>,
    timeouts: Timeouts,
}

/// A provider that cannot be set up.
#[derive(Debug, thiserror::Error)]
pub enum SetupError {
    /// The HTTP client.
    #[error("the HTTP client could not be set up: {0}")]
    Http(#[from] reqwest::Error),
    /// A base URL that is none.
    #[error("provider `{0}` has a base_url that is no URL")]
    Url(String),
    /// A key that cannot be sent.
    #[error("the key in {0} holds characters that no header can carry")]
    Key(String),
}

impl Providers {
    /// The venues of `catalog` whose keys `env` has. A venue without a key is
    /// left out: its offers are not eligible.
    ///
    /// # Errors
    /// If a URL or a key cannot be used.
    pub fn new(
        catalog: &Catalog,
        env: impl Fn(&str) -> Option<String>,
        timeouts: Timeouts,
    ) -> Result<Self, SetupError> {
        let http = reqwest::Client::builder()
            .connect_timeout(timeouts.connect)
            .redirect(reqwest::redirect::Policy::none())
            .no_proxy()
            .tcp_nodelay(true)
            .pool_max_idle_per_host(256)
            .user_agent(concat!("ainfera/", env!("CARGO_PKG_VERSION")))
            .build()?;
        Self::with(http, catalog, env, timeouts)
    }

    /// Those of another version of the catalog, over the same connections.
    ///
    /// # Errors
    /// If a URL or a key cannot be used.
    pub fn of(
        &self,
        catalog: &Catalog,
        env: impl Fn(&str) -> Option<String>,
    ) -> Result<Self, SetupError> {
        Self::with(self.http.clone(), catalog, env, self.timeouts)
    }

    fn with(
        http: reqwest::Client,
        catalog: &Catalog,
        env: impl Fn(&str) -> Option<String>,
        timeouts: Timeouts,
    ) -> Result<Self, SetupError> {
        let mut endpoints = HashMap::new();
        for offer in &catalog.offers {
            if endpoints.contains_key(&offer.provider) {
                continue;
            }
            let (Some(base), path) = (&offer.venue.base_url, path(offer.venue.protocol)) else {
                continue;
            };
            let key = match &offer.venue.key_env {
                None => String::new(),
                Some(name) => match env(name).filter(|key| !key.is_empty()) {
                    Some(key) => key,
                    None => continue,
                },
            };
            let url = Url::parse(&format!("{}{path}", base.trim_end_matches('/')))
                .map_err(|_| SetupError::Url(offer.provider.clone()))?;
            let bad = |_| SetupError::Key(offer.venue.key_env.clone().unwrap_or_default());
            let mut key = match offer.venue.protocol {
                Protocol::OpenaiChat | Protocol::OpenaiResponses => {
                    HeaderValue::from_str(&format!("Bearer {key}"))
                }
                Protocol::Anthropic | Protocol::Simulated => HeaderValue::from_str(&key),
            }
            .map_err(bad)?;
            key.set_sensitive(true);
            endpoints.insert(offer.provider.clone(), Endpoint { url, key });
        }
        Ok(Self {
            http,
            endpoints,
            timeouts,
        })
    }

    /// Whether `offer` can be called: its provider is simulated or has a key.
    #[must_use]
    pub fn can_call(&self, offer: &Offer) -> bool {
        offer.venue.protocol == Protocol::Simulated || self.endpoints.contains_key(&offer.provider)
    }

    /// Host and port of `provider`; none of one that is simulated or has no key.
    #[must_use]
    pub fn address(&self, provider: &str) -> Option<(&str, u16)> {
        let url = &self.endpoints.get(provider)?.url;
        Some((url.host_str()?, url.port_or_known_default()?))
    }

    /// How long providers may take.
    #[must_use]
    pub fn timeouts(&self) -> Timeouts {
        self.timeouts
    }

    /// Calls `offer` and waits for its whole answer or the first event of its
    /// stream.
    ///
    /// # Errors
    /// If there is none: what failed, ready to be shown to the client.
    pub async fn call(&self, offer: &Offer, call: &Call<'_>) -> Result<Answer, Failure> {
        call.recorded.dispatch(call.id);
        let (http, timeouts) = (&self.http, &self.timeouts);
        let endpoint = || self.endpoint(offer);
        match offer.venue.protocol {
            Protocol::Simulated => simulated::call(offer, call, timeouts).await,
            Protocol::Anthropic => anthropic::call(http, endpoint()?, offer, call, timeouts).await,
            Protocol::OpenaiChat => {
                openai_chat::call(http, endpoint()?, offer, call, timeouts).await
            }
            Protocol::OpenaiResponses => {
                openai_responses::call(http, endpoint()?, offer, call, timeouts).await
            }
        }
    }

    /// Has the provider of `offer` count the input tokens of a call; its answer
    /// as it came. None where its protocol has no way to ask, or its key is not
    /// here.
    ///
    /// # Errors
    /// If it did not answer.
    pub async fn count_tokens(
        &self,
        offer: &Offer,
        call: &Call<'_>,
    ) -> Option<Result<Bytes, Failure>> {
        if offer.venue.protocol != Protocol::Anthropic {
            return None;
        }
        let (http, endpoint) = (&self.http, self.endpoints.get(&offer.provider)?);
        Some(anthropic::count_tokens(http, endpoint, offer, call, &self.timeouts).await)
    }

    fn endpoint(&self, offer: &Offer) -> Result<&Endpoint, Failure> {
        let endpoint = self.endpoints.get(&offer.provider);
        endpoint.ok_or_else(|| Failure::no_key(offer))
    }
}

/// The request for an offer of another dialect. A model that can't think refuses
/// to be told, be it not to.
fn translated(request: &ClientRequest<'_>, offer: &Offer) -> Result<common::Request, RequestError> {
    let mut common = request.to_common()?;
    if !offer.thinking {
        common.thinking = None;
    }
    Ok(common)
}

/// What a protocol appends to the base URL.
fn path(protocol: Protocol) -> &'static str {
    match protocol {
        Protocol::Anthropic => "/v1/messages",
        Protocol::OpenaiChat => "/chat/completions",
        Protocol::OpenaiResponses => "/responses",
        Protocol::Simulated => "",
    }
}
