//! How much a completion, or a chunk of one, says.

use crate::dialect::said::strings;

/// The UTF-8 bytes of text, thoughts and tool input in `json`. A host that has
/// the same thoughts under both of their names says them once.
pub(super) fn said_bytes(json: &[u8]) -> u64 {
    let (mut words, mut reasoning, mut reasoning_content) = (0, 0, 0);
    strings(json, |key, bytes| match key {
        b"content" | b"text" | b"thinking" | b"refusal" | b"arguments" => words += bytes,
        b"reasoning" => reasoning += bytes,
        b"reasoning_content" => reasoning_content += bytes,
        _ => {}
    });
    words + reasoning.max(reasoning_content)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_thoughts_and_tool_input_are_said() {
        let said = |delta: &str| {
            let chunk = format!(r#"{{"choices":[{{"index":0,"delta":{delta}}}],"usage":null}}"#);
            said_bytes(chunk.as_bytes())
        };
        assert_eq!(said(r#"{"role":"assistant","content":"hi"}"#), 2);
        assert_eq!(said(r#"{"reasoning":"hmm","reasoning_content":"hmm"}"#), 3);
        assert_eq!(
            said(r#"{"tool_calls":[{"id":"c","function":{"name":"f","arguments":"{\"a\":1}"}}]}"#),
            7
        );
        assert_eq!(said(r#"{"content":[{"type":"text","text":"abc"}]}"#), 3);
    }
}
