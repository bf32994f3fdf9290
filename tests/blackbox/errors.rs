//! The error table of the specification: a test for each row that exists yet.
//! Rows with a richer test elsewhere are named here.

use ainfera_tests::client::{Answer, ask, ask_hint};
use ainfera_tests::gateway::{Catalog, Offer, Setup};
use ainfera_tests::upstream::{Behaviour, Upstream, closed_port};
use ainfera_tests::world::World;
use serde_json::{Value, json};

/// The same call not streamed and streamed: errors before the first event are
/// real HTTP errors in both.
async fn both(client: &ainfera_tests::client::Client, body: &Value) -> [Answer; 2] {
    let mut streamed = body.clone();
    streamed["stream"] = true.into();
    [
        client.messages(body).await,
        client.messages(&streamed).await,
    ]
}

#[tokio::test]
async fn row_400_malformed_request() {
    let world = World::shared().await;
    for body in [
        "",
        "{",
        "[]",
        "null",
        "\"text\"",
        "{}",
        r#"{"model":"ainfera-inference"}"#,
        r#"{"model":"ainfera-inference","max_tokens":5}"#,
        r#"{"model":"ainfera-inference","messages":[]}"#,
        r#"{"model":5,"max_tokens":5,"messages":[]}"#,
        r#"{"model":"","max_tokens":5,"messages":[]}"#,
        r#"{"model":"ainfera-inference","max_tokens":0,"messages":[]}"#,
        r#"{"model":"ainfera-inference","max_tokens":-5,"messages":[]}"#,
        r#"{"model":"ainfera-inference","max_tokens":"5","messages":[]}"#,
        r#"{"model":"ainfera-inference","max_tokens":5,"messages":{}}"#,
        r#"{"model":"ainfera-inference","max_tokens":5,"messages":[],"stream":"yes"}"#,
        r#"{"model":"ainfera-inference","max_tokens":5,"messages":[]} trailing"#,
    ] {
        let answer = world.client().post_bytes("/v1/messages", body).await;
        answer.assert_error(400, "invalid_request_error", "invalid_request_error");
        let rows = world.gateway.records().outcomes_of(&answer.request_id());
        assert!(
            rows.is_empty(),
            "a malformed request is no routed call: {body}"
        );
    }
    let answer = world
        .client()
        .post_bytes("/v1/messages", &b"{\"model\":\"\xff\xfe\"}"[..])
        .await;
    answer.assert_error(400, "invalid_request_error", "invalid_request_error");
}

#[tokio::test]
async fn row_401_missing_or_bad_key() {
    let world = World::shared().await;
    for client in [
        world.client().with_key(""),
        world.client().with_key("wrong"),
    ] {
        for answer in both(&client, &ask("ainfera-inference", "hi")).await {
            answer.assert_error(401, "authentication_error", "authentication_error");
        }
    }
}

#[tokio::test]
async fn row_404_unknown_model_and_unknown_path() {
    let world = World::shared().await;
    for answer in both(&world.client(), &ask("no-such-model", "hi")).await {
        let said = answer.assert_error(404, "not_found_error", "not_found_error");
        assert!(said.contains("no-such-model"), "{said}");
    }
    let answer = world.client().get("/v1/nothing").await;
    answer.assert_error(404, "not_found_error", "not_found_error");
    let answer = world.client().get("/v1/messages").await;
    assert_eq!(answer.status, 405, "{}", answer.text());
    assert_eq!(answer.json()["type"], "error");
}

#[tokio::test]
async fn row_409_agent_not_active() {
    let gateway = Setup::new().start().await;
    let admin = gateway.admin();
    let agent = admin.only_agent().await;
    let patch = admin
        .patch(&format!("agents/{agent}"), &json!({"status": "suspended"}))
        .await;
    assert_eq!(patch.status, 200, "{}", patch.text());
    for answer in both(&gateway.client(), &ask("ainfera-inference", "hi")).await {
        answer.assert_error(409, "invalid_request_error", "agent_not_active");
        let row = gateway.records().outcome(&answer.request_id());
        assert_eq!(row["outcome_status"], "refused");
        assert_eq!(row["reason"], "agent_not_active");
    }
    let patch = admin
        .patch(&format!("agents/{agent}"), &json!({"status": "active"}))
        .await;
    assert_eq!(patch.status, 200, "{}", patch.text());
    gateway
        .client()
        .messages_ok(&ask("ainfera-inference", "hi"))
        .await;
}

#[tokio::test]
async fn row_410_alias_past_its_sunset() {
    // With a resolver of `tests/hostile`'s neighbour that has one: see `lifecycle`.
    crate::lifecycle::an_alias_past_its_sunset_is_gone().await;
}

#[tokio::test]
async fn row_413_body_too_large() {
    let world = World::shared().await;
    let body = vec![b' '; 32 * 1024 * 1024 + 1];
    let answer = world.client().post_bytes("/v1/messages", body).await;
    answer.assert_error(413, "request_too_large", "request_too_large");
}

