//! The exits of the capture invariant, and the native checks of a component's
//! answers.

use super::test;

/// The exit table of the capture invariant, and the tests in `capture`.
const EXITS: [(&str, &str); 8] = [
    ("answered", "answered_succeeded"),
    ("no candidate", "no_candidate_rejected_floor"),
    ("agent inactive", "agent_inactive_refused"),
    ("every candidate failed", "every_candidate_failed_failed"),
    (
        "one answered 400/413/422",
        "one_answered_400_413_or_422_failed",
    ),
    (
        "provider broke after the first event",
        "provider_broke_after_the_first_event_interrupted",
    ),
    ("client left", "client_left_cancelled"),
    (
        "found pending after a crash",
        "found_pending_after_a_crash_abandoned",
    ),
];

/// Exits whose tests are in other modules.
const EXITS_ELSEWHERE: [(&str, &str, &str); 2] = [
    (
        "policy unavailable",
        include_str!("../distrust/resolver.rs"),
        "a_faulty_call_that_the_last_good_set_classifies_otherwise_is_a_503",
    ),
    (
        "passthrough, any of these",
        include_str!("../capture.rs"),
        "passthrough_any_of_these_no_row_but_a_direct_event",
    ),
];

/// What the host checks of every answer, the test in `distrust`, and the
/// component that breaks it. (A missed deadline can not be brought about from
/// outside: fuel ends every loop long before. It is tested beside its code.)
const CHECKS: [(&str, &str, &str); 20] = [
    (
        "rule 3: a preference of no meaning",
        "identity_a_preference_of_no_meaning_moves_nothing",
        "moves-unknown-off-grid",
    ),
    (
        "rule 3: a closed gate",
        "identity_a_closed_gate_moves_nothing",
        "moves-without-gate-off-grid",
    ),
    (
        "rule 3: byte for byte",
        "identity_the_scale_of_an_unmoved_floor_is_kept",
        "changes-scale-off-grid",
    ),
    (
        "quality ≥ base",
        "sign_quality_never_lowers",
        "misbehaves-off-grid",
    ),
    (
        "base ≥ cost",
        "sign_cost_never_raises",
        "misbehaves-off-grid",
    ),
    (
        "no larger than the lever",
        "lever_the_move_is_no_larger_than_declared",
        "moves-more-than-lever-off-grid",
    ),
    (
        "the clamp's result between base and dialled value",
        "clamp_the_result_is_between_base_and_dialled",
        "clamp-outside-off-grid",
    ),
    (
        "the clamp's result in [0, 1]",
        "clamp_the_result_is_in_range",
        "clamp-out-of-range-off-grid",
    ),
    (
        "resolver: total",
        "resolver_a_listed_alias_is_routed",
        "forgets-alias-off-grid",
    ),
    (
        "resolver: one step",
        "resolver_an_alias_leads_to_a_target_in_one_step",
        "two-step-off-grid",
    ),
    (
        "resolver: aliases are aliases",
        "resolver_an_alias_is_no_target",
        "alias-as-target-off-grid",
    ),
    (
        "resolver: targets resolve to themselves",
        "resolver_a_target_resolves_to_itself",
        "target-elsewhere-off-grid",
    ),
    (
        "resolver: targets have no sunset",
        "resolver_a_target_has_no_sunset",
        "target-sunset-off-grid",
    ),
    (
        "resolver: routes only what it lists",
        "resolver_a_name_that_it_does_not_list_is_not_routed",
        "routes-unlisted",
    ),
    ("a dial's trap", "a_trap_is_a_fault", "traps-off-grid"),
    (
        "a clamp's trap",
        "clamp_a_trap_is_a_fault",
        "clamp-traps-off-grid",
    ),
    (
        "a resolver's trap",
        "resolver_a_trap_on_a_name_that_nobody_knows_is_a_404_by_the_last_good_set",
        "resolver-traps-off-grid",
    ),
    (
        "exhausted fuel",
        "exhausted_fuel_is_a_fault_and_no_hang",
        "loops-off-grid",
    ),
    (
        "too much memory",
        "too_much_memory_is_a_fault",
        "memory-hog-off-grid",
    ),
    (
        "no valid value",
        "an_answer_that_is_no_valid_value_is_a_fault",
        "invalid-decimal-off-grid",
    ),
];

const DISTRUST: &str = concat!(
    include_str!("../distrust/mod.rs"),
    include_str!("../distrust/resolver.rs"),
);

#[test]
fn every_exit_has_a_test_that_names_it() {
    for (row, name) in EXITS {
        let status = name.rsplit('_').next().unwrap_or_default();
        let status = if status == "floor" {
            "rejected_floor"
        } else {
            status
        };
        let body = test(include_str!("../capture.rs"), name);
        assert!(body.contains(&format!("\"{status}\"")), "{row}");
    }
    for (row, source, name) in EXITS_ELSEWHERE {
        assert!(!test(source, name).is_empty(), "{row}");
    }
}

#[test]
fn every_native_check_has_a_test_and_a_component_that_breaks_it() {
    let components = include_str!("../../hostile/Cargo.toml");
    for (check, name, component) in CHECKS {
        let body = test(DISTRUST, name);
        assert!(body.contains(&format!("\"{component}\"")), "{check}");
        assert!(components.contains(&format!("\"{component}\"")), "{check}");
    }
}
