//! Failures of an earlier implementation, each with its regression test by name
//! (section 12 of the specification), as far as they concern what exists.

use std::time::Duration;

use ainfera_tests::client::ask;
use ainfera_tests::gateway::{Catalog, Offer, Setup};
use ainfera_tests::upstream::{Behaviour, Block, Gate, Upstream};
use ainfera_tests::world::{Lane, World};
use serde_json::{Value, json};

fn with_tools(lane: &Lane, stream: bool) -> Value {
    let mut body = lane.ask();
    body["stream"] = stream.into();
    body["tools"] =
        json!([{"name": "look", "description": "d", "input_schema": {"type": "object"}}]);
    body["tool_choice"] = json!({"type": "tool", "name": "look"});
    body
}

async fn tools_are_forwarded(stream: bool) {
    let world = World::shared().await;
    for lane in [world.anthropic(), world.openai()] {
        let answer = world.client().messages(&with_tools(&lane, stream)).await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        let sent = lane.sent().json();
        assert!(sent["tools"].to_string().contains("look"), "{sent}");
        assert!(sent["tool_choice"].to_string().contains("look"), "{sent}");
        assert_eq!(sent["stream"].as_bool().unwrap_or(false), stream);
    }
}

#[tokio::test]
async fn tools_and_tool_choice_accepted_but_never_forwarded_streamed() {
    tools_are_forwarded(true).await;
}

#[tokio::test]
async fn tools_and_tool_choice_accepted_but_never_forwarded_not_streamed() {
    tools_are_forwarded(false).await;
}

#[tokio::test]
async fn tool_use_blocks_lost_in_the_non_streamed_answer() {
    let world = World::shared().await;
    for lane in [world.anthropic(), world.openai()] {
        let tool = Block::Tool {
            id: "t1".into(),
            name: "look".into(),
            input: json!({"at": "it"}),
        };
        lane.script(Behaviour::blocks(vec![Block::Text("so".into()), tool]));
        let (_, body) = world.client().messages_ok(&with_tools(&lane, false)).await;
        assert_eq!(body["content"][1]["type"], "tool_use", "{body}");
        assert_eq!(body["content"][1]["id"], "t1");
        assert_eq!(body["content"][1]["input"], json!({"at": "it"}));
        assert_eq!(body["stop_reason"], "tool_use");
    }
}

#[tokio::test]
async fn a_streamed_call_that_ignores_the_vendor_pin_and_is_routed() {
    let upstream = Upstream::start();
    let catalog = Catalog::new()
        .anthropic("a", &upstream.url())
        .openai("b", &upstream.openai_url())
        .single("cheap", "a", "0.60", "1")
        .single("dear", "a", "0.90", "50")
        .single("other", "b", "0.90", "40");
    let gateway = Setup::new().catalog(&catalog).start().await;
    for model in ["dear", "other", "cheap"] {
        let (_, whole) = gateway.client().messages_ok(&ask(model, "hi")).await;
        let (streamed, message) = gateway.client().stream_ok(&ask(model, "hi")).await;
        let expected = format!("Answer of up-{model}.");
        assert_eq!(whole["content"][0]["text"], expected);
        assert_eq!(message.text(), expected);
        assert!(
            streamed
                .header("x-ainfera-model")
                .is_some_and(|m| m.starts_with(model))
        );
    }
    assert!(gateway.records().outcomes().is_empty());
}

