//! What a client heard, the same for each dialect and for streams.

use reqwest::header::HeaderMap;
use serde_json::{Value, json};

use super::{Answer, Dialect, Streamed};

/// An answer in Anthropic's form.
#[derive(Clone, Debug)]
pub struct Heard {
    /// Response headers.
    pub headers: HeaderMap,
    /// `thinking`, `text` and `tool_use` blocks. In OpenAI's dialect, which has no
    /// order among them, in this one, texts joined. Of a stream that an error ended,
    /// as far as it came.
    pub content: Vec<Value>,
    /// Why the model stopped; `stop` stands for `end_turn` in OpenAI's dialect.
    pub stop_reason: String,
    /// The stop sequence, in dialects that say it.
    pub stop_sequence: Option<String>,
    /// What it used.
    pub tokens: Tokens,
    /// The error that ended a stream.
    pub error: Option<Value>,
}

/// Tokens as a client is told of them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tokens {
    /// All of the input, cached or not.
    pub prompt: u64,
    /// All of the output.
    pub output: u64,
    /// Of the input, those read from a cache.
    pub cache_read: u64,
    /// Of the input, those written to a cache.
    pub cache_write: u64,
}

impl Heard {
    /// Of an answer that is not streamed.
    pub fn of_answer(dialect: Dialect, answer: &Answer) -> Self {
        check_type(&answer.headers, "application/json");
        let body = answer.json();
        match dialect {
            Dialect::Anthropic => {
                assert_eq!(body["type"], "message", "{body}");
                assert_eq!(body["role"], "assistant", "{body}");
                Self::new(&answer.headers, blocks(&body["content"]))
                    .ended(&body["stop_reason"], &body["stop_sequence"])
                    .used(anthropic_tokens(&body["usage"]))
            }
            Dialect::OpenAi => {
                assert_eq!(body["object"], "chat.completion", "{body}");
                let [choice] = body["choices"].as_array().expect("choices").as_slice() else {
                    panic!("one choice: {body}");
                };
                assert_eq!(choice["index"], 0, "{body}");
                assert_eq!(choice["message"]["role"], "assistant", "{body}");
                assert!(choice["message"].get("content").is_some(), "{body}");
                Self::new(
                    &answer.headers,
                    openai_blocks(&choice["message"], whole_input),
                )
                .finished(&choice["finish_reason"])
                .used(openai_tokens(&body["usage"]))
            }
            Dialect::Native => {
                assert_eq!(body["object"], "inference", "{body}");
                Self::new(&answer.headers, blocks(&body["content_blocks"]))
                    .ended(&body["finish_reason"], &body["stop_sequence"])
                    .used(native_tokens(&body["usage"]))
            }
        }
    }

    /// Of a stream, which is checked by its dialect's rules.
    pub fn of_stream(dialect: Dialect, answer: &Streamed) -> Self {
        let headers = &answer.headers;
        check_type(headers, "text/event-stream");
        match dialect {
            Dialect::Anthropic => {
                let message = answer.message();
                let heard = Self::new(headers, blocks(&message.content.clone().into()));
                if message.error.is_some() {
                    return heard.failed(message.error);
                }
                heard
                    .ended(&json!(message.stop_reason), &json!(message.stop_sequence))
                    .used(anthropic_tokens(&message.usage.into()))
            }
            Dialect::OpenAi => {
                let completion = answer.completion();
                let message = completion.message.into();
                if completion.error.is_some() {
                    // A call that was cut off has no input to be read.
                    let blocks = openai_blocks(&message, |_| Value::Null);
                    return Self::new(headers, blocks).failed(completion.error);
                }
                Self::new(headers, openai_blocks(&message, whole_input))
                    .finished(&json!(completion.finish_reason))
                    .used(openai_tokens(&completion.usage.expect("a usage chunk")))
            }
            Dialect::Native => {
                let inference = answer.inference();
                let heard = Self::new(headers, blocks(&inference.content_blocks.into()));
                match inference.completed {
                    Some(end) => heard
                        .ended(&end["finish_reason"], &end["stop_sequence"])
                        .used(native_tokens(&end["usage"])),
                    None => heard.failed(inference.error),
                }
            }
        }
    }

    /// All text, joined.
    pub fn text(&self) -> String {
        let texts = self
            .content
            .iter()
            .filter_map(|block| block["text"].as_str());
        texts.collect()
    }

