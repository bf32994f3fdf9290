//! The tables that are not on the hot path.

mod audit;
mod listen;
mod money;
pub(crate) mod place;
mod policy;
mod schema;
mod tenancy;
mod views;
mod writers;

use std::os::unix::fs::PermissionsExt as _;

use self::place::{Place, on_both};
use super::{Digest, Store, StoreConfig, StoreError, catalog, settings};

on_both! {
    transactions_queue_and_never_deadlock,
    catalog_versions_count_up,
}

#[tokio::test]
async fn nobody_else_can_read_the_database() {
    let place = Place::file();
    let store = place.store().await;
    let mode = |name: &str| {
        std::fs::metadata(place.directory().join(name))
            .unwrap()
            .permissions()
            .mode()
            & 0o777
    };
    assert_eq!((mode("data"), mode("data/ainfera.db")), (0o700, 0o600));
    settings::put(&mut store.begin().await.unwrap(), "a", b"b")
        .await
        .unwrap();
    assert_eq!(mode("data/ainfera.db-wal"), 0o600);
}

#[tokio::test]
async fn a_directory_that_cannot_be_made_is_named() {
    let error = Store::open(StoreConfig::at("/dev/null/ainfera.db"))
        .await
        .unwrap_err();
    assert!(matches!(error, StoreError::Prepare { .. }), "{error}");
    assert!(error.to_string().contains("/dev/null"), "{error}");
}

async fn transactions_queue_and_never_deadlock(place: &Place) {
    let store = place.store().await;
    let adds = (0..8).map(|_| {
        let store = store.clone();
        tokio::spawn(async move {
            let mut tx = store.begin().await.unwrap();
            let count = settings::put_first(&mut tx, "count", b"0").await.unwrap();
            let count: u32 = String::from_utf8(count).unwrap().parse().unwrap();
            tokio::task::yield_now().await;
            settings::put(&mut tx, "count", (count + 1).to_string().as_bytes())
                .await
                .unwrap();
            tx.commit().await.unwrap();
        })
    });
    for add in adds.collect::<Vec<_>>() {
        add.await.unwrap();
    }
    let mut tx = store.begin().await.unwrap();
    let count = settings::get(&mut tx, "count").await.unwrap();
    assert_eq!(count, Some(b"8".to_vec()));
}

async fn catalog_versions_count_up(place: &Place) {
    let store = place.store().await;
    assert_eq!(catalog::latest(&store).await.unwrap(), None);
    let mut tx = store.begin().await.unwrap();
    let first = catalog::insert(&mut tx, 0, 5, "setup", "{}").await.unwrap();
    let second = catalog::insert(&mut tx, 1, 6, "founder", "[]")
        .await
        .unwrap();
    let stale = catalog::insert(&mut tx, 1, 7, "founder", "[1]")
        .await
        .unwrap_err();
    tx.commit().await.unwrap();
    assert!(matches!(
        stale,
        StoreError::Stale {
            expected: 1,
            actual: 2,
            ..
        }
    ));
    assert_eq!(
        (first.version, second.version, second.digest),
        (1, 2, Digest::of(b"[]"))
    );
    assert_eq!(catalog::latest(&store).await.unwrap(), Some(second));
    assert_eq!(catalog::get(&store, 1).await.unwrap(), Some(first));
}
