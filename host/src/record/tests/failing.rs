//! A row or a database that fails.

use sqlx::Connection as _;

use super::super::{Outcome, RecordsUnavailable};
use super::{Place, on_both, routed, until};
use crate::store::calls;

on_both! {
    a_bad_row_harms_only_itself,
    a_locked_database_refuses_opens_and_keeps_closes,
    a_caller_who_left_before_a_refused_open_leaves_nothing,
}

/// Refuses calls of models whose names begin with `bad`.
const TRIGGER: [&str; 2] = [
    "CREATE TRIGGER bad BEFORE INSERT ON call_opened WHEN new.requested LIKE 'bad%'
     BEGIN SELECT raise(ABORT, 'no such model'); END",
    "CREATE FUNCTION bad() RETURNS trigger LANGUAGE plpgsql AS $$
     BEGIN RAISE check_violation USING MESSAGE = 'no such model'; END $$;
     CREATE TRIGGER bad BEFORE INSERT ON call_opened FOR EACH ROW
     WHEN (new.requested LIKE 'bad%') EXECUTE FUNCTION bad()",
];

/// Nobody can write as long as it is there.
enum Lock {
    File(rusqlite::Connection),
    Server(sqlx::PgConnection),
}

impl Lock {
    async fn of(place: &Place) -> Self {
        if place.is_server() {
            let lock = "BEGIN; LOCK call_opened, call_closed, writers IN EXCLUSIVE MODE";
            return Self::Server(place.hold(lock).await);
        }
        let connection = place.outside();
        connection.execute_batch("BEGIN IMMEDIATE").unwrap();
        Self::File(connection)
    }

    async fn open(self) {
        match self {
            Self::File(connection) => connection.execute_batch("ROLLBACK").unwrap(),
            Self::Server(connection) => connection.close().await.unwrap(),
        }
    }
}

async fn a_bad_row_harms_only_itself(place: &Place) {
    let (store, records) = place.start().await;
    place.run(TRIGGER[usize::from(place.is_server())]).await;
    let twice = routed(&records);
    let opens = (0..40).map(|number| {
        let mut opened = if number % 10 == 0 {
            twice.clone()
        } else {
            routed(&records)
        };
        if number % 10 == 5 {
            opened.requested = format!("bad {number}");
        }
        let records = records.clone();
        tokio::spawn(async move { records.open(opened).await })
    });
    let opens: Vec<_> = opens.collect();
    let mut opened = Vec::new();
    for open in opens {
        match open.await.unwrap() {
            Ok(call) => opened.push(call),
            Err(error) => assert_eq!(error.unavailable(), RecordsUnavailable::Refused),
        }
    }
    // Four are bad, and of four with one key the first is as good as any.
    assert_eq!(opened.len(), 40 - 4 - 3);
    assert!(records.available());
    for call in opened {
        call.close(Outcome::succeeded()).await.unwrap();
    }
    assert_eq!(
        calls::counts(&store).await.unwrap(),
        [("succeeded".to_owned(), 33)]
    );
}

async fn a_locked_database_refuses_opens_and_keeps_closes(place: &Place) {
    let (store, records) = place.start().await;
    let call = records.open(routed(&records)).await.unwrap();
    let dropped = records.open(routed(&records)).await.unwrap();
    let left = routed(&records);

    let lock = Lock::of(place).await;
    let error = records.open(left).await.unwrap_err().unavailable();
    assert_eq!(error, RecordsUnavailable::Database);
    assert!(!records.available());
    assert_eq!(
        records
            .open(routed(&records))
            .await
            .unwrap_err()
            .unavailable(),
        RecordsUnavailable::Database
    );
    assert_eq!(
        call.close(Outcome::succeeded()).await,
        Err(RecordsUnavailable::Database)
    );
    drop(dropped);
    until("both are kept", || records.stats().kept == 2).await;
    lock.open().await;

    until("the database is back", || records.available()).await;
    assert_eq!(records.stats().kept, 0);
    let counts = calls::counts(&store).await.unwrap();
    assert_eq!(
        counts,
        [("cancelled".to_owned(), 1), ("succeeded".to_owned(), 1)]
    );
    records
        .open(routed(&records))
        .await
        .unwrap()
        .close(Outcome::succeeded())
        .await
        .unwrap();
}

async fn a_caller_who_left_before_a_refused_open_leaves_nothing(place: &Place) {
    let (store, records) = place.start().await;
    let lock = Lock::of(place).await;
    let open = tokio::spawn({
        let records = records.clone();
        async move { records.open(routed(&records)).await.map(drop) }
    });
    tokio::task::yield_now().await;
    open.abort();
    let _ = open.await;
    until("the database failed", || !records.available()).await;
    lock.open().await;
    until("the database is back", || records.available()).await;
    records.flush().await.unwrap();
    assert!(calls::counts(&store).await.unwrap().is_empty());
    let closes = place.number("SELECT count(*) FROM call_closed").await;
    assert_eq!(closes, 0);
}

#[tokio::test]
async fn a_removed_database_is_noticed_at_once() {
    let place = Place::new();
    let (store, records) = place.start().await;
    let call = records.open(routed(&records)).await.unwrap();
    let aside = place.file().with_extension("aside");
    std::fs::rename(place.file(), &aside).unwrap();
    let error = records
        .open(routed(&records))
        .await
        .unwrap_err()
        .unavailable();
    assert_eq!(error, RecordsUnavailable::Database);
    assert_eq!(
        call.close(Outcome::succeeded()).await,
        Err(RecordsUnavailable::Database)
    );
    std::fs::rename(&aside, place.file()).unwrap();
    until("the database is back", || records.available()).await;
    assert_eq!(
        calls::counts(&store).await.unwrap(),
        [("succeeded".to_owned(), 1)]
    );
}
