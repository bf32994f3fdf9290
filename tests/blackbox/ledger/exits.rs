//! What each way out of a call charges.

use ainfera_tests::client::ask;
use ainfera_tests::gateway::{Catalog, Gateway, Offer, Setup};
use ainfera_tests::upstream::{Behaviour, End, Upstream};
use serde_json::{Value, json};

use super::{balance, balances, request, start, tenant};

/// Hold, charge, cost and usage of the call.
fn money(gateway: &Gateway, request_id: &str) -> [Value; 4] {
    let key = ainfera_tests::records::key_of(request_id);
    let row = gateway
        .records()
        .query(&format!(
            "SELECT o.hold_nanousd, c.charged_nanousd, c.cost_nanousd, c.usage_source
             FROM call_opened o JOIN call_closed c ON c.key = o.key WHERE o.key = {key}"
        ))
        .remove(0);
    [
        "hold_nanousd",
        "charged_nanousd",
        "cost_nanousd",
        "usage_source",
    ]
    .map(|name| row[name].clone())
}

const BOTH: [&str; 2] = ["m", "ainfera-inference"];

#[tokio::test]
async fn answered_is_charged_what_was_reported() {
    let (upstream, gateway) = start().await;
    upstream.script("up-m", Behaviour::text("one two"));
    for model in BOTH {
        for stream in [false, true] {
            let id = if stream {
                gateway
                    .client()
                    .stream_ok(&request(model, true))
                    .await
                    .0
                    .request_id()
            } else {
                gateway
                    .client()
                    .messages_ok(&request(model, false))
                    .await
                    .0
                    .request_id()
            };
            let [_, charged, cost, source] = money(&gateway, &id);
            assert_eq!(
                (charged, cost),
                (json!(100_000), json!(100_000)),
                "{model} {stream}"
            );
            assert_eq!(source, "reported");
        }
    }
    balances(&gateway);
}

#[tokio::test]
async fn failed_is_charged_nothing() {
    let (upstream, gateway) = start().await;
    for behaviour in [
        Behaviour::status(500, "api_error", "boom"),
        Behaviour::status(400, "invalid_request_error", "no"),
        Behaviour::hang_up(),
        Behaviour::error_first("overloaded_error", "full"),
    ] {
        upstream.script("up-m", behaviour);
        for model in BOTH {
            for stream in [false, true] {
                let failed = gateway.client().stream(&request(model, stream)).await;
                assert_ne!(failed.status, 200);
                assert_eq!(failed.header("x-ainfera-receipt-id"), None);
                let [hold, charged, cost, _] = money(&gateway, &failed.request_id());
                assert!(hold.is_i64());
                assert_eq!((charged, cost), (Value::Null, Value::Null));
            }
        }
    }
    let admin = gateway.admin();
    assert_eq!(
        balance(&admin, &tenant(&admin).await).await,
        ["0", "0", "0"]
    );
    balances(&gateway);
}

#[tokio::test]
async fn interrupted_is_charged_what_was_used() {
    let (upstream, gateway) = start().await;
    for end in [
        End::Abort,
        End::Close,
        End::Error("api_error".into(), "broke".into()),
    ] {
        upstream.script("up-m", Behaviour::text("one two three").ending(end));
        for model in BOTH {
            let broken = gateway.client().stream(&request(model, true)).await;
            assert!(broken.header("x-ainfera-receipt-id").is_some());
            // 25 as message_start has it, and 13 bytes of text.
            let [_, charged, _, source] = money(&gateway, &broken.request_id());
            assert_eq!(charged, 25 * 1_000 + 4 * 5_000, "{model}");
            assert_eq!(source, "estimated");
        }
    }
    balances(&gateway);
}

