//! The error table of the specification, before the first event: a test for each
//! row that exists yet, in every dialect, streamed and not. Rows with a richer test
//! elsewhere are named here.

mod first_event;
mod malformed;
mod provider;

use ainfera_tests::client::{Answer, Client, Dialect, ask, ask_hint};
use ainfera_tests::gateway::{Catalog, Gateway, Offer, Setup};
use ainfera_tests::upstream::{Behaviour, Upstream, closed_port};
use ainfera_tests::world::World;
use serde_json::{Value, json};

/// The same call in every dialect, not streamed and streamed.
async fn all(client: &Client, request: &Value) -> Vec<(Dialect, Answer)> {
    let mut answers = Vec::new();
    for dialect in Dialect::ALL {
        let both = client.call_both(dialect, request).await;
        answers.extend(both.map(|answer| (dialect, answer)));
    }
    answers
}

/// A model of each protocol, `m-a`, `m-b` and `m-c`, at these three base URLs.
fn three(urls: [&str; 3]) -> Catalog {
    Catalog::new()
        .anthropic("a", urls[0])
        .openai("b", urls[1])
        .responses("c", urls[2])
        .single("m-a", "a", "0.60", "1")
        .single("m-b", "b", "0.60", "2")
        .single("m-c", "c", "0.60", "3")
}

const MODELS: [&str; 3] = ["m-a", "m-b", "m-c"];

async fn three_at(upstream: &Upstream) -> Gateway {
    let (anthropic, openai) = (upstream.url(), upstream.openai_url());
    let catalog = three([&anthropic, &openai, &openai]);
    Setup::new().catalog(&catalog).start().await
}

#[tokio::test]
async fn row_400_bad_hint() {
    let world = World::shared().await;
    for (hint, named) in [
        (json!({"quality": 1}), "quality"),
        (json!({"min_quality": true}), "min_quality"),
        (json!({"max_cost": "-1"}), "max_cost"),
        (json!([]), "routing_hint"),
    ] {
        let request = ask_hint("ainfera-inference", hint);
        for (dialect, answer) in all(&world.client(), &request).await {
            let kind = "invalid_request_error";
            let said = answer.assert_error_in(dialect, 400, kind, "invalid_request_error");
            assert!(said.contains(named), "{dialect:?}: {said}");
        }
    }
}

#[tokio::test]
async fn row_401_missing_or_bad_key() {
    let world = World::shared().await;
    for key in ["", "wrong"] {
        let client = world.client().with_key(key);
        for (dialect, answer) in all(&client, &ask("ainfera-inference", "hi")).await {
            let kind = "authentication_error";
            answer.assert_error_in(dialect, 401, kind, "authentication_error");
        }
        let client = client.with_header("anthropic-version", "2023-06-01");
        for path in ["/v1/models", "/v1/models/ainfera-inference"] {
            let answer = client.get(path).await;
            answer.assert_error(401, "authentication_error", "authentication_error");
        }
    }
}

#[tokio::test]
async fn row_403_model_not_allowed_for_the_agent() {
    let upstream = Upstream::start();
    let gateway = three_at(&upstream).await;
    let admin = gateway.admin();
    let agent = admin.only_agent().await;
    let change = json!({"allowed_models": ["m-b"]});
    let patched = admin.patch(&format!("agents/{agent}"), &change).await;
    assert_eq!(patched.status, 200, "{}", patched.text());
    let client = gateway.client();
    for model in ["m-a", "m-c", "m-a@a"] {
        for (dialect, answer) in all(&client, &ask(model, "hi")).await {
            let said = answer.assert_error_in(dialect, 403, "permission_error", "permission_error");
            assert!(said.contains(model), "{dialect:?}: {said}");
            let records = gateway.records();
            assert!(records.inferences_of(&answer.request_id()).is_empty());
        }
    }
    // What is allowed is called, also where the cheapest is not.
    for model in ["m-b", "m-b@b", "ainfera-inference"] {
        for dialect in Dialect::ALL {
            let heard = client.hear(dialect, &ask(model, "hi"), true).await;
            assert_eq!(heard.headers["x-ainfera-model"], "m-b@b", "{model}");
        }
    }
    assert!(upstream.requests_for("up-m-a").is_empty());
    // An agent that may call nothing has no candidate, and no model to be told of.
    let change = json!({"allowed_models": []});
    admin.patch(&format!("agents/{agent}"), &change).await;
    for (dialect, answer) in all(&client, &ask("ainfera-inference", "hi")).await {
        answer.assert_error_in(dialect, 422, "invalid_request_error", "no_candidate");
    }
}

