//! The error table.

use super::{Row, hold, source, test};

/// The error table before the first event: status, code, file and test. Those of
/// the ledger come with it.
const ERRORS: [(u16, &str, &str, &str); 22] = [
    (
        400,
        "invalid_request_error",
        "errors/malformed.rs",
        "row_400_malformed_request",
    ),
    (
        400,
        "invalid_request_error",
        "errors/malformed.rs",
        "row_400_duplicate_key",
    ),
    (
        400,
        "invalid_request_error",
        "errors/mod.rs",
        "row_400_bad_hint",
    ),
    (
        401,
        "authentication_error",
        "errors/mod.rs",
        "row_401_missing_or_bad_key",
    ),
    (
        402,
        "insufficient_funds",
        "ledger/caps.rs",
        "row_402_insufficient_funds",
    ),
    (
        402,
        "cap_exceeded",
        "ledger/caps.rs",
        "row_402_cap_exceeded",
    ),
    (
        403,
        "permission_error",
        "errors/mod.rs",
        "row_403_model_not_allowed_for_the_agent",
    ),
    (
        404,
        "not_found_error",
        "errors/mod.rs",
        "row_404_unknown_model_and_unknown_path",
    ),
    (
        409,
        "agent_not_active",
        "errors/mod.rs",
        "row_409_agent_not_active",
    ),
    (
        409,
        "idempotency_in_flight",
        "idempotency/conflicts.rs",
        "row_409_idempotency_in_flight",
    ),
    (
        410,
        "model_sunset",
        "lifecycle/mod.rs",
        "row_410_alias_past_its_sunset",
    ),
    (
        413,
        "request_too_large",
        "errors/mod.rs",
        "row_413_body_too_large",
    ),
    (
        422,
        "idempotency_mismatch",
        "idempotency/conflicts.rs",
        "row_422_idempotency_mismatch",
    ),
    (422, "no_candidate", "errors/mod.rs", "row_422_no_candidate"),
    (
        422,
        "tools_not_supported_by_backend",
        "errors/mod.rs",
        "row_422_tools_not_supported_by_backend",
    ),
    (
        429,
        "rate_limit_error",
        "limits.rs",
        "a_key_that_calls_too_often_is_a_429_with_retry_after_in_every_dialect",
    ),
    (
        502,
        "all_candidates_failed",
        "errors/mod.rs",
        "row_502_candidates_failed",
    ),
    (
        502,
        "provider_error",
        "errors/mod.rs",
        "row_502_pinned_provider_unreachable",
    ),
    (
        502,
        "provider_error",
        "errors/mod.rs",
        "row_502_pinned_provider_refused_our_key_or_account",
    ),
    (
        503,
        "policy_unavailable",
        "distrust/resolver.rs",
        "a_faulty_call_that_the_last_good_set_classifies_otherwise_is_a_503",
    ),
    (
        503,
        "records_unavailable",
        "durability.rs",
        "row_503_records_unavailable_no_unrecorded_call_and_recovery_by_itself",
    ),
    (
        504,
        "timeout_error",
        "errors/mod.rs",
        "row_504_provider_timed_out",
    ),
];

/// What the text beside the error table says.
const ERRORS_BESIDE: [Row; 6] = [
    (
        "any other HTTP error of a pinned provider, same dialect",
        "errors/provider.rs",
        "any_other_error_of_a_pinned_provider_reaches_the_client_unmodified",
    ),
    (
        "the same across dialects",
        "errors/provider.rs",
        "across_dialects_it_is_translated_with_the_providers_message",
    ),
    (
        "200 and then an error as its first event",
        "errors/first_event.rs",
        "a_200_with_an_error_as_its_first_event_is_an_http_error",
    ),
    (
        "later: the dialect's own error event",
        "fidelity/silence.rs",
        "provider_dies_mid_stream_an_error_event_and_never_a_clean_end",
    ),
    (
        "with a request id",
        "errors/mod.rs",
        "request_ids_come_with_every_error_in_the_headers_of_the_dialect",
    ),
    (
        "a provider's rate limits are not relayed",
        "limits.rs",
        "without_a_limit_no_answer_speaks_of_one_not_even_a_providers",
    ),
];

#[test]
fn every_error_of_the_table_is_asserted_in_every_dialect() {
    hold(&ERRORS_BESIDE);
    for (status, code, file, name) in ERRORS {
        let source = source(file);
        let dense: String = test(&source, name).split_whitespace().collect();
        for part in [format!("{status},"), format!("\"{code}\"")] {
            assert!(
                dense.contains(&part),
                "{status} {code}: no {part} in {name}"
            );
        }
        let everywhere = dense.contains("Dialect::ALL") || dense.contains("all(&");
        assert!(everywhere, "{status} {code}: not in every dialect: {name}");
    }
}
