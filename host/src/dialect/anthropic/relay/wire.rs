//! The events of a Messages stream, as far as the record needs them.

use serde::Deserialize;

use crate::dialect::anthropic::usage::Usage;
use crate::dialect::common::Capture;
use crate::dialect::json::Text;

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
