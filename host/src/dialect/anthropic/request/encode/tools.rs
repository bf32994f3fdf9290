//! Tools, and whether the model must call them.

use std::borrow::Cow;

use serde::Deserialize;
use serde_json::value::RawValue;

use super::wire;
use crate::dialect::common::{self, Block, Request, Tool};

/// What a request says of tools.
pub(super) struct Tools<'a> {
    pub(super) definitions: Vec<wire::Tool<'a>>,
    pub(super) choice: Option<wire::ToolChoice<'a>>,
}

/// Writes the tools and the choice of `request`. The API refuses tool calls in
/// a history without definitions: such calls get their names defined, and the
/// model may not call them.
pub(super) fn encode(request: &Request) -> Tools<'_> {
    if !request.tools.is_empty() {
        return Tools {
            definitions: request.tools.iter().map(definition).collect(),
            choice: choice(request),
        };
    }
    let definitions: Vec<_> = called(request)
        .into_iter()
        .map(|name| wire::Tool {
            name,
            description: None,
            input_schema: typed("{}"),
            strict: false,
        })
        .collect();
    let choice = (!definitions.is_empty()).then_some(wire::ToolChoice::None);
    Tools {
        definitions,
        choice,
    }
}

/// The names of the tools that the history calls.
fn called(request: &Request) -> Vec<&str> {
    let mut names = Vec::new();
    for block in request.messages.iter().flat_map(|turn| &turn.blocks) {
        if let Block::ToolUse(tool) = block
            && !names.contains(&tool.name.as_str())
        {
            names.push(&tool.name);
        }
    }
    names
}

fn definition(tool: &Tool) -> wire::Tool<'_> {
    wire::Tool {
        name: &tool.name,
        description: tool.description.as_deref(),
        input_schema: schema(&tool.input_schema),
        strict: tool.strict == Some(true),
    }
}

/// `schema`, with the type that the API requires it to name.
fn schema(schema: &RawValue) -> Cow<'_, RawValue> {
    #[derive(Deserialize)]
    struct Typed<'a> {
        #[serde(borrow)]
        r#type: Option<&'a RawValue>,
    }
    match serde_json::from_str(schema.get()) {
        Ok(Typed { r#type: None }) => typed(schema.get()),
        _ => Cow::Borrowed(schema),
    }
}

/// The JSON object `schema` with a type.
fn typed(schema: &str) -> Cow<'_, RawValue> {
    let members = schema.trim_start_matches('{').trim_start();
    let comma = if members.starts_with('}') { "" } else { "," };
    let typed = format!("{{\"type\":\"object\"{comma}{members}");
    RawValue::from_string(typed).map_or_else(|_| Cow::Borrowed(RawValue::NULL), Cow::Owned)
}

fn choice(request: &Request) -> Option<wire::ToolChoice<'_>> {
    let disable_parallel_tool_use = request.parallel_tools == Some(false);
    Some(match &request.tool_choice {
        None if !disable_parallel_tool_use => return None,
        None | Some(common::ToolChoice::Auto) => wire::ToolChoice::Auto {
            disable_parallel_tool_use,
        },
        Some(common::ToolChoice::Any) => wire::ToolChoice::Any {
            disable_parallel_tool_use,
        },
        Some(common::ToolChoice::Tool(name)) => wire::ToolChoice::Tool {
            name,
            disable_parallel_tool_use,
        },
        Some(common::ToolChoice::None) => wire::ToolChoice::None,
    })
}
