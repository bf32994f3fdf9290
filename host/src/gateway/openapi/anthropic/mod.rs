//! Anthropic Messages, as it is documented.
//!
//! Format: <https://docs.anthropic.com/en/api/messages>.

mod answer;
mod request;

pub use answer::{AnthropicError, Message, MessageAnswers, MessageStreamEvent, TokenCounts};
pub use request::{AnthropicHeaders, AnthropicShape, CountTokensRequest, MessagesRequest};
