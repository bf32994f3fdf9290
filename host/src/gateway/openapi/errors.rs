//! Errors, as they are documented: what the gateway's constructors make, shown
//! by what they really answer.

use std::collections::BTreeMap;
use std::time::Duration;

use utoipa::ToSchema;
use utoipa::openapi::content::ContentBuilder;
use utoipa::openapi::example::ExampleBuilder;
use utoipa::openapi::response::ResponseBuilder;
use utoipa::openapi::schema::AnyOfBuilder;
use utoipa::openapi::{Ref, RefOr, Response, Schema};

use super::anthropic::AnthropicError;
use super::forms::reference;
use super::headers::{self, Route};
use super::openai::OpenaiError;
use crate::catalog::NanoUsd;
use crate::dialect::Dialect;
use crate::gateway::error::ApiError;

/// The error of a pinned provider that speaks the caller's dialect, as it came.
#[derive(ToSchema)]
#[schema(value_type = Value)]
pub struct ProviderError(());

/// An error and when it comes.
#[derive(Clone, Copy)]
pub struct Case {
    /// Makes one.
    pub error: fn() -> ApiError,
    /// When it comes.
    pub when: &'static str,
}

/// Of every route that needs a key.
pub const KEYED: [Case; 2] = [
    Case {
        error: || ApiError::unauthenticated("this API key is not valid"),
        when: "there is no key, or it is not valid",
    },
    Case {
        error: || ApiError::over_rate(Duration::from_secs(2)),
        when: "the key is over its rate limit",
    },
];

/// Of every route that takes a body.
pub const BODY: [Case; 3] = [
    Case {
        error: || ApiError::invalid("`messages` is required"),
        when: "the request is malformed, its hint is, a key that the gateway reads is there twice, or it can't be said in the dialect of the model's provider",
    },
    Case {
        error: ApiError::too_slow,
        when: "the body did not arrive in time",
    },
    Case {
        error: || ApiError::too_large(32 << 20),
        when: "the body is over the limit",
    },
];

/// Of every route that takes a model's name.
pub const NAMED: [Case; 3] = [
    Case {
        error: || {
            ApiError::not_found("there is no model `x`; to have one chosen, use ainfera-inference")
        },
        when: "there is no such model, or it can't be called",
    },
    Case {
        error: || ApiError::sunset("ainfera-auto", "ainfera-inference"),
        when: "the model is an alias past its sunset",
    },
    Case {
        error: || ApiError::policy_unavailable("the policy of generation 2 cannot decide; retry"),
        when: "the policy can't decide",
    },
];

/// Of every route that has an offer do something.
pub const SERVED: [Case; 6] = [
    Case {
        error: || ApiError::not_allowed("sim-large@simulated"),
        when: "the key's agent may not use the model",
    },
    Case {
        error: ApiError::agent_not_active,
        when: "the key's agent is suspended",
    },
    Case {
        error: || {
            ApiError::no_candidate(
                "no candidate has a quality of at least 0.95; lower `min_quality` or the preference",
            )
        },
        when: "no offer clears what the call asks for",
    },
    Case {
        error: || ApiError::tools_not_supported("sim-small@simulated"),
        when: "the model that is named takes no tools",
    },
    Case {
        error: || ApiError::provider("the provider cannot be reached: connection refused"),
        when: "the provider of the model that is named can't be reached, answers garbage, or refuses the gateway's key or account",
    },
    Case {
        error: ApiError::timed_out,
        when: "the provider did not answer in time",
    },
];

