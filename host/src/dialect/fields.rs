//! Fields at the top of a request that more than one dialect has.

use std::borrow::Cow;

use serde_json::value::RawValue;

use super::RequestError;
use super::body::TopLevel;
use super::json::Text;

/// The value of `field`, where there is one: a null is none.
pub(super) fn given<'a>(
    top: &TopLevel<'a>,
    field: &str,
) -> Result<Option<&'a RawValue>, RequestError> {
    Ok(top.get(field)?.filter(|raw| raw.get() != "null"))
}

/// The model, a string that is not empty.
pub(super) fn model<'a>(top: &TopLevel<'a>) -> Result<Cow<'a, str>, RequestError> {
    let raw = required(top, "model")?;
    match serde_json::from_str(raw.get()) {
        Ok(Text(model)) if !model.is_empty() => Ok(model),
        _ => Err(wrong("model", "a string that is not empty")),
    }
}

/// A boolean, false where there is none.
pub(super) fn flag(top: &TopLevel<'_>, field: &str) -> Result<bool, RequestError> {
    match given(top, field)?.map(RawValue::get) {
        None | Some("false") => Ok(false),
        Some("true") => Ok(true),
        Some(_) => Err(wrong(field, "a boolean")),
    }
}

/// A positive integer, where there is one.
pub(super) fn count(top: &TopLevel<'_>, field: &str) -> Result<Option<u64>, RequestError> {
    let Some(raw) = given(top, field)? else {
        return Ok(None);
    };
    match raw.get().parse() {
        Ok(0) | Err(_) => Err(wrong(field, "a positive integer")),
        Ok(count) => Ok(Some(count)),
    }
}

/// An array, where there is one.
pub(super) fn array<'a>(
    top: &TopLevel<'a>,
    field: &str,
) -> Result<Option<&'a RawValue>, RequestError> {
    match given(top, field)? {
        Some(raw) if !raw.get().starts_with('[') => Err(wrong(field, "an array")),
        array => Ok(array),
    }
}

/// An array that has to be there.
pub(super) fn required_array<'a>(
    top: &TopLevel<'a>,
    field: &str,
) -> Result<&'a RawValue, RequestError> {
    array(top, field)?.ok_or_else(|| missing(field))
}

/// The bytes of an array's JSON, 0 where it is empty.
pub(super) fn array_bytes(array: &RawValue) -> u64 {
    let json = array.get();
    match json.trim_start_matches('[').trim_start() {
        "]" => 0,
        _ => json.len() as u64,
    }
}

fn required<'a>(top: &TopLevel<'a>, field: &str) -> Result<&'a RawValue, RequestError> {
    given(top, field)?.ok_or_else(|| missing(field))
}

/// A field that is needed is not there.
pub(super) fn missing(field: impl Into<String>) -> RequestError {
    RequestError::Missing {
        field: field.into(),
    }
}

/// A field is not what it has to be.
pub(super) fn wrong(field: impl Into<String>, expected: &'static str) -> RequestError {
    RequestError::Wrong {
        field: field.into(),
        expected,
    }
}
