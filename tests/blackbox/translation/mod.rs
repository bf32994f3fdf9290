//! An OpenAI-protocol provider behind `/v1/messages`: what crosses, and how.

mod tools;

use ainfera_tests::upstream::{Behaviour, Block, End, Usage};
use ainfera_tests::world::World;
use serde_json::json;

fn call(id: &str, place: &str) -> Block {
    Block::Tool {
        id: id.into(),
        name: "get_weather".into(),
        input: json!({"place": place}),
    }
}

#[tokio::test]
async fn text_comes_back_streamed_and_not() {
    let world = World::shared().await;
    let lane = world.openai();
    lane.script(Behaviour::text("one two three"));
    let (streamed, message) = world.client().stream_ok(&lane.ask()).await;
    assert_eq!(message.text(), "one two three");
    assert_eq!(message.stop_reason.as_deref(), Some("end_turn"));
    assert_eq!(
        streamed
            .names()
            .iter()
            .filter(|name| **name == "message_stop")
            .count(),
        1
    );
    let deltas = streamed
        .names()
        .iter()
        .filter(|name| **name == "content_block_delta")
        .count();
    assert_eq!(deltas, 3, "word by word, as the provider gave them");
    let (_, body) = world.client().messages_ok(&lane.ask()).await;
    assert_eq!(
        body["content"],
        json!([{"type": "text", "text": "one two three"}])
    );
    assert_eq!(body["stop_reason"], "end_turn");
    assert_eq!(body["role"], "assistant");
}

#[tokio::test]
async fn request_fields_have_their_counterparts() {
    let world = World::shared().await;
    let lane = world.openai();
    let body = json!({
        "model": lane.slug, "max_tokens": 77, "temperature": 0.5, "top_p": 0.9,
        "stop_sequences": ["END", "STOP"],
        "system": [{"type": "text", "text": "Be brief.", "cache_control": {"type": "ephemeral"}}],
        "messages": [
            {"role": "user", "content": [
                {"type": "text", "text": ""},
                {"type": "text", "text": "What is this?"},
                {"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": "AAAA"}},
                {"type": "image", "source": {"type": "url", "url": "https://example.com/x.png"}},
            ]},
            {"role": "assistant", "content": [
                {"type": "thinking", "thinking": "secret thoughts", "signature": "sig"},
                {"type": "text", "text": "A square."},
            ]},
            {"role": "user", "content": "Sure?"},
        ],
    });
    world.client().messages_ok(&body).await;
    let sent = lane.sent();
    assert_eq!(sent.target, "/v1/chat/completions");
    let json = sent.json();
    assert_eq!(json["model"], lane.upstream_model.as_str());
    let limit = json
        .get("max_tokens")
        .or_else(|| json.get("max_completion_tokens"));
    assert_eq!(limit, Some(&json!(77)));
    assert_eq!(json["temperature"], 0.5);
    assert_eq!(json["top_p"], 0.9);
    assert_eq!(json["stop"], json!(["END", "STOP"]));
    let messages = json["messages"].as_array().expect("messages");
    assert_eq!(messages[0]["role"], "system");
    assert!(messages[0].to_string().contains("Be brief."));
    let parts = messages[1]["content"].as_array().expect("parts");
    assert_eq!(
        parts.len(),
        3,
        "the empty text block is not sent on: {parts:?}"
    );
    assert_eq!(parts[0], json!({"type": "text", "text": "What is this?"}));
    assert_eq!(parts[1]["image_url"]["url"], "data:image/png;base64,AAAA");
    assert_eq!(parts[2]["image_url"]["url"], "https://example.com/x.png");
    assert!(
        !sent.json().to_string().contains("secret thoughts"),
        "thinking never crosses"
    );
    assert!(messages[2].to_string().contains("A square."));
    assert_eq!(messages[3]["role"], "user");
    assert!(json.get("routing_hint").is_none() && json.get("system").is_none());
}

