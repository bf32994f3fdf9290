//! From Anthropic's form to OpenAI Chat Completions.

use serde_json::{Map, Value, json};

/// A Chat Completions body for a Messages body. Thinking blocks, which no client
/// of the dialect could send, are left out; fields without a rule here are kept as
/// they are.
pub fn in_openai_form(request: &Value) -> Value {
    let mut body = Map::new();
    let mut messages = Vec::new();
    for (field, value) in request.as_object().expect("an object") {
        match field.as_str() {
            "system" => messages.insert(0, json!({"role": "system", "content": text(value)})),
            "messages" => {
                for message in value.as_array().expect("messages") {
                    turn(message, &mut messages);
                }
            }
            "max_tokens" => {
                body.insert("max_completion_tokens".into(), value.clone());
            }
            "stop_sequences" => {
                body.insert("stop".into(), value.clone());
            }
            "tools" => {
                let tools = value.as_array().expect("tools").iter().map(tool);
                body.insert("tools".into(), tools.collect());
            }
            "tool_choice" => choice(value, &mut body),
            _ => {
                body.insert(field.clone(), value.clone());
            }
        }
    }
    body.insert("messages".into(), messages.into());
    body.into()
}

fn text(content: &Value) -> String {
    match content {
        Value::String(text) => text.clone(),
        blocks => {
            let texts: Vec<&str> = blocks
                .as_array()
                .expect("blocks")
                .iter()
                .filter_map(|block| block["text"].as_str())
                .collect();
            texts.join("\n\n")
        }
    }
}

fn turn(message: &Value, messages: &mut Vec<Value>) {
    let role = &message["role"];
    let Some(blocks) = message["content"].as_array() else {
        messages.push(message.clone());
        return;
    };
    let (mut parts, mut calls) = (Vec::new(), Vec::new());
    for block in blocks {
        match block["type"].as_str() {
            Some("text") => parts.push(json!({"type": "text", "text": block["text"]})),
            Some("image") => parts.push(image(&block["source"])),
            Some("tool_use") => calls.push(json!({
                "id": block["id"], "type": "function",
                "function": {"name": block["name"], "arguments": block["input"].to_string()},
            })),
            Some("tool_result") => messages.push(json!({
                "role": "tool", "tool_call_id": block["tool_use_id"],
                "content": text(&block["content"]),
            })),
            Some("thinking" | "redacted_thinking") => {}
            other => panic!("a block that no test has: {other:?}"),
        }
    }
    if !calls.is_empty() {
        let content = if parts.is_empty() {
            Value::Null
        } else {
            parts.into()
        };
        messages.push(json!({"role": role, "content": content, "tool_calls": calls}));
    } else if !parts.is_empty() {
        messages.push(json!({"role": role, "content": parts}));
    }
}

fn image(source: &Value) -> Value {
    let url = match source["type"].as_str() {
        Some("url") => source["url"].as_str().expect("a URL").to_owned(),
        _ => format!(
            "data:{};base64,{}",
            source["media_type"].as_str().expect("a media type"),
            source["data"].as_str().expect("data")
        ),
    };
    json!({"type": "image_url", "image_url": {"url": url}})
}

fn tool(tool: &Value) -> Value {
    let mut function = json!({"name": tool["name"], "parameters": tool["input_schema"]});
    for field in ["description", "strict"] {
        if !tool[field].is_null() {
            function[field] = tool[field].clone();
        }
    }
    json!({"type": "function", "function": function})
}

fn choice(choice: &Value, body: &mut Map<String, Value>) {
    let theirs = match choice["type"].as_str() {
        Some("any") => json!("required"),
        Some("tool") => json!({"type": "function", "function": {"name": choice["name"]}}),
        _ => choice["type"].clone(),
    };
    body.insert("tool_choice".into(), theirs);
    if let Some(serial) = choice["disable_parallel_tool_use"].as_bool() {
        body.insert("parallel_tool_calls".into(), (!serial).into());
    }
}
