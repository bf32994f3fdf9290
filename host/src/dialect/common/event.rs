//! A streamed answer between dialects.

use super::{StopReason, Usage};

/// A step of a streamed answer. Blocks are implied by order: a text begins
/// where the step before was none, as do thoughts, whose signature ends them; a
/// tool use lasts until another step begins something else. So no sequence of steps nests or interleaves blocks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// The answer begins. Comes once, first.
    Start {
        /// The provider's id of it.
        upstream_id: Option<String>,
        /// What is known of its usage by now.
        usage: Usage,
    },
    /// More of the model's thoughts.
    Thinking(String),
    /// What the provider signs the last thoughts with.
    Signature(String),
    /// More text.
    Text(String),
    /// A call of a tool begins.
    ToolUse {
        /// The call's id; may be empty where a provider gives none.
        id: String,
        /// The tool.
        name: String,
    },
    /// More of the JSON text of the last tool call's arguments.
    ToolInput(String),
    /// The answer is whole. Comes once, last.
    End {
        /// Why the model stopped.
        stop_reason: StopReason,
        /// What the answer used, in all.
        usage: Usage,
    },
}
