//! Ways out of a call that was made: an answer, or no candidate's.

use ainfera_tests::client::ask;
use ainfera_tests::gateway::{Catalog, Gateway, Setup};
use ainfera_tests::upstream::{Behaviour, Gate, Upstream, closed_port};

use super::{PINNED, TARGET, balanced, call, latest, left, left_at_last, one, setup};

/// Makes the call, streamed and not, whose provider does so; what each has left.
async fn ends(
    (upstream, gateway): &(Upstream, Gateway),
    model: &str,
    behaviour: &Behaviour,
    status: u16,
) -> [String; 3] {
    let mut all = Vec::new();
    for stream in [false, true] {
        upstream.script("up-m", behaviour.clone());
        let answer = gateway.client().messages(&call(model, stream)).await;
        assert_eq!(answer.status, status, "{}", answer.text());
        assert!(answer.header("x-ainfera-inference-id").is_some());
        all.push(left(gateway, &answer.request_id()).await);
    }
    assert_eq!(all[0], all[1]);
    balanced(gateway);
    all.remove(0)
}

#[tokio::test]
async fn answered() {
    let both = one().await;
    let well = Behaviour::text("well");
    let routed = ends(&both, TARGET, &well, 200).await;
    assert_eq!(routed, ["policy succeeded", "charged", "routed, completed"]);
    let pinned = ends(&both, PINNED, &well, 200).await;
    assert_eq!(pinned, ["direct succeeded", "charged", "routed, completed"]);
}

#[tokio::test]
async fn every_candidate_failed() {
    let both = one().await;
    for (behaviour, pinned_record, pinned_status) in [
        (
            Behaviour::status(500, "api_error", "boom"),
            "direct failed status",
            500,
        ),
        (
            Behaviour::error_first("api_error", "boom"),
            "direct failed status",
            500,
        ),
        (Behaviour::hang_up(), "direct failed unreachable", 502),
        (Behaviour::raw_json("garbage"), "direct failed garbage", 502),
    ] {
        let routed = ends(&both, TARGET, &behaviour, 502).await;
        let record = "policy failed all_candidates_failed";
        assert_eq!(
            routed,
            [record, "released", "routed, completed"],
            "{behaviour:?}"
        );
        let pinned = ends(&both, PINNED, &behaviour, pinned_status).await;
        assert_eq!(
            pinned,
            [pinned_record, "released", "routed, completed"],
            "{behaviour:?}"
        );
    }
}

#[tokio::test]
async fn a_provider_that_can_not_be_reached() {
    let catalog = Catalog::new()
        .anthropic("a", &closed_port())
        .single("m", "a", "0.60", "2");
    let gateway = Setup::new().catalog(&catalog).start().await;
    let both = (Upstream::start(), gateway);
    let routed = ends(&both, TARGET, &Behaviour::silence(), 502).await;
    let record = "policy failed all_candidates_failed";
    assert_eq!(routed, [record, "released", "routed, completed"]);
    let pinned = ends(&both, PINNED, &Behaviour::silence(), 502).await;
    let record = "direct failed unreachable";
    assert_eq!(pinned, [record, "released", "routed, completed"]);
}

#[tokio::test]
async fn one_answered_400_413_or_422() {
    let both = one().await;
    for status in [400, 413, 422] {
        let no = Behaviour::status(status, "invalid_request_error", "no");
        let routed = ends(&both, TARGET, &no, status).await;
        let record = "policy failed request_refused";
        assert_eq!(routed, [record, "released", "routed, completed"]);
        let pinned = ends(&both, PINNED, &no, status).await;
        let record = "direct failed status";
        assert_eq!(pinned, [record, "released", "routed, completed"]);
    }
}

#[tokio::test]
async fn all_rate_limited() {
    let both = one().await;
    let later = Behaviour::status(429, "rate_limit_error", "later");
    let routed = ends(&both, TARGET, &later, 429).await;
    let record = "policy failed rate_limited";
    assert_eq!(routed, [record, "released", "routed, completed"]);
    let pinned = ends(&both, PINNED, &later, 429).await;
    let record = "direct failed status";
    assert_eq!(pinned, [record, "released", "routed, completed"]);
}

#[tokio::test]
async fn all_timed_out() {
    let upstream = Upstream::start();
    let gateway = setup(&upstream)
        .timeouts(|timeouts| (timeouts.first_event, timeouts.answer) = (100, 100))
        .start()
        .await;
    let both = (upstream, gateway);
    let routed = ends(&both, TARGET, &Behaviour::silence(), 504).await;
    let record = "policy failed timed_out";
    assert_eq!(routed, [record, "released", "routed, completed"]);
    let pinned = ends(&both, PINNED, &Behaviour::silence(), 504).await;
    let record = "direct failed timed_out";
    assert_eq!(pinned, [record, "released", "routed, completed"]);
}

#[tokio::test]
async fn a_request_that_can_not_be_translated() {
    let (upstream, gateway) = one().await;
    for (model, record) in [
        (TARGET, "policy failed untranslatable"),
        (PINNED, "direct failed untranslatable"),
    ] {
        let mut body = ask(model, "hi");
        // Nothing is like it in the provider's dialect.
        body["n"] = 2.into();
        let path = "/v1/chat/completions";
        let answer = gateway.client().post_bytes(path, body.to_string()).await;
        assert_eq!(answer.status, 400, "{}", answer.text());
        let left = left(&gateway, &answer.request_id()).await;
        assert_eq!(left, [record, "released", "routed, completed"]);
    }
    assert!(upstream.requests().is_empty());
    balanced(&gateway);
}

/// A call with an idempotency key is run to its end without its client.
#[tokio::test]
async fn a_client_with_an_idempotency_key_left() {
    let (upstream, gateway) = one().await;
    let calls = [
        (TARGET, false, "policy succeeded"),
        (TARGET, true, "policy succeeded"),
        (PINNED, true, "direct succeeded"),
    ];
    for (number, (model, stream, record)) in calls.into_iter().enumerate() {
        let gate = Gate::new();
        upstream.script("up-m", Behaviour::text("one two").gated(&gate));
        let client = gateway.client();
        let client = client.with_header("idempotency-key", &number.to_string());
        let waiting = tokio::spawn(async move { client.messages(&call(model, stream)).await });
        upstream.wait_for("up-m", number + 1).await;
        waiting.abort();
        let _ = waiting.await;
        gate.open();
        let left = left_at_last(&gateway, &latest(&gateway)).await;
        assert_eq!(left, [record, "charged", "routed, completed"]);
    }
    assert_eq!(upstream.abandoned(), 0);
    balanced(&gateway);
}