#[tokio::test]
async fn agent_and_provider_errors_raised_after_the_200_of_a_stream() {
    let upstream = Upstream::start();
    let catalog = Catalog::new()
        .anthropic("a", &upstream.url())
        .single("m", "a", "0.60", "1");
    let gateway = Setup::new().catalog(&catalog).start().await;
    let client = gateway.client();
    for behaviour in [
        Behaviour::status(500, "api_error", "boom"),
        Behaviour::error_first("overloaded_error", "busy"),
        Behaviour::hang_up(),
    ] {
        upstream.script("up-m", behaviour);
        for model in ["m", "ainfera-inference"] {
            let streamed = client.stream(&ask(model, "hi")).await;
            assert!(streamed.status >= 500, "{}", streamed.status);
            assert!(
                streamed
                    .header("content-type")
                    .is_some_and(|t| t.starts_with("application/json"))
            );
        }
    }
    let admin = gateway.admin();
    let agent = admin.only_agent().await;
    admin
        .patch(&format!("agents/{agent}"), &json!({"status": "suspended"}))
        .await;
    assert_eq!(
        client.stream(&ask("ainfera-inference", "hi")).await.status,
        409
    );
}

#[tokio::test]
async fn streamed_answers_without_inference_ids() {
    let world = World::shared().await;
    let (streamed, _) = world
        .client()
        .stream_ok(&ask("ainfera-inference", "hi"))
        .await;
    let id = streamed
        .header("x-ainfera-inference-id")
        .expect("an id on a streamed answer");
    let row = world.gateway.records().outcome(&streamed.request_id());
    assert_eq!(row["inference_id"], id);
}

#[tokio::test]
async fn an_unsupported_tool_call_recorded_as_a_failed_inference() {
    let upstream = Upstream::start();
    let catalog = Catalog::new()
        .anthropic("a", &upstream.url())
        .model("plain", "0.60")
        .offer(Offer::new("plain", "a", "up-plain").without_tools());
    let gateway = Setup::new().catalog(&catalog).start().await;
    let mut body = ask("plain", "hi");
    body["tools"] = json!([{"name": "f", "input_schema": {"type": "object"}}]);
    let answer = gateway.client().messages(&body).await;
    answer.assert_error(
        422,
        "invalid_request_error",
        "tools_not_supported_by_backend",
    );
    assert_eq!(
        gateway.records().number("SELECT count(*) FROM inferences"),
        0
    );
    assert!(upstream.requests().is_empty(), "refused beforehand");
}

#[tokio::test]
async fn a_stream_run_to_completion_and_replayed() {
    let world = World::shared().await;
    // So many frames after its first are a stream's first word.
    for (lane, frames) in [(world.anthropic(), 2), (world.openai(), 1)] {
        let gate = Gate::new();
        lane.script(Behaviour::text("one two three four").gated(&gate));
        let mut stream = world.client().open_stream(&lane.ask()).await;
        gate.release(frames);
        let delta = stream.next_named("content_block_delta").await;
        assert_eq!(
            delta.data["delta"]["text"], "one ",
            "it came while the provider still held the rest"
        );
        assert!(stream.silent_for(Duration::from_millis(30)).await);
        gate.open();
        assert_eq!(stream.rest().await.message().text(), "one two three four");
    }
}

#[tokio::test]
async fn an_audit_event_stored_under_one_spelling_and_looked_up_under_another() {
    let gateway = Setup::new().start().await;
    let (answer, _) = gateway
        .client()
        .messages_ok(&ask("ainfera-inference", "hi"))
        .await;
    let stored = gateway
        .records()
        .query("SELECT DISTINCT event FROM audit_events");
    let admin = gateway.admin();
    let chains = admin.get_ok("audit/chains").await;
    let mut listed = String::new();
    for chain in chains["chains"].as_array().expect("a list") {
        let page = admin
            .get_ok(&format!("audit?chain={}", chain["chain"]))
            .await;
        listed += &page.to_string();
    }
    for row in &stored {
        let name = row["event"].as_str().expect("a name");
        let well_spelt = name.split('.').count() == 2
            && name
                .chars()
                .all(|c| c.is_ascii_lowercase() || c == '.' || c == '_');
        assert!(well_spelt, "{name}");
        assert!(
            listed.contains(&format!("\"{name}\"")),
            "{name} is stored but not listed: {listed}"
        );
    }
    assert!(
        listed.contains(&answer.request_id()),
        "the call's own event is found"
    );
}
