//! `POST /v1/messages/count_tokens`: forwarded where the provider has it, else the
//! documented estimate.

use ainfera_tests::client::{Answer, Client, ask};
use ainfera_tests::gateway::PROVIDER_KEY;
use ainfera_tests::upstream::{Behaviour, Usage};
use ainfera_tests::world::{ROUTED, World};
use serde_json::{Value, json};

const PATH: &str = "/v1/messages/count_tokens";

async fn count(client: &Client, body: &Value) -> Answer {
    client.post_bytes(PATH, body.to_string()).await
}

fn counted(tokens: u64) -> Behaviour {
    let usage = Usage {
        input: tokens,
        output: 0,
        cache_read: 0,
        cache_write: 0,
    };
    Behaviour::text("x").with(|answer| answer.usage = usage)
}

#[tokio::test]
async fn an_anthropic_provider_counts_and_gets_the_bytes_as_they_are() {
    let world = World::shared().await;
    let lane = world.anthropic();
    lane.script(counted(4321));
    let client = world
        .client()
        .with_header("anthropic-beta", "token-counting-2024-11-01");
    let body = |model: &str| {
        format!(
            r#"{{ "model":"{model}",  "messages":[{{"role":"user","content":"\u00e9"}}], "x":1.0 }}"#
        )
    };
    let answer = client
        .post_bytes(&format!("{PATH}?beta=true"), body(&lane.slug))
        .await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    assert_eq!(answer.json(), json!({"input_tokens": 4321}));
    let sent = lane.take_sent();
    assert_eq!(sent.target, format!("{PATH}?beta=true"));
    assert_eq!(
        String::from_utf8_lossy(&sent.body),
        body(&lane.upstream_model)
    );
    assert_eq!(
        sent.header("anthropic-beta"),
        Some("token-counting-2024-11-01")
    );
    assert_eq!(sent.header("x-api-key"), Some(PROVIDER_KEY));
}

#[tokio::test]
async fn other_providers_tokens_are_estimated_and_they_are_not_called() {
    let world = World::shared().await;
    for lane in [world.openai(), world.responses()] {
        let mut counts = Vec::new();
        for length in [10, 1000, 100_000] {
            let body = ask(&lane.slug, &"x".repeat(length));
            let answer = count(&world.client(), &body).await;
            assert_eq!(answer.status, 200, "{}", answer.text());
            counts.push(answer.json()["input_tokens"].as_u64().expect("a count"));
        }
        assert!(counts.is_sorted() && counts[0] >= 1, "{counts:?}");
        // Four bytes a token, more or less.
        assert!((20_000..60_000).contains(&counts[2]), "{counts:?}");
        assert!(lane.untouched());
    }
}

#[tokio::test]
async fn a_provider_of_the_protocol_that_does_not_count_is_estimated_for() {
    let world = World::shared().await;
    let lane = world.anthropic();
    lane.script(Behaviour::status_body(404, "<html>not here</html>"));
    let answer = count(&world.client(), &lane.ask()).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    assert!(answer.json()["input_tokens"].is_u64());
}

#[tokio::test]
async fn the_providers_errors_reach_the_client() {
    let world = World::shared().await;
    let lane = world.anthropic();
    let theirs = r#"{"type":"error","error":{"type":"invalid_request_error","message":"No."} }"#;
    lane.script(Behaviour::status_body(400, theirs));
    let answer = count(&world.client(), &lane.ask()).await;
    assert_eq!(answer.status, 400);
    assert_eq!(answer.text(), theirs);
}

#[tokio::test]
async fn a_routed_name_is_counted_as_its_first_choice_and_leaves_no_record() {
    let world = World::shared().await;
    for name in ["ainfera-inference", "ainfera/auto"] {
        let answer = count(&world.client(), &ask(name, "hi")).await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        assert!(answer.json()["input_tokens"].is_u64());
        let offer = format!("{ROUTED}@anthropic");
        assert_eq!(answer.header("x-ainfera-model"), Some(offer.as_str()));
        let records = world.gateway.records();
        assert!(records.outcomes_of(&answer.request_id()).is_empty());
        assert!(records.inferences_of(&answer.request_id()).is_empty());
    }
}

#[tokio::test]
async fn its_own_errors_are_of_the_table() {
    let world = World::shared().await;
    let client = world.client();
    let unknown = count(&client, &ask("no-such-model", "hi")).await;
    unknown.assert_error(404, "not_found_error", "not_found_error");
    let malformed = client.post_bytes(PATH, r#"{"model":"m"}"#).await;
    malformed.assert_error(400, "invalid_request_error", "invalid_request_error");
    let stranger = client.with_key("wrong");
    let refused = count(&stranger, &ask("no-such-model", "hi")).await;
    refused.assert_error(401, "authentication_error", "authentication_error");
}
