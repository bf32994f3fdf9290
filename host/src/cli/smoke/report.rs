//! What a smoke test says of a provider.

use std::time::Duration;

use serde::Serialize;

use super::problem::Problem;
use crate::catalog::{Offer, Protocol};
use crate::dialect::common::{self, Answer, AnswerBlock, Event};

/// All that was found.
#[derive(Serialize)]
pub(super) struct Report {
    provider: String,
    /// Whether every call was answered whole.
    pub(super) ok: bool,
    #[serde(flatten, skip_serializing_if = "Option::is_none")]
    called: Option<Called>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    calls: Vec<Call>,
    /// Why nothing was called.
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<Problem>,
}

/// What was called.
#[derive(Serialize)]
struct Called {
    protocol: Protocol,
    #[serde(skip_serializing_if = "Option::is_none")]
    base_url: Option<String>,
    offer: String,
    upstream_model: String,
}

/// One call.
#[derive(Serialize)]
pub(super) struct Call {
    pub(super) connection: Connection,
    pub(super) stream: bool,
    pub(super) ok: bool,
    pub(super) latency_ms: Latency,
    #[serde(flatten)]
    pub(super) outcome: Outcome,
}

/// Whether the call had to make its connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Connection {
    Cold,
    Warm,
}

/// Milliseconds.
#[derive(Serialize)]
pub(super) struct Latency {
    /// For a TCP connection of its own, made right before a cold call, name
    /// look-up included.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) connect: Option<f64>,
    /// From the request to the first event of a stream.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) first_event: Option<f64>,
    /// From the request to the end.
    pub(super) total: f64,
}

/// What came of a call.
#[derive(Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Outcome {
    /// An answer.
    Response(Response),
    /// None, or half of one.
    Error(Problem),
}

/// The shape of an answer.
#[derive(Serialize)]
pub(super) struct Response {
    pub(super) blocks: Vec<Block>,
    pub(super) stop_reason: Option<String>,
    pub(super) usage: Usage,
    /// By the catalog's prices; null where the provider did not say what it
    /// used.
    pub(super) cost_usd: Option<String>,
    /// The provider's id of the answer.
    pub(super) id: Option<String>,
    /// The provider's id of the request.
    pub(super) upstream_request_id: Option<String>,
}

/// Tokens; null where the provider did not say.
#[derive(Serialize)]
pub(super) struct Usage {
    input_tokens: Option<u64>,
    output_tokens: Option<u64>,
    cache_read_tokens: Option<u64>,
    cache_write_tokens: Option<u64>,
}

impl From<common::Usage> for Usage {
    fn from(usage: common::Usage) -> Self {
        Self {
            input_tokens: usage.input_tokens,
            output_tokens: usage.output_tokens,
            cache_read_tokens: usage.cache_read,
            cache_write_tokens: usage.cache_write,
        }
    }
}

/// A block of an answer.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub(super) struct Block {
    #[serde(rename = "type")]
    kind: &'static str,
    /// Characters of its text, or of its tool's input.
    chars: usize,
}

impl Report {
    pub(super) fn of(provider: &str, offer: &Offer, calls: Vec<Call>) -> Self {
        Self {
            provider: provider.to_owned(),
            ok: calls.iter().all(|call| call.ok),
            called: Some(Called {
                protocol: offer.venue.protocol,
                base_url: offer.venue.base_url.as_deref().map(without_secrets),
                offer: offer.id.to_string(),
                upstream_model: offer.upstream_model.clone(),
            }),
            calls,
            error: None,
        }
    }

    /// Nothing could be called.
    pub(super) fn impossible(provider: &str, problem: Problem) -> Self {
        Self {
            provider: provider.to_owned(),
            ok: false,
            called: None,
            calls: Vec::new(),
            error: Some(problem),
        }
    }
}

/// The blocks of a whole answer.
pub(super) fn blocks(answer: &Answer) -> Vec<Block> {
    let block = |block: &AnswerBlock| match block {
        AnswerBlock::Thinking { text, .. } => Block::new("thinking", text),
        AnswerBlock::Text(text) => Block::new("text", text),
        AnswerBlock::ToolUse(tool) => Block::new("tool_use", tool.input.get()),
    };
    answer.blocks.iter().map(block).collect()
}

/// Takes note of the next event of a stream.
pub(super) fn observe(blocks: &mut Vec<Block>, event: &Event) {
    let block = match event {
        Event::Start { .. } | Event::Signature(_) | Event::End { .. } => return,
        Event::ToolUse { .. } => return blocks.push(Block::new("tool_use", "")),
        Event::Thinking(text) => Block::new("thinking", text),
        Event::Text(text) => Block::new("text", text),
        Event::ToolInput(json) => Block::new("tool_use", json),
    };
    match blocks.last_mut() {
        Some(last) if last.kind == block.kind => last.chars += block.chars,
        _ => blocks.push(block),
    }
}

impl Block {
    fn new(kind: &'static str, text: &str) -> Self {
        Self {
            kind,
            chars: text.chars().count(),
        }
    }
}

/// Milliseconds, to the microsecond.
#[expect(
    clippy::cast_precision_loss,
    reason = "a duration of less than a century"
)]
pub(super) fn ms(time: Duration) -> f64 {
    time.as_micros() as f64 / 1_000.0
}

/// A URL without the user and password that it may hold.
fn without_secrets(url: &str) -> String {
    let Ok(mut url) = reqwest::Url::parse(url) else {
        return String::new();
    };
    // Fails only for a URL that cannot hold any.
    let _ = url.set_username("");
    let _ = url.set_password(None);
    url.into()
}
