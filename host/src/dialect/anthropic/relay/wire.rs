//! The events of a Messages stream, as far as the record needs them.

use std::borrow::Cow;

use serde::Deserialize;

use crate::dialect::anthropic::usage::Usage;
use crate::dialect::common::Capture;
use crate::dialect::json::Text;

/// What an event is called: by its `event:` line, or else by the type that
/// `data` names; empty if neither does.
pub(in crate::dialect::anthropic) fn event_name<'e>(
    line: Option<&'e [u8]>,
    data: &'e [u8],
) -> Cow<'e, [u8]> {
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

pub(super) fn message_start(data: &[u8], capture: &mut Capture) -> serde_json::Result<()> {
    #[derive(Deserialize)]
    struct Event {
        message: Message,
    }
    #[derive(Deserialize)]
    struct Message {
        id: Option<String>,
        usage: Option<Usage>,
    }
    let Event { message } = serde_json::from_slice(data)?;
    capture.upstream_id = message.id;
    capture
        .usage
        .overwrite(&message.usage.unwrap_or_default().into());
    Ok(())
}

pub(super) fn block_start(data: &[u8], capture: &mut Capture) -> serde_json::Result<()> {
    #[derive(Deserialize)]
    struct Event<'a> {
        #[serde(borrow)]
        content_block: Block<'a>,
    }
    #[derive(Deserialize)]
    struct Block<'a> {
        #[serde(borrow)]
        r#type: Text<'a>,
    }
    let event: Event<'_> = serde_json::from_slice(data)?;
    capture.tool_use |= event.content_block.r#type.0 == "tool_use";
    Ok(())
}

/// Its usage counts the whole answer so far, also what `message_start` had.
pub(super) fn message_delta(data: &[u8], capture: &mut Capture) -> serde_json::Result<()> {
    #[derive(Deserialize)]
    struct Event {
        delta: Delta,
        usage: Option<Usage>,
    }
    #[derive(Deserialize)]
    struct Delta {
        stop_reason: Option<String>,
    }
    let Event { delta, usage } = serde_json::from_slice(data)?;
    if delta.stop_reason.is_some() {
        capture.stop_reason = delta.stop_reason;
    }
    capture.usage.overwrite(&usage.unwrap_or_default().into());
    Ok(())
}
