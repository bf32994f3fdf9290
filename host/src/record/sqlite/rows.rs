//! The rows of the hot tables as SQLite takes them.

use rusqlite::types::{ToSqlOutput, ValueRef};
use rusqlite::{Statement, ToSql};

use crate::record::rows::{Table, Value};

/// Inserts a row, if it is not there.
pub(super) fn insert(table: &Table) -> String {
    let names: Vec<_> = table.columns.iter().map(|(name, _)| *name).collect();
    let marks = vec!["?"; names.len()];
    format!(
        "INSERT INTO {} ({}) VALUES ({}) ON CONFLICT DO NOTHING",
        table.name,
        names.join(", "),
        marks.join(", ")
    )
}

/// Takes the values of a row for the statement that inserts it.
pub(super) fn bind<'v>(
    statement: &mut Statement<'_>,
) -> impl FnMut(Value<'v>) -> rusqlite::Result<()> {
    let mut at = 0;
    move |value| {
        at += 1;
        statement.raw_bind_parameter(at, value)
    }
}

impl ToSql for Value<'_> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        let value = match self {
            Self::Int(value) => value.map(ValueRef::Integer),
            Self::Flag(value) => Some(ValueRef::Integer((*value).into())),
            Self::Text(value) => value.0.as_deref().map(ValueRef::from),
            Self::Bytes(value) => value.map(ValueRef::Blob),
        };
        Ok(ToSqlOutput::Borrowed(value.unwrap_or(ValueRef::Null)))
    }
}
