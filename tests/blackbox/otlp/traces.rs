//! The spans of calls.

use std::time::Duration;

use ainfera_tests::client::{ask, ask_hint};
use ainfera_tests::collector::{Collector, Span};
use ainfera_tests::upstream::{Behaviour, End, Gate, Upstream};
use serde_json::{Value, json};

use super::{TARGET, broken, catalog, start};

const PARENT: &str = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

/// What every child of a call has in common with it.
#[track_caller]
fn all_belong(call: &Span, children: &[Span]) {
    assert_eq!(call.kind, "SERVER");
    for child in children {
        assert_eq!((child.kind, &child.trace), ("CLIENT", &call.trace));
        assert!(
            call.start <= child.start && child.end <= call.end,
            "{child:#?}\nis not within {call:#?}"
        );
    }
    for pair in children.windows(2) {
        assert!(pair[0].end <= pair[1].start, "{pair:#?} overlap");
    }
}

#[tokio::test]
async fn a_routed_call_that_falls_back_is_a_span_with_a_child_for_each_attempt() {
    let (upstream, collector, gateway) = start().await;
    upstream.script("up-first", broken());
    let (message, _) = gateway.client().messages_ok(&ask(TARGET, "hi")).await;
    let id = message.request_id();
    let (call, children) = collector.trace_of(&id).await;
    all_belong(&call, &children);
    let row = gateway.records().outcome(&id);
    let cost = row["cost_nanousd"].as_f64().expect("a cost") / 1e9;

    assert_eq!(call.name, format!("chat {TARGET}"));
    assert_eq!((call.parent.as_str(), call.error), ("", false));
    for (attribute, value) in [
        ("gen_ai.operation.name", json!("chat")),
        ("gen_ai.provider.name", json!("b")),
        ("gen_ai.request.model", json!(TARGET)),
        ("gen_ai.request.max_tokens", json!(100)),
        ("gen_ai.response.model", json!("second")),
        ("gen_ai.response.finish_reasons", json!(["end_turn"])),
        ("gen_ai.usage.input_tokens", json!(25)),
        ("gen_ai.usage.output_tokens", json!(15)),
        ("http.route", json!("/v1/messages")),
        ("http.response.status_code", json!(200)),
        ("ainfera.inference.id", json!(id.replace("req_", "inf_"))),
        ("ainfera.tenant.id", row["tenant_id"].clone()),
        ("ainfera.agent.id", row["agent_id"].clone()),
        ("ainfera.router", json!("policy")),
        ("ainfera.generation", json!(1)),
        ("ainfera.floor", json!(0.5)),
        ("ainfera.outcome", json!("succeeded")),
        ("ainfera.usage_source", json!("reported")),
        ("ainfera.cost_usd", json!(cost)),
        ("error.type", Value::Null),
        ("ainfera.reason", Value::Null),
        ("gen_ai.request.stream", Value::Null),
    ] {
        assert_eq!(call.get(attribute), value, "{attribute} of {call:#?}");
    }

    let [failed, answered] = &children[..] else {
        panic!("{children:#?}");
    };
    let port = upstream.url().rsplit(':').next().map(str::to_owned);
    let port: u16 = port.expect("a port").parse().expect("a number");
    for (child, model, provider) in [(failed, "first", "a"), (answered, "second", "b")] {
        assert_eq!(child.name, format!("chat {model}"));
        for (attribute, value) in [
            ("gen_ai.operation.name", json!("chat")),
            ("gen_ai.provider.name", json!(provider)),
            ("gen_ai.request.model", json!(model)),
            ("server.address", json!("127.0.0.1")),
            ("server.port", json!(port)),
            // On the call's own span, once.
            ("gen_ai.usage.input_tokens", Value::Null),
        ] {
            assert_eq!(child.get(attribute), value, "{attribute} of {child:#?}");
        }
    }
    assert!(failed.error && !answered.error);
    assert_eq!(failed.get("http.response.status_code"), 503);
    assert_eq!(failed.get("error.type"), "503");
    assert_eq!(failed.get("ainfera.outcome"), "status");
    assert_eq!(answered.get("error.type"), Value::Null);
    assert_eq!(answered.get("gen_ai.response.model"), "second");
}

#[tokio::test]
async fn a_streams_attempt_lasts_to_its_end_and_knows_its_first_event() {
    let (upstream, collector, gateway) = start().await;
    let gate = Gate::new();
    upstream.script("up-first", Behaviour::text("bit by bit").gated(&gate));
    let mut streaming = gateway.client().open_stream(&ask("first", "hi")).await;
    streaming.next().await.expect("a first event");
    let held = Duration::from_millis(50);
    tokio::time::sleep(held).await;
    gate.open();
    let id = streaming.request_id();
    streaming.rest().await;
    let (call, children) = collector.trace_of(&id).await;
    all_belong(&call, &children);
    assert_eq!(call.get("gen_ai.request.stream"), true);
    let [attempt] = &children[..] else {
        panic!("{children:#?}");
    };
    let first = attempt.get("gen_ai.response.time_to_first_chunk");
    let first = first.as_f64().map(Duration::from_secs_f64).expect("a time");
    assert!(attempt.took() >= held + first, "{attempt:#?}");
    assert_eq!(attempt.end, call.end);
    collector
        .counted("gen_ai.server.time_to_first_token", &[], 1)
        .await;
    collector
        .counted("gen_ai.client.operation.time_to_first_chunk", &[], 1)
        .await;
}