#[tokio::test]
async fn cancelled_is_charged_what_was_used_if_output_began() {
    let (upstream, gateway) = start().await;
    upstream.script("up-m", Behaviour::text("one two three").ending(End::Hang));
    for model in BOTH {
        let mut stream = gateway.client().open_stream(&request(model, true)).await;
        let id = stream.request_id();
        stream.next_named("content_block_delta").await;
        let before = upstream.live();
        assert!(before > 0);
        // All three words are there.
        stream.next_named("content_block_delta").await;
        stream.next_named("content_block_delta").await;
        drop(stream);
        upstream.wait_idle().await;
        closed(&gateway, &id).await;
        let [_, charged, _, source] = money(&gateway, &id);
        assert_eq!(
            (charged, source),
            (json!(45_000), json!("estimated")),
            "{model}"
        );
    }
    upstream.script("up-m", Behaviour::silence());
    for model in BOTH {
        let before = upstream.requests_for("up-m").len();
        let client = gateway.client();
        let call = tokio::spawn(async move { client.messages(&request(model, false)).await });
        upstream.wait_for("up-m", before + 1).await;
        call.abort();
        upstream.wait_idle().await;
    }
    let sql = "SELECT count(*) AS calls FROM call_closed WHERE charged_nanousd IS NULL AND status = 'cancelled'";
    ainfera_tests::wait::until("both to be cancelled for nothing", || {
        (gateway.records().number(sql) == 2).then_some(())
    })
    .await;
    balances(&gateway);
}

async fn closed(gateway: &Gateway, id: &str) {
    let key = ainfera_tests::records::key_of(id);
    let sql = format!("SELECT count(*) AS calls FROM call_closed WHERE key = {key}");
    ainfera_tests::wait::until("the call to be closed", || {
        (gateway.records().number(&sql) == 1).then_some(())
    })
    .await;
}

#[tokio::test]
async fn abandoned_is_charged_nothing_and_says_that_usage_is_unknown() {
    let (upstream, gateway) = start().await;
    upstream.script("up-m", Behaviour::text("one two").ending(End::Hang));
    let mut stream = gateway.client().open_stream(&request("m", true)).await;
    stream.next_named("content_block_delta").await;
    let (id, receipt) = (
        stream.request_id(),
        stream
            .header("x-ainfera-receipt-id")
            .expect("it")
            .to_owned(),
    );
    let admin = gateway.admin();
    let tenant = tenant(&admin).await;
    assert_eq!(
        balance(&admin, &tenant).await,
        ["-0.000501", "0.000501", "0"]
    );
    balances(&gateway);
    gateway.kill();
    drop(stream);
    let gateway = gateway.restart().await;
    closed(&gateway, &id).await;
    assert_eq!(money(&gateway, &id)[1], Value::Null);
    let admin = gateway.admin();
    assert_eq!(balance(&admin, &tenant).await, ["0", "0", "0"]);
    let receipt = gateway
        .client()
        .get(&format!("/v1/receipts/{receipt}"))
        .await
        .json();
    assert_eq!(receipt["status"], "usage_unknown", "{receipt}");
    assert_eq!(receipt["charged_usd"], "0");
    assert_eq!(receipt["released_usd"], "0.000501");
    balances(&gateway);
}

#[tokio::test]
async fn cache_reads_and_writes_have_their_own_prices() {
    let upstream = Upstream::start();
    let offer = Offer::new("m", "a", "up-m")
        .price("3")
        .line("output_usd_per_mtok = \"15\"")
        .line("cache_read_usd_per_mtok = \"0.30\"")
        .line("cache_write_usd_per_mtok = \"3.75\"");
    let catalog = Catalog::new()
        .anthropic("a", &upstream.url())
        .model("m", "0.60")
        .offer(offer);
    let gateway = Setup::new().catalog(&catalog).start().await;
    upstream.script(
        "up-m",
        Behaviour::text("x").with(|answer| {
            answer.usage.cache_read = 1_000;
            answer.usage.cache_write = 100;
        }),
    );
    for stream in [false, true] {
        let answer = gateway.client().stream(&request("m", stream)).await;
        let [_, charged, ..] = money(&gateway, &answer.request_id());
        assert_eq!(
            charged,
            25 * 3_000 + 15 * 15_000 + 1_000 * 300 + 100 * 3_750
        );
    }
    balances(&gateway);
}

