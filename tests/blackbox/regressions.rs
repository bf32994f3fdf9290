//! Failures of an earlier implementation, each with its regression test by name
//! (section 12 of the specification), in every dialect and from every protocol, as
//! far as they concern what exists.

use std::time::Duration;

use ainfera_tests::client::{Dialect, ask, streamed};
use ainfera_tests::gateway::{Catalog, Offer, Setup};
use ainfera_tests::upstream::{Behaviour, Block, Gate, Upstream};
use ainfera_tests::world::{Lane, World};
use serde_json::{Value, json};

fn with_tools(lane: &Lane) -> Value {
    let mut request = lane.ask();
    request["tools"] =
        json!([{"name": "look", "description": "d", "input_schema": {"type": "object"}}]);
    request["tool_choice"] = json!({"type": "tool", "name": "look"});
    request
}

async fn tools_are_forwarded(stream: bool) {
    let world = World::shared().await;
    for dialect in Dialect::ALL {
        for lane in world.each() {
            world
                .client()
                .hear(dialect, &with_tools(&lane), stream)
                .await;
            let sent = lane.protocol.read(&lane.take_sent().json());
            assert_eq!(sent["tools"][0]["name"], "look", "{dialect:?}: {sent}");
            assert_eq!(sent["tool_choice"], json!({"tool": "look"}), "{dialect:?}");
            assert_eq!(sent["stream"], stream, "{dialect:?}");
        }
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
    let tool = Block::Tool {
        id: "t1".into(),
        name: "look".into(),
        input: json!({"at": "it"}),
    };
    for dialect in Dialect::ALL {
        for lane in world.each() {
            lane.script(Behaviour::blocks(vec![
                Block::Text("so".into()),
                tool.clone(),
            ]));
            let heard = world
                .client()
                .hear(dialect, &with_tools(&lane), false)
                .await;
            let call =
                json!({"type": "tool_use", "id": "t1", "name": "look", "input": {"at": "it"}});
            assert_eq!(heard.content[1], call, "{dialect:?} to {:?}", lane.protocol);
            assert_eq!(heard.stop_reason, "tool_use");
        }
    }
}

#[tokio::test]
async fn a_streamed_call_that_ignores_the_vendor_pin_and_is_routed() {
    let upstream = Upstream::start();
    let catalog = Catalog::new()
        .anthropic("a", &upstream.url())
        .openai("b", &upstream.openai_url())
        .responses("c", &upstream.openai_url())
        .single("cheap", "a", "0.60", "1")
        .single("dear", "a", "0.90", "50")
        .single("other", "b", "0.90", "40")
        .single("third", "c", "0.90", "30");
    let gateway = Setup::new().catalog(&catalog).start().await;
    for model in ["dear", "other", "third", "cheap"] {
        for dialect in Dialect::ALL {
            for stream in [true, false] {
                let heard = gateway
                    .client()
                    .hear(dialect, &ask(model, "hi"), stream)
                    .await;
                assert_eq!(
                    heard.text(),
                    format!("Answer of up-{model}."),
                    "{dialect:?}"
                );
                let offer = heard.headers["x-ainfera-model"].to_str().expect("text");
                assert!(offer.starts_with(model), "{dialect:?}: {offer}");
            }
        }
    }
    assert!(gateway.records().outcomes().is_empty());
}

#[tokio::test]
async fn agent_and_provider_errors_raised_after_the_200_of_a_stream() {
    let upstream = Upstream::start();
    let catalog = Catalog::new()
        .anthropic("a", &upstream.url())
        .openai("b", &upstream.openai_url())
        .responses("c", &upstream.openai_url())
        .single("m-a", "a", "0.60", "1")
        .single("m-b", "b", "0.60", "2")
        .single("m-c", "c", "0.60", "3");
    let gateway = Setup::new().catalog(&catalog).start().await;
    let client = gateway.client();
    let models = ["m-a", "m-b", "m-c", "ainfera-inference"];
    for behaviour in [
        Behaviour::status(500, "api_error", "boom"),
        Behaviour::error_first("server_error", "busy"),
        Behaviour::hang_up(),
    ] {
        for model in &models[..3] {
            upstream.script(&format!("up-{model}"), behaviour.clone());
        }
        for model in models {
            for dialect in Dialect::ALL {
                let streamed = client.call_stream(dialect, &ask(model, "hi")).await;
                assert!(streamed.status >= 500, "{dialect:?}: {}", streamed.status);
                let content_type = streamed.header("content-type").unwrap_or_default();
                assert!(content_type.starts_with("application/json"), "{dialect:?}");
            }
        }
    }
    let admin = gateway.admin();
    let agent = admin.only_agent().await;
    let suspend = json!({"status": "suspended"});
    admin.patch(&format!("agents/{agent}"), &suspend).await;
    for model in models {
        for dialect in Dialect::ALL {
            let streamed = client.call_stream(dialect, &ask(model, "hi")).await;
            assert_eq!(streamed.status, 409, "{dialect:?}");
        }
    }
}

#[tokio::test]
async fn streamed_answers_without_inference_ids() {
    let world = World::shared().await;
    for dialect in Dialect::ALL {
        let request = ask("ainfera-inference", "hi");
        let heard = world.client().hear(dialect, &request, true).await;
        let id = heard.headers["x-ainfera-inference-id"].to_str();
        let row = world.gateway.records().outcome(&heard.request_id());
        assert_eq!(row["inference_id"], id.expect("text"), "{dialect:?}");
    }
}

#[tokio::test]
async fn an_unsupported_tool_call_recorded_as_a_failed_inference() {
    let upstream = Upstream::start();
    let catalog = Catalog::new()
        .anthropic("a", &upstream.url())
        .model("plain", "0.60")
        .offer(Offer::new("plain", "a", "up-plain").without_tools());
    let gateway = Setup::new().catalog(&catalog).start().await;
    let mut request = ask("plain", "hi");
    request["tools"] = json!([{"name": "f", "input_schema": {"type": "object"}}]);
    for dialect in Dialect::ALL {
        for answer in gateway.client().call_both(dialect, &request).await {
            answer.assert_error_in(
                dialect,
                422,
                "invalid_request_error",
                "tools_not_supported_by_backend",
            );
        }
    }
    let inferences = "SELECT count(*) FROM inferences";
    assert_eq!(gateway.records().number(inferences), 0);
    assert!(upstream.requests().is_empty(), "refused beforehand");
}

#[tokio::test]
async fn a_stream_run_to_completion_and_replayed() {
    let world = World::shared().await;
    for dialect in Dialect::ALL {
        // So many frames after its first are a stream's first word.
        for (lane, frames) in world.each().iter().zip([2, 1, 4]) {
            let gate = Gate::new();
            lane.script(Behaviour::text("one two three four").gated(&gate));
            gate.release(frames);
            let body = streamed(&dialect.body(&lane.ask()), true).to_string();
            let mut stream = world.client().open(dialect.path(), body).await;
            let mut came = String::new();
            while !came.contains("one ") {
                came += &stream
                    .next()
                    .await
                    .expect("the first word")
                    .data
                    .to_string();
            }
            assert!(!came.contains("two"), "the provider still holds the rest");
            let silent = stream.silent_for(Duration::from_millis(30)).await;
            assert!(silent, "{dialect:?} to {:?}", lane.protocol);
            gate.open();
            let rest = stream.rest().await;
            assert!(String::from_utf8_lossy(&rest.raw).contains("four"));
        }
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