#[tokio::test]
async fn row_422_no_candidate() {
    let world = World::shared().await;
    let body = ask_hint("ainfera-inference", json!({"min_quality": "0.99"}));
    for answer in both(&world.client(), &body).await {
        let said = answer.assert_error(422, "invalid_request_error", "no_candidate");
        assert!(
            said.contains("0.99"),
            "says which floor was not met: {said}"
        );
    }
}

#[tokio::test]
async fn row_422_tools_not_supported_by_backend() {
    let upstream = Upstream::start();
    let catalog = Catalog::new()
        .anthropic("a", &upstream.url())
        .model("plain", "0.60")
        .offer(Offer::new("plain", "a", "up-plain").without_tools());
    let gateway = Setup::new().catalog(&catalog).start().await;
    let mut body = ask("plain", "hi");
    body["tools"] = json!([{"name": "f", "input_schema": {"type": "object"}}]);
    for answer in both(&gateway.client(), &body).await {
        let said = answer.assert_error(
            422,
            "invalid_request_error",
            "tools_not_supported_by_backend",
        );
        assert!(said.contains("plain@a"), "names the backend: {said}");
        assert!(
            gateway
                .records()
                .inferences_of(&answer.request_id())
                .is_empty()
        );
    }
    body["model"] = "ainfera-inference".into();
    for answer in both(&gateway.client(), &body).await {
        answer.assert_error(422, "invalid_request_error", "no_candidate");
        let row = gateway.records().outcome(&answer.request_id());
        assert_eq!(row["reject_reason"], "capability");
    }
    assert!(upstream.requests().is_empty());
}

#[tokio::test]
async fn row_502_pinned_provider_unreachable_or_refused_our_key_or_account() {
    let upstream = Upstream::start();
    let catalog = Catalog::new()
        .anthropic("gone", &closed_port())
        .anthropic("a", &upstream.url())
        .single("unreachable", "gone", "0.60", "1")
        .single("refusing", "a", "0.60", "1");
    let gateway = Setup::new().catalog(&catalog).start().await;
    for answer in both(&gateway.client(), &ask("unreachable", "hi")).await {
        answer.assert_error(502, "api_error", "provider_error");
    }
    for status in [401, 402, 403] {
        let theirs = Behaviour::status(status, "authentication_error", "your key sk-123 is bad");
        upstream.script("up-refusing", theirs);
        for answer in both(&gateway.client(), &ask("refusing", "hi")).await {
            let said = answer.assert_error(502, "api_error", "provider_error");
            assert!(
                !said.contains("sk-123"),
                "our account is no concern of the client: {said}"
            );
        }
    }
}

#[tokio::test]
async fn row_502_candidates_failed() {
    let upstream = Upstream::start();
    let catalog = Catalog::new()
        .anthropic("a", &upstream.url())
        .single("m", "a", "0.60", "1");
    let gateway = Setup::new().catalog(&catalog).start().await;
    upstream.script("up-m", Behaviour::status(500, "api_error", "boom"));
    for answer in both(&gateway.client(), &ask("ainfera-inference", "hi")).await {
        answer.assert_error(502, "api_error", "all_candidates_failed");
    }
}

#[tokio::test]
async fn row_504_provider_timed_out() {
    let upstream = Upstream::start();
    let catalog = Catalog::new()
        .anthropic("a", &upstream.url())
        .single("m", "a", "0.60", "1");
    let setup = Setup::new()
        .catalog(&catalog)
        .timeouts(|timeouts| (timeouts.first_event, timeouts.answer) = (200, 200));
    let gateway = setup.start().await;
    upstream.script("up-m", Behaviour::silence());
    for model in ["m", "ainfera-inference"] {
        for answer in both(&gateway.client(), &ask(model, "hi")).await {
            answer.assert_error(504, "timeout_error", "timeout_error");
        }
    }
    upstream.wait_idle().await;
}

#[tokio::test]
async fn any_other_error_of_a_pinned_provider_reaches_the_client_unmodified() {
    let world = World::shared().await;
    for status in [400, 404, 413, 422, 429, 500, 503, 529] {
        let lane = world.anthropic();
        let theirs = format!(
            "{{ \"type\":\"error\", \"odd\" : 1.0, \"error\":{{\"type\":\"x\",\"message\":\"{status}\"}}}}\n"
        );
        lane.script(Behaviour::status_body(status, theirs.clone()).header("retry-after", "17"));
        for answer in both(&world.client(), &lane.ask()).await {
            assert_eq!(answer.status, status);
            assert_eq!(answer.text(), theirs);
            assert_eq!(answer.header("retry-after"), Some("17"));
            assert!(answer.request_id().starts_with("req_"), "the id is ours");
        }
    }
}

#[tokio::test]
async fn a_200_with_an_error_as_its_first_event_is_an_http_error() {
    let world = World::shared().await;
    for lane in [world.anthropic(), world.openai()] {
        lane.script(Behaviour::error_first(
            "overloaded_error",
            "Overloaded, it says.",
        ));
        for answer in both(&world.client(), &lane.ask()).await {
            assert!(answer.status >= 500, "{}: {}", answer.status, answer.text());
            assert_eq!(answer.json()["type"], "error");
            assert!(
                answer.text().contains("Overloaded, it says."),
                "{}",
                answer.text()
            );
        }
    }
}
