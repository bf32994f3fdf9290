//! Writing a Responses request.

mod input;
#[cfg(test)]
mod tests;
mod wire;

use crate::dialect::common::{Format, Request, Thinking, ToolChoice};
use crate::dialect::openai::Quirks;
use crate::dialect::{RequestError, json};

/// The least that the protocol takes as a limit of output tokens.
const LEAST_MAX_TOKENS: u64 = 16;

/// What a schema is called where the client gave it no name: the protocol
/// wants one.
const SCHEMA_NAME: &str = "answer";

/// Writes `request` for `upstream_model`. The provider is told to keep
/// nothing. Of `quirks` only the efforts and sampling count: the protocol has one form.
///
/// # Errors
/// If it has stop sequences or an output limit under 16 tokens, which the
/// protocol does not take, or a block stands in a turn that can't have it here.
pub fn encode(
    request: &Request,
    upstream_model: &str,
    stream: bool,
    quirks: &Quirks,
) -> Result<Vec<u8>, RequestError> {
    if !request.stop.is_empty() {
        return Err(untranslatable("a stop sequence"));
    }
    if request
        .max_tokens
        .is_some_and(|most| most < LEAST_MAX_TOKENS)
    {
        return Err(untranslatable("an output limit under 16 tokens"));
    }
    let tools: Vec<_> = request.tools.iter().map(wire::Tool::from).collect();
    let body = wire::Request {
        model: upstream_model,
        instructions: request.system.join("\n\n"),
        input: input::encode(&request.messages)?,
        tool_choice: request
            .tool_choice
            .as_ref()
            .filter(|_| !tools.is_empty())
            .map(tool_choice),
        parallel_tool_calls: request.parallel_tools.filter(|_| !tools.is_empty()),
        tools,
        max_output_tokens: request.max_tokens,
        reasoning: request
            .thinking
            .and_then(|thinking| reasoning(thinking, quirks)),
        text: request.format.as_ref().map(|format| wire::TextOptions {
            format: text_format(format),
        }),
        temperature: request.temperature.as_ref().filter(|_| quirks.sampling),
        top_p: request.top_p.as_ref().filter(|_| quirks.sampling),
        store: false,
        stream,
    };
    let mut out = Vec::new();
    json::append(&mut out, &body);
    Ok(out)
}

fn tool_choice(choice: &ToolChoice) -> wire::ToolChoice<'_> {
    match choice {
        ToolChoice::Auto => wire::ToolChoice::Mode("auto"),
        ToolChoice::Any => wire::ToolChoice::Mode("required"),
        ToolChoice::None => wire::ToolChoice::Mode("none"),
        ToolChoice::Tool(name) => wire::ToolChoice::Function {
            r#type: "function",
            name,
        },
    }
}

/// How the model is to reason; nothing where that is left to the provider, or
/// it can't be told.
fn reasoning(thinking: Thinking, quirks: &Quirks) -> Option<wire::Reasoning> {
    let reasoning = match thinking {
        Thinking::Off => wire::Reasoning {
            effort: Some(quirks.effort(thinking)?),
            summary: None,
        },
        Thinking::On(effort) => wire::Reasoning {
            effort: effort.and_then(|_| quirks.effort(thinking)),
            // Nothing of what it thinks can be shown otherwise.
            summary: Some("auto"),
        },
    };
    Some(reasoning)
}

fn text_format(format: &Format) -> wire::Format<'_> {
    match format {
        Format::Json => wire::Format::JsonObject,
        Format::Schema {
            name,
            schema,
            strict,
        } => wire::Format::JsonSchema {
            name: name.as_deref().unwrap_or(SCHEMA_NAME),
            schema,
            strict: *strict,
        },
    }
}

fn untranslatable(what: &str) -> RequestError {
    RequestError::Untranslatable {
        what: what.to_owned(),
    }
}
