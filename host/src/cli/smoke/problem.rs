//! What can go wrong, and what to do about it.

use std::fmt::Display;

use serde::Serialize;

use crate::catalog::{Offer, Protocol};
use crate::dialect::relay::StreamFailure;
use crate::provider::{Failure, FailureKind};

/// The longest text of a provider that is shown, in characters.
const LONGEST: usize = 500;

/// A failure, as it is reported.
#[derive(Debug, Serialize)]
pub(super) struct Problem {
    /// What happened, in a word.
    code: &'static str,
    /// The provider's HTTP status, where it answered with an error.
    #[serde(skip_serializing_if = "Option::is_none")]
    status: Option<u16>,
    /// What happened; the provider's own words where it gave some.
    pub(super) message: String,
    /// What to do.
    remedy: String,
    /// The provider's id of the request.
    #[serde(skip_serializing_if = "Option::is_none")]
    upstream_request_id: Option<String>,
}

impl Problem {
    fn new(code: &'static str, message: impl Display, remedy: impl Into<String>) -> Self {
        Self {
            code,
            status: None,
            message: message.to_string().chars().take(LONGEST).collect(),
            remedy: remedy.into(),
            upstream_request_id: None,
        }
    }

    pub(super) fn config(error: impl Display) -> Self {
        Self::new(
            "bad_config",
            error,
            "correct the configuration file or the variable, or name another with --config",
        )
    }

    pub(super) fn catalog(error: impl Display) -> Self {
        Self::new(
            "bad_catalog",
            error,
            "correct the catalog file, or name another with --catalog",
        )
    }

    pub(super) fn no_provider<'a>(known: impl Iterator<Item = &'a String>) -> Self {
        Self::new(
            "no_provider",
            "no provider is named",
            format!("give --provider one of: {}", list(known)),
        )
    }

    pub(super) fn one_base_url() -> Self {
        Self::new(
            "one_base_url",
            "--base-url says where one provider is, and several are named",
            "test them one by one",
        )
    }

    pub(super) fn unknown_provider<'a>(
        name: &str,
        known: impl Iterator<Item = &'a String>,
    ) -> Self {
        Self::new(
            "unknown_provider",
            format!("the catalog has no provider `{name}`"),
            format!(
                "name one of: {}; or another file with --catalog",
                list(known)
            ),
        )
    }

    pub(super) fn unknown_model<'a>(
        name: &str,
        provider: &str,
        known: impl Iterator<Item = &'a String>,
    ) -> Self {
        Self::new(
            "unknown_model",
            format!("the catalog offers no model `{name}` on `{provider}`"),
            format!("name one of: {}", list(known)),
        )
    }

    pub(super) fn no_offer(provider: &str) -> Self {
        Self::new(
            "no_offer",
            format!("the catalog offers no model on `{provider}`"),
            "add an offer to the catalog file",
        )
    }

    pub(super) fn missing_key(provider: &str, variable: &str) -> Self {
        Self::new(
            "missing_key",
            format!("no key is configured for `{provider}`"),
            format!("set {variable} to a key of the provider"),
        )
    }

    pub(super) fn bad_key(error: impl Display) -> Self {
        Self::new(
            "bad_key",
            error,
            "set the variable to the key alone, without white space or line ends",
        )
    }

    pub(super) fn bad_base_url(error: impl Display) -> Self {
        Self::new(
            "bad_base_url",
            error,
            "give a URL such as https://api.example.com/v1, without the protocol's own path",
        )
    }

    pub(super) fn internal(error: impl Display) -> Self {
        Self::new("internal", error, "report this: it is a fault of ainfera")
    }

    /// A call that was not answered.
    pub(super) fn failed(failure: Failure, offer: &Offer) -> Self {
        let Failure {
            kind,
            status,
            message,
            upstream_request_id,
            ..
        } = failure;
        let code = match kind {
            FailureKind::Status => "provider_status",
            other => other.name(),
        };
        Self {
            status,
            upstream_request_id,
            ..Self::new(code, message, remedy(kind, status, offer))
        }
    }

    /// A stream that broke off.
    pub(super) fn interrupted(failure: StreamFailure, offer: &Offer) -> Self {
        let Failure {
            kind,
            status,
            message,
            ..
        } = failure.into();
        Self {
            status,
            ..Self::new("interrupted", message, remedy(kind, status, offer))
        }
    }

    /// A stream that fell silent.
    pub(super) fn silent() -> Self {
        Self::new(
            "silent",
            "the provider fell silent in the middle of its answer",
            "try again; the limit is `idle_ms` under [timeouts]",
        )
    }
}

fn remedy(kind: FailureKind, status: Option<u16>, offer: &Offer) -> String {
    let key = offer.venue.key_env.as_deref().unwrap_or("its key");
    match (kind, status) {
        (FailureKind::Unreachable, _) => {
            "check the base URL and the network; no proxy is used".to_owned()
        }
        (FailureKind::TimedOut, _) => {
            "try again; the limits are `first_event_ms` and `answer_ms` under [timeouts]".to_owned()
        }
        (FailureKind::Garbage, _) => format!(
            "check that the base URL is one of {}, without the protocol's own path",
            match offer.venue.protocol {
                Protocol::Anthropic => "Anthropic Messages",
                Protocol::OpenaiChat => "OpenAI Chat Completions",
                Protocol::OpenaiResponses => "OpenAI Responses",
                Protocol::Simulated => "a simulation",
            }
        ),
        (FailureKind::Untranslatable, _) => {
            "report this: the request holds nothing unusual".to_owned()
        }
        (FailureKind::Status, Some(401 | 403)) => {
            format!("check the key in {key} and what it may do")
        }
        (FailureKind::Status, Some(402)) => "check the account's balance".to_owned(),
        (FailureKind::Status, Some(404)) => format!(
            "check the base URL, and that the provider has `{}`; --model names another",
            offer.upstream_model
        ),
        (FailureKind::Status, Some(429)) => "wait, and try again".to_owned(),
        (FailureKind::Status, Some(400..=499)) => {
            "check the venue's quirks in the catalog against the provider's words".to_owned()
        }
        (FailureKind::Status, _) => {
            "the provider has troubles of its own: try again later".to_owned()
        }
    }
}

fn list<'a>(names: impl Iterator<Item = &'a String>) -> String {
    let names: Vec<&str> = names.map(String::as_str).collect();
    names.join(", ")
}
