//! What a provider received, in one form whatever its protocol.

use serde_json::{Value, json};

/// What a provider speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Protocol {
    /// Anthropic Messages.
    Anthropic,
    /// OpenAI Chat Completions.
    Chat,
    /// OpenAI Responses.
    Responses,
}

impl Protocol {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Anthropic, Self::Chat, Self::Responses];

    /// Where it is spoken.
    pub fn path(self) -> &'static str {
        match self {
            Self::Anthropic => "/v1/messages",
            Self::Chat => "/v1/chat/completions",
            Self::Responses => "/v1/responses",
        }
    }

    /// A request in one form:
    ///
    /// - `system`: all texts of the system prompt, an empty line between them;
    /// - `messages`: turns of alternating roles, each a list of blocks `text`,
    ///   `image` (`at`: a URL), `tool_use`, `tool_result` (`text`, `images`) and
    ///   `thinking`, adjacent texts joined;
    /// - `tools`, `tool_choice`, `parallel`, `max_tokens`, `stop`, `temperature`,
    ///   `top_p`, `stream`: null where there is none.
    pub fn read(self, body: &Value) -> Value {
        let tools = body["tools"].as_array().map(|tools| {
            let tools: Vec<Value> = tools.iter().map(|tool| self.tool(tool)).collect();
            tools
        });
        let mut system = Vec::new();
        let mut turns = Turns(Vec::new());
        match self {
            Self::Anthropic => {
                system.extend(texts(&body["system"]));
                for message in list(&body["messages"]) {
                    let blocks = anthropic_blocks(&message["content"]);
                    turns.add(&message["role"], blocks);
                }
            }
            Self::Chat => {
                for message in list(&body["messages"]) {
                    chat_message(message, &mut system, &mut turns);
                }
            }
            Self::Responses => {
                system.extend(texts(&body["instructions"]));
                for item in list(&body["input"]) {
                    responses_item(item, &mut system, &mut turns);
                }
            }
        }
        let choice = self.choice(&body["tool_choice"]);
        let limit = ["max_tokens", "max_completion_tokens", "max_output_tokens"]
            .iter()
            .find_map(|name| body.get(name));
        json!({
            "model": body["model"],
            "system": system.join("\n\n"),
            "messages": turns.0,
            "tools": tools,
            "tool_choice": choice,
            "parallel": match self {
                Self::Anthropic => body["tool_choice"]["disable_parallel_tool_use"]
                    .as_bool()
                    .map(|serial| !serial),
                _ => body["parallel_tool_calls"].as_bool(),
            },
            "max_tokens": limit,
            "stop": body.get("stop_sequences").or_else(|| body.get("stop")),
            "temperature": body["temperature"],
            "top_p": body["top_p"],
            "stream": body["stream"] == true,
        })
    }

    fn tool(self, tool: &Value) -> Value {
        let (at, schema) = match self {
            Self::Anthropic => (tool, "input_schema"),
            Self::Chat => (&tool["function"], "parameters"),
            Self::Responses => (tool, "parameters"),
        };
        if self != Self::Anthropic {
            assert_eq!(tool["type"], "function", "{tool}");
        }
        // Responses is strict unless told otherwise.
        let strict = match self {
            Self::Responses => at["strict"].as_bool().unwrap_or(true),
            _ => at["strict"].as_bool().unwrap_or(false),
        };
        json!({"name": at["name"], "description": at["description"],
               "input_schema": at[schema], "strict": strict})
    }

    fn choice(self, choice: &Value) -> Value {
        match (self, choice) {
            (_, Value::Null) => Value::Null,
            (Self::Anthropic, choice) => match choice["type"].as_str() {
                Some("tool") => json!({"tool": choice["name"]}),
                _ => choice["type"].clone(),
            },
            (_, Value::String(mode)) if mode == "required" => json!("any"),
            (_, Value::String(mode)) => json!(mode),
            (Self::Chat, choice) => json!({"tool": choice["function"]["name"]}),
            (Self::Responses, choice) => json!({"tool": choice["name"]}),
        }
    }
}

/// Turns of alternating roles.
struct Turns(Vec<Value>);

impl Turns {
    fn add(&mut self, role: &Value, blocks: Vec<Value>) {
        if self.0.last().is_none_or(|last| last["role"] != *role) {
            self.0.push(json!({"role": role, "content": []}));
        }
        let content = self
            .0
            .last_mut()
            .and_then(|last| last["content"].as_array_mut())
            .expect("a turn");
        for block in blocks {
            match content.last_mut() {
                Some(last) if last["type"] == "text" && block["type"] == "text" => {
                    last["text"] = joined(&last["text"], &block["text"]).into();
                }
                _ => content.push(block),
            }
        }
    }
}

