//! A stream's events as they lie on the wire.

use std::borrow::Cow;

use serde::Deserialize;
use serde_json::value::RawValue;

use crate::dialect::json::{Text, count};
use crate::dialect::responses::wire::Item;
use crate::dialect::translate::Fault;

/// An event of any type. Its members are read where the type is one that
/// counts: others may have the same names for other things.
#[derive(Deserialize)]
pub(super) struct Event<'a> {
    #[serde(borrow)]
    r#type: Option<Text<'a>>,
    #[serde(default, deserialize_with = "count")]
    output_index: Option<u64>,
    #[serde(default, deserialize_with = "count")]
    summary_index: Option<u64>,
    #[serde(borrow)]
    item: Option<&'a RawValue>,
    #[serde(borrow)]
    delta: Option<&'a RawValue>,
    #[serde(borrow)]
    pub(super) response: Option<&'a RawValue>,
}

/// A response that has just begun.
#[derive(Deserialize)]
pub(super) struct Created<'a> {
    #[serde(borrow)]
    pub(super) id: Option<Text<'a>>,
}

impl<'a> Event<'a> {
    /// Its type, empty where it has none.
    pub(super) fn kind(&self) -> &str {
        self.r#type.as_ref().map_or("", |Text(kind)| kind)
    }

    /// The item that it belongs to.
    pub(super) fn index(&self) -> u64 {
        self.output_index.unwrap_or(0)
    }

    /// The part of a summary that it belongs to.
    pub(super) fn part(&self) -> u64 {
        self.summary_index.unwrap_or(0)
    }

    /// The item that is added or done.
    pub(super) fn item(&self) -> Result<Item<'a>, Fault> {
        self.member("item", self.item)
    }

    /// What is added to an item.
    pub(super) fn delta(&self) -> Result<Cow<'a, str>, Fault> {
        self.member("delta", self.delta).map(|Text(delta)| delta)
    }

    /// The response, at the begin and the end.
    pub(super) fn response<T: Deserialize<'a>>(&self) -> Result<T, Fault> {
        self.member("response", self.response)
    }

    fn member<T: Deserialize<'a>>(
        &self,
        name: &str,
        raw: Option<&'a RawValue>,
    ) -> Result<T, Fault> {
        let kind = self.kind();
        let raw = raw.ok_or_else(|| Fault::Garbage(format!("`{kind}` has no `{name}`")))?;
        serde_json::from_str(raw.get())
            .map_err(|unread| Fault::Garbage(format!("`{name}` of `{kind}`: {unread}")))
    }
}