/// Of every route that has an offer answer.
pub const CALLED: [Case; 8] = [
    Case {
        error: || ApiError::insufficient_funds(NanoUsd(4_500_000), NanoUsd(1_200_000)),
        when: "the call may cost more than what is left of the tenant's money and credit",
    },
    Case {
        error: || {
            let (needed, cap) = (NanoUsd(4_500_000), NanoUsd(2_000_000));
            ApiError::call_cap_exceeded("sim-medium@simulated", needed, cap)
        },
        when: "it may cost more than the agent may spend on a call",
    },
    Case {
        error: || ApiError::day_cap_exceeded(NanoUsd(4_500_000), NanoUsd(1_200_000)),
        when: "it may cost more than what the agent may still spend on this UTC day",
    },
    Case {
        error: ApiError::idempotency_in_flight,
        when: "a call with the same idempotency key has not ended",
    },
    Case {
        error: ApiError::idempotency_mismatch,
        when: "the idempotency key is that of a request with another body",
    },
    Case {
        error: || ApiError::rate_limited(Some(30)),
        when: "every candidate is rate limited by its provider",
    },
    Case {
        error: ApiError::all_failed,
        when: "every candidate failed",
    },
    Case {
        error: || ApiError::records_unavailable("the records database does not take writes; retry"),
        when: "the call can't be recorded, so it is not made",
    },
];

/// The answers to `route` that are errors, in any of `dialects`.
pub fn responses(
    cases: &[Case],
    route: Route,
    dialects: &[Dialect],
) -> BTreeMap<String, RefOr<Response>> {
    let mut by_status: BTreeMap<u16, Vec<Case>> = BTreeMap::new();
    for case in cases {
        let status = (case.error)().status();
        by_status.entry(status).or_default().push(*case);
    }
    let own = by_status.into_iter().map(|(status, cases)| {
        let status = status.to_string();
        let response = own(&cases, route, &status, dialects);
        (status, response)
    });
    let mut responses: BTreeMap<_, _> = own.collect();
    if route.relays() {
        for status in ["4XX", "5XX"] {
            responses.insert(status.to_owned(), relayed(route, status, dialects));
        }
    }
    responses
}

/// The answer of a status that the gateway gives by itself.
fn own(cases: &[Case], route: Route, status: &str, dialects: &[Dialect]) -> RefOr<Response> {
    let mut description: Vec<_> = cases
        .iter()
        .map(|case| format!("`{}`: {}.", (case.error)().code(), case.when))
        .collect();
    let mut content = ContentBuilder::new();
    for dialect in dialects {
        let examples = cases.iter().map(|case| {
            let error = (case.error)();
            let body = error.body(*dialect, "req_03792578ec401000");
            let name = match dialects {
                [_] => error.code().to_owned(),
                _ => format!("{} ({dialect:?})", error.code()),
            };
            let value = serde_json::from_slice(&body).unwrap_or_default();
            let example = ExampleBuilder::new().summary(case.when).value(Some(value));
            (name, example)
        });
        content = content.examples_from_iter(examples);
    }
    let may_be_relayed = route.relays() && !matches!(status, "401" | "403" | "408");
    if may_be_relayed {
        description.push("Or the error of the provider of the model that is named.".to_owned());
    }
    let content = content.schema(Some(schema(dialects, may_be_relayed)));
    let response = ResponseBuilder::new()
        .description(description.join("\n\n"))
        .content("application/json", content.build());
    headers::add(response, route, status, dialects).into()
}

/// The answer of any other status, which is a pinned provider's.
fn relayed(route: Route, status: &str, dialects: &[Dialect]) -> RefOr<Response> {
    let content = ContentBuilder::new().schema(Some(schema(dialects, true)));
    let response = ResponseBuilder::new()
        .description(
            "Any other error of the provider of the model that is named: with its status, its `retry-after` and its body where it speaks the caller's dialect, else with its words.",
        )
        .content("application/json", content.build());
    headers::add(response, route, status, dialects).into()
}

fn schema(dialects: &[Dialect], relayed: bool) -> RefOr<Schema> {
    let mut forms: Vec<RefOr<Schema>> = Vec::new();
    if dialects.contains(&Dialect::Anthropic) {
        forms.push(reference::<AnthropicError>());
    }
    if dialects
        .iter()
        .any(|dialect| *dialect != Dialect::Anthropic)
    {
        forms.push(reference::<OpenaiError>());
    }
    if relayed && !dialects.contains(&Dialect::Native) {
        forms.push(Ref::from_schema_name(ProviderError::name()).into());
    }
    match <[_; 1]>::try_from(forms) {
        Ok([form]) => form,
        Err(forms) => forms
            .into_iter()
            .fold(AnyOfBuilder::new(), AnyOfBuilder::item)
            .into(),
    }
}
