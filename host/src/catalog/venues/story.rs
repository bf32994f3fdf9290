//! What every fixture tells: the model may think, may say a word, and calls two
//! tools, the second without arguments.

use crate::dialect::common::{Answer, AnswerBlock, Event, StopReason, Usage};
use crate::dialect::relay::{Forward, Progress, Relay};

pub(super) const THOUGHTS: &str = "Two calls will do.";
pub(super) const TEXT: &str = "Let me look.";

/// What one venue's answer and stream have to come out as.
pub(super) struct Story {
    pub(super) venue: &'static str,
    pub(super) upstream_id: &'static str,
    pub(super) thinks: bool,
    pub(super) signature: Option<&'static str>,
    pub(super) speaks: bool,
    pub(super) calls: [&'static str; 2],
    pub(super) usage: Usage,
}

/// An answer, however it came.
#[derive(Debug, PartialEq)]
pub(super) struct Told {
    upstream_id: Option<String>,
    blocks: Vec<Block>,
    stop_reason: StopReason,
    usage: Usage,
}

#[derive(Debug, PartialEq)]
enum Block {
    Thinking(String, Option<String>),
    Text(String),
    Tool(String, String, serde_json::Value),
}

/// The usage with nothing written to a cache, as Chat Completions counts.
pub(super) const fn used(input: u64, output: u64, cache_read: Option<u64>) -> Usage {
    Usage {
        input_tokens: Some(input),
        output_tokens: Some(output),
        cache_read,
        cache_write: None,
    }
}

impl Story {
    pub(super) fn told(&self) -> Told {
        let mut blocks = Vec::new();
        if self.thinks {
            let signature = self.signature.map(str::to_owned);
            blocks.push(Block::Thinking(THOUGHTS.to_owned(), signature));
        }
        if self.speaks {
            blocks.push(Block::Text(TEXT.to_owned()));
        }
        let tools = [
            ("get_weather", serde_json::json!({"city": "Paris"})),
            ("get_time", serde_json::json!({})),
        ];
        for (id, (name, input)) in self.calls.iter().zip(tools) {
            blocks.push(Block::Tool((*id).to_owned(), name.to_owned(), input));
        }
        Told {
            upstream_id: Some(self.upstream_id.to_owned()),
            blocks,
            stop_reason: StopReason::ToolUse,
            usage: self.usage,
        }
    }
}

impl From<Answer> for Told {
    fn from(answer: Answer) -> Self {
        let blocks = answer.blocks.into_iter().map(|block| match block {
            AnswerBlock::Thinking { text, signature } => Block::Thinking(text, signature),
            AnswerBlock::Text(text) => Block::Text(text),
            AnswerBlock::ToolUse(tool) => {
                let input = serde_json::from_str(tool.input.get()).unwrap();
                Block::Tool(tool.id, tool.name, input)
            }
        });
        Self {
            upstream_id: answer.upstream_id,
            blocks: blocks.collect(),
            stop_reason: answer.stop_reason,
            usage: answer.usage,
        }
    }
}

/// What `relay` makes of `stream`, fed in chunks of `size` bytes.
pub(super) fn streamed(mut relay: impl Relay, stream: &[u8], size: usize) -> Told {
    let mut events = Vec::new();
    let mut ended = false;
    let mut steps: Vec<_> = stream
        .chunks(size)
        .map(|chunk| relay.feed(chunk.to_vec().into()))
        .collect();
    steps.push(relay.eof());
    for step in steps {
        match step.forward {
            Forward::Events(more) => events.extend(more),
            Forward::Frames(frames) => assert!(frames.is_empty()),
        }
        match step.progress {
            Progress::Waiting | Progress::Flowing => assert!(!ended),
            Progress::Ended { .. } => ended = true,
            Progress::Failed(failure) => panic!("{}", failure.message),
        }
    }
    assert!(ended);
    put_together(events)
}

fn put_together(events: Vec<Event>) -> Told {
    let mut blocks: Vec<Block> = Vec::new();
    let mut arguments = String::new();
    let mut told = None;
    let mut start = None;
    for event in events {
        match (event, blocks.last_mut()) {
            (Event::Start { upstream_id, .. }, None) if start.is_none() => {
                start = Some(upstream_id);
            }
            (Event::Thinking(more), Some(Block::Thinking(text, None))) => text.push_str(&more),
            (Event::Thinking(text), _) => blocks.push(Block::Thinking(text, None)),
            (Event::Signature(signed), Some(Block::Thinking(_, signature))) => {
                *signature = Some(signed);
            }
            (Event::Text(more), Some(Block::Text(text))) => text.push_str(&more),
            (Event::Text(text), _) => blocks.push(Block::Text(text)),
            (Event::ToolUse { id, name }, _) => {
                arguments.clear();
                blocks.push(Block::Tool(id, name, serde_json::json!({})));
            }
            (Event::ToolInput(more), Some(Block::Tool(_, _, input))) => {
                arguments.push_str(&more);
                if let Ok(whole) = serde_json::from_str(&arguments) {
                    *input = whole;
                }
            }
            (Event::End { stop_reason, usage }, _) if told.is_none() => {
                told = Some((stop_reason, usage));
            }
            (event, last) => panic!("{event:?} after {last:?}"),
        }
    }
    let (stop_reason, usage) = told.unwrap();
    Told {
        upstream_id: start.unwrap(),
        blocks,
        stop_reason,
        usage,
    }
}
