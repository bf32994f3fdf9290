//! What another process has changed.

use std::time::Duration;

use sqlx::postgres::PgListener;
use tokio::time::timeout;

use super::super::audit::{AuditRow, CONTROL_CHAIN, CONTROL_CHANNEL, head, insert};
use super::super::listen::ControlWatch;
use super::super::on::On;
use super::super::{Digest, Store, writers};
use super::place::Place;

async fn append(store: &Store) {
    let mut tx = store.begin().await.unwrap();
    let (seq, _) = head(&mut tx, CONTROL_CHAIN).await.unwrap();
    insert(&mut tx, &event(CONTROL_CHAIN, seq + 1))
        .await
        .unwrap();
    tx.commit().await.unwrap();
}

fn event(chain: i64, seq: i64) -> AuditRow {
    AuditRow {
        chain,
        seq,
        body: "{}".to_owned(),
        link: Digest::default(),
    }
}

#[tokio::test]
#[ignore = "needs AINFERA_TEST_POSTGRES"]
async fn a_change_is_noticed_once() {
    let place = Place::server().await;
    let (here, there) = (place.store().await, place.store().await);
    append(&there).await;
    let mut watch = ControlWatch::new(&here).await.unwrap();
    assert_eq!(watch.seen(), 1);
    append(&there).await;
    append(&there).await;
    // Each of the two, or both at once.
    while watch.changed().await < 3 {}
    let more = timeout(Duration::from_millis(100), watch.changed()).await;
    assert!(more.is_err());
    append(&there).await;
    assert_eq!(watch.changed().await, 4);
}

#[tokio::test]
#[ignore = "needs AINFERA_TEST_POSTGRES"]
async fn a_lost_connection_loses_nothing() {
    let place = Place::server().await;
    let (here, there) = (place.store().await, place.store().await);
    let mut watch = ControlWatch::new(&here).await.unwrap();
    let On::Postgres(pool) = there.on() else {
        panic!("it is on a server");
    };
    let killed: i64 = sqlx::query_scalar(
        "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity
         WHERE datname = current_database() AND pid <> pg_backend_pid()",
    )
    .fetch_one(pool)
    .await
    .unwrap();
    assert!(killed > 0);
    append(&there).await;
    assert_eq!(watch.changed().await, 1);
    append(&there).await;
    assert_eq!(watch.changed().await, 2);
}

#[tokio::test]
#[ignore = "needs AINFERA_TEST_POSTGRES"]
async fn word_of_a_change_comes_with_its_commit() {
    let place = Place::server().await;
    let store = place.store().await;
    let On::Postgres(pool) = store.on() else {
        panic!("it is on a server");
    };
    let mut listener = PgListener::connect_with(pool).await.unwrap();
    listener.listen(CONTROL_CHANNEL).await.unwrap();
    append(&store).await;
    let mut tx = store.begin().await.unwrap();
    let writer = writers::begin(&mut tx, 1).await.unwrap();
    insert(&mut tx, &event(writer.id, 1)).await.unwrap();
    tx.commit().await.unwrap();
    append(&store).await;
    for seq in ["1", "2"] {
        let word = timeout(Duration::from_secs(30), listener.recv()).await;
        assert_eq!(word.unwrap().unwrap().payload(), seq);
    }
}

#[tokio::test]
async fn a_file_has_no_other_process() {
    let place = Place::file();
    let store = place.store().await;
    let mut watch = ControlWatch::new(&store).await.unwrap();
    append(&store).await;
    let changed = timeout(Duration::from_millis(50), watch.changed()).await;
    assert!(changed.is_err());
}
