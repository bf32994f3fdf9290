//! Writing a Messages stream.

use bytes::Bytes;

use super::tool_id::tool_id;
use super::usage::Usage;
use super::wire::{self, Block, Delta, Input, Message, Stop};
use crate::dialect::common::Event;
use crate::dialect::json;

/// Writes the events of one answer. Blocks are opened and closed as the events
/// imply, their indexes dense from 0.
#[derive(Debug)]
pub struct EventEncoder {
    message_id: String,
    model: String,
    open: Open,
    /// The index of the open block, or of the next.
    index: usize,
}

/// The block that is open.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Open {
    Nothing,
    Text,
    ToolUse,
}

impl EventEncoder {
    /// An encoder for an answer called `message_id`, from the model `model`.
    pub fn new(message_id: String, model: String) -> Self {
        Self {
            message_id,
            model,
            open: Open::Nothing,
            index: 0,
        }
    }

    /// Appends the frames for `event`. For [`Event::End`] these go up to
    /// `message_delta`; the closing frame is [`EventEncoder::stop`].
    pub fn encode(&mut self, event: &Event, out: &mut Vec<u8>) {
        match event {
            Event::Start { usage, .. } => {
                let usage = Usage::complete(usage);
                let message = Message::new(&self.message_id, &self.model, usage);
                frame(out, &wire::Event::MessageStart { message });
            }
            Event::Text(text) if text.is_empty() => {}
            Event::Text(text) => {
                if self.open != Open::Text {
                    self.begin(Open::Text, Block::Text { text: "" }, out);
                }
                self.delta(Delta::TextDelta { text }, out);
            }
            Event::ToolUse { id, name } => {
                self.close(out);
                let id = tool_id(id, &self.message_id, self.index)
                    .into_owned()
                    .into();
                let input = Input::Empty {};
                self.begin(Open::ToolUse, Block::ToolUse { id, name, input }, out);
            }
            Event::ToolInput(json) if json.is_empty() || self.open != Open::ToolUse => {}
            Event::ToolInput(partial_json) => {
                self.delta(Delta::InputJsonDelta { partial_json }, out);
            }
            Event::End { stop_reason, usage } => {
                self.close(out);
                let delta = Stop::from(stop_reason);
                let mut usage = Usage::from(usage);
                // The one count that the dialect requires here.
                usage.output_tokens.get_or_insert(0);
                frame(out, &wire::Event::MessageDelta { delta, usage });
            }
        }
    }

    /// The frame that closes every answer.
    pub fn stop() -> Bytes {
        Bytes::from_static(b"event: message_stop\ndata: {\"type\":\"message_stop\"}\n\n")
    }

    fn begin(&mut self, open: Open, content_block: Block<'_>, out: &mut Vec<u8>) {
        self.close(out);
        self.open = open;
        let index = self.index;
        frame(
            out,
            &wire::Event::ContentBlockStart {
                index,
                content_block,
            },
        );
    }

    fn delta(&self, delta: Delta<'_>, out: &mut Vec<u8>) {
        let index = self.index;
        frame(out, &wire::Event::ContentBlockDelta { index, delta });
    }

    fn close(&mut self, out: &mut Vec<u8>) {
        if self.open != Open::Nothing {
            frame(out, &wire::Event::ContentBlockStop { index: self.index });
            self.open = Open::Nothing;
            self.index += 1;
        }
    }
}

fn frame(out: &mut Vec<u8>, event: &wire::Event<'_>) {
    out.extend_from_slice(b"event: ");
    out.extend_from_slice(event.name().as_bytes());
    out.extend_from_slice(b"\ndata: ");
    json::append(out, event);
    out.extend_from_slice(b"\n\n");
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
    use crate::dialect::common::{StopReason, Usage};

    fn stream(events: &[Event]) -> String {
        let mut encoder = EventEncoder::new("msg_1".into(), "m".into());
        let mut out = Vec::new();
        for event in events {
            encoder.encode(event, &mut out);
        }
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn blocks_open_and_close_as_events_imply() {
        let start = Event::Start {
            upstream_id: Some("x".into()),
            usage: Usage::default(),
        };
        let end = Event::End {
            stop_reason: StopReason::ToolUse,
            usage: Usage {
                input_tokens: Some(5),
                output_tokens: Some(9),
                cache_read: Some(1),
                cache_write: None,
            },
        };
        let tool = |id: &str| Event::ToolUse {
            id: id.into(),
            name: "f".into(),
        };
        insta::assert_snapshot!(stream(&[
            start,
            Event::Text(String::new()),
            Event::Text("a\n".into()),
            Event::Text("b".into()),
            tool("t"),
            Event::ToolInput("{\"x".into()),
            Event::ToolInput("\":1}".into()),
            tool(""),
            Event::Text("c".into()),
            end,
        ]), @r#"
        event: message_start
        data: {"type":"message_start","message":{"id":"msg_1","type":"message","role":"assistant","model":"m","content":[],"stop_reason":null,"stop_sequence":null,"usage":{"input_tokens":0,"output_tokens":0}}}

        event: content_block_start
        data: {"type":"content_block_start","index":0,"content_block":{"type":"text","text":""}}

        event: content_block_delta
        data: {"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"a\n"}}

        event: content_block_delta
        data: {"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"b"}}

        event: content_block_stop
        data: {"type":"content_block_stop","index":0}

        event: content_block_start
        data: {"type":"content_block_start","index":1,"content_block":{"type":"tool_use","id":"t","name":"f","input":{}}}

        event: content_block_delta
        data: {"type":"content_block_delta","index":1,"delta":{"type":"input_json_delta","partial_json":"{\"x"}}

        event: content_block_delta
        data: {"type":"content_block_delta","index":1,"delta":{"type":"input_json_delta","partial_json":"\":1}"}}

        event: content_block_stop
        data: {"type":"content_block_stop","index":1}

        event: content_block_start
        data: {"type":"content_block_start","index":2,"content_block":{"type":"tool_use","id":"toolu_msg_1_2","name":"f","input":{}}}

        event: content_block_stop
        data: {"type":"content_block_stop","index":2}

        event: content_block_start
        data: {"type":"content_block_start","index":3,"content_block":{"type":"text","text":""}}

        event: content_block_delta
        data: {"type":"content_block_delta","index":3,"delta":{"type":"text_delta","text":"c"}}

        event: content_block_stop
        data: {"type":"content_block_stop","index":3}

        event: message_delta
        data: {"type":"message_delta","delta":{"stop_reason":"tool_use","stop_sequence":null},"usage":{"input_tokens":5,"cache_read_input_tokens":1,"output_tokens":9}}
        "#);
    }

    #[test]
    fn a_stop_sequence_is_named() {
        let stop_reason = StopReason::StopSequence("END".into());
        insta::assert_snapshot!(stream(&[Event::End { stop_reason, usage: Usage::default() }]), @r#"
        event: message_delta
        data: {"type":"message_delta","delta":{"stop_reason":"stop_sequence","stop_sequence":"END"},"usage":{"output_tokens":0}}
        "#);
    }
}
