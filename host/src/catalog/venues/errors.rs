//! The errors of every venue.

use super::fixture;
use crate::dialect::openai;

#[test]
fn errors_of_chat_completions_are_read() {
    for (venue, status, message) in [
        (
            "openai",
            400,
            "Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead.",
        ),
        (
            "gemini",
            400,
            "Function call is missing a thought_signature in functionCall parts.",
        ),
        (
            "mistral",
            400,
            "body.max_completion_tokens: Extra inputs are not permitted",
        ),
        (
            "xai",
            400,
            "Model grok-4.3 does not support parameter stop.",
        ),
        (
            "together",
            400,
            "Unable to access non-serverless model openai/gpt-oss-999b. Please create and start a dedicated endpoint for the model.",
        ),
        (
            "groq",
            400,
            "'messages.1' : for 'role:assistant' the following must be satisfied[('messages.1' : property 'reasoning_content' is unsupported)]",
        ),
        (
            "deepinfra",
            // Nothing in the body says more.
            500,
            "body.messages.0.role: Input should be 'system', 'user', 'assistant', or 'tool'",
        ),
        (
            "fireworks",
            400,
            "Extra inputs are not permitted, field: 'stream_options'",
        ),
        ("novita", 404, "model not found"),
    ] {
        let read = openai::error::read(&fixture(venue, "error.json"));
        assert_eq!(read, Some((status, message.to_owned())), "{venue}");
    }
}
