//! What the record keeps of an answer.

use super::{Answer, AnswerBlock, Event, StopReason, Usage};

/// What the record keeps of an answer, whole or as far as it came.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Capture {
    /// What it used.
    pub usage: Usage,
    /// Why the model stopped, by the name in [`StopReason::name`] or, where
    /// the dialect was passed through, the provider's own.
    pub stop_reason: Option<String>,
    /// Whether it calls a tool.
    pub tool_use: bool,
    /// The provider's id of it.
    pub upstream_id: Option<String>,
    /// UTF-8 bytes of text, thinking and tool input. Of a whole answer that was
    /// passed through they are counted only where it does not tell its output
    /// tokens.
    pub said_bytes: u64,
}

impl Capture {
    /// Takes note of the next event of a stream.
    pub fn observe(&mut self, event: &Event) {
        match event {
            Event::Start { upstream_id, usage } => {
                self.upstream_id.clone_from(upstream_id);
                self.usage.overwrite(usage);
            }
            Event::ToolUse { .. } => self.tool_use = true,
            Event::End { stop_reason, usage } => {
                self.stop_reason = Some(stop_reason.name().to_owned());
                self.usage.overwrite(usage);
            }
            Event::Thinking(said) | Event::Text(said) | Event::ToolInput(said) => {
                self.said_bytes += said.len() as u64;
            }
            Event::Signature(_) => {}
        }
    }
}

impl From<&Answer> for Capture {
    fn from(answer: &Answer) -> Self {
        Self {
            usage: answer.usage,
            stop_reason: Some(StopReason::name(&answer.stop_reason).to_owned()),
            tool_use: answer
                .blocks
                .iter()
                .any(|block| matches!(block, AnswerBlock::ToolUse(_))),
            upstream_id: answer.upstream_id.clone(),
            said_bytes: answer.blocks.iter().map(said).sum(),
        }
    }
}

/// The bytes of what a block says.
fn said(block: &AnswerBlock) -> u64 {
    let said = match block {
        AnswerBlock::Thinking { text, .. } | AnswerBlock::Text(text) => text.as_str(),
        AnswerBlock::ToolUse(tool) => tool.input.get(),
    };
    said.len() as u64
}
