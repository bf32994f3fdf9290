//! Reading what the gateway recorded, straight from its database.

use serde_json::Value;

use crate::database::Database;
pub use crate::database::{Row, hex};
use crate::wait;

/// The records in the database of a gateway.
pub struct Records {
    database: Database,
}

impl Records {
    pub(crate) fn of(database: Database) -> Self {
        Self { database }
    }

    /// Runs a query.
    pub fn query(&self, sql: &str) -> Vec<Row> {
        self.database.query(sql)
    }

    /// The one number that a query gives.
    pub fn number(&self, sql: &str) -> i64 {
        let rows = self.query(sql);
        let value = rows
            .first()
            .and_then(|row| row.values().next())
            .and_then(Value::as_i64);
        value.unwrap_or_else(|| panic!("{sql}: no number in {rows:?}"))
    }

    /// All rows of `routing_outcomes`, oldest first.
    pub fn outcomes(&self) -> Vec<Row> {
        self.query("SELECT * FROM routing_outcomes ORDER BY key")
    }

    /// The rows of one call, by its `request-id`.
    pub fn outcomes_of(&self, request_id: &str) -> Vec<Row> {
        let key = key_of(request_id);
        self.query(&format!("SELECT * FROM routing_outcomes WHERE key = {key}"))
    }

    /// The one row of a call; panics if there is not exactly one.
    pub fn outcome(&self, request_id: &str) -> Row {
        let mut rows = self.outcomes_of(request_id);
        assert_eq!(rows.len(), 1, "rows of {request_id}: {rows:?}");
        rows.remove(0)
    }

    /// Waits until the one row of a call has this status, and gives it.
    pub async fn settled(&self, request_id: &str, status: &str) -> Row {
        let what = format!("{request_id} to be `{status}`");
        wait::until(&what, || {
            let mut rows = self.outcomes_of(request_id);
            let done = rows.len() == 1 && rows[0]["outcome_status"] == status;
            done.then(|| rows.remove(0))
        })
        .await
    }

    /// The inference record of a call, dispatched ones only.
    pub fn inferences_of(&self, request_id: &str) -> Vec<Row> {
        let key = key_of(request_id);
        self.query(&format!("SELECT * FROM inferences WHERE key = {key}"))
    }

    /// What all audit events of this name say (`data` in their bodies), in order.
    pub fn audit(&self, event: &str) -> Vec<Value> {
        let sql =
            format!("SELECT body FROM audit_events WHERE event = '{event}' ORDER BY chain, seq");
        let bodies = self.query(&sql);
        let data = |row: &Row| parse(&row["body"])["data"].take();
        bodies.iter().map(data).collect()
    }

    /// The audit events of this name that speak of a call.
    pub fn audit_of(&self, event: &str, request_id: &str) -> Vec<Value> {
        let mut events = self.audit(event);
        events.retain(|data| data["request"] == request_id);
        events
    }
}

/// JSON kept as text in a column.
pub fn parse(column: &Value) -> Value {
    let text = column
        .as_str()
        .unwrap_or_else(|| panic!("JSON text, not {column}"));
    serde_json::from_str(text).unwrap_or_else(|error| panic!("{text}: {error}"))
}

/// The database key in a `req_…` id.
pub fn key_of(request_id: &str) -> i64 {
    let hex = request_id
        .strip_prefix("req_")
        .unwrap_or_else(|| panic!("no id: {request_id}"));
    assert_eq!(hex.len(), 16, "{request_id}");
    i64::from_str_radix(hex, 16).unwrap_or_else(|error| panic!("{request_id}: {error}"))
}
