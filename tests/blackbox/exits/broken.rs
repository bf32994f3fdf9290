//! Ways out of a call in the middle of it: of its provider, its client, the process.

use ainfera_tests::client::{Streaming, check};
use ainfera_tests::gateway::Gateway;
use ainfera_tests::upstream::{Behaviour, End, Gate, Upstream};
use ainfera_tests::wait;

use super::{PINNED, TARGET, balanced, call, latest, left, left_at_last, one, setup};

/// A stream that its provider breaks off after the first event; what it has left.
async fn breaks(
    (upstream, gateway): &(Upstream, Gateway),
    model: &str,
    behaviour: Behaviour,
) -> [String; 3] {
    upstream.script("up-m", behaviour);
    let streamed = gateway.client().stream(&call(model, true)).await;
    // The error event is an end too: it is settled by then.
    let left = left(gateway, &streamed.request_id()).await;
    balanced(gateway);
    left
}

#[tokio::test]
async fn the_provider_died_after_the_first_event() {
    let both = one().await;
    for end in [End::Abort, End::Close] {
        let behaviour = Behaviour::text("one two").ending(end);
        let routed = breaks(&both, TARGET, behaviour.clone()).await;
        let record = "policy interrupted provider_died";
        assert_eq!(routed, [record, "charged", "routed, completed"]);
        let pinned = breaks(&both, PINNED, behaviour).await;
        let record = "direct interrupted provider_died";
        assert_eq!(pinned, [record, "charged", "routed, completed"]);
    }
}

#[tokio::test]
async fn the_provider_sent_an_error_after_the_first_event() {
    let both = one().await;
    let behaviour = Behaviour::text("one two").ending(End::Error("api_error".into(), "b".into()));
    let routed = breaks(&both, TARGET, behaviour.clone()).await;
    let record = "policy interrupted provider_error";
    assert_eq!(routed, [record, "charged", "routed, completed"]);
    let pinned = breaks(&both, PINNED, behaviour).await;
    let record = "direct interrupted provider_error";
    assert_eq!(pinned, [record, "charged", "routed, completed"]);
}

#[tokio::test]
async fn the_provider_fell_silent_after_the_first_event() {
    let upstream = Upstream::start();
    let gateway = setup(&upstream)
        .timeouts(|timeouts| timeouts.idle = 200)
        .start()
        .await;
    let both = (upstream, gateway);
    let behaviour = Behaviour::text("one two").ending(End::Hang);
    let routed = breaks(&both, TARGET, behaviour.clone()).await;
    let record = "policy interrupted provider_died";
    assert_eq!(routed, [record, "charged", "routed, completed"]);
    let pinned = breaks(&both, PINNED, behaviour).await;
    let record = "direct interrupted provider_died";
    assert_eq!(pinned, [record, "charged", "routed, completed"]);
}

/// A client that leaves while it waits for an answer; what its call has left.
async fn leaves(
    (upstream, gateway): &(Upstream, Gateway),
    model: &'static str,
    stream: bool,
) -> [String; 3] {
    upstream.script("up-m", Behaviour::silence());
    let asked = upstream.requests_for("up-m").len();
    let client = gateway.client();
    let waiting = tokio::spawn(async move { client.messages(&call(model, stream)).await });
    upstream.wait_for("up-m", asked + 1).await;
    waiting.abort();
    let _ = waiting.await;
    let left = left_at_last(gateway, &latest(gateway)).await;
    upstream.wait_idle().await;
    balanced(gateway);
    left
}

#[tokio::test]
async fn the_client_left_before_the_first_event_of_a_stream() {
    let both = one().await;
    let routed = leaves(&both, TARGET, true).await;
    let record = "policy cancelled client_left";
    assert_eq!(routed, [record, "released", "routed, completed"]);
    let pinned = leaves(&both, PINNED, true).await;
    let record = "direct cancelled client_left";
    assert_eq!(pinned, [record, "released", "routed, completed"]);
}

