//! Where in a body something stands, written only into errors.

use std::fmt::{self, Display};

use serde_json::value::RawValue;

use super::RequestError;
use super::fields::{missing, wrong};

/// An element of a list.
struct Item<'p> {
    list: &'p dyn Display,
    index: usize,
}

impl Display for Item<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}[{}]", self.list, self.index)
    }
}

/// A member of an object.
pub(super) struct Field<'p>(pub(super) &'p dyn Display, pub(super) &'static str);

impl Display for Field<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.0, self.1)
    }
}

/// Decodes each of `items`, which is told its place in `list`.
pub(super) fn numbered<T, U>(
    items: Vec<T>,
    list: &dyn Display,
    decode: impl Fn(T, &dyn Display) -> Result<U, RequestError>,
) -> Result<Vec<U>, RequestError> {
    let decode = |(index, item)| decode(item, &Item { list, index });
    items.into_iter().enumerate().map(decode).collect()
}

/// The `field` of what stands `at`, which has to have it.
pub(super) fn need<T>(value: Option<T>, at: &dyn Display, field: &str) -> Result<T, RequestError> {
    value.ok_or_else(|| missing(format!("{at}.{field}")))
}

/// The `field` of what stands `at`, which has to be an object.
pub(super) fn object(
    value: Option<&RawValue>,
    at: &dyn Display,
    field: &str,
) -> Result<Box<RawValue>, RequestError> {
    let value = need(value, at, field)?;
    if value.get().starts_with('{') {
        Ok(value.to_owned())
    } else {
        Err(wrong(format!("{at}.{field}"), "an object"))
    }
}
