//! The exit table of the specification: every way out of a routed call writes
//! exactly one row. A test for each row that exists yet, named after it.

use ainfera_tests::client::{Answer, Dialect, ask, ask_hint, streamed};
use ainfera_tests::gateway::{Catalog, Gateway, Setup};
use ainfera_tests::records::Row;
use ainfera_tests::upstream::{Behaviour, End, Gate, Upstream};
use ainfera_tests::wait;
use serde_json::{Value, json};

const TARGET: &str = "ainfera-inference";

async fn one() -> (Upstream, Gateway) {
    let upstream = Upstream::start();
    let catalog = Catalog::new()
        .anthropic("a", &upstream.url())
        .single("m", "a", "0.60", "2");
    let gateway = Setup::new().catalog(&catalog).start().await;
    (upstream, gateway)
}

fn request(stream: bool) -> Value {
    let mut body = ask(TARGET, "hello");
    body["stream"] = stream.into();
    body
}

fn has_inference(row: &Row) -> bool {
    row["inference_id"]
        .as_str()
        .is_some_and(|id| id.starts_with("inf_"))
}

#[tokio::test]
async fn answered_succeeded() {
    let (_upstream, gateway) = one().await;
    for stream in [false, true] {
        let answer = gateway.client().messages(&request(stream)).await;
        // Whoever saw the end has a settled row: no waiting here.
        let row = gateway.records().outcome(&answer.request_id());
        assert_eq!(row["outcome_status"], "succeeded");
        assert!(has_inference(&row));
        assert_eq!(row["input_tokens"], 25);
        assert_eq!(row["output_tokens"], 15);
        // 25 × $2 and 15 × $5 for a million, in nano-dollars.
        assert_eq!(row["cost_nanousd"], 25 * 2_000 + 15 * 5_000);
        assert_eq!(row["stop_reason"], "end_turn");
        assert_eq!(row["stream"], i64::from(stream));
        assert_eq!(row["catalog_version"], 1);
        assert_eq!(row["text_bytes"], 5);
        assert_eq!(row["max_tokens"], 100);
        assert!(row["latency_us"].as_i64().is_some_and(|us| us > 0));
        assert!(row["first_token_us"].as_i64().is_some_and(|us| us > 0));
        let candidates = ainfera_tests::records::parse(&row["candidates"]);
        assert_eq!(candidates.as_array().map(Vec::len), Some(1), "{candidates}");
        let records = gateway.records();
        for event in ["inference.routed", "inference.completed"] {
            let events = records.audit_of(event, &answer.request_id());
            assert_eq!(events.len(), 1, "{event}");
        }
        assert_eq!(
            records.audit_of("inference.routed", &answer.request_id())[0]["router"],
            "policy"
        );
    }
}

#[tokio::test]
async fn no_candidate_rejected_floor() {
    let (upstream, gateway) = one().await;
    for stream in [false, true] {
        let mut body = ask_hint(TARGET, json!({"min_quality": "0.61"}));
        body["stream"] = stream.into();
        let answer = gateway.client().messages(&body).await;
        assert_eq!(answer.status, 422);
        let row = gateway.records().outcome(&answer.request_id());
        assert_eq!(row["outcome_status"], "rejected_floor");
        assert_eq!(row["reject_reason"], "floor");
        assert!(
            row["nearest_miss"].to_string().contains("m@a"),
            "{}",
            row["nearest_miss"]
        );
        assert_eq!(row["inference_id"], Value::Null);
        assert_eq!(
            answer.header("x-ainfera-inference-id"),
            None,
            "never invented"
        );
        assert!(
            gateway
                .records()
                .inferences_of(&answer.request_id())
                .is_empty()
        );
    }
    assert!(upstream.requests().is_empty());
}

#[tokio::test]
async fn agent_inactive_refused() {
    let (upstream, gateway) = one().await;
    let admin = gateway.admin();
    let agent = admin.only_agent().await;
    admin
        .patch(&format!("agents/{agent}"), &json!({"status": "suspended"}))
        .await;
    let answer = gateway.client().messages(&request(true)).await;
    let row = gateway.records().outcome(&answer.request_id());
    assert_eq!(row["outcome_status"], "refused");
    assert_eq!(row["inference_id"], Value::Null);
    assert!(upstream.requests().is_empty());
    let pinned = gateway.client().messages(&ask("m", "hi")).await;
    pinned.assert_error(409, "invalid_request_error", "agent_not_active");
    assert!(
        gateway
            .records()
            .outcomes_of(&pinned.request_id())
            .is_empty()
    );
}

#[tokio::test]
async fn every_candidate_failed_failed() {
    let (upstream, gateway) = one().await;
    upstream.script("up-m", Behaviour::status(500, "api_error", "boom"));
    for stream in [false, true] {
        let answer = gateway.client().messages(&request(stream)).await;
        assert_eq!(answer.status, 502);
        let row = gateway.records().outcome(&answer.request_id());
        assert_eq!(row["outcome_status"], "failed");
        assert!(has_inference(&row), "it was dispatched");
        assert_eq!(row["http_status"], 502);
    }
}

#[tokio::test]
async fn one_answered_400_413_or_422_failed() {
    let (upstream, gateway) = one().await;
    for status in [400, 413, 422] {
        upstream.script(
            "up-m",
            Behaviour::status(status, "invalid_request_error", "no"),
        );
        let answer = gateway.client().messages(&request(status == 413)).await;
        assert_eq!(answer.status, status);
        let row = gateway.records().outcome(&answer.request_id());
        assert_eq!(row["outcome_status"], "failed");
        assert!(has_inference(&row));
    }
}