#[tokio::test]
async fn usage_after_the_finish_reason_is_read_and_cached_tokens_are_apart() {
    let world = World::shared().await;
    let lane = world.openai();
    let usage = Usage {
        input: 700,
        output: 40,
        cache_read: 300,
        cache_write: 0,
    };
    lane.script(Behaviour::text("x").with(|answer| answer.usage = usage));
    let (streamed, message) = world.client().stream_ok(&lane.ask()).await;
    assert_eq!(message.tokens("input_tokens"), 700);
    assert_eq!(message.tokens("output_tokens"), 40);
    assert_eq!(message.tokens("cache_read_input_tokens"), 300);
    let (answer, body) = world.client().messages_ok(&lane.ask()).await;
    assert_eq!(body["usage"]["input_tokens"], 700);
    assert_eq!(body["usage"]["cache_read_input_tokens"], 300);
    for id in [streamed.request_id(), answer.request_id()] {
        let row = &world.gateway.records().inferences_of(&id)[0];
        assert_eq!(row["input_tokens"], 700);
        assert_eq!(row["cache_read_tokens"], 300);
        assert_eq!(row["output_tokens"], 40);
    }
}

#[tokio::test]
async fn stop_reasons_have_their_counterparts() {
    let world = World::shared().await;
    for reason in ["end_turn", "max_tokens", "refusal"] {
        let lane = world.openai();
        lane.script(Behaviour::text("x").with(|answer| answer.stop_reason = reason.into()));
        let (_, message) = world.client().stream_ok(&lane.ask()).await;
        assert_eq!(message.stop_reason.as_deref(), Some(reason));
        let (_, body) = world.client().messages_ok(&lane.ask()).await;
        assert_eq!(body["stop_reason"], reason);
    }
}

#[tokio::test]
async fn the_providers_error_is_translated_with_its_message() {
    let world = World::shared().await;
    for (status, kind) in [
        (400, "invalid_request_error"),
        (404, "not_found_error"),
        (413, "request_too_large"),
        (422, "invalid_request_error"),
        (429, "rate_limit_error"),
        (500, "api_error"),
        (503, "overloaded_error"),
    ] {
        let lane = world.openai();
        let theirs = json!({"error": {"message": "Their own words.", "type": "x", "code": null}});
        lane.script(Behaviour::status_body(status, theirs.to_string()).header("retry-after", "7"));
        for stream in [false, true] {
            let mut body = lane.ask();
            body["stream"] = stream.into();
            let answer = world.client().messages(&body).await;
            assert_eq!(answer.status, status, "{}", answer.text());
            let json = answer.json();
            assert_eq!(json["type"], "error");
            assert!(
                json["error"]["message"]
                    .to_string()
                    .contains("Their own words."),
                "{json}"
            );
            if status != 503 {
                assert_eq!(json["error"]["type"], kind, "{status}");
            }
            assert_eq!(answer.header("retry-after"), Some("7"));
        }
    }
}

#[tokio::test]
async fn death_and_errors_mid_stream_are_events_of_the_clients_dialect() {
    let world = World::shared().await;
    for end in [
        End::Abort,
        End::Close,
        End::Error("server_error".into(), "It broke.".into()),
    ] {
        let lane = world.openai();
        lane.script(
            Behaviour::blocks(vec![Block::Text("one two".into()), call("c", "x")])
                .ending(end.clone()),
        );
        let streamed = world.client().stream(&lane.ask()).await;
        let error = streamed
            .message()
            .error
            .unwrap_or_else(|| panic!("{end:?}: no error event"));
        if let End::Error(_, text) = &end {
            assert!(
                error["message"].to_string().contains(text.as_str()),
                "{error}"
            );
        }
        let row = &world
            .gateway
            .records()
            .inferences_of(&streamed.request_id())[0];
        assert_eq!(row["status"], "interrupted");
    }
}

#[tokio::test]
async fn odd_chunking_changes_nothing() {
    let world = World::shared().await;
    let lane = world.openai();
    let answer = Behaviour::blocks(vec![
        Block::Text("caf\u{e9} \u{1f642}".into()),
        call("c1", "\u{e5}"),
    ]);
    lane.script(answer.in_pieces(1));
    let (_, message) = world.client().stream_ok(&lane.ask()).await;
    assert_eq!(message.text(), "caf\u{e9} \u{1f642}");
    assert_eq!(message.content[1]["input"], json!({"place": "\u{e5}"}));
}
