//! Calling a provider: one adapter for each protocol, venues as data.
//!
//! An adapter turns a client's request into the provider's, and gives back an
//! answer that is already in the client's dialect. Nothing here retries or
//! chooses: that is [`crate::routing::dispatch`].

mod anthropic;
mod exchange;
mod failure;
mod openai_chat;
mod simulated;
mod start;

use std::collections::HashMap;
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, HeaderValue};
use reqwest::Url;

pub use exchange::{ByteStream, ReadError};
pub use failure::{Failure, FailureKind};

use crate::catalog::{Catalog, Offer, Protocol};
use crate::dialect::anthropic::MessagesRequest;
use crate::dialect::common::Capture;
use crate::dialect::relay::{Relay, Step};

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
    pub request: &'a MessagesRequest<'a>,
    /// The client's headers; an adapter takes the few that are its protocol's.
    pub headers: &'a HeaderMap,
    /// The client's query string.
    pub query: Option<&'a str>,
    /// Our id of the request: what a translated answer is named after.
    pub request_id: &'a str,
}

/// An answer that has begun, in the client's dialect.
pub enum Answer {
    /// Whole, not streamed.
    Whole {
        /// The JSON body.
        body: Bytes,
        /// What the record keeps of it.
        capture: Capture,
        /// The provider's id of the request.
        upstream_request_id: Option<String>,
    },
    /// A stream whose first event is here.
    Stream(Box<Streaming>),
}

/// A stream whose first event is here and is no error.
pub struct Streaming {
    /// What has come so far: never [`crate::dialect::relay::Progress::Waiting`].
    pub first: Step,
    /// What turns the rest into the client's dialect.
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
                Protocol::OpenaiChat => HeaderValue::from_str(&format!("Bearer {key}")),
                _ => HeaderValue::from_str(&key),
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
        match offer.venue.protocol {
            Protocol::Simulated => simulated::call(offer, call, &self.timeouts).await,
            protocol => {
                let endpoint = self
                    .endpoints
                    .get(&offer.provider)
                    .ok_or_else(|| Failure::no_key(offer))?;
                match protocol {
                    Protocol::OpenaiChat => {
                        openai_chat::call(&self.http, endpoint, offer, call, &self.timeouts).await
                    }
                    _ => anthropic::call(&self.http, endpoint, call, offer, &self.timeouts).await,
                }
            }
        }
    }
}

/// What a protocol appends to the base URL.
fn path(protocol: Protocol) -> &'static str {
    match protocol {
        Protocol::Anthropic => "/v1/messages",
        Protocol::OpenaiChat => "/chat/completions",
        Protocol::Simulated => "",
    }
}
