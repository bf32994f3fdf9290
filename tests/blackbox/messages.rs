//! Names, headers and keys, in every dialect.

use ainfera_tests::client::{Dialect, ask, ask_hint};
use ainfera_tests::dialects::Protocol;
use ainfera_tests::gateway::Setup;
use ainfera_tests::upstream::Behaviour;
use ainfera_tests::wait;
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
        for dialect in Dialect::ALL {
            for stream in [false, true] {
                let heard = world.client().hear(dialect, &ask(name, "hi"), stream).await;
                let row = world.gateway.records().outcome(&heard.request_id());
                assert_eq!(row["requested"], name);
                assert_eq!(row["canonical"], "ainfera-inference");
                assert_eq!(row["alias"], i64::from(name != "ainfera-inference"));
                assert_eq!(row["outcome_status"], "succeeded");
            }
        }
    }
    for alias in &NAMES[1..] {
        let line = format!("router_alias_hit legacy={alias} canonical=ainfera-inference");
        wait::until(&format!("`{line}` in the log"), || {
            world.gateway.log().contains(&line).then_some(())
        })
        .await;
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
    for lane in world.each() {
        let name = match lane.protocol {
            Protocol::Anthropic => "request-id",
            _ => "x-request-id",
        };
        lane.script(Behaviour::text("hi").header(name, "req_theirs"));
        for dialect in Dialect::ALL {
            for stream in [false, true] {
                let heard = world.client().hear(dialect, &lane.ask(), stream).await;
                let header = |name: &str| heard.headers.get(name)?.to_str().ok();
                let id = heard.request_id();
                assert!(id.starts_with("req_") && id.len() == 20, "{id}");
                let own = (dialect == Dialect::OpenAi).then_some(id.as_str());
                assert_eq!(header("x-request-id"), own, "{dialect:?}");
                let inference = id.replace("req_", "inf_");
                assert_eq!(header("x-ainfera-inference-id"), Some(inference.as_str()));
                assert_eq!(header("x-ainfera-upstream-request-id"), Some("req_theirs"));
                assert!(header("x-ainfera-agent-id").is_some_and(|id| id.starts_with("agt_")));
                let offer = header("x-ainfera-model").expect("the offer");
                assert!(offer.starts_with(&format!("{}@", lane.slug)), "{offer}");
                // No generation decided a pinned call: what is not there is left out.
                assert_eq!(header("x-ainfera-generation"), None);
                assert_eq!(header("x-ainfera-stream-mode"), stream.then_some("native"));
            }
        }
    }
    for name in NAMES {
        for dialect in Dialect::ALL {
            for stream in [false, true] {
                let heard = world.client().hear(dialect, &ask(name, "hi"), stream).await;
                assert_eq!(heard.headers["x-ainfera-generation"], "1");
                let offer = format!("{ROUTED}@anthropic");
                assert_eq!(heard.headers["x-ainfera-model"], offer.as_str());
            }
        }
    }
}

#[tokio::test]
async fn a_key_comes_before_the_form() {
    let world = World::shared().await;
    for key in ["", "ainf-someone-else"] {
        for dialect in Dialect::ALL {
            let client = world.client().with_key(key);
            let answer = client.post_bytes(dialect.path(), "not JSON").await;
            let kind = "authentication_error";
            answer.assert_error_in(dialect, 401, kind, "authentication_error");
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
        for dialect in Dialect::ALL {
            let answer = world.client().call(dialect, &ask(name, "hi")).await;
            answer.assert_error_in(dialect, 404, "not_found_error", "not_found_error");
            let records = world.gateway.records();
            assert!(records.outcomes_of(&answer.request_id()).is_empty());
        }
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
