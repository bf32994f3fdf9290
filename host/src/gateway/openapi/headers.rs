//! The headers of answers, as they are documented.

use utoipa::openapi::header::HeaderBuilder;
use utoipa::openapi::{Components, Header, Ref, ResponseBuilder};

use crate::dialect::Dialect;

/// A header's name and what it says.
type Described = (&'static str, &'static str);

const EVERY: [Described; 1] = [("request-id", "The gateway's id of the request.")];
const OPENAI: [Described; 1] = [("x-request-id", "The same as `request-id`.")];
const KEYED: [Described; 1] = [("x-ainfera-agent-id", "Whose key it is.")];
const ANTHROPIC_RATE: [Described; 3] = [
    (
        "anthropic-ratelimit-requests-limit",
        "The most requests that the key may save up; only where it is limited, as the next two.",
    ),
    (
        "anthropic-ratelimit-requests-remaining",
        "The requests that the key has left.",
    ),
    (
        "anthropic-ratelimit-requests-reset",
        "When it has all of them again (RFC 3339).",
    ),
];
const OPENAI_RATE: [Described; 3] = [
    (
        "x-ratelimit-limit-requests",
        "The most requests that the key may save up; only where it is limited, as the next two.",
    ),
    (
        "x-ratelimit-remaining-requests",
        "The requests that the key has left.",
    ),
    (
        "x-ratelimit-reset-requests",
        "After how long it has all of them again, as `1.5s`.",
    ),
];
const MODEL: [Described; 5] = [
    (
        "x-ainfera-upstream-request-id",
        "The provider's id of the request.",
    ),
    ("x-ainfera-model", "The offer that answers."),
    (
        "x-ainfera-generation",
        "The active generation of the policy; only where the call is routed.",
    ),
    (
        "deprecation",
        "Since when the alias is deprecated (RFC 9745).",
    ),
    ("sunset", "From when on the alias is refused (RFC 8594)."),
];
const CALL: [Described; 3] = [
    (
        "x-ainfera-inference-id",
        "The call's id; where a provider was called.",
    ),
    (
        "x-ainfera-receipt-id",
        "The id of the call's receipt; on answers. It is `pending` until the call has ended.",
    ),
    (
        "x-ainfera-audit-url",
        "The path of the agent's audit events; where a provider was called.",
    ),
];
const STREAM: [Described; 1] = [(
    "x-ainfera-stream-mode",
    "`native`: the answer is streamed as the provider sends it; `replayed`: it is the first one of its idempotency key again. Only on streams.",
)];
const REPLAY: [Described; 1] = [(
    "idempotency-replayed",
    "`true`: the answer is the first one of its idempotency key again, with the ids of that. Only then.",
)];
const ALIAS: [&str; 2] = ["deprecation", "sunset"];
const RETRY: [Described; 1] = [(
    "retry-after",
    "After how many seconds to come back, where that is known.",
)];

/// What an answer's headers depend on.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Route {
    /// It looks models up.
    Look,
    /// It looks the caller's own records up.
    Own,
    /// It has an offer count.
    Count,
    /// It has an offer answer.
    Call,
}

impl Route {
    /// Whether a provider's own error may be its answer.
    pub fn relays(self) -> bool {
        matches!(self, Self::Count | Self::Call)
    }
}

/// All of them, to refer to.
pub fn declare(components: &mut Components) {
    let all = [
        &EVERY[..],
        &OPENAI,
        &KEYED,
        &ANTHROPIC_RATE,
        &OPENAI_RATE,
        &MODEL,
        &CALL,
        &STREAM,
        &REPLAY,
        &RETRY,
    ];
    for (name, says) in all.concat() {
        let header: Header = HeaderBuilder::new().description(Some(says)).build();
        components.headers.insert(name.to_owned(), header.into());
    }
}

/// The headers of `route`'s answers of `status` in `dialects`.
pub fn names(route: Route, status: &str, dialects: &[Dialect]) -> Vec<&'static str> {
    let name = |(name, _): &Described| *name;
    let mut names: Vec<_> = EVERY.iter().map(name).collect();
    if dialects.contains(&Dialect::OpenaiChat) {
        names.extend(OPENAI.iter().map(name));
    }
    // Who has no valid key gets nothing that belongs to one.
    if status == "401" {
        return names;
    }
    names.extend(KEYED.iter().map(name));
    if dialects.contains(&Dialect::Anthropic) {
        names.extend(ANTHROPIC_RATE.iter().map(name));
    }
    if dialects
        .iter()
        .any(|dialect| *dialect != Dialect::Anthropic)
    {
        names.extend(OPENAI_RATE.iter().map(name));
    }
    match route {
        Route::Look => names.extend(ALIAS),
        Route::Own => {}
        Route::Count => names.extend(MODEL.iter().map(name)),
        Route::Call => names.extend(MODEL.iter().chain(&CALL).map(name)),
    }
    match (route, status) {
        (Route::Call, "200") => names.extend(STREAM.iter().chain(&REPLAY).map(name)),
        (_, "200") => {}
        (Route::Look | Route::Own, status) if status != "429" => {}
        _ => names.extend(RETRY.iter().map(name)),
    }
    names
}

/// Adds references to them.
pub fn add(
    response: ResponseBuilder,
    route: Route,
    status: &str,
    dialects: &[Dialect],
) -> ResponseBuilder {
    names(route, status, dialects)
        .into_iter()
        .fold(response, |response, name| {
            response.header_ref(name, Ref::new(format!("#/components/headers/{name}")))
        })
}
