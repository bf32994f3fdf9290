//! The fidelity table, and the abilities that cross dialects.

use super::{Row, hold, source, test};

/// The fidelity table. A row with several promises has several tests.
const FIDELITY: [Row; 32] = [
    (
        "request, same dialect: body byte-identical",
        "fidelity/request.rs",
        "request_same_dialect_is_byte_identical_but_for_model_and_hint",
    ),
    (
        "request, same dialect: the hint goes",
        "fidelity/request.rs",
        "the_hint_is_cut_out_wherever_it_stands_with_nothing_else_touched",
    ),
    (
        "request, same dialect: include_usage for settlement",
        "fidelity/request.rs",
        "a_usage_chunk_that_the_client_asks_for_itself_needs_no_edit",
    ),
    (
        "request, same dialect: its extra chunk is hidden",
        "fidelity/stream.rs",
        "a_usage_chunk_that_only_the_gateway_asked_for_is_hidden_and_no_other_byte",
    ),
    (
        "request, same dialect: query strings accepted",
        "fidelity/request.rs",
        "query_strings_are_accepted_and_forwarded_to_anthropic_in_its_dialect",
    ),
    (
        "headers: the dialect's verbatim, credentials never",
        "fidelity/request.rs",
        "headers_of_the_dialect_forwarded_verbatim_and_credentials_never",
    ),
    (
        "stream, same dialect: every event in order, event line kept",
        "fidelity/stream.rs",
        "stream_same_dialect_every_byte_in_order_whatever_the_chunking",
    ),
    (
        "stream, same dialect: pings forwarded",
        "fidelity/stream.rs",
        "pings_of_the_provider_are_forwarded",
    ),
    (
        "stream, same dialect: own ping, idle timeout",
        "fidelity/silence.rs",
        "own_ping_when_a_provider_falls_silent_and_an_idle_timeout_that_ends_a_dead_one",
    ),
    (
        "stream, same dialect: own ping only after the first event",
        "fidelity/silence.rs",
        "no_ping_before_the_first_event",
    ),
    (
        "answer, same dialect: byte-identical",
        "fidelity/stream.rs",
        "answer_same_dialect_not_streamed_byte_identical",
    ),
    (
        "streaming is native",
        "fidelity/stream.rs",
        "a_stream_is_native_each_event_comes_when_the_provider_sends_it",
    ),
    (
        "provider dies mid-stream",
        "fidelity/silence.rs",
        "provider_dies_mid_stream_an_error_event_and_never_a_clean_end",
    ),
    (
        "translated streams: blocks one by one, indexes dense",
        "fidelity/translated.rs",
        "a_block_stops_before_the_next_starts_also_with_parallel_tools",
    ),
    (
        "translated streams: signature_delta only where there is one",
        "dialects/thinking.rs",
        "a_signature_delta_comes_only_where_there_is_a_signature",
    ),
    (
        "translated streams: one end",
        "fidelity/translated.rs",
        "one_message_stop_one_done_and_one_completed",
    ),
    (
        "usage: real input tokens in message_start",
        "dialects/usage.rs",
        "real_input_tokens_stand_in_message_start_where_the_provider_tells_them_there",
    ),
    (
        "usage: cumulative, never summed",
        "fidelity/usage.rs",
        "usage_of_message_delta_is_cumulative_never_summed",
    ),
    (
        "usage: the chunk after the finish reason",
        "fidelity/usage.rs",
        "the_usage_chunk_after_the_finish_reason_is_read",
    ),
    (
        "usage: cache reads and writes priced as such",
        "dialects/usage.rs",
        "cache_reads_and_writes_are_priced_as_such",
    ),
    (
        "translation: empty text blocks",
        "dialects/text.rs",
        "empty_texts_are_not_sent_on_across_dialects",
    ),
    (
        "translation: parallel_tool_calls",
        "dialects/tools.rs",
        "parallel_calls_without_a_choice_are_for_the_provider_to_know",
    ),
    (
        "translation: tool_choice",
        "dialects/tools.rs",
        "definitions_and_every_choice_reach_the_provider",
    ),
    (
        "translation: JSON-string vs object arguments",
        "dialects/tool_calls.rs",
        "arguments_may_be_a_string_an_object_or_nothing",
    ),
    (
        "translation: images",
        "dialects/images.rs",
        "images_go_as_data_and_as_addresses_in_their_order",
    ),
    (
        "translation: system and developer roles",
        "dialects/prompts.rs",
        "prompts_of_both_roles_of_openais_are_the_system_prompt",
    ),
    (
        "translation: stop sequences",
        "dialects/stops.rs",
        "stop_sequences_reach_the_provider",
    ),
    (
        "translation: max_completion_tokens",
        "dialects/text.rs",
        "a_limit_under_either_name_of_openais_reaches_the_provider",
    ),
    (
        "translation: a thinking block stays with its signer",
        "dialects/thinking.rs",
        "a_thinking_block_never_goes_to_a_provider_that_did_not_sign_it",
    ),
    (
        "small things: models fast and without redirect",
        "fidelity/small.rs",
        "models_come_fast_and_without_redirect",
    ),
    (
        "small things: sessions of Claude Code",
        "fidelity/request.rs",
        "small_things_the_sessions_of_claude_code_are_recorded",
    ),
    (
        "headers on every inference answer",
        "messages.rs",
        "headers_come_with_every_answer",
    ),
];

