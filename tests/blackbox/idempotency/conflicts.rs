//! Keys in use, and keys that are none.

use std::time::Duration;

use ainfera_tests::client::{Dialect, ask_hint};
use ainfera_tests::upstream::{Behaviour, End, Gate};
use serde_json::json;
use tokio::task::JoinSet;

use super::{
    HEADER, TARGET, assert_replays, books, call, kept, keyed, message, replayed, settled, start,
};

#[tokio::test]
async fn row_409_idempotency_in_flight() {
    let (upstream, gateway) = start().await;
    for dialect in Dialect::ALL {
        for (model, stream) in [(TARGET, false), (TARGET, true), ("n", true)] {
            let gate = Gate::new();
            let held = Behaviour::text("one two").held(&gate);
            upstream.script("up-m", held.clone());
            upstream.script("up-n", held);
            let client = keyed(&gateway, &format!("{model}-{stream}"));
            let (path, body) = call(dialect, model, "hi", stream);
            let upstream_model = if model == "n" { "up-n" } else { "up-m" };
            let before = upstream.requests_for(upstream_model).len();
            let first = {
                let (client, body) = (client.clone(), body.clone());
                tokio::spawn(async move { client.post_bytes(path, body).await })
            };
            upstream.wait_for(upstream_model, before + 1).await;
            let open = books(&gateway);
            let refused = client.post_bytes(path, body.clone()).await;
            refused.assert_error_in(
                dialect,
                409,
                "invalid_request_error",
                "idempotency_in_flight",
            );
            assert_eq!(refused.header("retry-after"), Some("2"));
            assert_eq!(refused.header("x-ainfera-inference-id"), None);
            assert_eq!(books(&gateway), open, "a conflict writes nothing");
            gate.open();
            let first = first.await.expect("no panic");
            let again = client.post_bytes(path, body).await;
            assert_replays(&first, &again);
            assert_eq!(upstream.requests_for(upstream_model).len(), before + 1);
        }
    }
}

