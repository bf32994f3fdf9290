//! The host does not trust a plugin: each native check of section 4, with a
//! component that passes verification and breaks it at run time, off the grid.
//!
//! The components behave until they see their trigger (`tests/hostile`): a base
//! that starts with 0.7331, a day that verification does not try, or a name with
//! `odd` in it.

mod resolver;
mod rollback;

use ainfera_tests::client::{Answer, ask_hint};
use ainfera_tests::gateway::{Catalog, Gateway, Setup};
use ainfera_tests::plugins;
use ainfera_tests::sign::Founder;
use serde_json::{Value, json};

const TARGET: &str = "ainfera-inference";
pub(crate) const TRIGGER: &str = "0.7331";

pub(crate) async fn with_component(slot: &str, name: &str) -> Gateway {
    let catalog = Catalog::new()
        .simulated("sim")
        .single("perfect", "sim", "1", "1");
    let gateway = Setup::new().live().catalog(&catalog).start().await;
    let founder = Founder::new(7);
    founder.enrol(&gateway.admin()).await;
    assert_eq!(
        founder
            .activate(&gateway, slot, plugins::hostile(name))
            .await,
        2
    );
    gateway
}

pub(crate) async fn set_base(gateway: &Gateway, base: &str) {
    let admin = gateway.admin();
    let agent = admin.only_agent().await;
    let answer = admin
        .patch(&format!("agents/{agent}"), &json!({"default_floor": base}))
        .await;
    assert_eq!(answer.status, 200, "{}", answer.text());
}

async fn call(gateway: &Gateway, preference: &str) -> Answer {
    gateway
        .client()
        .messages(&ask_hint(TARGET, json!({"routing_preference": preference})))
        .await
}

/// The call got `floor` by the last good set, and the record says which set
/// decided and which faulted.
fn assert_contained(gateway: &Gateway, answer: &Answer, floor: &str) {
    assert_eq!(answer.status, 200, "{}", answer.text());
    let row = gateway.records().outcome(&answer.request_id());
    assert_eq!(row["floor"], floor, "{row:?}");
    assert_eq!(row["generation"], 2);
    assert_eq!(row["decided_by"], 1);
    assert_eq!(row["faulted_generation"], 2);
}

/// Off the grid the component is good, and its own.
async fn assert_good_elsewhere(gateway: &Gateway) {
    set_base(gateway, "0.50").await;
    let answer = call(gateway, "quality").await;
    let row = gateway.records().outcome(&answer.request_id());
    assert_eq!(row["floor"], "0.60");
    assert_eq!(
        (&row["decided_by"], &row["faulted_generation"]),
        (&json!(2), &Value::Null)
    );
}

/// A dial or clamp that faults at the trigger's base with this preference.
async fn breaks(slot: &str, name: &str, preference: &str, floor: &str) {
    let gateway = with_component(slot, name).await;
    assert_good_elsewhere(&gateway).await;
    set_base(&gateway, TRIGGER).await;
    assert_contained(&gateway, &call(&gateway, preference).await, floor);
    // Remembered or not, the same again; one input alone never rolls back.
    assert_contained(&gateway, &call(&gateway, preference).await, floor);
    assert_eq!(gateway.admin().generation().await, 2);
    assert_good_elsewhere(&gateway).await;
}

#[tokio::test]
async fn identity_a_preference_of_no_meaning_moves_nothing() {
    breaks(
        "preference-dial",
        "moves-unknown-off-grid",
        "sneaky",
        TRIGGER,
    )
    .await;
}

#[tokio::test]
async fn sign_quality_never_lowers() {
    breaks(
        "preference-dial",
        "misbehaves-off-grid",
        "quality",
        "0.8331",
    )
    .await;
}

#[tokio::test]
async fn sign_cost_never_raises() {
    breaks("preference-dial", "misbehaves-off-grid", "cost", "0.6331").await;
}

#[tokio::test]
async fn lever_the_move_is_no_larger_than_declared() {
    breaks(
        "preference-dial",
        "moves-more-than-lever-off-grid",
        "quality",
        "0.8331",
    )
    .await;
}

#[tokio::test]
async fn clamp_the_result_is_between_base_and_dialled() {
    breaks("floor-clamp", "clamp-outside-off-grid", "quality", "0.8331").await;
}

#[tokio::test]
async fn clamp_the_result_is_in_range() {
    let gateway = with_component("floor-clamp", "clamp-out-of-range-off-grid").await;
    set_base(&gateway, "0.9871").await;
    assert_contained(&gateway, &call(&gateway, "quality").await, "0.9871");
    assert_good_elsewhere(&gateway).await;
}

#[tokio::test]
async fn clamp_a_trap_is_a_fault() {
    breaks("floor-clamp", "clamp-traps-off-grid", "quality", "0.8331").await;
}

#[tokio::test]
async fn identity_a_closed_gate_moves_nothing() {
    let gateway = with_component("preference-dial", "moves-without-gate-off-grid").await;
    set_base(&gateway, TRIGGER).await;
    gateway.admin().gate(false).await;
    for preference in ["quality", "cost"] {
        assert_contained(&gateway, &call(&gateway, preference).await, TRIGGER);
    }
}

#[tokio::test]
async fn identity_the_scale_of_an_unmoved_floor_is_kept() {
    breaks(
        "preference-dial",
        "changes-scale-off-grid",
        "balanced",
        TRIGGER,
    )
    .await;
}

#[tokio::test]
async fn a_trap_is_a_fault() {
    breaks("preference-dial", "traps-off-grid", "quality", "0.8331").await;
}

#[tokio::test]
async fn exhausted_fuel_is_a_fault_and_no_hang() {
    breaks("preference-dial", "loops-off-grid", "quality", "0.8331").await;
}

#[tokio::test]
async fn too_much_memory_is_a_fault() {
    breaks(
        "preference-dial",
        "memory-hog-off-grid",
        "quality",
        "0.8331",
    )
    .await;
}

#[tokio::test]
async fn an_answer_that_is_no_valid_value_is_a_fault() {
    breaks(
        "preference-dial",
        "invalid-decimal-off-grid",
        "quality",
        "0.8331",
    )
    .await;
}