/// What crosses in every pairing, streamed and not.
const ABILITIES: [Row; 17] = [
    (
        "text",
        "dialects/text.rs",
        "a_conversation_goes_whole_and_its_answer_comes_back",
    ),
    (
        "images",
        "dialects/images.rs",
        "images_go_as_data_and_as_addresses_in_their_order",
    ),
    (
        "system prompts",
        "dialects/prompts.rs",
        "a_system_prompt_goes_as_string_or_blocks",
    ),
    (
        "developer prompts",
        "dialects/prompts.rs",
        "prompts_of_both_roles_of_openais_are_the_system_prompt",
    ),
    (
        "tools, tool_choice",
        "dialects/tools.rs",
        "definitions_and_every_choice_reach_the_provider",
    ),
    (
        "parallel calls, partial JSON",
        "dialects/tool_calls.rs",
        "parallel_calls_come_back_whole_also_interleaved",
    ),
    (
        "tool results",
        "dialects/tool_results.rs",
        "results_go_back_to_their_calls",
    ),
    (
        "image results",
        "dialects/tool_results.rs",
        "images_in_results_reach_the_provider",
    ),
    (
        "thinking in answers",
        "dialects/thinking.rs",
        "thinking_comes_back_signed_only_by_its_provider",
    ),
    (
        "asking to think",
        "dialects/thinking.rs",
        "asking_to_think_has_its_counterpart",
    ),
    (
        "stop sequences",
        "dialects/stops.rs",
        "stop_sequences_reach_the_provider",
    ),
    (
        "usage, caches",
        "dialects/usage.rs",
        "cache_reads_and_writes_are_told_and_recorded",
    ),
    (
        "refusals",
        "dialects/stops.rs",
        "a_refusal_comes_with_its_words",
    ),
    (
        "stop reasons",
        "dialects/stops.rs",
        "every_stop_reason_has_its_counterpart",
    ),
    (
        "the stop sequence met",
        "dialects/stops.rs",
        "a_stop_sequence_that_was_met_is_named",
    ),
    (
        "schemas",
        "dialects/format.rs",
        "a_schema_reaches_the_provider",
    ),
    (
        "what can not cross",
        "dialects/untranslatable.rs",
        "a_field_that_would_change_the_answer_is_refused_by_its_name",
    ),
];

#[test]
fn every_row_of_the_fidelity_table_has_a_test() {
    hold(&FIDELITY);
}

#[test]
fn every_ability_is_tested_in_every_pairing() {
    for (ability, file, name) in ABILITIES {
        let source = source(file);
        let body = test(&source, name);
        assert!(body.contains("pairings(&world"), "{ability}: all pairings");
    }
}