#[tokio::test]
async fn row_422_idempotency_mismatch() {
    let (upstream, gateway) = start().await;
    for dialect in Dialect::ALL {
        let gate = Gate::new();
        upstream.script("up-m", Behaviour::text("one two").gated(&gate));
        let client = keyed(&gateway, "mismatch");
        let (path, body) = call(dialect, TARGET, "hi", true);
        let stream = client.open(path, body.clone()).await;
        assert_eq!(stream.status, 200);
        let settled = books(&gateway);
        // Other words; the same that are not to be streamed; a blank more.
        let mut blank = body.to_vec();
        blank.push(b' ');
        let others = [
            call(dialect, TARGET, "ho", true).1,
            call(dialect, TARGET, "hi", false).1,
            blank.into(),
        ];
        let refused = async |other: &bytes::Bytes| {
            let answer = client.post_bytes(path, other.clone()).await;
            answer.assert_error_in(
                dialect,
                422,
                "invalid_request_error",
                "idempotency_mismatch",
            );
        };
        for other in &others {
            refused(other).await;
        }
        assert_eq!(books(&gateway), settled, "a conflict writes nothing");
        gate.open();
        stream.rest().await;
        for other in &others {
            refused(other).await;
        }
        assert!(replayed(&client.post_bytes(path, body).await));
    }
    assert_eq!(upstream.requests().len(), 3);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_many_at_once_one_is_made() {
    let (upstream, gateway) = start().await;
    for round in 0..4_u8 {
        let stream = round % 2 == 1;
        let slow = Duration::from_millis(if round < 2 { 200 } else { 0 });
        upstream.script("up-m", Behaviour::text("once").delayed(slow));
        let body = message("hi", stream);
        let mut calls = JoinSet::new();
        for _ in 0..64 {
            let client = keyed(&gateway, &format!("round-{round}"));
            let body = body.clone();
            calls.spawn(async move { client.post_bytes("/v1/messages", body).await });
        }
        let answers = calls.join_all().await;
        let first = answers
            .iter()
            .find(|answer| answer.status == 200 && !replayed(answer))
            .expect("one that was made");
        let mut made = 0;
        for answer in &answers {
            match answer.status {
                200 if replayed(answer) => assert_replays(first, answer),
                200 => made += 1,
                _ => {
                    answer.assert_error(409, "invalid_request_error", "idempotency_in_flight");
                }
            }
        }
        assert_eq!(made, 1);
        assert_eq!(upstream.requests().len(), usize::from(round) + 1);
    }
    assert_eq!(gateway.records().outcomes().len(), 4);
}

#[tokio::test]
async fn whatever_does_not_succeed_frees_its_key() {
    let (upstream, gateway) = start().await;
    let failures = [
        Behaviour::status(500, "api_error", "boom"),
        Behaviour::status(400, "invalid_request_error", "no"),
        Behaviour::error_first("overloaded_error", "busy"),
        Behaviour::hang_up(),
        Behaviour::text("one two").ending(End::Abort),
        Behaviour::text("one two").ending(End::Error("api_error".into(), "broke".into())),
    ];
    for (number, failure) in failures.into_iter().enumerate() {
        for model in ["m", TARGET] {
            let client = keyed(&gateway, &format!("{model}-{number}"));
            upstream.script("up-m", failure.clone());
            upstream.script("up-n", failure.clone());
            let body = call(Dialect::Anthropic, model, "hi", true).1;
            for _ in 0..2 {
                let failed = client.post_bytes("/v1/messages", body.clone()).await;
                let whole = failed.text().contains("message_stop");
                assert!(!whole && !replayed(&failed), "{}", failed.text());
                assert_ne!(failed.status, 409, "{}", failed.text());
            }
            upstream.script("up-m", Behaviour::text("well"));
            upstream.script("up-n", Behaviour::text("well"));
            // What it was is forgotten, its body too.
            let other = call(Dialect::Anthropic, model, "ho", true).1;
            let answer = client.post_bytes("/v1/messages", other.clone()).await;
            assert!(answer.text().contains("message_stop"), "{}", answer.text());
            assert!(replayed(&client.post_bytes("/v1/messages", other).await));
        }
    }
}

#[tokio::test]
async fn a_call_that_is_not_made_takes_no_key() {
    let (upstream, gateway) = start().await;
    let client = keyed(&gateway, "refused");
    let none = ask_hint(TARGET, json!({"min_quality": "0.99"}));
    for _ in 0..2 {
        let answer = client.messages(&none).await;
        answer.assert_error(422, "invalid_request_error", "no_candidate");
    }
    let unknown = call(Dialect::Anthropic, "nobody", "hi", false).1;
    let answer = client.post_bytes("/v1/messages", unknown.clone()).await;
    answer.assert_error(404, "not_found_error", "not_found_error");
    assert_eq!(kept(&gateway), (0, 0));
    let body = message("hi", false);
    client.post_bytes("/v1/messages", body.clone()).await;
    assert!(replayed(&client.post_bytes("/v1/messages", body).await));
    // Classification comes before the key, and the key before the agent's state.
    let answer = client.post_bytes("/v1/messages", unknown).await;
    assert_eq!(answer.status, 404, "{}", answer.text());
    let admin = gateway.admin();
    let agent = format!("agents/{}", admin.only_agent().await);
    admin
        .patch_ok(&agent, &json!({"status": "suspended"}))
        .await;
    let answer = client
        .post_bytes("/v1/messages", message("hi", false))
        .await;
    assert!(replayed(&answer), "{}", answer.text());
    let answer = client
        .post_bytes("/v1/messages", message("ho", false))
        .await;
    assert_eq!(answer.status, 422, "{}", answer.text());
    assert_eq!(upstream.requests().len(), 1);
}

#[tokio::test]
async fn a_key_that_is_none_is_a_400_that_names_the_header() {
    let (upstream, gateway) = start().await;
    let longest = "k".repeat(255);
    let longer = "k".repeat(256);
    for dialect in Dialect::ALL {
        let (path, body) = call(dialect, "m", "hi", false);
        for key in ["", "two words", "a\tb", &longer] {
            let answer = keyed(&gateway, key).post_bytes(path, body.clone()).await;
            let message = answer.assert_error_in(
                dialect,
                400,
                "invalid_request_error",
                "invalid_request_error",
            );
            assert!(message.contains("Idempotency-Key"), "{message}");
        }
        let twice = keyed(&gateway, "k").with_header(HEADER, "k");
        let answer = twice.post_bytes(path, body.clone()).await;
        assert_eq!(answer.status, 400, "{}", answer.text());
        let answer = keyed(&gateway, &longest).post_bytes(path, body).await;
        assert_eq!(answer.status, 200, "{}", answer.text());
    }
    assert_eq!(upstream.requests().len(), 3);
    // Counting has nothing to keep.
    let counted = keyed(&gateway, "two words")
        .post_bytes("/v1/messages/count_tokens", message("hi", false))
        .await;
    assert_eq!(counted.status, 200, "{}", counted.text());
}

#[tokio::test]
async fn a_conflict_ends_with_the_call() {
    let (upstream, gateway) = start().await;
    let slow = Behaviour::text("slow").delayed(Duration::from_millis(150));
    upstream.script("up-m", slow);
    let client = keyed(&gateway, "patient");
    let body = message("hi", false);
    let first = {
        let (client, body) = (client.clone(), body.clone());
        tokio::spawn(async move { client.post_bytes("/v1/messages", body).await })
    };
    upstream.wait_for("up-m", 1).await;
    let again = settled(&client, "/v1/messages", &body).await;
    assert_replays(&first.await.expect("no panic"), &again);
}