    /// The gateway's id of the call.
    pub fn request_id(&self) -> String {
        super::header(&self.headers, "request-id")
            .expect("a request-id header")
            .to_owned()
    }

    fn new(headers: &HeaderMap, content: Vec<Value>) -> Self {
        Self {
            headers: headers.clone(),
            content,
            stop_reason: String::new(),
            stop_sequence: None,
            tokens: Tokens::default(),
            error: None,
        }
    }

    fn ended(mut self, reason: &Value, sequence: &Value) -> Self {
        reason
            .as_str()
            .expect("a stop reason")
            .clone_into(&mut self.stop_reason);
        self.stop_sequence = sequence.as_str().map(str::to_owned);
        self
    }

    fn finished(self, reason: &Value) -> Self {
        let reason = match reason.as_str().expect("a finish reason") {
            "stop" => "end_turn",
            "length" => "max_tokens",
            "tool_calls" => "tool_use",
            "content_filter" => "refusal",
            other => panic!("no finish reason of the dialect: {other}"),
        };
        self.ended(&reason.into(), &Value::Null)
    }

    fn used(mut self, tokens: Tokens) -> Self {
        self.tokens = tokens;
        self
    }

    fn failed(mut self, error: Option<Value>) -> Self {
        self.error = error;
        self
    }
}

fn check_type(headers: &HeaderMap, expected: &str) {
    let content_type = super::header(headers, "content-type").unwrap_or_default();
    assert!(content_type.starts_with(expected), "{content_type}");
}

/// Blocks without what differs between equal ones: an empty signature is none.
fn blocks(content: &Value) -> Vec<Value> {
    let mut blocks = content.as_array().cloned().expect("blocks");
    for block in &mut blocks {
        if block["signature"] == "" {
            block.as_object_mut().expect("a block").remove("signature");
        }
    }
    blocks
}

fn openai_blocks(message: &Value, input: impl Fn(&str) -> Value) -> Vec<Value> {
    let mut blocks = Vec::new();
    for (field, kind, name) in [
        ("reasoning_content", "thinking", "thinking"),
        ("content", "text", "text"),
        ("refusal", "text", "text"),
    ] {
        if let Some(text) = message[field].as_str().filter(|text| !text.is_empty()) {
            blocks.push(json!({"type": kind, name: text}));
        }
    }
    for call in message["tool_calls"].as_array().into_iter().flatten() {
        assert_eq!(call["type"], "function", "{message}");
        let arguments = &call["function"]["arguments"];
        let input = input(arguments.as_str().expect("a string"));
        blocks.push(json!({"type": "tool_use", "id": call["id"],
            "name": call["function"]["name"], "input": input}));
    }
    blocks
}

fn whole_input(arguments: &str) -> Value {
    serde_json::from_str(arguments).expect("JSON arguments")
}

fn count(usage: &Value, field: &str) -> u64 {
    usage[field]
        .as_u64()
        .unwrap_or_else(|| panic!("no {field} in {usage}"))
}

fn anthropic_tokens(usage: &Value) -> Tokens {
    let or_none = |field: &str| usage[field].as_u64().unwrap_or(0);
    let read = or_none("cache_read_input_tokens");
    let write = or_none("cache_creation_input_tokens");
    Tokens {
        prompt: count(usage, "input_tokens") + read + write,
        output: count(usage, "output_tokens"),
        cache_read: read,
        cache_write: write,
    }
}

fn openai_tokens(usage: &Value) -> Tokens {
    let (prompt, output) = (
        count(usage, "prompt_tokens"),
        count(usage, "completion_tokens"),
    );
    assert_eq!(usage["total_tokens"], prompt + output, "{usage}");
    let detail = |field: &str| usage["prompt_tokens_details"][field].as_u64().unwrap_or(0);
    Tokens {
        prompt,
        output,
        cache_read: detail("cached_tokens"),
        cache_write: detail("cache_write_tokens"),
    }
}

fn native_tokens(usage: &Value) -> Tokens {
    let or_none = |field: &str| usage[field].as_u64().unwrap_or(0);
    let (read, write) = (or_none("cache_read_tokens"), or_none("cache_write_tokens"));
    Tokens {
        prompt: count(usage, "input_tokens") + read + write,
        output: count(usage, "output_tokens"),
        cache_read: read,
        cache_write: write,
    }
}
