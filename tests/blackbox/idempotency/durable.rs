//! Kills, and the end of an answer's time.

use ainfera_tests::upstream::{Behaviour, End};
use ainfera_tests::wait;

use super::{assert_replays, kept, keyed, message, replayed, settled, start};

#[tokio::test]
async fn a_kill_in_the_middle_frees_the_key() {
    let (upstream, gateway) = start().await;
    upstream.script("up-m", Behaviour::text("one two").ending(End::Hang));
    let body = message("hi", true);
    let mut stream = keyed(&gateway, "killed")
        .open("/v1/messages", body.clone())
        .await;
    stream.next().await.expect("a first event");
    assert_eq!(kept(&gateway), (1, 0));
    gateway.kill();
    let gateway = gateway.restart().await;
    // At once, or on a server where others may live when a lease is over.
    wait::until("the killed call to be closed", || {
        (kept(&gateway) == (0, 0)).then_some(())
    })
    .await;
    upstream.script("up-m", Behaviour::text("well"));
    let client = keyed(&gateway, "killed");
    // Of a process that may have been one of several, when its lease is over.
    let answer = settled(&client, "/v1/messages", &body).await;
    assert!(!replayed(&answer) && answer.text().contains("well"));
    assert!(replayed(&client.post_bytes("/v1/messages", body).await));
    assert_eq!(upstream.requests().len(), 2);
}

#[tokio::test]
async fn an_answer_that_was_seen_outlives_a_kill() {
    let (upstream, mut gateway) = start().await;
    for round in 0..6 {
        let body = message("hi", round % 2 == 0);
        let key = format!("round-{round}");
        let first = keyed(&gateway, &key)
            .post_bytes("/v1/messages", body.clone())
            .await;
        gateway.kill();
        gateway = gateway.restart().await;
        let again = keyed(&gateway, &key).post_bytes("/v1/messages", body).await;
        assert_replays(&first, &again);
        assert_eq!(upstream.requests().len(), round + 1);
    }
}

#[tokio::test]
async fn after_its_time_a_key_is_free() {
    let (upstream, gateway) = start().await;
    let client = keyed(&gateway, "old");
    let body = message("hi", false);
    client.post_bytes("/v1/messages", body.clone()).await;
    let records = gateway.records();
    let day = "SELECT (k.expires_us - o.at_us) / 1000000 AS seconds FROM idempotency_keys k
               JOIN call_opened o ON o.key = k.call";
    let kept_for = records.number(day);
    // From when the call came, which may be a while before it is on record.
    assert!((86_340..=86_410).contains(&kept_for), "{kept_for} s");
    gateway
        .database()
        .execute("UPDATE idempotency_keys SET expires_us = 1");
    // Another request may take it, and has it.
    let other = message("ho", false);
    let answer = client.post_bytes("/v1/messages", other.clone()).await;
    assert!(!replayed(&answer), "{}", answer.text());
    assert!(replayed(&client.post_bytes("/v1/messages", other).await));
    let answer = client.post_bytes("/v1/messages", body).await;
    answer.assert_error(422, "invalid_request_error", "idempotency_mismatch");
    assert_eq!(upstream.requests().len(), 2);
}

#[tokio::test]
async fn answers_whose_time_is_over_are_deleted() {
    let (_upstream, gateway) = start().await;
    // More than are deleted at once.
    for number in 0..70 {
        let client = keyed(&gateway, &format!("old-{number}"));
        client
            .post_bytes("/v1/messages", message("a secret", false))
            .await;
    }
    gateway
        .database()
        .execute("UPDATE idempotency_keys SET expires_us = 1");
    let client = keyed(&gateway, "new");
    client
        .post_bytes("/v1/messages", message("hi", false))
        .await;
    let gateway = gateway.restart().await;
    wait::until("what is over to be deleted", || {
        (kept(&gateway) == (1, 1)).then_some(())
    })
    .await;
    let answer = keyed(&gateway, "new")
        .post_bytes("/v1/messages", message("hi", false))
        .await;
    assert!(replayed(&answer));
}
