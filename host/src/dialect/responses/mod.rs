//! OpenAI Responses, as a provider's protocol: for models that are offered
//! nowhere else. No client speaks it to us.
//!
//! Format: <https://platform.openai.com/docs/api-reference/responses>, its
//! events <https://platform.openai.com/docs/api-reference/responses-streaming>.
//! Errors have the form of Chat Completions: `openai::error` reads them.

pub mod answer;
pub mod relay;
pub mod request;
mod stream;
#[cfg(test)]
mod tests;
mod wire;
