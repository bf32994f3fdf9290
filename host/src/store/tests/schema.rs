//! The schema itself, and what opens it.

use super::super::on::{On, run};
use super::super::{Location, Store, StoreConfig, StoreError};
use super::place::{Place, on_both};

on_both! {
    what_is_there_is_read_and_not_written,
    another_schema_is_refused,
    a_second_start_finds_the_schema,
}

/// Each table's and view's columns.
async fn columns(store: &Store) -> Vec<(String, String)> {
    let sql = match store.on() {
        On::Sqlite(_) => {
            "SELECT m.name, c.name FROM sqlite_master m JOIN pragma_table_info(m.name) c
             WHERE m.type IN ('table', 'view') AND m.name NOT LIKE '\\_sqlx%' ESCAPE '\\'
                 AND m.name NOT LIKE 'sqlite%' ORDER BY 1, 2"
        }
        On::Postgres(_) => {
            "SELECT table_name::TEXT COLLATE \"C\", column_name::TEXT COLLATE \"C\"
             FROM information_schema.columns
             WHERE table_schema = current_schema() AND table_name NOT LIKE '\\_sqlx%'
             ORDER BY 1, 2"
        }
    };
    run!(store, fetch_all, sqlx::query_as(sql)).unwrap()
}

#[tokio::test]
#[ignore = "needs AINFERA_TEST_POSTGRES"]
async fn both_have_the_same_tables_and_columns() {
    let (file, server) = (Place::file(), Place::server().await);
    let file = columns(&file.store().await).await;
    let server = columns(&server.store().await).await;
    assert!(file.len() > 150, "{}", file.len());
    let only = |here: &[(String, String)], there: &[(String, String)]| -> Vec<_> {
        here.iter()
            .filter(|column| !there.contains(column))
            .cloned()
            .collect()
    };
    assert_eq!(
        (only(&file, &server), only(&server, &file)),
        (vec![], vec![])
    );
}

async fn what_is_there_is_read_and_not_written(place: &Place) {
    let nothing = Store::read_only(place.location()).await.unwrap_err();
    assert!(matches!(nothing, StoreError::NoDatabase(_)), "{nothing}");
    let store = place.store().await;
    let reader = Store::read_only(place.location()).await.unwrap();
    assert_eq!(columns(&reader).await, columns(&store).await);
    let sql = "INSERT INTO gates (name, open, changed_us, actor) VALUES ('a', $1, 0, 'b')";
    run!(reader, execute, sqlx::query(sql).bind(true)).unwrap_err();
    assert_eq!(
        run!(store, execute, sqlx::query(sql).bind(true)).unwrap(),
        1
    );
}

async fn another_schema_is_refused(place: &Place) {
    let store = place.store().await;
    let sql = "UPDATE _sqlx_migrations SET version = 9999 WHERE version =
                   (SELECT max(version) FROM _sqlx_migrations)";
    run!(store, execute, sqlx::query(sql)).unwrap();
    let other = Store::read_only(place.location()).await.unwrap_err();
    assert!(matches!(other, StoreError::OtherSchema(_)), "{other}");
    let newer = Store::open(StoreConfig::new(place.location())).await;
    assert!(matches!(newer, Err(StoreError::Migrate(_))));
}

async fn a_second_start_finds_the_schema(place: &Place) {
    let (one, two) = (place.store().await, place.store().await);
    assert_eq!(columns(&one).await, columns(&two).await);
}

#[tokio::test]
#[ignore = "needs AINFERA_TEST_POSTGRES"]
async fn replicas_start_at_once() {
    let place = Place::server().await;
    let (one, two) = tokio::join!(place.store(), place.store());
    assert_eq!(columns(&one).await, columns(&two).await);
}

#[tokio::test]
async fn a_server_that_is_not_there_is_named() {
    let location: Location = "postgres://me:hunter2@127.0.0.1:1/records".parse().unwrap();
    let error = Store::open(StoreConfig::new(location)).await.unwrap_err();
    let text = error.to_string();
    assert!(
        text.contains("postgres://me@127.0.0.1:1/records") && !text.contains("hunter2"),
        "{text}"
    );
}
