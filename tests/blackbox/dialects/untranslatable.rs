//! What has no counterpart: refused by name where the answer would be another,
//! left out where it is a hint.

use ainfera_tests::client::{Dialect, ask};
use ainfera_tests::dialects::Protocol;
use ainfera_tests::gateway::{Catalog, Setup};
use ainfera_tests::upstream::{Behaviour, Upstream};
use ainfera_tests::world::World;
use serde_json::{Value, json};

use super::pairings;

/// Fields of OpenAI's dialect without which the answer would be another, and a
/// word that the refusal has to name.
fn fields() -> Vec<(Value, &'static str)> {
    vec![
        (json!({"n": 2}), "n"),
        (json!({"logprobs": true}), "logprobs"),
        (
            json!({"modalities": ["text", "audio"], "audio": {"voice": "x", "format": "wav"}}),
            "audio",
        ),
        (json!({"web_search_options": {}}), "web_search_options"),
        (
            json!({"tools": [{"type": "custom", "custom": {"name": "c"}}]}),
            "custom",
        ),
    ]
}

/// Parts and tools that only one dialect has, by dialect.
fn contents(dialect: Dialect) -> Vec<(Value, &'static str)> {
    let user = |part: Value| json!({"messages": [{"role": "user", "content": [part]}]});
    match dialect {
        Dialect::Anthropic => vec![
            (
                json!({"tools": [{"type": "web_search_20250305", "name": "web_search"}]}),
                "web_search",
            ),
            (
                user(json!({"type": "document", "source":
                    {"type": "base64", "media_type": "application/pdf", "data": "AAAA"}})),
                "document",
            ),
            (
                user(json!({"type": "image", "source": {"type": "file", "file_id": "file_1"}})),
                "image",
            ),
        ],
        _ => vec![],
    }
}

fn parts() -> Vec<(Value, &'static str)> {
    vec![
        (
            json!({"type": "input_audio", "input_audio": {"data": "AAAA", "format": "wav"}}),
            "audio",
        ),
        (
            json!({"type": "file", "file": {"file_id": "file_1"}}),
            "file",
        ),
    ]
}

#[tokio::test]
async fn a_field_that_would_change_the_answer_is_refused_by_its_name() {
    let world = World::shared().await;
    for pairing in pairings(&world, &Behaviour::text("hi")) {
        if pairing.dialect == Dialect::Anthropic || !pairing.crosses() {
            continue;
        }
        for (field, word) in fields() {
            let refused = pairing.post(field.clone()).await;
            refused.assert_error_in(
                pairing.dialect,
                400,
                "invalid_request_error",
                "invalid_request_error",
            );
            let message = refused.error_message();
            assert!(message.contains(word), "{pairing}: {field}: {message}");
        }
        assert!(pairing.lane.untouched(), "{pairing}");
    }
}

#[tokio::test]
async fn content_without_a_counterpart_is_refused_by_its_name() {
    let world = World::shared().await;
    for pairing in pairings(&world, &Behaviour::text("hi")) {
        if !pairing.crosses() {
            continue;
        }
        for (content, word) in contents(pairing.dialect) {
            let refused = pairing.refused(content).await;
            refused.assert_error_in(
                pairing.dialect,
                400,
                "invalid_request_error",
                "invalid_request_error",
            );
            let message = refused.error_message();
            assert!(message.contains(word), "{pairing}: {message}");
        }
        if pairing.dialect == Dialect::Anthropic {
            continue;
        }
        for (part, word) in parts() {
            let messages = json!([{"role": "user", "content": [part]}]);
            let refused = pairing.post(json!({"messages": messages})).await;
            refused.assert_error_in(
                pairing.dialect,
                400,
                "invalid_request_error",
                "invalid_request_error",
            );
            let message = refused.error_message();
            assert!(message.contains(word), "{pairing}: {message}");
        }
        assert!(pairing.lane.untouched(), "{pairing}");
    }
}

#[tokio::test]
async fn in_the_same_dialect_it_all_goes_through() {
    let world = World::shared().await;
    for pairing in pairings(&world, &Behaviour::text("hi")) {
        if pairing.dialect != Dialect::OpenAi || pairing.crosses() {
            continue;
        }
        for (fields, _) in fields() {
            pairing.post_ok(fields.clone()).await;
            let sent = pairing.sent_raw();
            for (name, value) in fields.as_object().expect("an object") {
                assert_eq!(sent[name], *value, "{pairing}");
            }
        }
        for (part, _) in parts() {
            let messages = json!([{"role": "user", "content": [part]}]);
            pairing.post_ok(json!({"messages": messages})).await;
            assert_eq!(pairing.sent_raw()["messages"], messages, "{pairing}");
        }
    }
}

