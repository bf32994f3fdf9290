//! Databases that hold a lot already: one real call, many times over.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;

use ainfera_tests::database::Database;

use crate::error::BenchError;
use crate::load::call;
use crate::prompt::Prompt;
use crate::settings::KEY;

/// Keys of copies are this far apart.
const STEP: u64 = 4096;

/// Makes the call that is copied.
pub fn one_call(url: &str) -> Result<(), BenchError> {
    let target = url.trim_start_matches("http://");
    let mut stream = TcpStream::connect(target).map_err(BenchError::io("connect"))?;
    stream
        .write_all(&call(target, KEY, Prompt::Answer))
        .map_err(BenchError::io("write a call"))?;
    let mut answer = [0; 4096];
    let read = stream
        .read(&mut answer)
        .map_err(BenchError::io("read an answer"))?;
    let answer = String::from_utf8_lossy(answer.get(..read).unwrap_or_default()).into_owned();
    if answer.starts_with("HTTP/1.1 200") {
        return Ok(());
    }
    Err(BenchError::NoAnswer {
        way: "the gateway whose database is filled",
        words: answer,
    })
}

/// Copies the one call, its end and its two audit events, so that there are about `rows` calls,
/// all older than the first.
pub fn fill(database: &Database, rows: u64) {
    let copies = rows.saturating_sub(1);
    for (table, key) in [("call_opened", "key"), ("call_closed", "key")] {
        let columns = others(database, table, key);
        database.execute(&format!(
            "INSERT INTO {table} ({key}, {columns})
             WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {copies})
             SELECT t.{key} - n.i * {STEP}, {columns}
             FROM n, (SELECT * FROM {table} ORDER BY {key} DESC LIMIT 1) AS t"
        ));
    }
    // After the last event of the chain of the process that is gone.
    let columns = others(database, "audit_log", "id");
    database.execute(&format!(
        "INSERT INTO audit_log (id, {columns})
         WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 2 * {copies})
         SELECT t.id + n.i, {columns}
         FROM n, (SELECT * FROM audit_log ORDER BY id DESC LIMIT 1) AS t"
    ));
}

/// The columns of a table but for its key.
fn others(database: &Database, table: &str, key: &str) -> String {
    let rows = database.query(&format!("SELECT * FROM {table} LIMIT 1"));
    let row = rows.first().into_iter().flatten();
    let columns: Vec<&str> = row
        .map(|(name, _)| name.as_str())
        .filter(|name| *name != key)
        .collect();
    columns.join(", ")
}
