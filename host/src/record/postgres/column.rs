//! A column of a batch's rows, as an array that a statement unnests.

use std::convert::Infallible;

use sqlx::encode::IsNull;
use sqlx::error::BoxDynError;
use sqlx::postgres::{PgArgumentBuffer, PgTypeInfo};
use sqlx::{Encode, Postgres, Type};

use crate::record::rows::{Kind, Table, Value};

/// The values of one column, in the binary format of arrays
/// (`array_recv` in PostgreSQL's arrayfuncs.c): from a row to the message in one
/// copy, in a buffer that serves every batch.
#[derive(Debug)]
pub(super) struct Column {
    kind: Kind,
    count: i32,
    /// The length of each value, -1 for a null, and the value.
    cells: Vec<u8>,
}

/// The columns of a table.
#[derive(Debug)]
pub(super) struct Columns(Vec<Column>);

impl Columns {
    pub(super) fn of(table: &Table) -> Self {
        let column = |&(_, kind): &_| Column {
            kind,
            count: 0,
            cells: Vec::new(),
        };
        Self(table.columns.iter().map(column).collect())
    }

    pub(super) fn clear(&mut self) {
        for column in &mut self.0 {
            column.count = 0;
            column.cells.clear();
        }
    }

    /// Takes the values of one more row.
    pub(super) fn row<'v>(&mut self) -> impl FnMut(Value<'v>) -> Result<(), Infallible> {
        let mut columns = self.0.iter_mut();
        move |value| {
            if let Some(column) = columns.next() {
                column.push(&value);
            }
            Ok(())
        }
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &Column> {
        self.0.iter()
    }
}

impl Column {
    fn push(&mut self, value: &Value<'_>) {
        match value {
            Value::Int(value) => self.cell(value.map(i64::to_be_bytes).as_ref()),
            Value::Flag(value) => self.cell(Some(&[u8::from(*value)])),
            Value::Text(value) => self.cell(value.0.as_deref()),
            Value::Bytes(value) => self.cell(*value),
        }
        self.count += 1;
    }

    fn cell(&mut self, value: Option<&(impl AsRef<[u8]> + ?Sized)>) {
        let value = value.map(AsRef::as_ref);
        // Of an array that is too long, sqlx sends nothing.
        let length = value.map_or(-1, |value| i32::try_from(value.len()).unwrap_or(i32::MAX));
        self.cells.extend(length.to_be_bytes());
        self.cells.extend(value.unwrap_or_default());
    }
}

impl Kind {
    /// The type of an array of them.
    pub(super) const fn array(self) -> &'static str {
        match self {
            Self::Int => "int8[]",
            Self::Flag => "bool[]",
            Self::Text => "text[]",
            Self::Bytes => "bytea[]",
        }
    }

    /// The number of the type (pg_type.dat).
    const fn oid(self) -> i32 {
        match self {
            Self::Int => 20,
            Self::Flag => 16,
            Self::Text => 25,
            Self::Bytes => 17,
        }
    }
}

impl Encode<'_, Postgres> for Column {
    fn encode_by_ref(&self, to: &mut PgArgumentBuffer) -> Result<IsNull, BoxDynError> {
        let (dimensions, nulls, first) = (1_i32, 1_i32, 1_i32);
        for number in [dimensions, nulls, self.kind.oid(), self.count, first] {
            to.extend(number.to_be_bytes());
        }
        to.extend_from_slice(&self.cells);
        Ok(IsNull::No)
    }

    fn produces(&self) -> Option<PgTypeInfo> {
        Some(match self.kind {
            Kind::Int => <Vec<i64> as Type<Postgres>>::type_info(),
            Kind::Flag => <Vec<bool> as Type<Postgres>>::type_info(),
            Kind::Text => <Vec<String> as Type<Postgres>>::type_info(),
            Kind::Bytes => <Vec<Vec<u8>> as Type<Postgres>>::type_info(),
        })
    }

    fn size_hint(&self) -> usize {
        self.cells.len()
    }
}

impl Type<Postgres> for Column {
    /// Of the commonest; each says its own.
    fn type_info() -> PgTypeInfo {
        <Vec<String> as Type<Postgres>>::type_info()
    }
}
