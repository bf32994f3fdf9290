//! Columns whose fields are of another type, for `#[sqlx(try_from = "…")]`.

use std::num::TryFromIntError;

use rust_decimal::Decimal;

/// A decimal, as text: so its scale is kept.
#[derive(sqlx::Type)]
#[sqlx(transparent, no_pg_array)]
pub struct DecimalText(Option<String>);

impl TryFrom<DecimalText> for Option<Decimal> {
    type Error = rust_decimal::Error;

    fn try_from(text: DecimalText) -> Result<Self, rust_decimal::Error> {
        text.0.as_deref().map(Decimal::from_str_exact).transpose()
    }
}

/// A list, as JSON.
#[derive(sqlx::Type)]
#[sqlx(transparent, no_pg_array)]
pub struct ListText(Option<String>);

impl TryFrom<ListText> for Option<Vec<String>> {
    type Error = serde_json::Error;

    fn try_from(text: ListText) -> Result<Self, serde_json::Error> {
        text.0.as_deref().map(serde_json::from_str).transpose()
    }
}

/// A small number: PostgreSQL has none without a sign.
#[derive(sqlx::Type)]
#[sqlx(transparent, no_pg_array)]
pub struct Small(Option<i64>);

impl TryFrom<Small> for Option<u32> {
    type Error = TryFromIntError;

    fn try_from(number: Small) -> Result<Self, TryFromIntError> {
        number.0.map(u32::try_from).transpose()
    }
}
