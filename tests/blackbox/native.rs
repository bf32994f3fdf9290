//! `POST /v1/inferences`: the gateway's own form, and the decision that it shows.

use ainfera_tests::client::{Answer, Dialect, ask, ask_hint, streamed};
use ainfera_tests::gateway::{Catalog, Gateway, Setup};
use ainfera_tests::records::parse;
use ainfera_tests::upstream::{Behaviour, Upstream};
use serde_json::{Value, json};

const TARGET: &str = "ainfera-inference";

/// `good` at $1 a million, `better` at $2, and an open gate.
async fn live() -> (Upstream, Gateway) {
    let upstream = Upstream::start();
    let catalog = Catalog::new()
        .anthropic("a", &upstream.url())
        .openai("b", &upstream.openai_url())
        .single("good", "a", "0.50", "1")
        .single("better", "b", "0.60", "2");
    let setup = Setup::new().live().catalog(&catalog);
    (upstream, setup.start().await)
}

/// The answer of a call, the same whether it is streamed or not.
async fn inference(gateway: &Gateway, request: &Value, stream: bool) -> (Answer, Value) {
    let client = gateway.client();
    if !stream {
        let answer = client.call(Dialect::Native, request).await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        let body = answer.json();
        return (answer, body);
    }
    let streamed = client.call_stream(Dialect::Native, request).await;
    let whole = streamed.inference();
    assert!(whole.error.is_none(), "{whole:?}");
    let answer = Answer {
        status: streamed.status,
        headers: streamed.headers,
        body: streamed.raw,
    };
    (answer, whole.whole().into())
}

#[tokio::test]
async fn a_routed_answer_shows_the_decision_as_it_is_recorded() {
    let (_upstream, gateway) = live().await;
    let hint = json!({"routing_preference": "quality", "task_type": "test"});
    for stream in [false, true] {
        let request = ask_hint("ainfera/auto", hint.clone());
        let (answer, body) = inference(&gateway, &request, stream).await;
        let row = gateway.records().outcome(&answer.request_id());
        assert_eq!(body["id"], row["inference_id"]);
        assert_eq!(answer.header("x-ainfera-inference-id"), body["id"].as_str());
        assert_eq!(body["model"], "better@b");
        assert_eq!(body["provider"], "b");
        assert!(
            body["created"]
                .as_i64()
                .is_some_and(|at| at > 1_700_000_000)
        );
        assert_eq!(
            body["content_blocks"],
            json!([{"type": "text", "text": "Answer of up-better."}])
        );
        assert_eq!(body["finish_reason"], "end_turn");
        assert_eq!(body.get("stop_sequence"), None);
        let usage = json!({"input_tokens": 25, "output_tokens": 15, "cache_read_tokens": 0});
        for (name, count) in usage.as_object().expect("an object") {
            assert_eq!(body["usage"][name], *count, "{body}");
        }
        // 25 at $2 and 15 at $5 a million.
        assert_eq!(body["cost_usd"], "0.000125");
        assert_eq!(row["cost_nanousd"], 125_000);
        let decision = &body["decision"];
        for (field, value) in [
            ("router", json!("policy")),
            ("requested", json!("ainfera/auto")),
            ("target", json!(TARGET)),
            ("generation", json!(1)),
            ("preference", json!("quality")),
            ("base_floor", json!("0.50")),
            ("dialled", json!("0.60")),
            ("floor", json!("0.60")),
            ("catalog_version", json!(1)),
            ("choice", json!("better@b")),
        ] {
            assert_eq!(decision[field], value, "{field} of {decision}");
        }
        for field in ["floor", "generation", "choice", "preference", "requested"] {
            assert_eq!(decision[field], row[field], "{field}");
        }
        let candidates = decision["candidates"].as_array().expect("candidates");
        let recorded = parse(&row["candidates"]);
        let recorded = recorded.as_array().expect("candidates");
        assert_eq!(candidates.len(), recorded.len());
        for (shown, kept) in candidates.iter().zip(recorded) {
            assert_eq!(shown["offer"], kept["offer"]);
            assert_eq!(shown["quality"], kept["quality"]);
            assert!(shown["estimate_nanousd"].is_u64(), "{shown}");
        }
        let receipt = answer.request_id().replace("req_", "rcp_");
        assert_eq!(body["receipt_id"], receipt);
    }
}

#[tokio::test]
async fn a_pinned_answer_says_that_nothing_was_decided() {
    let (upstream, gateway) = live().await;
    for stream in [false, true] {
        let (answer, body) = inference(&gateway, &ask("good", "hi"), stream).await;
        assert_eq!(body["model"], "good@a");
        assert_eq!(body["provider"], "a");
        let decision = &body["decision"];
        assert_eq!(decision["router"], "direct");
        assert_eq!(decision["requested"], "good");
        assert_eq!(decision["choice"], "good@a");
        for absent in ["target", "generation", "floor", "dialled", "base_floor"] {
            assert_eq!(decision.get(absent), None, "{absent} of {decision}");
        }
        assert_eq!(answer.header("x-ainfera-generation"), None);
    }
    assert_eq!(upstream.requests_for("up-good").len(), 2);
}

#[tokio::test]
async fn after_a_fallback_the_model_is_the_one_that_answers() {
    let (upstream, gateway) = live().await;
    upstream.script("up-good", Behaviour::status(500, "api_error", "boom"));
    for stream in [false, true] {
        let (_, body) = inference(&gateway, &ask(TARGET, "hi"), stream).await;
        assert_eq!(body["model"], "better@b");
        assert_eq!(body["provider"], "b");
        assert_eq!(body["decision"]["choice"], "good@a", "what was chosen");
    }
}

#[tokio::test]
async fn the_end_of_a_stream_waits_for_the_commit() {
    let (_upstream, gateway) = live().await;
    let body = streamed(&Dialect::Native.body(&ask(TARGET, "hi")), true).to_string();
    let mut stream = gateway.client().open(Dialect::Native.path(), body).await;
    stream.next_named("inference.completed").await;
    let row = gateway.records().outcome(&stream.request_id());
    assert_eq!(row["outcome_status"], "succeeded");
}

#[tokio::test]
async fn a_key_is_taken_either_way() {
    let (_upstream, gateway) = live().await;
    let client = gateway.client().with_key("");
    for (name, value) in [
        ("x-api-key", ainfera_tests::gateway::API_KEY.to_owned()),
        (
            "authorization",
            format!("Bearer {}", ainfera_tests::gateway::API_KEY),
        ),
    ] {
        for dialect in Dialect::ALL {
            let client = client.clone().with_header(name, &value);
            client.hear(dialect, &ask("good", "hi"), false).await;
        }
    }
}