#[tokio::test]
async fn what_one_choice_or_no_logprobs_ask_for_is_no_wish() {
    let world = World::shared().await;
    for pairing in pairings(&world, &Behaviour::text("hi")) {
        if pairing.dialect == Dialect::Anthropic {
            continue;
        }
        let wishes = json!({"n": 1, "logprobs": false, "top_logprobs": null,
            "modalities": ["text"], "audio": null, "functions": null});
        pairing.hear(wishes).await;
    }
}

#[tokio::test]
async fn hints_without_a_counterpart_are_left_out() {
    let world = World::shared().await;
    for pairing in pairings(&world, &Behaviour::text("hi")) {
        if !pairing.crosses() {
            continue;
        }
        let hints = match pairing.dialect {
            Dialect::Anthropic => json!({"top_k": 5, "service_tier": "auto",
                "metadata": {"user_id": "someone-private"}}),
            _ => json!({"seed": 7, "presence_penalty": 0.5, "frequency_penalty": 0.5,
                "logit_bias": {"50256": -100}, "service_tier": "auto", "user": "someone-private",
                "metadata": {"a": "b"}, "store": true}),
        };
        pairing.hear(hints).await;
        let sent = pairing.sent_raw();
        let names = [
            "top_k",
            "seed",
            "presence_penalty",
            "logit_bias",
            "metadata",
        ];
        if pairing.lane.protocol == Protocol::Anthropic || pairing.dialect == Dialect::Anthropic {
            for name in names {
                assert!(sent[name].is_null(), "{pairing}: {name} in {sent}");
            }
        }
        assert_ne!(
            sent["store"], true,
            "{pairing}: nobody's answers are kept unasked"
        );
    }
}

#[tokio::test]
async fn responses_are_not_stored_there() {
    let world = World::shared().await;
    for pairing in pairings(&world, &Behaviour::text("hi")) {
        if pairing.lane.protocol == Protocol::Responses {
            pairing.hear(json!({})).await;
            assert_eq!(pairing.sent_raw()["store"], false, "{pairing}");
        }
    }
}

#[tokio::test]
async fn a_routed_call_moves_on_to_a_candidate_that_can_take_it() {
    let upstream = Upstream::start();
    let catalog = Catalog::new()
        .anthropic("a", &upstream.url())
        .openai("b", &upstream.openai_url())
        .single("first", "a", "0.60", "1")
        .single("second", "b", "0.60", "2");
    let gateway = Setup::new().catalog(&catalog).start().await;
    let mut body = Dialect::OpenAi.body(&ask("ainfera-inference", "hi"));
    body["n"] = 2.into();
    for stream in [false, true] {
        body["stream"] = stream.into();
        let path = Dialect::OpenAi.path();
        let answer = gateway.client().post_bytes(path, body.to_string()).await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        assert_eq!(answer.header("x-ainfera-model"), Some("second@b"));
    }
    assert!(upstream.requests_for("up-first").is_empty());
}

#[tokio::test]
async fn a_routed_call_that_no_candidate_can_take_is_a_400_that_names_why() {
    let upstream = Upstream::start();
    let catalog = Catalog::new()
        .anthropic("a", &upstream.url())
        .responses("c", &upstream.openai_url())
        .single("first", "a", "0.60", "1")
        .single("second", "c", "0.60", "2");
    let gateway = Setup::new().catalog(&catalog).start().await;
    for dialect in [Dialect::OpenAi, Dialect::Native] {
        let mut request = ask("ainfera-inference", "hi");
        request["n"] = 2.into();
        for answer in gateway.client().call_both(dialect, &request).await {
            let kind = "invalid_request_error";
            answer.assert_error_in(dialect, 400, kind, "invalid_request_error");
            assert!(answer.error_message().contains("`n`"), "{}", answer.text());
            let row = gateway.records().outcome(&answer.request_id());
            assert_eq!(row["outcome_status"], "failed");
        }
    }
    assert!(upstream.requests().is_empty());
}
