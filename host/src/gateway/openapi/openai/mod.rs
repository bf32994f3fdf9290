//! OpenAI Chat Completions, as it is documented.
//!
//! Format: <https://platform.openai.com/docs/api-reference/chat>.

mod answer;
mod request;

pub use answer::{ChatAnswers, ChatCompletion, ChatCompletionChunk, OpenaiError};
pub use request::ChatCompletionRequest;