fn joined(first: &Value, second: &Value) -> String {
    [first, second]
        .map(|text| text.as_str().expect("a text"))
        .concat()
}

fn list(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().into_iter().flatten()
}

/// The texts of content: a string, or blocks or parts.
fn texts(content: &Value) -> Vec<String> {
    match content {
        Value::String(text) => vec![text.clone()],
        parts => list(parts)
            .filter_map(|part| part["text"].as_str().map(str::to_owned))
            .collect(),
    }
}

fn text(text: &Value) -> Value {
    json!({"type": "text", "text": text})
}

fn anthropic_blocks(content: &Value) -> Vec<Value> {
    if content.is_string() {
        return vec![text(content)];
    }
    let block = |block: &Value| match block["type"].as_str() {
        Some("text") => text(&block["text"]),
        Some("image") => json!({"type": "image", "at": anthropic_image(block)}),
        Some("tool_use") => json!({"type": "tool_use", "id": block["id"],
            "name": block["name"], "input": block["input"]}),
        Some("tool_result") => {
            let images: Vec<Value> = list(&block["content"])
                .filter(|part| part["type"] == "image")
                .map(anthropic_image)
                .collect();
            tool_result(&block["tool_use_id"], texts(&block["content"]), images)
        }
        _ => block.clone(),
    };
    list(content).map(block).collect()
}

fn anthropic_image(block: &Value) -> Value {
    let source = &block["source"];
    match source["type"].as_str() {
        Some("base64") => {
            let word = |field: &str| source[field].as_str().unwrap_or_default();
            format!("data:{};base64,{}", word("media_type"), word("data")).into()
        }
        _ => source["url"].clone(),
    }
}

fn tool_result(id: &Value, texts: Vec<String>, images: Vec<Value>) -> Value {
    json!({"type": "tool_result", "id": id, "text": texts.join("\n"), "images": images})
}

fn tool_use(id: &Value, name: &Value, arguments: &Value) -> Value {
    let arguments = arguments.as_str().expect("arguments in a string");
    let input: Value = serde_json::from_str(arguments).expect("JSON arguments");
    json!({"type": "tool_use", "id": id, "name": name, "input": input})
}

fn chat_message(message: &Value, system: &mut Vec<String>, turns: &mut Turns) {
    let content = &message["content"];
    match message["role"].as_str() {
        Some("system" | "developer") => system.extend(texts(content)),
        Some("tool") => {
            let result = tool_result(&message["tool_call_id"], texts(content), vec![]);
            turns.add(&"user".into(), vec![result]);
        }
        _ => {
            let mut blocks = openai_parts(content);
            blocks.extend(list(&message["tool_calls"]).map(|call| {
                let function = &call["function"];
                tool_use(&call["id"], &function["name"], &function["arguments"])
            }));
            turns.add(&message["role"], blocks);
        }
    }
}

/// Parts of Chat Completions or Responses.
fn openai_parts(content: &Value) -> Vec<Value> {
    match content {
        Value::Null => vec![],
        Value::String(_) => vec![text(content)],
        parts => {
            let part = |part: &Value| match part["type"].as_str() {
                Some("text" | "input_text" | "output_text") => text(&part["text"]),
                Some("image_url") => json!({"type": "image", "at": part["image_url"]["url"]}),
                Some("input_image") => json!({"type": "image", "at": part["image_url"]}),
                other => panic!("a part that no test has: {other:?}"),
            };
            list(parts).map(part).collect()
        }
    }
}

fn responses_item(item: &Value, system: &mut Vec<String>, turns: &mut Turns) {
    match item["type"].as_str() {
        Some("function_call") => {
            let call = tool_use(&item["call_id"], &item["name"], &item["arguments"]);
            turns.add(&"assistant".into(), vec![call]);
        }
        Some("function_call_output") => {
            let images: Vec<Value> = list(&item["output"])
                .filter(|part| part["type"] == "input_image")
                .map(|part| part["image_url"].clone())
                .collect();
            let result = tool_result(&item["call_id"], texts(&item["output"]), images);
            turns.add(&"user".into(), vec![result]);
        }
        None | Some("message") => match item["role"].as_str() {
            Some("system" | "developer") => system.extend(texts(&item["content"])),
            _ => turns.add(&item["role"], openai_parts(&item["content"])),
        },
        other => panic!("an item that no test has: {other:?}"),
    }
}