#[tokio::test]
async fn row_404_unknown_model_and_unknown_path() {
    let world = World::shared().await;
    for (dialect, answer) in all(&world.client(), &ask("no-such-model", "hi")).await {
        let said = answer.assert_error_in(dialect, 404, "not_found_error", "not_found_error");
        assert!(said.contains("no-such-model"), "{said}");
    }
    let client = world.client();
    for path in [
        "/v1/nothing",
        "/v1/models/no-such-model",
        "/v1/models/a/b/c",
    ] {
        let answer = client.get(path).await;
        answer.assert_error_in(Dialect::OpenAi, 404, "not_found_error", "not_found_error");
        let client = client
            .clone()
            .with_header("anthropic-version", "2023-06-01");
        let answer = client.get(path).await;
        answer.assert_error(404, "not_found_error", "not_found_error");
    }
    for dialect in Dialect::ALL {
        let answer = client.get(dialect.path()).await;
        assert_eq!(answer.status, 405, "{}", answer.text());
        answer.error_message();
    }
}

#[tokio::test]
async fn row_409_agent_not_active() {
    let upstream = Upstream::start();
    let gateway = three_at(&upstream).await;
    let admin = gateway.admin();
    let agent = format!("agents/{}", admin.only_agent().await);
    let patched = admin.patch(&agent, &json!({"status": "suspended"})).await;
    assert_eq!(patched.status, 200, "{}", patched.text());
    for (dialect, answer) in all(&gateway.client(), &ask("ainfera-inference", "hi")).await {
        answer.assert_error_in(dialect, 409, "invalid_request_error", "agent_not_active");
        let row = gateway.records().outcome(&answer.request_id());
        assert_eq!(row["outcome_status"], "refused");
        assert_eq!(row["reason"], "agent_not_active");
    }
    for (dialect, answer) in all(&gateway.client(), &ask("m-b", "hi")).await {
        answer.assert_error_in(dialect, 409, "invalid_request_error", "agent_not_active");
    }
    assert!(upstream.requests().is_empty());
    let patched = admin.patch(&agent, &json!({"status": "active"})).await;
    assert_eq!(patched.status, 200, "{}", patched.text());
    let request = ask("ainfera-inference", "hi");
    gateway.client().hear(Dialect::OpenAi, &request, true).await;
}

#[tokio::test]
async fn row_413_body_too_large() {
    let world = World::shared().await;
    for dialect in Dialect::ALL {
        let body = vec![b' '; 32 * 1024 * 1024 + 1];
        let answer = world.client().post_bytes(dialect.path(), body).await;
        answer.assert_error_in(dialect, 413, "request_too_large", "request_too_large");
    }
}

#[tokio::test]
async fn row_422_no_candidate() {
    let world = World::shared().await;
    let request = ask_hint("ainfera-inference", json!({"min_quality": "0.99"}));
    for (dialect, answer) in all(&world.client(), &request).await {
        let said = answer.assert_error_in(dialect, 422, "invalid_request_error", "no_candidate");
        assert!(
            said.contains("0.99"),
            "says which floor was not met: {said}"
        );
    }
}

#[tokio::test]
async fn row_422_tools_not_supported_by_backend() {
    let upstream = Upstream::start();
    let mut catalog = Catalog::new()
        .anthropic("a", &upstream.url())
        .openai("b", &upstream.openai_url())
        .responses("c", &upstream.openai_url());
    for provider in ["a", "b", "c"] {
        let model = format!("plain-{provider}");
        catalog = catalog
            .model(&model, "0.60")
            .offer(Offer::new(&model, provider, &format!("up-{model}")).without_tools());
    }
    let gateway = Setup::new().catalog(&catalog).start().await;
    let tools = json!([{"name": "f", "input_schema": {"type": "object"}}]);
    for provider in ["a", "b", "c"] {
        let model = format!("plain-{provider}");
        let mut request = ask(&model, "hi");
        request["tools"] = tools.clone();
        for (dialect, answer) in all(&gateway.client(), &request).await {
            let said = answer.assert_error_in(
                dialect,
                422,
                "invalid_request_error",
                "tools_not_supported_by_backend",
            );
            let backend = format!("{model}@{provider}");
            assert!(said.contains(&backend), "names the backend: {said}");
            assert!(said.contains("tools"), "and the remedy: {said}");
            let records = gateway.records();
            assert!(records.inferences_of(&answer.request_id()).is_empty());
        }
    }
    let mut request = ask("ainfera-inference", "hi");
    request["tools"] = tools;
    for (dialect, answer) in all(&gateway.client(), &request).await {
        answer.assert_error_in(dialect, 422, "invalid_request_error", "no_candidate");
        let row = gateway.records().outcome(&answer.request_id());
        assert_eq!(row["reject_reason"], "capability");
    }
    assert!(upstream.requests().is_empty());
}