#[tokio::test]
async fn ends_that_are_no_success_are_told_apart() {
    let (upstream, collector, gateway) = start().await;
    let client = gateway.client();

    upstream.enqueue("up-first", Behaviour::text("never all").ending(End::Abort));
    let streaming = client.open_stream(&ask("first", "dies")).await;
    let id = streaming.request_id();
    streaming.rest().await;
    let (call, children) = collector.trace_of(&id).await;
    all_belong(&call, &children);
    assert!(call.error && children[0].error, "{call:#?} {children:#?}");
    assert_eq!(call.get("ainfera.outcome"), "interrupted");
    assert_eq!(call.get("error.type"), "provider_died");
    assert_eq!(children[0].get("error.type"), "provider_died");

    let gate = Gate::new();
    upstream.enqueue("up-first", Behaviour::text("unheard").gated(&gate));
    let mut streaming = client.open_stream(&ask("first", "leaves")).await;
    streaming.next().await.expect("a first event");
    let id = streaming.request_id();
    drop(streaming);
    let (call, children) = collector.trace_of(&id).await;
    all_belong(&call, &children);
    assert!(!call.error, "{call:#?}");
    assert_eq!(call.get("ainfera.outcome"), "cancelled");
    assert_eq!(call.get("ainfera.reason"), "client_left");
    assert_eq!(call.get("error.type"), Value::Null);

    let none = client
        .messages(&ask_hint(TARGET, json!({"min_quality": "0.99"})))
        .await;
    assert_eq!(none.status, 422);
    let (call, children) = collector.trace_of(&none.request_id()).await;
    assert!(
        children.is_empty() && !call.error,
        "{call:#?} {children:#?}"
    );
    assert_eq!(call.get("ainfera.outcome"), "rejected_floor");
    assert_eq!(call.get("ainfera.inference.id"), Value::Null);
    assert_eq!(call.get("gen_ai.provider.name"), Value::Null);
    assert_eq!(call.get("http.response.status_code"), 422);

    upstream.script("up-first", broken());
    upstream.script("up-second", broken());
    let failed = client.messages(&ask(TARGET, "fails")).await;
    assert_eq!(failed.status, 502);
    let (call, children) = collector.trace_of(&failed.request_id()).await;
    all_belong(&call, &children);
    assert_eq!((children.len(), call.error), (2, true), "{call:#?}");
    assert_eq!(call.get("error.type"), "all_candidates_failed");

    let outcome = |outcome| [("ainfera.outcome", outcome)];
    for ended in ["interrupted", "cancelled", "rejected_floor", "failed"] {
        collector.counted("ainfera.calls", &outcome(ended), 1).await;
    }
}

#[tokio::test]
async fn an_offer_that_is_passed_over_is_an_event_and_no_attempt() {
    let (upstream, collector) = (Upstream::start(), Collector::start());
    let breaker = "\n[breaker]\nfailures = 1\nopen_ms = 600000\nmax_open_ms = 600000\n";
    let setup = catalog(&upstream).config(breaker);
    let gateway = collector.exported_to(setup).start().await;
    upstream.script("up-first", broken());
    gateway.client().messages_ok(&ask(TARGET, "opens it")).await;
    let (message, _) = gateway.client().messages_ok(&ask(TARGET, "skips it")).await;
    let (call, children) = collector.trace_of(&message.request_id()).await;
    all_belong(&call, &children);
    assert_eq!(children.len(), 1, "{children:#?}");
    let [(name, about)] = &call.events[..] else {
        panic!("{call:#?}");
    };
    assert_eq!(name, "ainfera.offer_skipped");
    assert_eq!(about["gen_ai.request.model"], "first");
}

#[tokio::test]
async fn a_callers_span_is_the_parent_and_goes_no_further() {
    let (upstream, collector, gateway) = start().await;
    let with = |value: &str| gateway.client().with_header("traceparent", value);
    let (message, _) = with(PARENT).messages_ok(&ask("first", "hi")).await;
    let (call, children) = collector.trace_of(&message.request_id()).await;
    all_belong(&call, &children);
    assert_eq!(call.trace, "0af7651916cd43dd8448eb211c80319c");
    assert_eq!(call.parent, "b7ad6b7169203331");
    assert_eq!(
        upstream.only_request_for("up-first").header("traceparent"),
        None
    );

    let malformed = PARENT.to_uppercase();
    let (message, _) = with(&malformed).messages_ok(&ask("first", "hi")).await;
    let (call, _) = collector.trace_of(&message.request_id()).await;
    assert_eq!(call.parent, "");

    // Who is not sampled is not, and what comes after is.
    let unsampled = PARENT.replace("-01", "-00");
    let (unsampled, _) = with(&unsampled).messages_ok(&ask("first", "hi")).await;
    let (message, _) = gateway.client().messages_ok(&ask("first", "hi")).await;
    collector.trace_of(&message.request_id()).await;
    let id = unsampled.request_id();
    let told = collector.spans();
    assert!(!told.iter().any(|span| span.is("ainfera.request.id", &id)));
    // It is counted all the same.
    collector.counted("ainfera.calls", &[], 4).await;
}
