//! A look at a chunk without parsing it.

use std::sync::LazyLock;

use memchr::memmem::Finder;

/// The keys whose values the record needs, and that of an error. Quotes in a
/// text are escaped, so that these are keys, or whole texts.
struct Keys {
    error: Finder<'static>,
    usage: Finder<'static>,
    finish_reason: Finder<'static>,
    tool_calls: Finder<'static>,
    delta: Finder<'static>,
}

static KEYS: LazyLock<Keys> = LazyLock::new(|| Keys {
    error: Finder::new("\"error\""),
    usage: Finder::new("\"usage\""),
    finish_reason: Finder::new("\"finish_reason\""),
    tool_calls: Finder::new("\"tool_calls\""),
    delta: Finder::new("\"delta\""),
});

/// Whether `chunk` may say something that has to be read: usage, an end, an
/// error, or, unless one is `known` of, a tool call. Most chunks have the keys
/// of the first two with null. Hosts that name themselves in JSON an `error`
/// do so in a value.
pub(super) fn may_tell(chunk: &[u8], known: bool) -> bool {
    KEYS.error.find(chunk).is_some()
        || has_value(chunk, &KEYS.finish_reason)
        || has_value(chunk, &KEYS.usage)
        || (!known && has_value(chunk, &KEYS.tool_calls))
}

/// `chunk` from its first delta on; empty where it has none.
pub(super) fn delta(chunk: &[u8]) -> &[u8] {
    let from = KEYS.delta.find(chunk);
    from.and_then(|from| chunk.get(from..)).unwrap_or_default()
}

/// Whether `key` stands in `chunk` with a value other than null.
fn has_value(chunk: &[u8], key: &Finder<'_>) -> bool {
    key.find_iter(chunk).any(|at| {
        let behind = chunk.get(at + key.needle().len()..).unwrap_or_default();
        let value = behind.trim_ascii_start().strip_prefix(b":");
        value.is_some_and(|value| !value.trim_ascii_start().starts_with(b"null"))
    })
}

#[cfg(test)]
#[allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]
mod tests {
    use super::*;

    #[test]
    fn only_what_tells_is_read() {
        let tells = |chunk: &str| may_tell(chunk.as_bytes(), false);
        assert!(!tells(
            r#"{"choices":[{"delta":{"content":"\"usage\":1 error"},"finish_reason" : null}],"usage": null}"#
        ));
        assert!(!tells(r#"{"choices":[{"delta":{"content":"usage"}}]}"#));
        assert!(tells(r#"{"usage":null,"x_host":{"usage": {}}}"#));
        assert!(tells("{\"choices\":[{\"finish_reason\"\t:\n\"stop\"}]}"));
        assert!(tells(r#"{"error":null}"#) && tells(r#"{"object":"error"}"#));
        let call = r#"{"choices":[{"delta":{"tool_calls":[{}]}}]}"#;
        assert!(tells(call) && !may_tell(call.as_bytes(), true));
    }
}
