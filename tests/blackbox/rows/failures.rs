//! The failures of an earlier implementation.

use super::{source, test};

/// Section 12. What it says of funds, caps, receipts and refunds comes with the
/// ledger.
const FAILURES: [(&str, &str); 9] = [
    (
        "tools and tool_choice accepted but never forwarded (streamed)",
        "tools_and_tool_choice_accepted_but_never_forwarded_streamed",
    ),
    (
        "the same (not streamed)",
        "tools_and_tool_choice_accepted_but_never_forwarded_not_streamed",
    ),
    (
        "tool_use blocks lost in the non-streamed answer",
        "tool_use_blocks_lost_in_the_non_streamed_answer",
    ),
    (
        "a streamed call that ignores the vendor pin and is routed",
        "a_streamed_call_that_ignores_the_vendor_pin_and_is_routed",
    ),
    (
        "agent and provider errors raised after the 200 of a stream",
        "agent_and_provider_errors_raised_after_the_200_of_a_stream",
    ),
    (
        "streamed answers without inference ids",
        "streamed_answers_without_inference_ids",
    ),
    (
        "an unsupported tool call recorded as a failed inference",
        "an_unsupported_tool_call_recorded_as_a_failed_inference",
    ),
    (
        "a stream run to completion and replayed",
        "a_stream_run_to_completion_and_replayed",
    ),
    (
        "an audit event stored under one spelling and looked up under another",
        "an_audit_event_stored_under_one_spelling_and_looked_up_under_another",
    ),
];

#[test]
fn every_failure_of_an_earlier_implementation_has_its_regression_test() {
    let source = source("regressions.rs");
    for (failure, name) in FAILURES {
        assert!(!test(&source, name).is_empty(), "{failure}");
    }
}
