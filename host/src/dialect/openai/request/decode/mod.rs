//! A Chat Completions request in the form between dialects.

mod content;
mod messages;
mod options;

use serde_json::value::RawValue;

use self::messages::Conversation;
use super::wire;
use crate::dialect::RequestError;
use crate::dialect::common::{Request, Tool, ToolChoice};
use crate::dialect::fields::wrong;
use crate::dialect::json::Text;
use crate::dialect::place::{Field, need, numbered, object};

/// The schema of a function that declares no parameters: it has none.
const NO_PARAMETERS: &str = r#"{"type":"object","properties":{}}"#;

/// Decodes a whole body. Hints on how to sample or to store are left out.
pub(super) fn request(body: &str, max_tokens: Option<u64>) -> Result<Request, RequestError> {
    let wire: wire::Request<'_> = serde_json::from_str(body)?;
    options::refuse(&wire)?;
    let Conversation { system, messages } = messages::conversation(wire.messages)?;
    Ok(Request {
        system,
        messages,
        tools: numbered(wire.tools.unwrap_or_default(), &"tools", tool)?,
        tool_choice: wire.tool_choice.map(tool_choice).transpose()?,
        parallel_tools: wire.parallel_tool_calls,
        max_tokens,
        stop: wire
            .stop
            .map(options::stop)
            .transpose()?
            .unwrap_or_default(),
        thinking: wire
            .reasoning_effort
            .map(|effort| options::thinking(&effort.0))
            .transpose()?,
        format: match wire.response_format {
            Some(format) => options::format(format)?,
            None => None,
        },
        temperature: wire.temperature,
        top_p: wire.top_p,
    })
}

fn tool(tool: wire::Tool<'_>, at: &dyn std::fmt::Display) -> Result<Tool, RequestError> {
    let Text(kind) = need(tool.kind, at, "type")?;
    if kind != "function" {
        return Err(untranslatable(format!("the `{kind}` tool ({at})")));
    }
    let function = need(tool.function, at, "function")?;
    let at = Field(at, "function");
    Ok(Tool {
        name: need(function.name, &at, "name")?,
        description: function.description,
        input_schema: match function.parameters {
            None => RawValue::from_string(NO_PARAMETERS.to_owned())?,
            parameters => object(parameters, &at, "parameters")?,
        },
        strict: function.strict,
    })
}

fn tool_choice(choice: &RawValue) -> Result<ToolChoice, RequestError> {
    const AT: &str = "tool_choice";
    if choice.get().starts_with('{') {
        let choice: wire::ToolChoice<'_> = serde_json::from_str(choice.get())?;
        let Text(kind) = need(choice.kind, &AT, "type")?;
        if kind != "function" {
            return Err(untranslatable(format!("the `{kind}` choice (`{AT}`)")));
        }
        let function = need(choice.function, &AT, "function")?;
        let at = Field(&AT, "function");
        return Ok(ToolChoice::Tool(need(function.name, &at, "name")?));
    }
    match choice.get() {
        "\"auto\"" => Ok(ToolChoice::Auto),
        "\"required\"" => Ok(ToolChoice::Any),
        "\"none\"" => Ok(ToolChoice::None),
        _ => Err(wrong(
            AT,
            "`auto`, `required`, `none` or an object that names a function",
        )),
    }
}

fn untranslatable(what: impl Into<String>) -> RequestError {
    RequestError::Untranslatable { what: what.into() }
}
