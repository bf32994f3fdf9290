//! Ways out before a call is anybody's: there is nothing to record.

use ainfera_tests::client::{RawConnection, ask, ask_hint};
use ainfera_tests::gateway::{API_KEY, Gateway};
use ainfera_tests::plugins;
use ainfera_tests::sign::Founder;
use ainfera_tests::upstream::{Behaviour, Gate, Upstream};
use ainfera_tests::wait;
use serde_json::json;

use super::{NOTHING, PINNED, TARGET, balanced, call, left, one, recorded, setup};

/// Asserts that nothing at all is recorded of any call, nor of its money.
fn nothing_at_all(gateway: &Gateway) {
    let records = gateway.records();
    for table in [
        "call_opened",
        "call_closed",
        "ledger_accounts",
        "ledger_days",
    ] {
        let rows = records.query(&format!("SELECT * FROM {table}"));
        assert!(rows.is_empty(), "{table}: {rows:?}");
    }
    assert!(records.audit("inference.routed").is_empty());
}

#[tokio::test]
async fn no_key_or_a_bad_one() {
    let (_upstream, gateway) = one().await;
    for key in ["", "wrong"] {
        let client = gateway.client().with_key(key);
        let answer = client.messages(&call(TARGET, false)).await;
        assert_eq!(answer.status, 401);
        assert_eq!(left(&gateway, &answer.request_id()).await, NOTHING);
    }
    nothing_at_all(&gateway);
}

#[tokio::test]
async fn over_the_rate() {
    let upstream = Upstream::start();
    let limit = "\n[rate_limit]\nrequests_per_minute = 1\nburst = 1\n";
    let gateway = setup(&upstream).config(limit).start().await;
    gateway.client().messages_ok(&call(TARGET, false)).await;
    let answer = gateway.client().messages(&call(TARGET, false)).await;
    assert_eq!(answer.status, 429);
    // Its key may not ask for a receipt now either.
    assert_eq!(recorded(&gateway, &answer.request_id()), NOTHING);
    assert_eq!(upstream.requests().len(), 1);
    balanced(&gateway);
}

#[tokio::test]
async fn a_body_too_large_too_slow_or_broken_off() {
    let upstream = Upstream::start();
    let gateway = setup(&upstream)
        .config("\n[limits]\nbody_bytes = 1000\n")
        .timeouts(|timeouts| timeouts.body = 100)
        .start()
        .await;
    let large = ask(TARGET, &"x".repeat(1000));
    let answer = gateway.client().messages(&large).await;
    assert_eq!(answer.status, 413);
    assert_eq!(left(&gateway, &answer.request_id()).await, NOTHING);
    // The rest of it never comes.
    let mut connection = RawConnection::open(gateway.addr()).await;
    connection
        .send(&format!(
            "POST /v1/messages HTTP/1.1\r\nhost: gateway\r\nx-api-key: {API_KEY}\r\n\
             content-type: application/json\r\ncontent-length: 900\r\n\r\n{{"
        ))
        .await;
    let answer = connection.answer(wait::PATIENCE).await;
    assert_eq!(answer.status, 408, "{}", answer.head);
    nothing_at_all(&gateway);
}

#[tokio::test]
async fn a_malformed_request() {
    let (_upstream, gateway) = one().await;
    for body in [
        json!({"model": TARGET}),
        ask_hint(TARGET, json!({"odd": 1})),
        ask_hint(PINNED, json!({"max_cost": "x"})),
    ] {
        let answer = gateway.client().messages(&body).await;
        assert_eq!(answer.status, 400);
        assert_eq!(left(&gateway, &answer.request_id()).await, NOTHING);
    }
    let keyed = gateway.client().with_header("idempotency-key", "");
    let answer = keyed.messages(&call(TARGET, false)).await;
    assert_eq!(answer.status, 400);
    assert_eq!(left(&gateway, &answer.request_id()).await, NOTHING);
    nothing_at_all(&gateway);
}

#[tokio::test]
async fn an_unknown_model() {
    let (_upstream, gateway) = one().await;
    let admin = gateway.admin();
    for model in ["nothing", "m@nowhere", PINNED] {
        if model == PINNED {
            // A model without an active offer.
            admin
                .patch_ok("offers/m@a", &json!({"active": false}))
                .await;
        }
        let answer = gateway.client().messages(&call(model, true)).await;
        assert_eq!(answer.status, 404, "{model}");
        assert_eq!(left(&gateway, &answer.request_id()).await, NOTHING);
    }
    nothing_at_all(&gateway);
}

#[tokio::test]
async fn an_alias_past_its_sunset() {
    let (_upstream, gateway) = one().await;
    let founder = Founder::new(7);
    founder.enrol(&gateway.admin()).await;
    let resolver = plugins::hostile("sunset-alias");
    founder.activate(&gateway, "alias-resolver", resolver).await;
    let answer = gateway
        .client()
        .messages(&call("ainfera-auto", false))
        .await;
    assert_eq!(answer.status, 410, "{}", answer.text());
    assert_eq!(left(&gateway, &answer.request_id()).await, NOTHING);
    nothing_at_all(&gateway);
}

#[tokio::test]
async fn records_unavailable() {
    let (upstream, gateway) = one().await;
    gateway.client().messages_ok(&call(TARGET, false)).await;
    gateway.database().take_away();
    let mut ids = Vec::new();
    for model in [TARGET, PINNED] {
        let answer = gateway.client().messages(&call(model, true)).await;
        assert_eq!(answer.status, 503);
        ids.push(answer.request_id());
    }
    gateway.database().put_back();
    let gateway = gateway.restart().await;
    for id in ids {
        assert_eq!(left(&gateway, &id).await, NOTHING);
    }
    assert_eq!(upstream.requests().len(), 1, "no unrecorded call");
    balanced(&gateway);
}

#[tokio::test]
async fn a_replay_a_conflict_and_a_mismatch() {
    let (upstream, gateway) = one().await;
    let keyed = gateway.client().with_header("idempotency-key", "k");
    for model in [TARGET, PINNED] {
        let gate = Gate::new();
        upstream.script("up-m", Behaviour::text("one two").gated(&gate));
        let first = {
            let (client, body) = (keyed.clone(), call(model, true));
            tokio::spawn(async move { client.stream(&body).await })
        };
        let asked = if model == TARGET { 1 } else { 2 };
        upstream.wait_for("up-m", asked).await;
        let conflict = keyed.messages(&call(model, true)).await;
        assert_eq!(conflict.status, 409, "{}", conflict.text());
        gate.open();
        let first = first.await.expect("an answer").request_id();
        let mismatch = keyed.messages(&call(model, false)).await;
        assert_eq!(mismatch.status, 422, "{}", mismatch.text());
        for refused in [conflict, mismatch] {
            assert_eq!(left(&gateway, &refused.request_id()).await, NOTHING);
        }
        let before = left(&gateway, &first).await;
        let replay = keyed.messages(&call(model, true)).await;
        assert_eq!(replay.header("idempotency-replayed"), Some("true"));
        assert_eq!(replay.request_id(), first);
        assert_eq!(left(&gateway, &first).await, before);
        gateway.database().execute("DELETE FROM idempotency_keys");
    }
    let opened = gateway.records().number("SELECT count(*) FROM call_opened");
    assert_eq!((opened, upstream.requests().len()), (2, 2));
    balanced(&gateway);
}
