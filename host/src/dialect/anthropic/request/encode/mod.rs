//! Writing a Messages request.

mod messages;
#[cfg(test)]
mod tests;
mod tools;
mod wire;

use serde_json::Number;

use self::tools::Tools;
use crate::dialect::common::{Effort, Format, Request, Thinking};
use crate::dialect::{RequestError, json};

/// Writes `request` for `upstream_model`. `max_tokens` is the output limit where
/// the request names none: the protocol requires one. Fails where a block stands
/// in a turn that can't have it here, or where any JSON is asked for.
pub fn encode(
    request: &Request,
    upstream_model: &str,
    stream: bool,
    max_tokens: u64,
) -> Result<Vec<u8>, RequestError> {
    let Tools {
        definitions,
        choice,
    } = tools::encode(request);
    let forced = matches!(
        choice,
        Some(wire::ToolChoice::Any { .. } | wire::ToolChoice::Tool { .. })
    );
    let thinking = thinking(request).filter(|_| !forced);
    let (temperature, top_p) = match &thinking {
        // Both must be left alone where the model thinks.
        Some(_) => (None, None),
        None => sampling(request),
    };
    let body = wire::Request {
        model: upstream_model,
        max_tokens: request.max_tokens.unwrap_or(max_tokens),
        system: messages::system(request)?,
        messages: messages::encode(request)?,
        tools: definitions,
        tool_choice: choice,
        stop_sequences: stop_sequences(request),
        thinking,
        output_config: wire::OutputConfig {
            effort: effort(request),
            format: format(request)?,
        },
        temperature,
        top_p,
        stream,
    };
    let mut out = Vec::new();
    json::append(&mut out, &body);
    Ok(out)
}

/// Those that the API takes: not those of only space.
fn stop_sequences(request: &Request) -> Vec<&str> {
    let stop = request.stop.iter().map(String::as_str);
    stop.filter(|stop| !stop.trim().is_empty()).collect()
}

/// Adaptive, which needs no thoughts in the turns before: those can't have come
/// through another dialect. The newest models would not show it unasked.
///
/// Source: <https://platform.claude.com/docs/en/build-with-claude/adaptive-thinking>.
fn thinking(request: &Request) -> Option<wire::Thinking> {
    match request.thinking {
        Some(Thinking::On(_)) => Some(wire::Thinking {
            r#type: "adaptive",
            display: "summarized",
        }),
        Some(Thinking::Off) | None => None,
    }
}

fn effort(request: &Request) -> Option<&'static str> {
    let Some(Thinking::On(Some(effort))) = request.thinking else {
        return None;
    };
    Some(match effort {
        Effort::Minimal | Effort::Low => "low",
        Effort::Medium => "medium",
        Effort::High => "high",
        Effort::Max => "max",
    })
}

fn format(request: &Request) -> Result<Option<wire::Format<'_>>, RequestError> {
    match &request.format {
        None => Ok(None),
        Some(Format::Schema { schema, .. }) => Ok(Some(wire::Format {
            r#type: "json_schema",
            schema,
        })),
        Some(Format::Json) => Err(RequestError::Untranslatable {
            what: "`response_format` without a schema".to_owned(),
        }),
    }
}

/// Temperature, which ends at 1 here, or else nucleus sampling: the API takes
/// no two of them. At 1 each is what it is without, and newer models refuse
/// them altogether.
fn sampling(request: &Request) -> (Option<&Number>, Option<&Number>) {
    let below_one = |number: &&Number| number.as_f64().is_some_and(|number| number < 1.0);
    match request.temperature.as_ref().filter(below_one) {
        None => (None, request.top_p.as_ref().filter(below_one)),
        temperature => (temperature, None),
    }
}
