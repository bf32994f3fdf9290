//! Components that only live inputs find out, and what all of them leave behind:
//! the floors of traffic, a fault that is counted, and the memory that was there.

use ainfera_tests::client::ask_hint;
use ainfera_tests::gateway::{Gateway, Setup};
use ainfera_tests::{plugins, wait};
use serde_json::{Value, json};

use crate::distrust::{TRIGGER, set_base, with_component};
use crate::lifecycle::{floor, quality};

/// What a gateway may grow by that has seen the corpus before, in KiB.
const GROWTH_KIB: u64 = 32 << 10;

/// The resident memory of the gateway, in KiB.
fn resident_kib(gateway: &Gateway) -> u64 {
    let path = format!("/proc/{}/status", gateway.pid());
    let status = std::fs::read_to_string(path).expect("a /proc of Linux");
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let value = line.and_then(|value| value.trim().strip_suffix(" kB"));
    value.and_then(|value| value.parse().ok()).expect("a size")
}

async fn floor_of(gateway: &Gateway, preference: &str) -> Value {
    let hint = json!({"routing_preference": preference});
    let request = ask_hint("ainfera-inference", hint);
    let (answer, _) = gateway.client().messages_ok(&request).await;
    let row = gateway.records().outcome(&answer.request_id());
    json!([row["floor"], row["decided_by"], row["faulted_generation"]])
}

/// Memory of one call is gone at the next: a counter in it never counts.
#[tokio::test]
async fn state_does_not_survive_a_call() {
    let gateway = with_component("preference-dial", "remembers-off-grid").await;
    // Different inputs, or the memo would answer.
    for (base, moved) in [
        ("0.7331", "0.8331"),
        ("0.73310", "0.83310"),
        ("0.733100", "0.833100"),
        ("0.73315", "0.83315"),
    ] {
        set_base(&gateway, base).await;
        assert_eq!(floor_of(&gateway, "quality").await, json!([moved, 2, null]));
    }
    assert_eq!(gateway.admin().generation().await, 2);
}

/// Uploads, over and over, of what takes all that it can get.
#[tokio::test]
async fn hostile_uploads_leave_traffic_its_floors_and_the_host_its_memory() {
    let gateway = Setup::new().live().start().await;
    let admin = gateway.admin();
    let hungry = [
        "memory-hog",
        "huge-memory",
        "huge-table",
        "grows-table",
        "huge-string",
        "huge-list",
        "repeated-string",
        "fills-memory",
        "deep-recursion",
        "endless-loop",
        "data-outside",
    ];
    let mut settled = 0;
    for round in 0..5 {
        for name in hungry {
            let upload = admin.upload(plugins::hostile(name));
            let (answer, now) = tokio::join!(upload, quality(&gateway));
            assert_eq!(answer.status, 422, "{name}: {}", answer.text());
            assert_eq!(now, floor("0.60", 1), "during {name}");
        }
        match round {
            0 => settled = resident_kib(&gateway),
            _ => {
                let now = resident_kib(&gateway);
                assert!(now < settled + GROWTH_KIB, "{settled} KiB, then {now} KiB");
            }
        }
    }
}

/// A dial that grabs memory off the grid, on distinct inputs: each call has its
/// floor by the last good set, the faults are counted, the set is rolled back, and
/// the memory is given back.
#[tokio::test]
async fn a_set_that_faults_on_live_inputs_is_counted_rolled_back_and_leaves_no_memory() {
    let gateway = with_component("preference-dial", "memory-hog-off-grid").await;
    floor_of(&gateway, "quality").await;
    let before = resident_kib(&gateway);
    for (base, moved) in [
        ("0.7331", "0.8331"),
        ("0.73310", "0.83310"),
        ("0.733100", "0.833100"),
    ] {
        set_base(&gateway, base).await;
        assert_eq!(floor_of(&gateway, "quality").await, json!([moved, 1, 2]));
    }
    // By the policy that decides: the database has it a moment earlier.
    let admin = gateway.admin();
    wait::until_answered("a rollback by itself", async || {
        (admin.generation().await == 3).then_some(())
    })
    .await;
    let rolled_back = gateway.records().audit("policy.rolled_back");
    assert_eq!(rolled_back.len(), 1, "{rolled_back:?}");
    set_base(&gateway, TRIGGER).await;
    assert_eq!(
        floor_of(&gateway, "quality").await,
        json!(["0.8331", 3, null])
    );
    let metrics = gateway.client().with_key("").get("/metrics").await.text();
    let counted = "ainfera_policy_faults_total{error_type=\"memory\"} 3";
    assert!(metrics.contains(counted), "{metrics}");
    let after = resident_kib(&gateway);
    assert!(
        after < before + GROWTH_KIB,
        "{before} KiB, then {after} KiB"
    );
}
