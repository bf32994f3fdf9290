//! The first answer again.

use ainfera_tests::client::Dialect;
use ainfera_tests::upstream::{Behaviour, Gate, Upstream};
use ainfera_tests::wait;
use serde_json::json;

use super::{
    TARGET, assert_replays, books, call, headers, kept, keyed, message, replayed, setup, start,
};

#[tokio::test]
async fn an_answer_is_given_again_byte_for_byte_with_its_headers() {
    let (upstream, gateway) = start().await;
    let before = Behaviour::text("the first").header("request-id", "req_theirs");
    let after = Behaviour::text("another");
    let mut calls = 0;
    // Each dialect whole and streamed, by a provider of its own and one of another,
    // pinned and routed.
    for dialect in Dialect::ALL {
        for stream in [false, true] {
            for model in [TARGET, "m", "n", "ainfera/auto"] {
                calls += 1;
                let client = keyed(&gateway, &format!("key-{calls}"));
                let (path, body) = call(dialect, model, "hi", stream);
                let script = |behaviour: &Behaviour| {
                    upstream.script("up-m", behaviour.clone());
                    upstream.script("up-n", behaviour.clone());
                };
                script(&before);
                let first = client.post_bytes(path, body.clone()).await;
                assert!(!replayed(&first) && first.text().contains("first"));
                let settled = books(&gateway);
                script(&after);
                for _ in 0..2 {
                    let again = client.post_bytes(path, body.clone()).await;
                    assert_replays(&first, &again);
                }
                assert_eq!(books(&gateway), settled, "nothing is written or charged");
                assert_eq!(upstream.requests().len(), calls, "{dialect:?} {model}");
                assert_eq!(kept(&gateway), (calls as i64, calls as i64));
            }
        }
    }
}

#[tokio::test]
async fn a_stream_is_replayed_as_a_stream_by_the_rules_of_its_dialect() {
    let (_upstream, gateway) = start().await;
    for dialect in Dialect::ALL {
        let client = keyed(&gateway, "streamed");
        let mut texts = Vec::new();
        for mode in ["native", "replayed"] {
            let (path, body) = call(dialect, "n", "hi", true);
            let streamed = client.open(path, body).await.rest().await;
            assert_eq!(streamed.header("x-ainfera-stream-mode"), Some(mode));
            assert_eq!(streamed.header("content-length"), None, "no blob");
            texts.push(match dialect {
                Dialect::Anthropic => json!(streamed.message().content),
                Dialect::OpenAi => streamed.completion().message.into(),
                Dialect::Native => json!(streamed.inference().content_blocks),
            });
        }
        assert_eq!(texts[0], texts[1]);
        assert!(texts[0].to_string().contains("Answer of up-n"), "{texts:?}");
    }
}

#[tokio::test]
async fn pings_in_a_silence_are_no_part_of_the_answer() {
    let upstream = Upstream::start();
    let gateway = setup(&upstream)
        .timeouts(|timeouts| timeouts.ping = 30)
        .start()
        .await;
    for (number, dialect) in Dialect::ALL.into_iter().enumerate() {
        let gate = Gate::new();
        upstream.script("up-m", Behaviour::text("one two").gated(&gate));
        let client = keyed(&gateway, &format!("key-{number}"));
        let (path, body) = call(dialect, TARGET, "hi", true);
        let mut stream = client.open(path, body.clone()).await;
        stream.next_ping().await;
        gate.open();
        let first = String::from_utf8(stream.rest().await.raw.to_vec()).expect("text");
        let again = client.post_bytes(path, body).await;
        let silent: String = first
            .split_inclusive("\n\n")
            .filter(|event| !event.contains("ping"))
            .collect();
        assert!(first.len() > silent.len(), "{first}");
        assert_eq!(again.text(), silent, "{dialect:?}");
    }
}

#[tokio::test]
async fn a_replay_counts_for_the_rate_limit_and_says_where_the_key_stands_now() {
    let upstream = Upstream::start();
    let gateway = setup(&upstream)
        .config("\n[rate_limit]\nrequests_per_minute = 1\nburst = 3\n")
        .start()
        .await;
    let client = keyed(&gateway, "limited");
    for remaining in ["2", "1", "0"] {
        let answer = client
            .post_bytes("/v1/messages", message("hi", false))
            .await;
        assert_eq!(answer.status, 200);
        assert_eq!(
            answer.header("anthropic-ratelimit-requests-remaining"),
            Some(remaining)
        );
    }
    let over = client
        .post_bytes("/v1/messages", message("hi", false))
        .await;
    over.assert_error(429, "rate_limit_error", "rate_limit_error");
    assert_eq!(upstream.requests().len(), 1);
}

#[tokio::test]
async fn without_a_key_nothing_is_kept() {
    let (upstream, gateway) = start().await;
    let client = gateway.client();
    for _ in 0..2 {
        let answer = client
            .post_bytes("/v1/messages", message("hi", false))
            .await;
        assert!(!headers(&answer.headers).contains_key("idempotency-replayed"));
    }
    assert_eq!(upstream.requests().len(), 2);
    assert_eq!(kept(&gateway), (0, 0));
}

#[tokio::test]
async fn a_long_answer_is_replayed_whole() {
    let (upstream, gateway) = start().await;
    let text = "0123456789abcde\n".repeat(60_000);
    upstream.script("up-m", Behaviour::text(&text).in_pieces(10_007));
    for stream in [false, true] {
        let client = keyed(&gateway, &format!("long-{stream}"));
        let body = message("hi", stream);
        let first = client.post_bytes("/v1/messages", body.clone()).await;
        assert!(first.body.len() > text.len());
        let again = client.post_bytes("/v1/messages", body).await;
        assert_replays(&first, &again);
    }
    // While others keep calling, at their own pace.
    let alive = gateway.client();
    wait::within(wait::PATIENCE, "a sign of life", alive.get("/healthz")).await;
}
