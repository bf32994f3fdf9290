//! Stops, kills, and starts.

use super::super::{Outcome, Records, RecordsConfig, RecordsUnavailable, StartError};
use super::{Place, routed};
use crate::store::calls;

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

#[tokio::test]
async fn a_stopped_writer_says_so() {
    let place = Place::new();
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
    let error = records.open(routed(&records)).await.unwrap_err();
    assert_eq!(error, RecordsUnavailable::Stopped);
    assert!(!records.available());
    let sql = "SELECT count(*) FROM writers WHERE ended_us IS NULL";
    let running: i64 = place
        .outside()
        .query_row(sql, [], |row| row.get(0))
        .unwrap();
    assert_eq!(running, 0);
}

#[tokio::test]
async fn one_process_writes_at_a_time() {
    let place = Place::new();
    let (store, records) = place.start().await;
    let second = Records::start(RecordsConfig::default(), &store).await;
    assert!(matches!(second, Err(StartError::Locked(_))));
    drop(records);
    Records::start(RecordsConfig::default(), &store)
        .await
        .unwrap();
}