#[tokio::test]
async fn provider_broke_after_the_first_event_interrupted() {
    let (upstream, gateway) = one().await;
    for end in [
        End::Abort,
        End::Close,
        End::Error("api_error".into(), "broke".into()),
    ] {
        upstream.script("up-m", Behaviour::text("one two").ending(end));
        let streamed = gateway.client().stream(&request(true)).await;
        // The error event is an end too: the row is settled by then.
        let row = gateway.records().outcome(&streamed.request_id());
        assert_eq!(row["outcome_status"], "interrupted");
        assert!(has_inference(&row));
        assert_eq!(row["input_tokens"], 25, "what message_start said");
    }
}

#[tokio::test]
async fn client_left_cancelled() {
    let (upstream, gateway) = one().await;
    upstream.script("up-m", Behaviour::text("one two").ending(End::Hang));
    let mut stream = gateway.client().open_stream(&request(true)).await;
    let id = stream.request_id();
    stream.next_named("content_block_delta").await;
    drop(stream);
    let row = gateway.records().settled(&id, "cancelled").await;
    assert!(has_inference(&row));
    assert_eq!(row["input_tokens"], 25);
    upstream.wait_idle().await;
}

#[tokio::test]
async fn found_pending_after_a_crash_abandoned() {
    let (upstream, gateway) = one().await;
    upstream.script("up-m", Behaviour::text("one two").ending(End::Hang));
    let mut stream = gateway.client().open_stream(&request(true)).await;
    let id = stream.request_id();
    stream.next_named("content_block_delta").await;
    assert_eq!(gateway.records().outcome(&id)["outcome_status"], "pending");
    gateway.kill();
    let gateway = gateway.restart().await;
    let row = gateway.records().settled(&id, "abandoned").await;
    assert_eq!(row["usage_source"], "unknown");
    assert!(has_inference(&row));
    drop(stream);
    upstream.script("up-m", Behaviour::text("well"));
    gateway.client().messages_ok(&request(false)).await;
    assert_eq!(gateway.records().outcomes().len(), 2);
}

#[tokio::test]
async fn passthrough_any_of_these_no_row_but_a_direct_event() {
    let (upstream, gateway) = one().await;
    let client = gateway.client();
    let mut ids = Vec::new();
    for behaviour in [
        Behaviour::text("fine"),
        Behaviour::status(500, "api_error", "boom"),
        Behaviour::status(400, "invalid_request_error", "no"),
        Behaviour::text("one two").ending(End::Abort),
        Behaviour::hang_up(),
    ] {
        upstream.script("up-m", behaviour);
        let mut body = ask("m", "hi");
        body["stream"] = true.into();
        let streaming = client.open("/v1/messages", body.to_string()).await;
        ids.push(streaming.request_id());
        streaming.rest().await;
    }
    let records = gateway.records();
    assert!(records.outcomes().is_empty());
    for id in &ids {
        let events = records.audit_of("inference.routed", id);
        assert_eq!(events.len(), 1, "{id}");
        assert_eq!(events[0]["router"], "direct");
        assert_eq!(records.inferences_of(id).len(), 1);
        wait::until("its completion in the audit", || {
            (records.audit_of("inference.completed", id).len() == 1).then_some(())
        })
        .await;
    }
}

#[tokio::test]
async fn the_row_is_committed_before_a_provider_is_called() {
    let (upstream, gateway) = one().await;
    let gate = Gate::new();
    upstream.script("up-m", Behaviour::text("x").held(&gate));
    let client = gateway.client();
    let call = tokio::spawn(async move { client.messages(&request(false)).await });
    upstream.wait_for("up-m", 1).await;
    let rows = gateway.records().outcomes();
    assert_eq!(
        rows.len(),
        1,
        "the row is there when the provider sees the call"
    );
    assert_eq!(rows[0]["outcome_status"], "pending");
    gate.open();
    let answer: Answer = call.await.expect("an answer");
    assert_eq!(
        answer.request_id(),
        rows[0]["request_id"].as_str().unwrap_or_default()
    );
}

#[tokio::test]
async fn the_end_of_a_stream_waits_for_the_commit_and_the_rest_does_not() {
    let upstream = Upstream::start();
    let catalog = Catalog::new()
        .anthropic("a", &upstream.url())
        .openai("b", &upstream.openai_url())
        .single("m", "a", "0.60", "1")
        .single("n", "b", "0.60", "1");
    let gateway = Setup::new().catalog(&catalog).start().await;
    // Over `m` it is translated for two of the dialects, over `n` for the others.
    for (provider, model) in [("a", "up-m"), ("b", "up-n")] {
        for dialect in Dialect::ALL {
            let gate = Gate::new();
            upstream.script(model, Behaviour::text("one two").gated(&gate));
            gate.release(if model == "up-m" { 2 } else { 1 });
            let request = ask_hint(TARGET, json!({"allow_providers": [provider]}));
            let body = dialect.body(&streamed(&request, true)).to_string();
            let mut stream = gateway.client().open(dialect.path(), body).await;
            let id = stream.request_id();
            let mut came = String::new();
            while !came.contains("one ") {
                came += &stream.next().await.expect("a word").data.to_string();
            }
            let row = gateway.records().outcome(&id);
            assert_eq!(row["outcome_status"], "pending", "{dialect:?}");
            gate.open();
            let end = match dialect {
                Dialect::Anthropic => "message_stop",
                Dialect::OpenAi => "[DONE]",
                Dialect::Native => "inference.completed",
            };
            let last = loop {
                let event = stream.next().await.expect("an end");
                if event.name == end || event.data == end {
                    break gateway.records().outcome(&id);
                }
            };
            assert_eq!(last["outcome_status"], "succeeded", "{dialect:?}");
        }
    }
}
