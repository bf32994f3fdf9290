//! Writing a Chat Completions request.

mod messages;
#[cfg(test)]
mod tests;
mod wire;

use super::{MaxTokensField, Quirks};
use crate::dialect::common::{Request, ToolChoice};
use crate::dialect::{RequestError, json};

/// Writes `request` for `upstream_model`, as `quirks` wants it. Fails where a
/// block stands in a turn that can't have it here.
pub fn encode(
    request: &Request,
    upstream_model: &str,
    stream: bool,
    quirks: &Quirks,
) -> Result<Vec<u8>, RequestError> {
    let tools: Vec<_> = request.tools.iter().map(wire::Tool::from).collect();
    let limit = |field| {
        request
            .max_tokens
            .filter(|_| quirks.max_tokens_field == field)
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
        max_tokens: limit(MaxTokensField::MaxTokens),
        max_completion_tokens: limit(MaxTokensField::MaxCompletionTokens),
        stop: &request.stop,
        temperature: request.temperature.as_ref(),
        top_p: request.top_p.as_ref(),
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
