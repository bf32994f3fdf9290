//! One block of a stream, from its start to its stop.

use super::wire;
use crate::dialect::anthropic::block;
use crate::dialect::common::Event;
use crate::dialect::json::Text;

/// The block that is open.
#[derive(Debug)]
pub(super) struct Block {
    pub(super) index: u64,
    kind: Kind,
}

#[derive(Debug)]
enum Kind {
    Text,
    Thinking {
        signature: String,
    },
    ToolUse {
        /// The input that it began with, which counts if no pieces follow.
        input: Option<String>,
    },
    /// What has no counterpart.
    Other,
}

impl Block {
    /// Takes its start; what it has by then is its first piece.
    pub(super) fn begin(index: u64, block: block::Block<'_>, events: &mut Vec<Event>) -> Self {
        let kind = match block {
            block::Block::Text(block) => {
                push(Event::Text, Some(block.text), events);
                Kind::Text
            }
            block::Block::Thinking(block) => {
                let signature = block.signature();
                push(Event::Thinking, Some(block.thinking), events);
                Kind::Thinking { signature }
            }
            block::Block::ToolUse(block) => {
                let (id, name) = (block.id(), block.name.0.into_owned());
                events.push(Event::ToolUse { id, name });
                let input = Some(block.input.get()).filter(|input| input.starts_with('{'));
                Kind::ToolUse {
                    input: input.map(str::to_owned),
                }
            }
            block::Block::Other => Kind::Other,
        };
        Self { index, kind }
    }

    /// Whether it calls a tool.
    pub(super) fn is_call(&self) -> bool {
        matches!(self.kind, Kind::ToolUse { .. })
    }

    /// Takes more of it. Deltas that don't belong to its kind say nothing that
    /// has a counterpart.
    pub(super) fn delta(&mut self, delta: wire::Delta<'_>, events: &mut Vec<Event>) {
        let kind = delta.kind.as_ref().map_or("", |kind| &kind.0);
        match (&mut self.kind, kind) {
            (Kind::Text, "text_delta") => push(Event::Text, delta.text, events),
            (Kind::Thinking { .. }, "thinking_delta") => {
                push(Event::Thinking, delta.thinking, events);
            }
            (Kind::Thinking { signature }, "signature_delta") => {
                *signature = delta
                    .signature
                    .map_or(String::new(), |text| text.0.into_owned());
            }
            (Kind::ToolUse { input }, "input_json_delta") => {
                let begun = events.len();
                push(Event::ToolInput, delta.partial_json, events);
                if events.len() > begun {
                    *input = None;
                }
            }
            _ => {}
        }
    }

    /// Takes its stop.
    pub(super) fn end(self, events: &mut Vec<Event>) {
        match self.kind {
            Kind::Thinking { signature } if !signature.is_empty() => {
                events.push(Event::Signature(signature));
            }
            Kind::ToolUse { input: Some(input) } => events.push(Event::ToolInput(input)),
            _ => {}
        }
    }
}

fn push(event: fn(String) -> Event, text: Option<Text<'_>>, events: &mut Vec<Event>) {
    if let Some(Text(text)) = text.filter(|text| !text.0.is_empty()) {
        events.push(event(text.into_owned()));
    }
}
