//! Statements for a server, each on a connection of its own.

use crate::wait::PATIENCE;

use postgres::types::Type;
use postgres::{Client, Config, Error, NoTls, SimpleQueryMessage};
use serde_json::{Value, json};

use crate::database::Row;

/// Runs statements, separated by semicolons.
pub(crate) fn run(url: &str, sql: &str) -> Result<(), Error> {
    connected(url, |client| client.batch_execute(sql))
}

/// Runs one statement; how many rows it changed.
pub(crate) fn changed(url: &str, sql: &str) -> Result<u64, Error> {
    connected(url, |client| client.execute(sql, &[]))
}

/// Runs a query.
pub(crate) fn rows(url: &str, sql: &str) -> Result<Vec<Row>, Error> {
    connected(url, |client| {
        let columns = client.prepare(sql)?;
        let columns = columns.columns();
        // As text, which is the same for every type.
        let messages = client.simple_query(sql)?;
        let rows = messages.iter().filter_map(|message| match message {
            SimpleQueryMessage::Row(row) => Some(row),
            _ => None,
        });
        let row = |row: &postgres::SimpleQueryRow| {
            let cells = columns.iter().enumerate();
            let cells = cells.map(|(index, column)| {
                let value = json_of(column.type_(), row.get(index));
                (column.name().to_owned(), value)
            });
            cells.collect()
        };
        Ok(rows.map(row).collect())
    })
}

/// A value as SQLite would give it: truths are 1 and 0, bytes lowercase hex.
fn json_of(kind: &Type, text: Option<&str>) -> Value {
    let Some(text) = text else {
        return Value::Null;
    };
    let number = || serde_json::from_str(text).unwrap_or_else(|_| json!(text));
    match *kind {
        Type::BOOL => json!(i64::from(text == "t")),
        Type::INT2 | Type::INT4 | Type::INT8 | Type::NUMERIC | Type::FLOAT4 | Type::FLOAT8 => {
            number()
        }
        Type::BYTEA => json!(text.trim_start_matches("\\x")),
        _ => json!(text),
    }
}

/// On a thread of its own: the client blocks, which the tests' runtimes do not allow.
fn connected<T: Send>(
    url: &str,
    work: impl FnOnce(&mut Client) -> Result<T, Error> + Send,
) -> Result<T, Error> {
    let mut config: Config = url.parse()?;
    config.connect_timeout(PATIENCE);
    let worked = std::thread::scope(|scope| {
        let work = || work(&mut config.connect(NoTls)?);
        scope.spawn(work).join()
    });
    worked.unwrap_or_else(|panic| std::panic::resume_unwind(panic))
}
