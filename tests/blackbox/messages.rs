//! `/v1/messages`: names, headers, keys.

use ainfera_tests::client::{ask, ask_hint};
use ainfera_tests::gateway::{API_KEY, Setup};
use ainfera_tests::upstream::Behaviour;
use ainfera_tests::world::{ROUTED, World};
use serde_json::json;

const NAMES: [&str; 4] = [
    "ainfera-inference",
    "ainfera-mithril",
    "ainfera-auto",
    "ainfera/auto",
];

#[tokio::test]
async fn each_of_the_four_names_is_routed_streamed_or_not() {
    let world = World::shared().await;
    for name in NAMES {
        let (answer, _) = world.client().messages_ok(&ask(name, "hi")).await;
        let (streamed, _) = world.client().stream_ok(&ask(name, "hi")).await;
        for id in [answer.request_id(), streamed.request_id()] {
            let row = world.gateway.records().outcome(&id);
            assert_eq!(row["requested"], name);
            assert_eq!(row["canonical"], "ainfera-inference");
            assert_eq!(row["alias"], i64::from(name != "ainfera-inference"));
            assert_eq!(row["outcome_status"], "succeeded");
        }
    }
    for alias in &NAMES[1..] {
        let line = format!("router_alias_hit legacy={alias} canonical=ainfera-inference");
        assert!(
            world.gateway.log().contains(&line),
            "no `{line}` in the log"
        );
    }
    assert!(!world.gateway.log().contains("legacy=ainfera-inference"));
}

#[tokio::test]
async fn a_higher_floor_chooses_another_model() {
    let gateway = Setup::new().live().start().await;
    let client = gateway.client();
    let mut models = Vec::new();
    for hint in [
        json!({}),
        json!({"routing_preference": "quality"}),
        json!({"min_quality": "frontier"}),
    ] {
        let (answer, _) = client
            .messages_ok(&ask_hint("ainfera-inference", hint))
            .await;
        models.push(
            answer
                .header("x-ainfera-model")
                .expect("the offer")
                .to_owned(),
        );
    }
    assert_eq!(
        models,
        [
            "sim-small@simulated",
            "sim-medium@simulated",
            "sim-frontier@simulated"
        ]
    );
}

#[tokio::test]
async fn headers_come_with_every_answer() {
    let world = World::shared().await;
    let lane = world.anthropic();
    lane.script(Behaviour::text("hi").header("request-id", "req_theirs"));
    let (answer, _) = world.client().messages_ok(&lane.ask()).await;
    let (streamed, _) = world.client().stream_ok(&lane.ask()).await;
    for headers in [&answer.headers, &streamed.headers] {
        let text = |name: &str| {
            headers
                .get(name)
                .and_then(|v| v.to_str().ok())
                .unwrap_or_default()
        };
        let id = text("request-id");
        assert!(id.starts_with("req_") && id.len() == 20, "{id}");
        assert_eq!(text("x-ainfera-inference-id"), id.replace("req_", "inf_"));
        assert_eq!(text("x-ainfera-upstream-request-id"), "req_theirs");
        assert!(text("x-ainfera-agent-id").starts_with("agt_"));
        assert_eq!(text("x-ainfera-model"), format!("{}@anthropic", lane.slug));
        // No generation decided a pinned call: what is not there is left out.
        assert_eq!(headers.get("x-ainfera-generation"), None);
    }
    assert_eq!(answer.header("x-ainfera-stream-mode"), None);
    assert_eq!(streamed.header("x-ainfera-stream-mode"), Some("native"));
    for name in NAMES {
        let (routed, _) = world.client().messages_ok(&ask(name, "hi")).await;
        let (streamed, _) = world.client().stream_ok(&ask(name, "hi")).await;
        for headers in [&routed.headers, &streamed.headers] {
            assert_eq!(headers["x-ainfera-generation"], "1");
            assert_eq!(headers["x-ainfera-model"], format!("{ROUTED}@anthropic"));
        }
    }
}

#[tokio::test]
async fn a_providers_rate_limit_headers_are_not_relayed() {
    let world = World::shared().await;
    let lane = world.anthropic();
    lane.script(
        Behaviour::text("hi")
            .header("anthropic-ratelimit-requests-remaining", "1")
            .header("x-ratelimit-remaining-tokens", "2")
            .header("set-cookie", "a=b"),
    );
    let (answer, _) = world.client().messages_ok(&lane.ask()).await;
    for name in answer.headers.keys() {
        let name = name.as_str();
        assert!(
            !name.contains("ratelimit") && name != "set-cookie",
            "relayed {name}"
        );
    }
}

#[tokio::test]
async fn a_key_is_taken_either_way_and_needed() {
    let world = World::shared().await;
    let body = ask("ainfera-inference", "hi");
    let bearer = world
        .client()
        .with_key("")
        .with_header("authorization", &format!("Bearer {API_KEY}"));
    bearer.messages_ok(&body).await;
    let nobody = world.client().with_key("");
    let stranger = world.client().with_key("ainf-someone-else");
    for client in [nobody, stranger] {
        for body in [body.to_string(), "not JSON".to_owned()] {
            let answer = client.post_bytes("/v1/messages", body).await;
            answer.assert_error(401, "authentication_error", "authentication_error");
        }
    }
}

#[tokio::test]
async fn unknown_names_are_404_and_leave_no_row() {
    let world = World::shared().await;
    let long = "x".repeat(257);
    let huge = "ainfera-inference".repeat(10_000);
    for name in [
        "nope",
        "AINFERA-INFERENCE",
        "ainfera-inference ",
        "claude-0@nowhere",
        &long,
        &huge,
    ] {
        let answer = world.client().messages(&ask(name, "hi")).await;
        answer.assert_error(404, "not_found_error", "not_found_error");
        assert!(
            world
                .gateway
                .records()
                .outcomes_of(&answer.request_id())
                .is_empty()
        );
    }
}

#[tokio::test]
async fn the_routed_model_of_the_shared_world_is_what_it_says() {
    let world = World::shared().await;
    let (answer, _) = world
        .client()
        .messages_ok(&ask("ainfera-inference", "hi"))
        .await;
    assert_eq!(
        answer.header("x-ainfera-model"),
        Some(format!("{ROUTED}@anthropic").as_str())
    );
}
