//! Writing a Chat Completions stream.

use std::borrow::Cow;

use bytes::Bytes;
use serde::Serialize;

use super::completion::{Function, Usage, call_id, completion_id, finish_reason};
use crate::dialect::common::Event;
use crate::dialect::encode::Encoder;
use crate::dialect::json;
use crate::dialect::names::Names;

/// Writes the chunks of one answer.
#[derive(Debug)]
pub struct EventEncoder {
    /// What every chunk begins with, up to what its choices hold.
    head: Vec<u8>,
    /// What follows the choices of all but the last.
    tail: &'static [u8],
    id: String,
    thinking: bool,
    usage: bool,
    /// How many calls have begun.
    calls: usize,
    open: Open,
}

/// What the next piece of arguments belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Open {
    Nothing,
    /// A call whose arguments have begun.
    Call,
    /// A call without arguments so far.
    BlankCall,
}

#[derive(Serialize)]
struct Head<'a> {
    id: &'a str,
    object: &'static str,
    created: i64,
    model: &'a str,
}

#[derive(Serialize)]
#[serde(untagged)]
enum Delta<'a> {
    Role {
        role: &'static str,
        content: &'static str,
    },
    Reasoning {
        reasoning_content: &'a str,
    },
    Content {
        content: &'a str,
    },
    Calls {
        tool_calls: [Call<'a>; 1],
    },
    Nothing {},
}

#[derive(Serialize)]
struct Call<'a> {
    index: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<Cow<'a, str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    r#type: Option<&'static str>,
    function: Function<'a>,
}

impl EventEncoder {
    /// An encoder for an answer that is called by `names`.
    pub fn new(names: Names) -> Self {
        let mut head = b"data: ".to_vec();
        let members = Head {
            id: &completion_id(&names.id),
            object: "chat.completion.chunk",
            created: names.created,
            model: &names.model,
        };
        json::append(&mut head, &members);
        // The choices are its next member.
        head.pop();
        head.extend_from_slice(b",\"choices\":[");
        Self {
            head,
            tail: if names.usage {
                b",\"usage\":null}\n\n"
            } else {
                b"}\n\n"
            },
            id: names.id,
            thinking: names.thinking,
            usage: names.usage,
            calls: 0,
            open: Open::Nothing,
        }
    }
}

impl Encoder for EventEncoder {
    fn event(&mut self, event: &Event, out: &mut Vec<u8>) {
        match event {
            Event::Start { .. } => {
                let (role, content) = ("assistant", "");
                self.delta(&Delta::Role { role, content }, out);
            }
            Event::Thinking(reasoning_content) => {
                self.end_call(out);
                if self.thinking && !reasoning_content.is_empty() {
                    self.delta(&Delta::Reasoning { reasoning_content }, out);
                }
            }
            Event::Signature(_) => self.end_call(out),
            Event::Text(content) if content.is_empty() => {}
            Event::Text(content) => {
                self.end_call(out);
                self.delta(&Delta::Content { content }, out);
            }
            Event::ToolUse { id, name } => {
                self.end_call(out);
                self.begin_call(id, name, out);
            }
            Event::ToolInput(json) if json.is_empty() || self.open == Open::Nothing => {}
            Event::ToolInput(json) => {
                if !json.trim_ascii().is_empty() {
                    self.open = Open::Call;
                }
                self.arguments(json, out);
            }
            Event::End { stop_reason, usage } => {
                self.end_call(out);
                self.chunk(&Delta::Nothing {}, Some(finish_reason(stop_reason)), out);
                if let Some(usage) = Usage::known(usage).filter(|_| self.usage) {
                    out.extend_from_slice(&self.head);
                    out.extend_from_slice(b"],\"usage\":");
                    json::append(out, &usage);
                    out.extend_from_slice(b"}\n\n");
                }
            }
        }
    }

    fn close(&mut self, _cost_usd: Option<&str>) -> Bytes {
        Bytes::from_static(b"data: [DONE]\n\n")
    }
}

impl EventEncoder {
    fn begin_call(&mut self, id: &str, name: &str, out: &mut Vec<u8>) {
        let index = self.calls;
        self.calls += 1;
        self.open = Open::BlankCall;
        let call = Call {
            index,
            id: Some(call_id(id, &self.id, index)),
            r#type: Some("function"),
            function: Function {
                name: Some(name),
                arguments: "",
            },
        };
        self.delta(&Delta::Calls { tool_calls: [call] }, out);
    }

