//! The built-in provider: answers with no key and no network, so that a first
//! run works. It speaks Anthropic Messages from within the process, and is
//! relayed like any other provider.

use std::time::Duration;

use bytes::Bytes;
use futures_util::{StreamExt, stream};
use http::{HeaderMap, HeaderValue, header::CONTENT_TYPE};
use serde_json::value::RawValue;

use super::exchange::{ByteStream, Exchange, ReadError, deadline};
use super::failure::Failure;
use super::{Answer, Call, Timeouts, anthropic};
use crate::catalog::estimated_input;
use crate::catalog::{Offer, SimulatedFailure};
use crate::dialect::anthropic::answer;
use crate::dialect::anthropic::encode::EventEncoder;
use crate::dialect::anthropic::error;
use crate::dialect::common::{
    self, AnswerBlock, Block, Event, Role, StopReason, Thinking, ToolChoice, ToolUse, Usage,
};
use crate::dialect::encode::Encoder as _;
use crate::dialect::{ClientRequest, ErrorKind, Names, NativeFacts};

/// Bytes of text that a simulated model takes for a token.
const TOKEN: usize = 4;

pub(super) async fn call(
    offer: &Offer,
    call: &Call<'_>,
    timeouts: &Timeouts,
) -> Result<Answer, Failure> {
    let stream = call.stream();
    let limit = deadline(timeouts.to_begin(stream));
    let request = match call.request {
        // What has no common form is answered all the same: it is this
        // protocol's own.
        ClientRequest::Anthropic(request) => request.to_common().ok(),
        other => Some(other.to_common()?),
    };
    let answer = compose(offer, call, request.as_ref());
    let exchange = match offer.simulate.fail {
        Some(SimulatedFailure::Overloaded) => {
            refusal(529, ErrorKind::Overloaded, "simulated: overloaded")
        }
        Some(SimulatedFailure::Refuses) => refusal(
            400,
            ErrorKind::InvalidRequest,
            "simulated: this request is refused",
        ),
        Some(SimulatedFailure::Hangs) => response("text/event-stream", Box::pin(stream::pending())),
        _ if stream => response("text/event-stream", events(&answer, offer, call)),
        Some(SimulatedFailure::ErrorFirst) => refusal(500, ErrorKind::Api, "simulated: failed"),
        Some(SimulatedFailure::DiesMidStream) => response(
            "application/json",
            Box::pin(stream::iter([Ok(Bytes::from_static(b"{\"type\":"))])),
        ),
        None => {
            let body = answer::encode(&answer, &names(offer, call));
            response(
                "application/json",
                Box::pin(stream::iter([Ok(body.into())])),
            )
        }
    };
    anthropic::finish(exchange, call, limit).await
}

/// What a simulated model says: a forced tool is called, everything else is
/// answered with a sentence that names the model.
fn compose(offer: &Offer, call: &Call<'_>, request: Option<&common::Request>) -> common::Answer {
    let forced = request.and_then(|request| match request.tool_choice.as_ref()? {
        ToolChoice::Tool(name) => Some(name.clone()),
        ToolChoice::Any => request.tools.first().map(|tool| tool.name.clone()),
        _ => None,
    });
    let thinks = request.is_some_and(|request| matches!(request.thinking, Some(Thinking::On(_))));
    let (block, stop_reason) = match forced {
        Some(name) => {
            let id = format!("toolu_{}", call.id);
            (
                AnswerBlock::ToolUse(ToolUse {
                    id,
                    name,
                    input: no_arguments(),
                }),
                StopReason::ToolUse,
            )
        }
        None => {
            let asked = request.map(last_text).unwrap_or_default();
            let text = format!(
                "This is {}, a simulated model. You said: {asked}",
                offer.model
            );
            let limit = call.request.head().shape.max_tokens.unwrap_or(u64::MAX);
            let most = usize::try_from(limit)
                .unwrap_or(usize::MAX)
                .saturating_mul(TOKEN);
            if text.len() <= most {
                (AnswerBlock::Text(text), StopReason::EndTurn)
            } else {
                let cut = text
                    .get(..text.floor_char_boundary(most))
                    .unwrap_or_default();
                (AnswerBlock::Text(cut.to_owned()), StopReason::MaxTokens)
            }
        }
    };
    let output = match &block {
        AnswerBlock::Text(text) => text.len().div_ceil(TOKEN),
        _ => 8,
    };
    let usage = Usage {
        input_tokens: Some(estimated_input(&call.request.head().shape)),
        output_tokens: u64::try_from(output).ok(),
        ..Usage::default()
    };
    common::Answer {
        upstream_id: None,
        blocks: thinks.then(thoughts).into_iter().chain([block]).collect(),
        stop_reason,
        usage,
    }
}

