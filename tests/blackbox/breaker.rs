//! The circuit breaker of an offer that keeps failing.

use ainfera_tests::client::{Answer, Dialect, ask};
use ainfera_tests::gateway::{Catalog, Gateway, Setup};
use ainfera_tests::records::parse;
use ainfera_tests::upstream::{Behaviour, End, Upstream};
use ainfera_tests::wait;
use serde_json::Value;

const TARGET: &str = "ainfera-inference";

/// `first`, then `second`; two failures in a row open a breaker for so long.
async fn two(open_ms: u64) -> (Upstream, Gateway) {
    let upstream = Upstream::start();
    let catalog = Catalog::new()
        .anthropic("a", &upstream.url())
        .openai("b", &upstream.openai_url())
        .single("first", "a", "0.60", "1")
        .single("second", "b", "0.60", "2");
    let config = format!("\n[breaker]\nfailures = 2\nopen_ms = {open_ms}\nmax_open_ms = {LONG}\n");
    let setup = Setup::new().catalog(&catalog).config(&config);
    (upstream, setup.start().await)
}

/// Long enough to stay open for a test.
const LONG: u64 = 600_000;

fn attempts(gateway: &Gateway, answer: &Answer) -> Vec<(String, String)> {
    let row = gateway.records().outcome(&answer.request_id());
    let attempts = parse(&row["attempts"]);
    let of = |attempt: &Value| {
        let text = |field: &str| attempt[field].as_str().unwrap_or_default().to_owned();
        (text("offer"), text("outcome"))
    };
    attempts
        .as_array()
        .expect("attempts")
        .iter()
        .map(of)
        .collect()
}

async fn routed(gateway: &Gateway) -> Answer {
    gateway
        .client()
        .call(Dialect::OpenAi, &ask(TARGET, "hi"))
        .await
}

fn broken() -> Behaviour {
    Behaviour::status(500, "api_error", "boom")
}

#[tokio::test]
async fn after_failures_in_a_row_an_offer_is_skipped_open() {
    let (upstream, gateway) = two(LONG).await;
    upstream.script("up-first", broken());
    for _ in 0..2 {
        let answer = routed(&gateway).await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        assert_eq!(attempts(&gateway, &answer)[0].0, "first@a");
    }
    assert_eq!(upstream.requests_for("up-first").len(), 2);
    let answer = routed(&gateway).await;
    assert_eq!(answer.status, 200);
    assert_eq!(upstream.requests_for("up-first").len(), 2, "left alone");
    let made = attempts(&gateway, &answer);
    assert_eq!(made[0], ("first@a".to_owned(), "skipped_open".to_owned()));
    assert_eq!(made[1].0, "second@b");
    let row = gateway.records().outcome(&answer.request_id());
    assert_eq!(row["choice"], "first@a", "the choice knows nothing of it");
}

#[tokio::test]
async fn a_success_in_between_starts_the_count_anew() {
    let (upstream, gateway) = two(LONG).await;
    for _ in 0..3 {
        upstream.script("up-first", broken());
        routed(&gateway).await;
        upstream.script("up-first", Behaviour::text("fine"));
        let answer = routed(&gateway).await;
        assert_eq!(answer.header("x-ainfera-model"), Some("first@a"));
    }
}

#[tokio::test]
async fn a_probe_that_succeeds_closes_it_again() {
    let (upstream, gateway) = two(200).await;
    upstream.script("up-first", broken());
    for _ in 0..2 {
        routed(&gateway).await;
    }
    upstream.script("up-first", Behaviour::text("back"));
    let back = async {
        while routed(&gateway).await.header("x-ainfera-model") != Some("first@a") {
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        }
    };
    wait::within(wait::PATIENCE, "the probe", back).await;
    for _ in 0..3 {
        let answer = routed(&gateway).await;
        assert_eq!(answer.header("x-ainfera-model"), Some("first@a"), "closed");
    }
}

#[tokio::test]
async fn only_one_call_probes_at_a_time() {
    let (upstream, gateway) = two(200).await;
    upstream.script("up-first", broken());
    for _ in 0..2 {
        routed(&gateway).await;
    }
    // The probe gets no answer, so that it stays under way.
    upstream.script("up-first", Behaviour::silence());
    let client = gateway.client();
    let probing = tokio::spawn(async move {
        loop {
            client.call(Dialect::OpenAi, &ask(TARGET, "hi")).await;
        }
    });
    upstream.wait_for("up-first", 3).await;
    for _ in 0..5 {
        let answer = routed(&gateway).await;
        assert_eq!(answer.header("x-ainfera-model"), Some("second@b"));
    }
    assert_eq!(upstream.requests_for("up-first").len(), 3, "one probe");
    probing.abort();
}

#[tokio::test]
async fn where_all_are_open_they_are_tried_all_the_same() {
    let (upstream, gateway) = two(LONG).await;
    upstream.script("up-first", broken());
    upstream.script("up-second", broken());
    for _ in 0..3 {
        let answer = routed(&gateway).await;
        assert_eq!(answer.status, 502, "{}", answer.text());
    }
    upstream.script("up-second", Behaviour::text("back"));
    let answer = routed(&gateway).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    assert_eq!(answer.header("x-ainfera-model"), Some("second@b"));
}

#[tokio::test]
async fn a_pinned_call_is_made_whatever_the_breaker_says() {
    let (upstream, gateway) = two(LONG).await;
    upstream.script("up-first", broken());
    for _ in 0..3 {
        routed(&gateway).await;
    }
    let before = upstream.requests_for("up-first").len();
    for stream in [false, true] {
        let request = ainfera_tests::client::streamed(&ask("first", "hi"), stream);
        let answer = gateway.client().messages(&request).await;
        assert_eq!(answer.status, 500, "{}", answer.text());
    }
    assert_eq!(upstream.requests_for("up-first").len(), before + 2);
    upstream.script("up-first", Behaviour::text("back"));
    gateway.client().messages_ok(&ask("first", "hi")).await;
    let answer = routed(&gateway).await;
    assert_eq!(
        answer.header("x-ainfera-model"),
        Some("first@a"),
        "that closed it"
    );
}

#[tokio::test]
async fn the_requests_own_fault_says_nothing_of_the_offer() {
    let (upstream, gateway) = two(LONG).await;
    for status in [400, 413, 422] {
        let theirs = Behaviour::status(status, "invalid_request_error", "yours");
        upstream.script("up-first", theirs);
        for _ in 0..3 {
            assert_eq!(routed(&gateway).await.status, status);
        }
    }
    assert_eq!(upstream.requests_for("up-first").len(), 9);
}

#[tokio::test]
async fn a_death_in_the_middle_of_a_stream_counts_too() {
    let (upstream, gateway) = two(LONG).await;
    upstream.script("up-first", Behaviour::text("one two").ending(End::Abort));
    for _ in 0..2 {
        let streamed = gateway.client().stream(&ask(TARGET, "hi")).await;
        assert!(streamed.message().error.is_some());
    }
    let answer = routed(&gateway).await;
    assert_eq!(answer.header("x-ainfera-model"), Some("second@b"));
}
