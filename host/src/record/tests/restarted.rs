//! Stops, kills, and starts.

use super::super::{Outcome, Records, RecordsConfig, RecordsUnavailable, StartError};
use super::{Place, on_both, routed, until};
use crate::store::calls;
use crate::telemetry::otlp::Otlp;

on_both! {
    a_stopped_writer_says_so,
}

#[tokio::test]
async fn what_a_killed_process_left_pending_is_abandoned() {
    let place = Place::new();
    let (store, records) = place.start().await;
    let before = records.open(routed(&records)).await.unwrap();
    let key = before.key();
    let ended = records.open(routed(&records)).await.unwrap();
    ended.close(Outcome::succeeded()).await.unwrap();
    // As good as a kill: nobody closes the call, and the lock is gone.
    std::mem::forget(before);
    drop(records);

    let (_, records) = place.start().await;
    let row = calls::decision(&store, key).await.unwrap().unwrap();
    assert_eq!(
        (row.outcome_status.as_str(), row.usage_source.as_deref()),
        ("abandoned", Some("unknown"))
    );
    assert_eq!(records.stats().pending, 0);
    let now = records.open(routed(&records)).await.unwrap();
    assert!(now.key() > key);
    records.stop().await;
    drop(now);
    drop(records);

    // What was pending at the stop is, too; and nothing is closed twice.
    let (_, records) = place.start().await;
    records.flush().await.unwrap();
    let counts = calls::counts(&store).await.unwrap();
    assert_eq!(
        counts,
        [("abandoned".to_owned(), 2), ("succeeded".to_owned(), 1)]
    );
}

async fn a_stopped_writer_says_so(place: &Place) {
    let (_store, records) = place.start().await;
    records
        .open(routed(&records))
        .await
        .unwrap()
        .close(Outcome::succeeded())
        .await
        .unwrap();
    records.stop().await;
    records.stop().await;
    let error = records
        .open(routed(&records))
        .await
        .unwrap_err()
        .unavailable();
    assert_eq!(error, RecordsUnavailable::Stopped);
    assert!(!records.available());
    let sql = "SELECT count(*) FROM writers WHERE ended_us IS NULL";
    assert_eq!(place.number(sql).await, 0);
}

#[tokio::test]
async fn one_process_writes_at_a_time() {
    let place = Place::new();
    let (store, records) = place.start().await;
    let second = Records::start(RecordsConfig::default(), &store, Otlp::default()).await;
    assert!(matches!(second, Err(StartError::Locked(_))));
    drop(records);
    Records::start(RecordsConfig::default(), &store, Otlp::default())
        .await
        .unwrap();
}

#[tokio::test]
#[ignore = "needs AINFERA_TEST_POSTGRES"]
async fn the_calls_of_a_dead_writer_are_closed_by_another() {
    let place = Place::server().await;
    let (store, first) = place.start().await;
    let (_, second) = place.start().await;
    let taken = first.open(routed(&first)).await.unwrap();
    let running = second.open(routed(&second)).await.unwrap();
    place
        .run("UPDATE writers SET expired_us = 1 WHERE id = 1")
        .await;

    // The first one, which lives after all, notices, and begins anew as the third.
    until_number(&place, "SELECT count(*) FROM writers", 3).await;
    until("it began anew", || first.available()).await;
    let anew = first.open(routed(&first)).await.unwrap();
    assert!(anew.key().is_of(3) && taken.key().is_of(1));

    let over = "SELECT count(*) FROM writers WHERE id = 1 AND ended_us IS NOT NULL";
    until_number(&place, over, 1).await;
    let status = async |key| {
        let row = calls::decision(&store, key).await.unwrap().unwrap();
        row.outcome_status
    };
    assert_eq!(status(taken.key()).await, "abandoned");
    for pending in [&running, &anew] {
        assert_eq!(status(pending.key()).await, "pending");
    }
    let keys = [taken.key(), running.key(), anew.key()];
    for call in [taken, running, anew] {
        call.close(Outcome::succeeded()).await.unwrap();
    }
    assert_eq!(status(keys[0]).await, "abandoned", "closed once");
    for key in &keys[1..] {
        assert_eq!(status(*key).await, "succeeded");
    }
    for records in [first, second] {
        records.stop().await;
    }
    let live = "SELECT count(*) FROM writers WHERE ended_us IS NULL";
    assert_eq!(place.number(live).await, 0);
}

#[tokio::test]
#[ignore = "needs AINFERA_TEST_POSTGRES"]
async fn a_silent_writer_is_taken_for_dead() {
    let place = Place::server().await;
    let (_store, records) = place.start().await;
    // Killed long ago.
    place
        .run("INSERT INTO writers (id, started_us, first_key, seen_us) VALUES (9, 1, 0, 1)")
        .await;
    let over = "SELECT count(*) FROM writers WHERE ended_us IS NOT NULL AND id = 9";
    until_number(&place, over, 1).await;
    assert!(records.available());
}

/// Waits until a query has this answer, longer than a lease.
async fn until_number(place: &Place, sql: &str, number: i64) {
    for _ in 0..1_200 {
        if place.number(sql).await == number {
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    }
    panic!("waited in vain until {sql} is {number}");
}
