//! Why an answer stopped.

use crate::dialect::common::StopReason;

/// Reads `stop_reason` and `stop_sequence` of an answer that has `calls` or
/// none. What only happens with the provider's own tools (`pause_turn`) and
/// what is new is the end of a turn.
///
/// Format: <https://platform.claude.com/docs/en/build-with-claude/handling-stop-reasons>.
pub(super) fn stop_reason(stop: &str, sequence: Option<&str>, calls: bool) -> StopReason {
    match (stop, sequence) {
        ("stop_sequence", Some(sequence)) => StopReason::StopSequence(sequence.to_owned()),
        ("max_tokens" | "model_context_window_exceeded", _) => StopReason::MaxTokens,
        ("refusal", _) => StopReason::Refusal,
        ("tool_use", _) => StopReason::ToolUse,
        ("end_turn" | "stop_sequence", _) => StopReason::EndTurn,
        _ if calls => StopReason::ToolUse,
        _ => StopReason::EndTurn,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_stop_reason_has_a_counterpart() {
        let cases = [
            ("end_turn", "end_turn"),
            ("max_tokens", "max_tokens"),
            ("model_context_window_exceeded", "max_tokens"),
            ("refusal", "refusal"),
            ("tool_use", "tool_use"),
            ("pause_turn", "end_turn"),
            ("stop_sequence", "end_turn"),
            ("new", "end_turn"),
            ("", "end_turn"),
        ];
        for (stop, expected) in cases {
            assert_eq!(stop_reason(stop, None, false).name(), expected, "{stop}");
        }
        let sequence = stop_reason("stop_sequence", Some("X"), false);
        assert_eq!(sequence, StopReason::StopSequence("X".into()));
        assert_eq!(stop_reason("new", None, true), StopReason::ToolUse);
    }
}
