//! What Claude Code sends, in its own shape, to every provider.

use ainfera_tests::client::{Dialect, streamed};
use ainfera_tests::dialects::Protocol;
use ainfera_tests::upstream::Behaviour;
use ainfera_tests::world::World;
use serde_json::{Value, json};

/// A request as version 2.1 composes it, but for the length of its texts.
fn request(model: &str) -> Value {
    let cached = json!({"type": "ephemeral"});
    json!({
        "model": model,
        "max_tokens": 32000,
        "stream": true,
        "system": [
            {"type": "text", "text": "x-anthropic-billing-header: cc_version=2.1.330;"},
            {"type": "text", "text": "You are Claude Code.", "cache_control": cached},
            {"type": "text", "text": "You are an interactive agent.", "cache_control": cached},
        ],
        "messages": [
            {"role": "user", "content": [{"type": "text", "text": "<system-reminder>x</system-reminder>"},
                {"type": "text", "text": "List the files.", "cache_control": cached}]},
            {"role": "system", "content": "A note from the harness."},
            {"role": "assistant", "content": [
                {"type": "thinking", "thinking": "I should look.", "signature": "EqQB"},
                {"type": "tool_use", "id": "toolu_01", "name": "Bash",
                 "input": {"command": "ls", "description": "List"}},
            ]},
            {"role": "user", "content": [{"type": "tool_result", "tool_use_id": "toolu_01",
                "content": "a.txt", "is_error": false, "cache_control": cached}]},
        ],
        "tools": [
            {"name": "Bash", "description": "Runs a command.", "input_schema":
                {"$schema": "https://json-schema.org/draft/2020-12/schema", "type": "object",
                 "properties": {"command": {"type": "string"}}, "required": ["command"],
                 "additionalProperties": false}},
            {"name": "WebFetch", "description": "Fetches.", "defer_loading": true,
             "input_schema": {"type": "object", "properties": {}}},
        ],
        "metadata": {"user_id": "user_0_account__session_1"},
        "thinking": {"type": "adaptive", "display": "omitted"},
        "context_management": {"edits": [{"type": "clear_thinking_20251015", "keep": "all"}]},
        "output_config": {"effort": "high"},
    })
}

#[tokio::test]
async fn what_claude_code_sends_reaches_every_provider() {
    let world = World::shared().await;
    let client = world
        .client()
        .with_header(
            "anthropic-beta",
            "claude-code-20250219,interleaved-thinking-2025-05-14",
        )
        .with_header("x-app", "cli")
        .with_header("anthropic-dangerous-direct-browser-access", "true");
    for lane in world.each() {
        lane.script(Behaviour::text("There is one file."));
        for stream in [true, false] {
            let body = streamed(&request(&lane.slug), stream).to_string();
            let path = format!("{}?beta=true", Dialect::Anthropic.path());
            let answer = client.post_bytes(&path, body).await;
            let at = format!("{:?}: {}", lane.protocol, answer.text());
            assert_eq!(answer.status, 200, "{at}");
            assert!(answer.text().contains("There is") || stream, "{at}");
            let sent = lane.take_sent().json();
            if lane.protocol == Protocol::Anthropic {
                assert_eq!(sent, streamed(&request(&lane.upstream_model), stream));
                continue;
            }
            let text = sent.to_string();
            for word in [
                "You are Claude Code.",
                "A note from the harness.",
                "a.txt",
                "WebFetch",
            ] {
                assert!(text.contains(word), "{word} in {text}");
            }
            assert!(!text.contains("I should look."), "{text}");
            let effort = match lane.protocol {
                Protocol::Chat => &sent["reasoning_effort"],
                _ => &sent["reasoning"]["effort"],
            };
            assert_eq!(effort, "high", "{text}");
        }
    }
}
