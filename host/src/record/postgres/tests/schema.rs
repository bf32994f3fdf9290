//! The columns that are written are those of the tables, in both databases.

use super::Place;
use crate::record::rows::{CLOSED, EVENT, Kind, OPENED, Table};
use crate::store::{Store, StoreConfig};

const TABLES: [Table; 3] = [OPENED, CLOSED, EVENT];

fn columns(table: &Table, name: impl Fn(Kind) -> &'static str) -> String {
    let columns = table.columns.iter();
    let mut columns: Vec<_> = columns
        .map(|(column, kind)| format!("{column} {}", name(*kind)))
        .collect();
    columns.sort();
    columns.join(",")
}

#[test]
#[ignore = "needs AINFERA_TEST_POSTGRES"]
fn of_postgres() {
    let place = Place::new();
    for table in TABLES {
        let found = place.text(&format!(
            "SELECT string_agg(column_name || ' ' || data_type, ',' ORDER BY column_name COLLATE \"C\")
             FROM information_schema.columns WHERE table_name = '{}'",
            table.name
        ));
        let expected = columns(&table, |kind| match kind {
            Kind::Int => "bigint",
            Kind::Flag => "boolean",
            Kind::Text => "text",
            Kind::Bytes => "bytea",
        });
        assert_eq!(found, expected);
    }
}

#[tokio::test]
async fn of_sqlite() {
    let directory = std::env::temp_dir().join(format!("ainfera-columns-{}", std::process::id()));
    let file = directory.join("ainfera.db");
    let store = Store::open(StoreConfig::at(&file)).await.unwrap();
    let outside = rusqlite::Connection::open(&file).unwrap();
    for table in TABLES {
        let sql = format!(
            "SELECT name || ' ' || type FROM pragma_table_info('{}')",
            table.name
        );
        let mut statement = outside.prepare(&sql).unwrap();
        let rows = statement
            .query_map([], |row| row.get::<_, String>(0))
            .unwrap();
        let mut found: Vec<_> = rows.map(Result::unwrap).collect();
        found.sort();
        let expected = columns(&table, |kind| match kind {
            Kind::Int | Kind::Flag => "INTEGER",
            Kind::Text => "TEXT",
            Kind::Bytes => "BLOB",
        });
        assert_eq!(found.join(","), expected);
    }
    store.close().await;
    std::fs::remove_dir_all(directory).unwrap();
}
