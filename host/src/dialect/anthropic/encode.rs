//! Writing a Messages stream.

use bytes::Bytes;

use super::message_id;
use super::tool_id::tool_id;
use super::usage::Usage;
use super::wire::{self, Block, Delta, Input, Message, Stop};
use crate::dialect::common::Event;
use crate::dialect::encode::Encoder;
use crate::dialect::framing::{self, Framing, Mark, Opening, Piece, Thoughts};
use crate::dialect::names::Names;

/// Writes the events of one answer. Blocks are opened and closed as the events
/// imply, their indexes dense from 0.
#[derive(Debug)]
pub struct EventEncoder {
    message_id: String,
    model: String,
    framing: Framing,
}

impl EventEncoder {
    /// An encoder for an answer that is called by `names`.
    pub fn new(names: Names) -> Self {
        let thoughts = if names.thinking {
            Thoughts::Signed
        } else {
            Thoughts::Hidden
        };
        Self {
            message_id: message_id(&names.id),
            model: names.model,
            framing: Framing::new(thoughts),
        }
    }
}

impl Encoder for EventEncoder {
    fn event(&mut self, event: &Event, out: &mut Vec<u8>) {
        if let Event::Start { usage, .. } = event {
            let usage = Usage::complete(usage);
            let message = Message::new(&self.message_id, &self.model, usage);
            frame(out, &wire::Event::MessageStart { message });
        }
        let message_id = &self.message_id;
        self.framing.take(event, |index, mark| {
            frame(out, &block_event(index, mark, message_id));
        });
        if let Event::End { stop_reason, usage } = event {
            let delta = Stop::from(stop_reason);
            let mut usage = Usage::from(usage);
            // The one count that the dialect requires here.
            usage.output_tokens.get_or_insert(0);
            frame(out, &wire::Event::MessageDelta { delta, usage });
        }
    }

    fn close(&mut self, _cost_usd: Option<&str>) -> Bytes {
        Bytes::from_static(b"event: message_stop\ndata: {\"type\":\"message_stop\"}\n\n")
    }
}

fn block_event<'e>(index: usize, mark: Mark<'e>, message_id: &str) -> wire::Event<'e> {
    let content_block = match mark {
        Mark::Begin(Opening::Thinking) => Block::Thinking {
            thinking: "",
            signature: "",
        },
        Mark::Begin(Opening::Text) => Block::Text { text: "" },
        Mark::Begin(Opening::ToolUse { id, name }) => Block::ToolUse {
            id: tool_id(id, message_id, index),
            name,
            input: Input::Empty {},
        },
        Mark::Piece(piece) => {
            let delta = match piece {
                Piece::Thinking(thinking) => Delta::Thinking { thinking },
                Piece::Signature(signature) => Delta::Signature { signature },
                Piece::Text(text) => Delta::Text { text },
                Piece::ToolInput(partial_json) => Delta::InputJson { partial_json },
            };
            return wire::Event::ContentBlockDelta { index, delta };
        }
        Mark::End => return wire::Event::ContentBlockStop { index },
    };
    wire::Event::ContentBlockStart {
        index,
        content_block,
    }
}

fn frame(out: &mut Vec<u8>, event: &wire::Event<'_>) {
    framing::frame(out, event.name(), event);
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
    use crate::dialect::testing::names;

    fn stream(events: &[Event]) -> String {
        let mut encoder = EventEncoder::new(names(true, true));
        let mut out = Vec::new();
        for event in events {
            encoder.event(event, &mut out);
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
