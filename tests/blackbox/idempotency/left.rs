//! Clients that leave: their calls are run to their ends.

use std::time::Duration;

use ainfera_tests::client::Dialect;
use ainfera_tests::gateway::{Gateway, Setup};
use ainfera_tests::upstream::{Behaviour, End, Gate, Upstream};
use ainfera_tests::wait;

use super::{TARGET, call, kept, keyed, message, replayed, settled, setup, start};

#[tokio::test]
async fn who_leaves_while_waiting_finds_the_answer() {
    let (upstream, gateway) = start().await;
    let slow = Behaviour::text("worth the wait").delayed(Duration::from_millis(200));
    let mut calls = 0;
    for dialect in Dialect::ALL {
        for (model, up, stream) in [
            (TARGET, "up-m", false),
            (TARGET, "up-m", true),
            ("n", "up-n", false),
        ] {
            calls += 1;
            upstream.script(up, slow.clone());
            let client = keyed(&gateway, &format!("key-{calls}"));
            let (path, body) = call(dialect, model, "hi", stream);
            let asked = upstream.requests_for(up).len();
            let waiting = {
                let (client, body) = (client.clone(), body.clone());
                tokio::spawn(async move { client.post_bytes(path, body).await })
            };
            upstream.wait_for(up, asked + 1).await;
            waiting.abort();
            let answer = settled(&client, path, &body).await;
            assert!(replayed(&answer), "{}", answer.text());
            assert!(answer.text().contains("wait"), "{}", answer.text());
            assert_eq!(upstream.requests().len(), calls);
        }
    }
    assert_eq!(upstream.abandoned(), 0);
}

/// Begins a stream that the gate holds, and leaves it: the call's id.
async fn leaves_a_stream(gateway: &Gateway, key: &str, dialect: Dialect) -> String {
    let (path, body) = call(dialect, TARGET, "hi", true);
    let mut stream = keyed(gateway, key).open(path, body).await;
    stream.next().await.expect("a first event");
    stream.request_id()
}

#[tokio::test]
async fn who_leaves_in_the_middle_of_a_stream_finds_all_of_it() {
    let (upstream, gateway) = start().await;
    for dialect in Dialect::ALL {
        let gate = Gate::new();
        upstream.script("up-m", Behaviour::text("one two three four").gated(&gate));
        gate.release(1);
        let id = leaves_a_stream(&gateway, "left", dialect).await;
        gate.open();
        let row = gateway.records().settled(&id, "succeeded").await;
        assert_eq!(row["output_tokens"], 15, "it is settled as any other");
        let (path, body) = call(dialect, TARGET, "hi", true);
        let replay = keyed(&gateway, "left").open(path, body).await.rest().await;
        assert_eq!(replay.header("x-ainfera-stream-mode"), Some("replayed"));
        assert_eq!(replay.request_id(), id);
        let said = match dialect {
            Dialect::Anthropic => replay.message().text(),
            Dialect::OpenAi => replay.completion().message["content"].to_string(),
            Dialect::Native => replay.inference().content_blocks[0]["text"].to_string(),
        };
        assert_eq!(said.trim_matches('"'), "one two three four");
    }
    assert_eq!(upstream.requests().len(), 3);
    assert_eq!(upstream.abandoned(), 0);
}

#[tokio::test]
async fn what_fails_after_the_client_left_frees_the_key() {
    let (upstream, gateway) = start().await;
    let gate = Gate::new();
    let dies = Behaviour::text("one two").ending(End::Abort).gated(&gate);
    upstream.script("up-m", dies);
    let id = leaves_a_stream(&gateway, "left", Dialect::Anthropic).await;
    gate.open();
    gateway.records().settled(&id, "interrupted").await;
    assert_eq!(kept(&gateway), (0, 0));
    upstream.script("up-m", Behaviour::text("well"));
    let answer = keyed(&gateway, "left")
        .post_bytes("/v1/messages", message("hi", true))
        .await;
    assert!(!replayed(&answer) && answer.text().contains("well"));
}

#[tokio::test]
async fn without_a_key_a_call_still_ends_with_its_client() {
    let (upstream, gateway) = start().await;
    upstream.script("up-m", Behaviour::text("one two").ending(End::Hang));
    let (path, body) = call(Dialect::Anthropic, TARGET, "hi", true);
    let mut stream = gateway.client().open(path, body).await;
    let id = stream.request_id();
    stream.next().await.expect("a first event");
    drop(stream);
    gateway.records().settled(&id, "cancelled").await;
    upstream.wait_idle().await;
}

async fn draining(drain: u64, upstream: &Upstream) -> Gateway {
    let drained = |setup: Setup| setup.timeouts(|timeouts| timeouts.drain = drain);
    drained(setup(upstream)).start().await
}

#[tokio::test]
async fn a_stop_waits_for_calls_whose_clients_have_left() {
    let upstream = Upstream::start();
    let gateway = draining(20_000, &upstream).await;
    let gate = Gate::new();
    upstream.script("up-m", Behaviour::text("one two").gated(&gate));
    leaves_a_stream(&gateway, "left", Dialect::Anthropic).await;
    gateway.terminate();
    wait::until("the drain to begin", || {
        gateway.log().contains("draining").then_some(())
    })
    .await;
    gate.open();
    assert!(gateway.exited().await.success());
    let gateway = gateway.restart().await;
    let answer = keyed(&gateway, "left")
        .post_bytes("/v1/messages", message("hi", true))
        .await;
    assert!(replayed(&answer) && answer.text().contains("message_stop"));
    assert_eq!(upstream.requests().len(), 1);
}

#[tokio::test]
async fn a_stop_does_not_wait_longer_than_the_drain_limit() {
    let upstream = Upstream::start();
    let gateway = draining(200, &upstream).await;
    upstream.script("up-m", Behaviour::text("one two").ending(End::Hang));
    let id = leaves_a_stream(&gateway, "left", Dialect::Anthropic).await;
    gateway.terminate();
    assert!(gateway.exited().await.success());
    let gateway = gateway.restart().await;
    gateway.records().settled(&id, "abandoned").await;
    assert_eq!(kept(&gateway), (0, 0), "the key is free");
}
