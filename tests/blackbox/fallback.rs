//! Before the first event another candidate is tried; after it, none.

use ainfera_tests::client::{Answer, Dialect, Heard, ask};
use ainfera_tests::gateway::{Catalog, Gateway, Setup, Timeouts};
use ainfera_tests::records::parse;
use ainfera_tests::upstream::{Behaviour, End, Upstream, closed_port};
use serde_json::Value;

const TARGET: &str = "ainfera-inference";

/// Three candidates in this order, each of another protocol: `first`, `second`
/// (Chat Completions), `third` (Responses).
async fn three(timeouts: impl FnOnce(&mut Timeouts)) -> (Upstream, Gateway) {
    let upstream = Upstream::start();
    let catalog = Catalog::new()
        .anthropic("a", &upstream.url())
        .openai("b", &upstream.openai_url())
        .responses("c", &upstream.openai_url())
        .single("first", "a", "0.60", "1")
        .single("second", "b", "0.60", "2")
        .single("third", "c", "0.60", "3");
    let gateway = Setup::new()
        .catalog(&catalog)
        .timeouts(timeouts)
        // Every attempt is made, whatever failed before: `breaker` has its own.
        .config("\n[breaker]\nfailures = 0\n")
        .start()
        .await;
    (upstream, gateway)
}

fn request(stream: bool) -> Value {
    let mut body = ask(TARGET, "hi");
    body["stream"] = stream.into();
    body
}

fn attempts(gateway: &Gateway, answer: &Answer) -> Vec<Value> {
    let row = gateway.records().outcome(&answer.request_id());
    parse(&row["attempts"])
        .as_array()
        .expect("a list of attempts")
        .clone()
}

fn failing() -> Vec<(&'static str, Behaviour)> {
    let mut all: Vec<(&str, Behaviour)> = vec![
        ("hangs up", Behaviour::hang_up()),
        (
            "dies in its headers' wake",
            Behaviour::text("x")
                .with(|a| a.frames = Some(0))
                .ending(End::Abort),
        ),
        (
            "ends without an event",
            Behaviour::text("x")
                .with(|a| a.frames = Some(0))
                .ending(End::Close),
        ),
        (
            "200, then an error first",
            Behaviour::error_first("overloaded_error", "Busy."),
        ),
        ("garbage", Behaviour::raw_json("<html>oops</html>")),
        ("garbage JSON", Behaviour::raw_json("{\"hello\":")),
        ("another object", Behaviour::raw_json("{\"hello\":1}")),
    ];
    for status in [401, 402, 403, 404, 408, 429, 500, 502, 503, 504, 529] {
        all.push((
            "an HTTP error",
            Behaviour::status(status, "api_error", &format!("{status} it is")),
        ));
    }
    all
}

#[tokio::test]
async fn what_fails_before_the_first_event_moves_on_streamed_or_not() {
    let (upstream, gateway) = three(|_| {}).await;
    for (what, behaviour) in failing() {
        upstream.script("up-first", behaviour.clone());
        let calls = Dialect::ALL.into_iter().zip([false, true, true]);
        for (dialect, stream) in calls {
            let answer = gateway.client().call(dialect, &request(stream)).await;
            assert_eq!(
                answer.status,
                200,
                "{what} {behaviour:?}: {}",
                answer.text()
            );
            assert_eq!(answer.header("x-ainfera-model"), Some("second@b"), "{what}");
            let attempts = attempts(&gateway, &answer);
            assert_eq!(attempts.len(), 2, "{what}: {attempts:?}");
            assert_eq!(attempts[0]["offer"], "first@a");
            assert_eq!(attempts[1]["offer"], "second@b");
            let row = gateway.records().outcome(&answer.request_id());
            assert_eq!(row["outcome_status"], "succeeded");
            assert_eq!(row["choice"], "first@a");
            assert_eq!(row["offer"], "second@b");
        }
    }
}

#[tokio::test]
async fn a_refused_connection_moves_on() {
    let upstream = Upstream::start();
    let catalog = Catalog::new()
        .anthropic("gone", &closed_port())
        .anthropic("a", &upstream.url())
        .single("first", "gone", "0.60", "1")
        .single("second", "a", "0.60", "2");
    let gateway = Setup::new().catalog(&catalog).start().await;
    let (answer, _) = gateway.client().messages_ok(&ask(TARGET, "hi")).await;
    assert_eq!(answer.header("x-ainfera-model"), Some("second@a"));
    assert_eq!(attempts(&gateway, &answer).len(), 2);
}

