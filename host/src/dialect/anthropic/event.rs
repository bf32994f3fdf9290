//! What a frame of a Messages stream is called.

use std::borrow::Cow;

use serde::Deserialize;

use crate::dialect::json::Text;

/// What an event is called: by its `event:` line, or else by the type that
/// `data` names; empty if neither does.
pub(super) fn event_name<'e>(line: Option<&'e [u8]>, data: &'e [u8]) -> Cow<'e, [u8]> {
    line.map_or_else(|| type_of(data), Cow::Borrowed)
}

/// The type that `data` names; empty if it names none.
fn type_of(data: &[u8]) -> Cow<'_, [u8]> {
    #[derive(Deserialize)]
    struct Typed<'a> {
        #[serde(borrow)]
        r#type: Text<'a>,
    }
    // Nearly always the type leads, and nothing else has to be read.
    if let Some(rest) = data.strip_prefix(b"{\"type\":\"")
        && let Some(end) = memchr::memchr2(b'"', b'\\', rest)
        && rest.get(end) == Some(&b'"')
    {
        return Cow::Borrowed(rest.get(..end).unwrap_or_default());
    }
    match serde_json::from_slice(data) {
        Ok(Typed {
            r#type: Text(Cow::Borrowed(name)),
        }) => Cow::Borrowed(name.as_bytes()),
        Ok(Typed {
            r#type: Text(Cow::Owned(name)),
        }) => Cow::Owned(name.into_bytes()),
        Err(_) => Cow::Borrowed(b""),
    }
}