#[tokio::test]
async fn usage_above_the_hold_is_charged_in_full_and_shown() {
    let (upstream, gateway) = start().await;
    let admin = gateway.admin();
    let tenant = super::prepaid(&admin, "0.000501").await;
    upstream.script(
        "up-m",
        Behaviour::text("x").with(|answer| answer.usage.output = 1_000),
    );
    let (answer, _) = gateway.client().messages_ok(&request("m", false)).await;
    let path = format!(
        "/v1/receipts/{}",
        answer.header("x-ainfera-receipt-id").expect("it")
    );
    let receipt = gateway.client().get(&path).await.json();
    assert_eq!(receipt["charged_usd"], "0.005025", "{receipt}");
    assert_eq!(receipt["held_usd"], "0.000501");
    assert_eq!(receipt["over_hold_usd"], "0.004524");
    assert_eq!(receipt["released_usd"], "0");
    assert_eq!(
        balance(&admin, &tenant).await,
        ["-0.004524", "0", "0.005025"]
    );
    let next = gateway.client().messages(&request("m", false)).await;
    next.assert_error(402, "billing_error", "insufficient_funds");
    balances(&gateway);
}

#[tokio::test]
async fn usage_that_was_not_reported_is_estimated_and_marked() {
    let upstream = Upstream::start();
    let catalog = Catalog::new()
        .anthropic("a", &upstream.url())
        .openai("b", &upstream.openai_url())
        .single("m-a", "a", "0.60", "1")
        .single("m-b", "b", "0.60", "1");
    let gateway = Setup::new().catalog(&catalog).start().await;
    // 21 bytes of text and 6 of tool input, in either protocol.
    let anthropic = json!({"id": "x", "type": "message", "role": "assistant", "model": "m",
        "content": [{"type": "text", "text": "äöü \"quoted\"\n 12345"},
            {"type": "tool_use", "id": "t", "name": "f", "input": {"a":1}}],
        "stop_reason": "end_turn", "stop_sequence": null});
    let said = "äöü \"quoted\"\n 12345".len() + r#"{"a":1}"#.len();
    let completion = json!({"id": "x", "object": "chat.completion", "created": 1, "model": "m",
        "choices": [{"index": 0, "finish_reason": "tool_calls", "message": {"role": "assistant",
            "content": "äöü \"quoted\"\n 12345", "tool_calls": [{"id": "t", "type": "function",
                "function": {"name": "f", "arguments": r#"{"a":1}"#}}]}}]});
    let chunk = |delta: Value, finish: Value| {
        let chunk = json!({"id": "x", "object": "chat.completion.chunk", "created": 1, "model": "m",
            "choices": [{"index": 0, "delta": delta, "finish_reason": finish}]});
        format!("data: {chunk}\n\n")
    };
    let chunks = [
        chunk(
            json!({"role": "assistant", "content": "äöü \"quoted\""}),
            Value::Null,
        ),
        chunk(json!({"content": "\n 12345"}), Value::Null),
        chunk(
            json!({"tool_calls": [{"index": 0, "id": "t", "type": "function",
                "function": {"name": "f", "arguments": r#"{"a":1}"#}}]}),
            Value::Null,
        ),
        chunk(json!({}), json!("tool_calls")),
        "data: [DONE]\n\n".to_owned(),
    ];
    let output = i64::try_from(said.div_ceil(4)).expect("a small number");
    let expected = 1_000 + output * 5_000;
    upstream.script("up-m-a", Behaviour::raw_json(anthropic.to_string()));
    for path in ["/v1/messages", "/v1/chat/completions", "/v1/inferences"] {
        for (model, stream) in [("m-a", false), ("m-b", false), ("m-b", true)] {
            let behaviour = if stream {
                Behaviour::raw_stream(chunks.clone())
            } else {
                Behaviour::raw_json(completion.to_string())
            };
            upstream.script("up-m-b", behaviour);
            let mut body = ask(model, "hi");
            body["stream"] = stream.into();
            let answer = gateway
                .client()
                .open(path, body.to_string())
                .await
                .rest()
                .await;
            assert_eq!(answer.status, 200, "{path} {model}");
            let [_, charged, cost, source] = money(&gateway, &answer.request_id());
            assert_eq!(
                (&charged, &cost),
                (&json!(expected), &json!(expected)),
                "{path} {model} {stream}"
            );
            assert_eq!(source, "estimated");
        }
    }
    balances(&gateway);
}