#[tokio::test]
async fn silence_and_a_late_first_event_move_on() {
    let upstream = Upstream::start();
    // The third is in the gateway itself: however slow the machine is, it is in time.
    let catalog = Catalog::new()
        .anthropic("a", &upstream.url())
        .openai("b", &upstream.openai_url())
        .simulated("c")
        .single("first", "a", "0.60", "1")
        .single("second", "b", "0.60", "2")
        .single("third", "c", "0.60", "3");
    let gateway = Setup::new()
        .catalog(&catalog)
        .timeouts(|timeouts| timeouts.first_event = 300)
        .start()
        .await;
    upstream.script("up-first", Behaviour::silence());
    let late = Behaviour::text("x")
        .with(|answer| answer.frames = Some(0))
        .ending(End::Hang);
    upstream.script("up-second", late);
    let answer = gateway.client().messages(&request(true)).await;
    assert_eq!(
        answer.header("x-ainfera-model"),
        Some("third@c"),
        "{}",
        answer.text()
    );
    assert_eq!(attempts(&gateway, &answer).len(), 3);
    upstream.wait_idle().await;
}

#[tokio::test]
async fn the_clients_own_mistakes_stop_and_reach_it() {
    let (upstream, gateway) = three(|_| {}).await;
    for status in [400, 413, 422] {
        upstream.script(
            "up-first",
            Behaviour::status(status, "invalid_request_error", "Yours."),
        );
        for (dialect, stream) in Dialect::ALL.into_iter().zip([false, true, true]) {
            let answer = gateway.client().call(dialect, &request(stream)).await;
            assert_eq!(answer.status, status);
            assert_eq!(answer.error_message(), "Yours.");
            let row = gateway.records().outcome(&answer.request_id());
            assert_eq!(row["outcome_status"], "failed");
        }
        assert!(upstream.requests_for("up-second").is_empty());
    }
}

#[tokio::test]
async fn after_the_first_event_there_is_no_fallback() {
    let (upstream, gateway) = three(|_| {}).await;
    let dying = Behaviour::text("one two")
        .with(|answer| answer.frames = Some(1))
        .ending(End::Abort);
    upstream.script("up-first", dying);
    for dialect in Dialect::ALL {
        let streamed = gateway
            .client()
            .call_stream(dialect, &ask(TARGET, "hi"))
            .await;
        assert!(Heard::of_stream(dialect, &streamed).error.is_some());
        assert!(upstream.requests_for("up-second").is_empty());
        let row = gateway.records().outcome(&streamed.request_id());
        assert_eq!(row["outcome_status"], "interrupted");
    }
}

#[tokio::test]
async fn all_rate_limited_429_with_the_shortest_retry_after() {
    let (upstream, gateway) = three(|_| {}).await;
    for (model, seconds) in [("up-first", "30"), ("up-second", "7"), ("up-third", "12")] {
        let busy = Behaviour::status(429, "rate_limit_error", "Slow down.");
        upstream.script(model, busy.header("retry-after", seconds));
    }
    for stream in [false, true] {
        let answer = gateway.client().messages(&request(stream)).await;
        answer.assert_error(429, "rate_limit_error", "rate_limit_error");
        assert_eq!(answer.header("retry-after"), Some("7"));
    }
}

#[tokio::test]
async fn all_timed_out_504() {
    let (upstream, gateway) = three(|timeouts| timeouts.first_event = 150).await;
    for model in ["up-first", "up-second", "up-third"] {
        upstream.script(model, Behaviour::silence());
    }
    let answer = gateway.client().messages(&request(true)).await;
    answer.assert_error(504, "timeout_error", "timeout_error");
    assert_eq!(attempts(&gateway, &answer).len(), 3);
}

#[tokio::test]
async fn all_failed_otherwise_502() {
    let (upstream, gateway) = three(|_| {}).await;
    upstream.script("up-first", Behaviour::status(500, "api_error", "boom"));
    upstream.script(
        "up-second",
        Behaviour::status(429, "rate_limit_error", "slow"),
    );
    upstream.script("up-third", Behaviour::hang_up());
    for stream in [false, true] {
        let answer = gateway.client().messages(&request(stream)).await;
        answer.assert_error(502, "api_error", "all_candidates_failed");
        let row = gateway.records().outcome(&answer.request_id());
        assert_eq!(row["outcome_status"], "failed");
    }
}
