//! What many faults lead to, and what one does not.

use ainfera_tests::client::ask;
use ainfera_tests::wait;
use serde_json::{Value, json};

use super::{TRIGGER, assert_contained, call, set_base, with_component};

#[tokio::test]
async fn faults_on_several_distinct_inputs_roll_the_set_back_by_itself() {
    let gateway = with_component("preference-dial", "traps-off-grid").await;
    for (base, floor) in [
        ("0.7331", "0.8331"),
        ("0.73310", "0.83310"),
        ("0.733100", "0.833100"),
    ] {
        set_base(&gateway, base).await;
        let answer = call(&gateway, "quality").await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        let row = gateway.records().outcome(&answer.request_id());
        assert_eq!(row["floor"], floor);
    }
    // By the policy that decides: the database has it a moment earlier.
    let admin = gateway.admin();
    wait::until_answered("a rollback by itself", async || {
        (admin.generation().await == 3).then_some(())
    })
    .await;
    let events = gateway.records().audit("policy.rolled_back");
    assert_eq!(events.len(), 1, "{events:?}");
    set_base(&gateway, TRIGGER).await;
    let answer = call(&gateway, "quality").await;
    let row = gateway.records().outcome(&answer.request_id());
    assert_eq!(row["floor"], "0.8331");
    assert_eq!(
        (&row["generation"], &row["decided_by"]),
        (&json!(3), &json!(3))
    );
    assert_eq!(row["faulted_generation"], Value::Null);
}

#[tokio::test]
async fn the_last_good_set_is_known_after_a_restart() {
    let gateway = with_component("preference-dial", "traps-off-grid").await;
    set_base(&gateway, TRIGGER).await;
    let gateway = gateway.restart().await;
    assert_contained(&gateway, &call(&gateway, "quality").await, "0.8331");
}

#[tokio::test]
async fn faults_of_a_resolver_on_distinct_names_roll_it_back_too() {
    let gateway = with_component("alias-resolver", "resolver-traps-off-grid").await;
    for name in ["odd-1", "odd-2", "odd-3"] {
        let answer = gateway.client().messages(&ask(name, "hi")).await;
        answer.assert_error(404, "not_found_error", "not_found_error");
    }
    wait::until("a rollback by itself", || {
        let records = gateway.records();
        (records.number("SELECT max(generation) FROM generations") == 3).then_some(())
    })
    .await;
}

#[tokio::test]
async fn one_odd_string_repeated_never_rolls_back() {
    let gateway = with_component("preference-dial", "moves-unknown-off-grid").await;
    set_base(&gateway, TRIGGER).await;
    for _ in 0..50 {
        assert_contained(&gateway, &call(&gateway, "sneaky").await, TRIGGER);
    }
    assert_eq!(gateway.admin().generation().await, 2);
}

#[tokio::test]
async fn a_rollback_by_hand_works_while_the_candidate_misbehaves() {
    let gateway = with_component("preference-dial", "loops-off-grid").await;
    set_base(&gateway, TRIGGER).await;
    let calls = (0..8).map(|_| call(&gateway, "quality"));
    let all = futures_util::future::join_all(calls);
    let (answers, generation) = tokio::join!(all, async { gateway.admin().rollback(1).await });
    assert_eq!(generation, 3);
    for answer in answers {
        assert_eq!(answer.status, 200, "{}", answer.text());
        assert_eq!(
            gateway.records().outcome(&answer.request_id())["floor"],
            "0.8331"
        );
    }
}
