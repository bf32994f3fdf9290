//! Writing a stream in the native form.

use bytes::Bytes;

use super::wire::{self, Block, Delta, Ending, Input, Opening};
use crate::dialect::common::{Event, StopReason, Usage};
use crate::dialect::encode::Encoder;
use crate::dialect::framing::{self, Framing, Mark, Piece, Thoughts};
use crate::dialect::names::Names;
use crate::dialect::openai::completion::call_id;

/// Writes the events of one answer. Blocks are opened and closed as the events
/// imply, their indexes dense from 0.
pub struct EventEncoder {
    names: Names,
    framing: Framing,
    /// Why the answer stopped and what it used, once it has.
    end: Option<(StopReason, Usage)>,
}

impl EventEncoder {
    /// An encoder for an answer that is called by `names`.
    pub fn new(names: Names) -> Self {
        let thoughts = if names.thinking {
            Thoughts::Shown
        } else {
            Thoughts::Hidden
        };
        Self {
            names,
            framing: Framing::new(thoughts),
            end: None,
        }
    }
}

impl Encoder for EventEncoder {
    fn event(&mut self, event: &Event, out: &mut Vec<u8>) {
        if let Event::Start { .. } = event {
            let id = &self.names.native.inference_id;
            let opening = Opening::from(&self.names);
            frame(out, &wire::Event::Started { id, opening });
        }
        let id = &self.names.id;
        self.framing.take(event, |index, mark| {
            if let Some(event) = block_event(index, mark, id) {
                frame(out, &event);
            }
        });
        if let Event::End { stop_reason, usage } = event {
            self.end = Some((stop_reason.clone(), *usage));
        }
    }

    fn close(&mut self, cost_usd: Option<&str>) -> Bytes {
        let mut out = Vec::new();
        if let Some((stop, usage)) = self.end.take() {
            let id = &self.names.native.inference_id;
            let ending = Ending::new(&stop, &usage, cost_usd);
            frame(&mut out, &wire::Event::Completed { id, ending });
        }
        out.into()
    }
}

/// What `mark` is called here; signatures are not.
fn block_event<'e>(index: usize, mark: Mark<'e>, id: &str) -> Option<wire::Event<'e>> {
    let content_block = match mark {
        Mark::Begin(framing::Opening::Thinking) => Block::Thinking { thinking: "" },
        Mark::Begin(framing::Opening::Text) => Block::Text { text: "" },
        Mark::Begin(framing::Opening::ToolUse { id: given, name }) => Block::ToolUse {
            id: call_id(given, id, index),
            name,
            input: Input::Empty {},
        },
        Mark::Piece(piece) => {
            let delta = match piece {
                Piece::Thinking(thinking) => Delta::Thinking { thinking },
                Piece::Signature(_) => return None,
                Piece::Text(text) => Delta::Text { text },
                Piece::ToolInput(partial_json) => Delta::InputJson { partial_json },
            };
            return Some(wire::Event::BlockDelta { index, delta });
        }
        Mark::End => return Some(wire::Event::BlockStopped { index }),
    };
    Some(wire::Event::BlockStarted {
        index,
        content_block,
    })
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
    use crate::dialect::testing::{answer_events, names, written};

    #[test]
    fn an_answer_is_written_as_normalized_events() {
        let mut encoder = EventEncoder::new(names(true, true));
        insta::assert_snapshot!(written(&mut encoder, &answer_events()), @r#"
        event: inference.started
        data: {"type":"inference.started","id":"inf_1","created":1790000000,"model":"m","provider":"p","receipt_id":"rcp_1","decision":{"router":"direct"}}

        event: content_block.started
        data: {"type":"content_block.started","index":0,"content_block":{"type":"thinking","thinking":""}}

        event: content_block.delta
        data: {"type":"content_block.delta","index":0,"delta":{"type":"thinking_delta","thinking":"hm"}}

        event: content_block.delta
        data: {"type":"content_block.delta","index":0,"delta":{"type":"thinking_delta","thinking":"\n"}}

        event: content_block.stopped
        data: {"type":"content_block.stopped","index":0}

        event: content_block.started
        data: {"type":"content_block.started","index":1,"content_block":{"type":"text","text":""}}

        event: content_block.delta
        data: {"type":"content_block.delta","index":1,"delta":{"type":"text_delta","text":"é"}}

        event: content_block.stopped
        data: {"type":"content_block.stopped","index":1}

        event: content_block.started
        data: {"type":"content_block.started","index":2,"content_block":{"type":"tool_use","id":"call.1","name":"f","input":{}}}

        event: content_block.delta
        data: {"type":"content_block.delta","index":2,"delta":{"type":"input_json_delta","partial_json":"{\"a\":"}}

        event: content_block.delta
        data: {"type":"content_block.delta","index":2,"delta":{"type":"input_json_delta","partial_json":" 1.0}"}}

        event: content_block.stopped
        data: {"type":"content_block.stopped","index":2}

        event: content_block.started
        data: {"type":"content_block.started","index":3,"content_block":{"type":"tool_use","id":"call_1_3","name":"f","input":{}}}

        event: content_block.stopped
        data: {"type":"content_block.stopped","index":3}

        event: inference.completed
        data: {"type":"inference.completed","id":"inf_1","finish_reason":"tool_use","usage":{"input_tokens":7,"output_tokens":9,"cache_read_tokens":2,"cache_write_tokens":1},"cost_usd":"0.000009"}
        "#);
    }

    #[test]
    fn an_answer_that_did_not_end_is_not_completed() {
        let mut encoder = EventEncoder::new(names(true, true));
        let events = answer_events();
        written(&mut encoder, &events[..events.len() - 1]);
        assert!(encoder.close(None).is_empty());
    }
}
