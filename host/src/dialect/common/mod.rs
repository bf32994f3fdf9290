//! The form between dialects: a request, an answer and a stream that every
//! dialect can be translated to and from. It holds what has a counterpart in
//! more than one dialect, and owns its data.

mod answer;
mod capture;
mod event;
mod request;

pub use answer::{Answer, AnswerBlock, StopReason, Usage};
pub use capture::Capture;
pub use event::Event;
pub use request::{
    Block, Effort, Format, Image, Message, Request, ResultPart, Role, Thinking, Tool, ToolChoice,
    ToolUse,
};
