//! Writers, their leases, and what they leave behind.

use std::time::Duration;

use super::super::audit::{AuditRow, chains, insert};
use super::super::on::run;
use super::super::writers::{Dead, Writer, beat, begin, end, expire, pending};
use super::super::{Digest, Key, Store};
use super::place::{Place, on_both};
use super::views::{close, open};

on_both! {
    a_lease_lasts_while_it_is_renewed,
    without_leases_every_earlier_writer_is_dead,
    pending_calls_are_one_writers,
    writers_that_are_there_differ_in_their_keys,
    each_chain_is_continued_once,
}

async fn start(store: &Store) -> Writer {
    let mut tx = store.begin().await.unwrap();
    let writer = begin(&mut tx, 1).await.unwrap();
    tx.commit().await.unwrap();
    writer
}

async fn expired(store: &Store, but: Option<i64>, lease: Option<Duration>) -> Vec<i64> {
    let mut tx = store.begin().await.unwrap();
    let dead = expire(&mut tx, but, lease).await.unwrap();
    tx.commit().await.unwrap();
    dead.iter().map(|dead| dead.id).collect()
}

async fn ended(store: &Store, writer: i64) {
    let mut tx = store.begin().await.unwrap();
    end(&mut tx, writer, 2).await.unwrap();
    tx.commit().await.unwrap();
}

/// As if this writer was seen last so long ago.
async fn age(store: &Store, writer: i64, by: Duration) {
    let sql = "UPDATE writers SET seen_us = seen_us - $2 WHERE id = $1";
    let by = i64::try_from(by.as_micros()).unwrap();
    run!(store, execute, sqlx::query(sql).bind(writer).bind(by)).unwrap();
}

async fn a_lease_lasts_while_it_is_renewed(place: &Place) {
    let store = place.store().await;
    let (one, two) = (start(&store).await.id, start(&store).await.id);
    let lease = Some(Duration::from_secs(600));
    let long = Duration::from_secs(1200);
    assert!(expired(&store, Some(two), lease).await.is_empty());
    age(&store, one, long).await;
    assert!(beat(&store, one).await.unwrap());
    assert!(expired(&store, Some(two), lease).await.is_empty());
    age(&store, one, long).await;
    age(&store, two, long).await;
    assert_eq!(expired(&store, Some(two), lease).await, [one]);
    // It came too late, and others may have its calls.
    assert!(!beat(&store, one).await.unwrap());
    // Until someone has closed them, everyone is asked to.
    assert_eq!(expired(&store, Some(two), lease).await, [one]);
    ended(&store, one).await;
    assert!(expired(&store, Some(two), lease).await.is_empty());
    assert_eq!(expired(&store, None, lease).await, [two]);
}

async fn without_leases_every_earlier_writer_is_dead(place: &Place) {
    let store = place.store().await;
    for expected in [vec![], vec![1], vec![1, 2]] {
        assert_eq!(expired(&store, None, None).await, expected);
        start(&store).await;
    }
    for writer in 1..=3 {
        ended(&store, writer).await;
    }
    assert!(expired(&store, None, None).await.is_empty());
}

async fn pending_calls_are_one_writers(place: &Place) {
    let store = place.store().await;
    let key = |ms: i64, writer: i64| ms << 22 | writer << 12;
    for (ms, writer) in [(1, 1), (2, 2), (3, 1), (4, 1), (5, 1025)] {
        open(&store, key(ms, writer & 1023), "policy", true).await;
    }
    close(&store, key(3, 1), "succeeded").await;
    let keys = async |id, first_key| -> Vec<_> {
        let dead = Dead {
            id,
            first_key: Key(first_key),
        };
        let calls = pending(&store, dead).await.unwrap();
        assert!(calls.iter().all(|call| call.routed && call.dispatched));
        calls.iter().map(|call| call.key.0 >> 22).collect()
    };
    assert_eq!(keys(1, 0).await, [1, 4, 5]);
    assert_eq!(keys(1025, key(4, 1)).await, [5]);
    assert_eq!(keys(2, 0).await, [2]);
    assert!(keys(3, 0).await.is_empty());
}

async fn writers_that_are_there_differ_in_their_keys(place: &Place) {
    let store = place.store().await;
    let first = start(&store).await.id;
    let sql = "UPDATE writers SET id = 1024 WHERE id = $1";
    let chain = "UPDATE audit_chains SET chain = 1024 WHERE chain = $1";
    run!(store, execute, sqlx::query(sql).bind(first)).unwrap();
    run!(store, execute, sqlx::query(chain).bind(first)).unwrap();
    open(&store, 1 << 30, "policy", true).await;
    let second = start(&store).await;
    assert_eq!((second.id, second.first_key), (1025, Key(1 << 30)));
    let sql = "UPDATE writers SET id = 2047 WHERE id = 1025";
    let chain = "UPDATE audit_chains SET chain = 2047 WHERE chain = 1025";
    run!(store, execute, sqlx::query(sql)).unwrap();
    run!(store, execute, sqlx::query(chain)).unwrap();
    // 2048 would have the bits of 1024.
    assert_eq!(start(&store).await.id, 2049);
}

async fn each_chain_is_continued_once(place: &Place) {
    let store = place.store().await;
    let one = start(&store).await;
    let mut tx = store.begin().await.unwrap();
    let link = Digest::of(b"one");
    let event = AuditRow {
        chain: one.id,
        seq: 1,
        body: "{}".to_owned(),
        link,
    };
    insert(&mut tx, &event).await.unwrap();
    tx.commit().await.unwrap();
    // Beside one that runs: that may yet go on.
    let two = start(&store).await;
    assert_eq!((one.link, two.link), (Digest::default(), Digest::default()));
    ended(&store, one.id).await;
    let three = start(&store).await;
    assert_eq!(three.link, link);
    let four = start(&store).await;
    assert_eq!(four.link, Digest::default());
    expired(&store, Some(four.id), None).await;
    start(&store).await;
    let previous: Vec<_> = chains(&store)
        .await
        .unwrap()
        .iter()
        .map(|chain| chain.previous_chain)
        .collect();
    assert_eq!(previous, [None, None, None, Some(1), None, Some(3)]);
}