#[tokio::test]
async fn row_429_rate_limit() {
    let upstream = Upstream::start();
    let gateway = three_at(&upstream).await;
    for model in MODELS {
        let busy = Behaviour::status(429, "rate_limit_error", "Slow down.");
        upstream.script(&format!("up-{model}"), busy.header("retry-after", "7"));
    }
    for (dialect, answer) in all(&gateway.client(), &ask("ainfera-inference", "hi")).await {
        answer.assert_error_in(dialect, 429, "rate_limit_error", "rate_limit_error");
        assert_eq!(answer.header("retry-after"), Some("7"));
    }
    // A key's own limit is in `limits`.
}

#[tokio::test]
async fn row_502_candidates_failed() {
    let upstream = Upstream::start();
    let gateway = three_at(&upstream).await;
    for model in MODELS {
        let broken = Behaviour::status(500, "api_error", "boom");
        upstream.script(&format!("up-{model}"), broken);
    }
    for (dialect, answer) in all(&gateway.client(), &ask("ainfera-inference", "hi")).await {
        answer.assert_error_in(dialect, 502, "api_error", "all_candidates_failed");
    }
}

#[tokio::test]
async fn row_502_pinned_provider_unreachable() {
    let gone = closed_port();
    let catalog = three([&gone, &gone, &gone]);
    let gateway = Setup::new().catalog(&catalog).start().await;
    for model in MODELS {
        for (dialect, answer) in all(&gateway.client(), &ask(model, "hi")).await {
            answer.assert_error_in(dialect, 502, "api_error", "provider_error");
        }
    }
}

#[tokio::test]
async fn row_502_pinned_provider_refused_our_key_or_account() {
    let world = World::shared().await;
    for lane in world.each() {
        for status in [401, 402, 403] {
            let theirs =
                Behaviour::status(status, "authentication_error", "your key sk-123 is bad");
            lane.script(theirs);
            for (dialect, answer) in all(&world.client(), &lane.ask()).await {
                let said = answer.assert_error_in(dialect, 502, "api_error", "provider_error");
                assert!(!said.contains("sk-123"), "no concern of the client: {said}");
            }
        }
    }
}

#[tokio::test]
async fn row_504_provider_timed_out() {
    let upstream = Upstream::start();
    let (anthropic, openai) = (upstream.url(), upstream.openai_url());
    let setup = Setup::new()
        .catalog(&three([&anthropic, &openai, &openai]))
        .timeouts(|timeouts| (timeouts.first_event, timeouts.answer) = (150, 150));
    let gateway = setup.start().await;
    let mut calls = Vec::new();
    for model in MODELS {
        upstream.script(&format!("up-{model}"), Behaviour::silence());
    }
    for model in [MODELS[0], MODELS[1], MODELS[2], "ainfera-inference"] {
        let client = gateway.client();
        calls.push(tokio::spawn(async move {
            all(&client, &ask(model, "hi")).await
        }));
    }
    for call in calls {
        for (dialect, answer) in call.await.expect("answers") {
            answer.assert_error_in(dialect, 504, "timeout_error", "timeout_error");
        }
    }
    upstream.wait_idle().await;
}

#[tokio::test]
async fn request_ids_come_with_every_error_in_the_headers_of_the_dialect() {
    let world = World::shared().await;
    for (dialect, answer) in all(&world.client(), &ask("no-such-model", "hi")).await {
        let id = answer.request_id();
        assert!(id.starts_with("req_") && id.len() == 20, "{id}");
        let theirs = (dialect == Dialect::OpenAi).then_some(id.as_str());
        assert_eq!(answer.header("x-request-id"), theirs, "{dialect:?}");
    }
}
