//! A JSON object's top level, read once and edited by byte spans, so that
//! everything that is not edited keeps every byte.

mod edit;
mod splice;
#[cfg(test)]
mod tests;

use std::borrow::Cow;
use std::fmt;
use std::ops::Range;

use serde::Deserialize;
use serde::de::{Deserializer, Error, MapAccess, Visitor};
use serde_json::value::RawValue;

use super::json::Text;

pub use edit::Edit;
pub use splice::{Cuts, Splices};

/// The most members that a body may have. No dialect has a tenth of it, and a
/// body of nothing else would take many times its size in memory.
pub const MAX_MEMBERS: usize = 1024;

/// Why a body can't be read.
#[derive(Debug, thiserror::Error)]
pub enum BodyError {
    /// It is no text.
    #[error("the body is not UTF-8: invalid byte at line {line} column {column}")]
    NotUtf8 {
        /// The line, from 1.
        line: usize,
        /// The column in bytes, from 1.
        column: usize,
    },
    /// It is not JSON. The text names line and column.
    #[error("the body is not valid JSON: {0}")]
    Json(serde_json::Error),
    /// It is JSON, but no object.
    #[error("the body must be a JSON object")]
    NotAnObject,
    /// It has more than [`MAX_MEMBERS`] members.
    #[error("the body has more than {MAX_MEMBERS} fields")]
    TooManyMembers,
    /// A key that the gateway reads occurs more than once, so that two readers
    /// might see two values.
    #[error("`{key}` occurs more than once: leave one")]
    DuplicateKey {
        /// The key.
        key: String,
    },
}

/// The members of a JSON object, in order. Values are validated but not
/// decoded, however deep they nest.
#[derive(Debug)]
pub struct TopLevel<'a> {
    body: &'a str,
    members: Vec<Member<'a>>,
}

#[derive(Debug)]
struct Member<'a> {
    /// Escapes decoded.
    key: Cow<'a, str>,
    value: &'a RawValue,
}

impl<'a> TopLevel<'a> {
    /// Reads `body`, which has to be one JSON object.
    pub fn parse(body: &'a [u8]) -> Result<Self, BodyError> {
        let body = str::from_utf8(body).map_err(|error| not_utf8(body, error.valid_up_to()))?;
        let Members(members) = serde_json::from_str(body).map_err(|error| {
            if !error.is_data() {
                BodyError::Json(error)
            } else if body.trim_start().starts_with('{') {
                BodyError::TooManyMembers
            } else {
                BodyError::NotAnObject
            }
        })?;
        Ok(Self { body, members })
    }

    /// The value of `key`, escapes in keys decoded.
    pub fn get(&self, key: &str) -> Result<Option<&'a RawValue>, BodyError> {
        let mut found = self.members.iter().filter(|member| member.key == key);
        let value = found.next().map(|member| member.value);
        if found.next().is_some() {
            return Err(BodyError::DuplicateKey {
                key: key.to_owned(),
            });
        }
        Ok(value)
    }

    /// Begins an edited copy.
    pub fn edit(&self) -> Edit<'_, 'a> {
        Edit::new(self)
    }

    /// The whole body.
    pub(super) fn body(&self) -> &'a str {
        self.body
    }

    /// Where `value`, which is one of these or lies in one, is in the body.
    pub(super) fn span(&self, value: &RawValue) -> Range<usize> {
        span(self.body, value)
    }

    /// The place behind the opening brace.
    fn opening(&self) -> usize {
        self.body.find('{').map_or(0, |brace| brace + 1)
    }
}

impl Member<'_> {
    /// Where the value lies in `body`, which it was read from.
    fn span(&self, body: &str) -> Range<usize> {
        span(body, self.value)
    }
}

fn span(body: &str, value: &RawValue) -> Range<usize> {
    let value = value.get();
    let start = value.as_ptr() as usize - body.as_ptr() as usize;
    start..start + value.len()
}

fn not_utf8(body: &[u8], at: usize) -> BodyError {
    let before = body.get(..at).unwrap_or_default();
    BodyError::NotUtf8 {
        line: memchr::memchr_iter(b'\n', before).count() + 1,
        column: at - memchr::memrchr(b'\n', before).map_or(0, |newline| newline + 1) + 1,
    }
}

/// Reads an object's members in order, keys borrowed where they hold no escape.
struct Members<'a>(Vec<Member<'a>>);

impl<'de> Deserialize<'de> for Members<'de> {
    fn deserialize<D: Deserializer<'de>>(json: D) -> Result<Self, D::Error> {
        json.deserialize_map(MembersVisitor).map(Self)
    }
}

struct MembersVisitor;

impl<'de> Visitor<'de> for MembersVisitor {
    type Value = Vec<Member<'de>>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut members = Vec::with_capacity(16);
        while let Some(Text(key)) = map.next_key()? {
            let value = map.next_value()?;
            if members.len() == MAX_MEMBERS {
                return Err(A::Error::custom(BodyError::TooManyMembers));
            }
            members.push(Member { key, value });
        }
        Ok(members)
    }
}