#[tokio::test]
async fn the_client_left_before_a_whole_answer() {
    let both = one().await;
    let routed = leaves(&both, TARGET, false).await;
    let record = "policy cancelled client_left";
    assert_eq!(routed, [record, "released", "routed, completed"]);
    let pinned = leaves(&both, PINNED, false).await;
    let record = "direct cancelled client_left";
    assert_eq!(pinned, [record, "released", "routed, completed"]);
}

/// A stream that goes on for ever, of which the client has seen a word.
async fn begun((upstream, gateway): &(Upstream, Gateway), model: &str) -> Streaming {
    upstream.script("up-m", Behaviour::text("one two").ending(End::Hang));
    let mut stream = gateway.client().open_stream(&call(model, true)).await;
    stream.next_named("content_block_delta").await;
    stream
}

#[tokio::test]
async fn the_client_left_after_the_first_event() {
    let both = one().await;
    let gateway = &both.1;
    let id = begun(&both, TARGET).await.request_id();
    let routed = left_at_last(gateway, &id).await;
    let record = "policy cancelled client_left";
    assert_eq!(routed, [record, "charged", "routed, completed"]);
    let id = begun(&both, PINNED).await.request_id();
    let pinned = left_at_last(gateway, &id).await;
    let record = "direct cancelled client_left";
    assert_eq!(pinned, [record, "charged", "routed, completed"]);
    both.0.wait_idle().await;
    balanced(gateway);
}

#[tokio::test]
async fn the_process_was_killed() {
    let both = one().await;
    let streams = [begun(&both, TARGET).await, begun(&both, PINNED).await];
    both.1.kill();
    let gateway = both.1.restart().await;
    let routed = left_at_last(&gateway, &streams[0].request_id()).await;
    let record = "policy abandoned process_killed";
    assert_eq!(routed, [record, "released", "routed, completed"]);
    let pinned = left_at_last(&gateway, &streams[1].request_id()).await;
    let record = "direct abandoned process_killed";
    assert_eq!(pinned, [record, "released", "routed, completed"]);
    balanced(&gateway);
}

#[tokio::test]
async fn a_stop_that_waited_for_long_enough() {
    let upstream = Upstream::start();
    let gateway = setup(&upstream)
        .timeouts(|timeouts| timeouts.drain = 200)
        .start()
        .await;
    let both = (upstream, gateway);
    let streams = [begun(&both, TARGET).await, begun(&both, PINNED).await];
    both.1.terminate();
    assert!(both.1.exited().await.success());
    // It has said so itself: no other start did it.
    let closed = "SELECT count(*) FROM call_closed";
    assert_eq!(both.1.records().number(closed), 2);
    let gateway = both.1.restart().await;
    let routed = left(&gateway, &streams[0].request_id()).await;
    let record = "policy cancelled gateway_stopped";
    assert_eq!(routed, [record, "charged", "routed, completed"]);
    let pinned = left(&gateway, &streams[1].request_id()).await;
    let record = "direct cancelled gateway_stopped";
    assert_eq!(pinned, [record, "charged", "routed, completed"]);
    balanced(&gateway);
}

#[tokio::test]
async fn an_end_that_can_not_be_recorded_yet() {
    let (upstream, gateway) = one().await;
    for (model, record) in [(TARGET, "policy succeeded"), (PINNED, "direct succeeded")] {
        let gate = Gate::new();
        upstream.script("up-m", Behaviour::text("one two").gated(&gate));
        let mut stream = gateway.client().open_stream(&call(model, true)).await;
        let id = stream.request_id();
        stream.next_named("message_start").await;
        gateway.database().take_away();
        gate.open();
        let streamed = stream.rest().await;
        assert!(check(&streamed.events).error.is_some(), "no clean end");
        gateway.database().put_back();
        // What was kept is on record before it says so.
        wait::until_answered("the records to be there again", async || {
            (gateway.client().get("/readyz").await.status == 200).then_some(())
        })
        .await;
        let left = left_at_last(&gateway, &id).await;
        assert_eq!(left, [record, "charged", "routed, completed"]);
    }
    balanced(&gateway);
}