    /// Clients read a call's arguments as JSON, which nothing is not.
    fn end_call(&mut self, out: &mut Vec<u8>) {
        if self.open == Open::BlankCall {
            self.arguments("{}", out);
        }
        self.open = Open::Nothing;
    }

    fn arguments(&self, arguments: &str, out: &mut Vec<u8>) {
        let call = Call {
            index: self.calls.saturating_sub(1),
            id: None,
            r#type: None,
            function: Function {
                name: None,
                arguments,
            },
        };
        self.delta(&Delta::Calls { tool_calls: [call] }, out);
    }

    fn delta(&self, delta: &Delta<'_>, out: &mut Vec<u8>) {
        self.chunk(delta, None, out);
    }

    fn chunk(&self, delta: &Delta<'_>, finish_reason: Option<&str>, out: &mut Vec<u8>) {
        out.extend_from_slice(&self.head);
        out.extend_from_slice(b"{\"index\":0,\"delta\":");
        json::append(out, delta);
        out.extend_from_slice(b",\"finish_reason\":");
        json::append(out, &finish_reason);
        out.extend_from_slice(b"}]");
        out.extend_from_slice(self.tail);
    }
}

#[cfg(test)]
#[allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]
mod tests {
    use super::*;
    use crate::dialect::testing::{answer_events, names, written};

    fn stream(events: &[Event], thinking: bool, usage: bool) -> String {
        written(&mut EventEncoder::new(names(thinking, usage)), events)
    }

    #[test]
    fn an_answer_is_written_in_chunks() {
        insta::assert_snapshot!(stream(&answer_events(), true, true), @r#"
        data: {"id":"chatcmpl-1","object":"chat.completion.chunk","created":1790000000,"model":"m","choices":[{"index":0,"delta":{"role":"assistant","content":""},"finish_reason":null}],"usage":null}

        data: {"id":"chatcmpl-1","object":"chat.completion.chunk","created":1790000000,"model":"m","choices":[{"index":0,"delta":{"reasoning_content":"hm"},"finish_reason":null}],"usage":null}

        data: {"id":"chatcmpl-1","object":"chat.completion.chunk","created":1790000000,"model":"m","choices":[{"index":0,"delta":{"reasoning_content":"\n"},"finish_reason":null}],"usage":null}

        data: {"id":"chatcmpl-1","object":"chat.completion.chunk","created":1790000000,"model":"m","choices":[{"index":0,"delta":{"content":"é"},"finish_reason":null}],"usage":null}

        data: {"id":"chatcmpl-1","object":"chat.completion.chunk","created":1790000000,"model":"m","choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"id":"call.1","type":"function","function":{"name":"f","arguments":""}}]},"finish_reason":null}],"usage":null}

        data: {"id":"chatcmpl-1","object":"chat.completion.chunk","created":1790000000,"model":"m","choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"function":{"arguments":"{\"a\":"}}]},"finish_reason":null}],"usage":null}

        data: {"id":"chatcmpl-1","object":"chat.completion.chunk","created":1790000000,"model":"m","choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"function":{"arguments":" 1.0}"}}]},"finish_reason":null}],"usage":null}

        data: {"id":"chatcmpl-1","object":"chat.completion.chunk","created":1790000000,"model":"m","choices":[{"index":0,"delta":{"tool_calls":[{"index":1,"id":"call_1_1","type":"function","function":{"name":"f","arguments":""}}]},"finish_reason":null}],"usage":null}

        data: {"id":"chatcmpl-1","object":"chat.completion.chunk","created":1790000000,"model":"m","choices":[{"index":0,"delta":{"tool_calls":[{"index":1,"function":{"arguments":"{}"}}]},"finish_reason":null}],"usage":null}

        data: {"id":"chatcmpl-1","object":"chat.completion.chunk","created":1790000000,"model":"m","choices":[{"index":0,"delta":{},"finish_reason":"tool_calls"}],"usage":null}

        data: {"id":"chatcmpl-1","object":"chat.completion.chunk","created":1790000000,"model":"m","choices":[],"usage":{"prompt_tokens":10,"completion_tokens":9,"total_tokens":19,"prompt_tokens_details":{"cached_tokens":2,"cache_write_tokens":1}}}

        data: [DONE]
        "#);
    }

    #[test]
    fn what_a_client_did_not_ask_for_is_left_out() {
        let stream = stream(&answer_events(), false, false);
        assert!(
            !stream.contains("usage") && !stream.contains("reasoning"),
            "{stream}"
        );
    }
}
