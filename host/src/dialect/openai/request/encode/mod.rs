//! Writing a Chat Completions request.

mod messages;
#[cfg(test)]
mod tests;
mod thinking;
mod tool_id;
mod wire;

use crate::dialect::common::{Format, Request, ToolChoice};
use crate::dialect::openai::{MaxTokensField, Quirks};
use crate::dialect::{RequestError, json};

/// Stands for the name of a schema, which OpenAI demands, where the caller gave
/// none.
const SCHEMA_NAME: &str = "answer";

/// Writes `request` for `upstream_model`, as `quirks` wants it. Fails where a
/// block stands in a turn that can't have it here, and on what the host does
/// not take.
pub fn encode(
    request: &Request,
    upstream_model: &str,
    stream: bool,
    quirks: &Quirks,
) -> Result<Vec<u8>, RequestError> {
    if !quirks.stop && !request.stop.is_empty() {
        let what = "stop sequences".to_owned();
        return Err(RequestError::Untranslatable { what });
    }
    let tools: Vec<_> = request.tools.iter().map(wire::Tool::from).collect();
    let (max_tokens, max_completion_tokens) = match quirks.max_tokens_field {
        MaxTokensField::MaxTokens => (request.max_tokens, None),
        MaxTokensField::MaxCompletionTokens | MaxTokensField::Either => (None, request.max_tokens),
    };
    let body = wire::Request {
        model: upstream_model,
        messages: messages::encode(request, quirks)?,
        // Hosts refuse both where there are no tools.
        tool_choice: request
            .tool_choice
            .as_ref()
            .filter(|_| !tools.is_empty())
            .map(tool_choice),
        parallel_tool_calls: request.parallel_tools.filter(|_| !tools.is_empty()),
        tools,
        max_tokens,
        max_completion_tokens,
        stop: &request.stop,
        thinking: thinking::ask(request.thinking, quirks),
        response_format: request.format.as_ref().map(format),
        temperature: request.temperature.as_ref().filter(|_| quirks.sampling),
        top_p: request.top_p.as_ref().filter(|_| quirks.sampling),
        stream,
        stream_options: (stream && quirks.stream_usage).then_some(wire::StreamOptions {
            include_usage: true,
        }),
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
            function: wire::Named { name },
        },
    }
}

fn format(format: &Format) -> wire::ResponseFormat<'_> {
    match format {
        Format::Json => wire::ResponseFormat::JsonObject,
        Format::Schema {
            name,
            schema,
            strict,
        } => wire::ResponseFormat::JsonSchema {
            json_schema: wire::JsonSchema {
                name: name.as_deref().unwrap_or(SCHEMA_NAME),
                schema,
                strict: *strict,
            },
        },
    }
}
