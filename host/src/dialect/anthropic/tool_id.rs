//! Ids of tool calls, which this dialect restricts and others don't.

use std::borrow::Cow;

/// `id` in the characters that the dialect allows, `[A-Za-z0-9_-]`, so that a
/// client can send it back in a conversation that moves on to Anthropic. A
/// provider that gives none gets one from the message and the block's place.
pub(super) fn tool_id<'a>(id: &'a str, message_id: &str, block: usize) -> Cow<'a, str> {
    if id.is_empty() {
        Cow::Owned(format!("toolu_{message_id}_{block}"))
    } else {
        allowed(id)
    }
}

/// `id` in the characters that the dialect allows, the same wherever it stands.
pub(super) fn allowed(id: &str) -> Cow<'_, str> {
    let allowed = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
    if id.chars().all(allowed) {
        Cow::Borrowed(id)
    } else {
        Cow::Owned(id.replace(|c| !allowed(c), "_"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_kept_where_they_can_be() {
        assert_eq!(tool_id("call_A-9", "msg", 0), "call_A-9");
        assert_eq!(tool_id("functions.f:0", "msg", 0), "functions_f_0");
        assert_eq!(tool_id("", "msg_1", 2), "toolu_msg_1_2");
    }
}