/// What a simulated model thinks.
fn thoughts() -> AnswerBlock {
    AnswerBlock::Thinking {
        text: "Nothing to think about: this is a simulation.".to_owned(),
        signature: None,
    }
}

fn names(offer: &Offer, call: &Call<'_>) -> Names {
    Names {
        id: call.id.to_owned(),
        model: offer.model.clone(),
        created: 0,
        thinking: true,
        usage: true,
        native: NativeFacts::default(),
    }
}

fn no_arguments() -> Box<RawValue> {
    RawValue::from_string("{}".into()).unwrap_or_else(|_| RawValue::NULL.to_owned())
}

/// The beginning of what the user said last.
fn last_text(request: &common::Request) -> String {
    let of_user = request
        .messages
        .iter()
        .rev()
        .find(|message| message.role == Role::User);
    let text = of_user
        .into_iter()
        .flat_map(|message| &message.blocks)
        .find_map(|block| match block {
            Block::Text(text) => Some(text.as_str()),
            _ => None,
        });
    text.unwrap_or_default().chars().take(200).collect()
}

/// The answer as paced events.
fn events(answer: &common::Answer, offer: &Offer, call: &Call<'_>) -> ByteStream {
    if offer.simulate.fail == Some(SimulatedFailure::ErrorFirst) {
        return Box::pin(stream::iter([Ok(error::event(
            ErrorKind::Overloaded,
            "simulated: overloaded",
        ))]));
    }
    let mut steps = vec![Event::Start {
        upstream_id: None,
        usage: Usage {
            output_tokens: Some(0),
            ..answer.usage
        },
    }];
    for block in &answer.blocks {
        match block {
            AnswerBlock::Thinking { text, .. } => steps.push(Event::Thinking(text.clone())),
            AnswerBlock::Text(text) => steps.extend(
                text.split_inclusive(' ')
                    .map(|word| Event::Text(word.to_owned())),
            ),
            AnswerBlock::ToolUse(tool) => {
                steps.push(Event::ToolUse {
                    id: tool.id.clone(),
                    name: tool.name.clone(),
                });
                steps.push(Event::ToolInput(tool.input.get().to_owned()));
            }
        }
    }
    let dies = offer.simulate.fail == Some(SimulatedFailure::DiesMidStream);
    if dies {
        steps.truncate(3);
    } else {
        steps.push(Event::End {
            stop_reason: answer.stop_reason.clone(),
            usage: answer.usage,
        });
    }
    let mut encoder = EventEncoder::new(names(offer, call));
    let mut frames: Vec<Result<Bytes, ReadError>> = steps
        .iter()
        .map(|step| {
            let mut out = Vec::new();
            encoder.event(step, &mut out);
            Ok(out.into())
        })
        .collect();
    frames.push(if dies {
        Err(ReadError("simulated: connection lost".into()))
    } else {
        Ok(encoder.close(None))
    });
    let pace = Duration::from_millis(offer.simulate.pace_ms);
    let paced =
        stream::iter(frames.into_iter().enumerate()).then(move |(index, frame)| async move {
            if index > 0 && !pace.is_zero() {
                tokio::time::sleep(pace).await;
            }
            frame
        });
    Box::pin(paced)
}

fn response(content_type: &'static str, body: ByteStream) -> Exchange {
    let headers = HeaderMap::from_iter([(CONTENT_TYPE, HeaderValue::from_static(content_type))]);
    Exchange {
        status: 200,
        headers,
        body,
    }
}

fn refusal(status: u16, kind: ErrorKind, message: &str) -> Exchange {
    let body = error::body(kind, "simulated", message, "");
    Exchange {
        status,
        ..response(
            "application/json",
            Box::pin(stream::iter([Ok(body.into())])),
        )
    }
}
