//! Recorded decisions, decided again by a candidate: in the report that a
//! founder signs, and offline.

mod offline;

use ainfera_tests::gateway::{Gateway, Setup};
use ainfera_tests::plugins;
use ainfera_tests::sign::Founder;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use crate::decisions::{TARGET, call, catalog, set_agent, verified};

const DIAL: &str = "preference-dial";

fn steep() -> Vec<u8> {
    plugins::dist("preference-dial-steep")
}

fn preference(word: &str) -> Value {
    json!({"routing_preference": word})
}

/// Five calls: three whose floor the steep dial raises from 0.60 to 0.70, one
/// that gives its own floor, one that says nothing.
async fn called(setup: Setup) -> (Gateway, Vec<String>) {
    let gateway = setup.catalog(&catalog()).start().await;
    let mut ids = Vec::new();
    for hint in [
        preference("quality"),
        Value::Null,
        preference("quality"),
        json!({"min_quality": "good", "routing_preference": "quality"}),
        preference("quality"),
    ] {
        ids.push(call(&gateway, TARGET, hint).await);
    }
    call(&gateway, "mid", Value::Null).await;
    (gateway, ids)
}

async fn proposed(gateway: &Gateway, replay: Value) -> Value {
    let admin = gateway.admin();
    let digest = admin.upload_ok(steep()).await;
    let proposal = json!({"slots": {DIAL: digest}, "replay": replay});
    admin.created("changes", &proposal).await
}

/// SHA-256 of canonical JSON: serde_json sorts keys, and there are no floats.
fn canonical_hash(value: &Value) -> String {
    ainfera_tests::records::hex(&Sha256::digest(value.to_string()))
}

#[tokio::test]
async fn a_change_shows_which_recorded_decisions_it_would_have_changed() {
    let (gateway, ids) = called(Setup::new().live()).await;
    let change = proposed(&gateway, json!({})).await;
    assert_eq!(change["report_sha256"], canonical_hash(&change["report"]));
    assert!(change["timings"]["replay_us"].is_u64(), "{change}");
    let replay = &change["report"]["replay"];
    let window = &replay["window"];
    assert_eq!(window["decisions"], 5, "the pinned call has no decision");
    assert_eq!(window["first"], ids[0]);
    assert_eq!(window["last"], ids[4]);
    let found = &replay["as_recorded"];
    let total = &found["total"];
    assert_eq!(total["changed"], 3, "{total}");
    assert_eq!(
        (&total["floor_up"], &total["other_offer"]),
        (&json!(3), &json!(3))
    );
    assert_eq!(found["preferences"]["quality"]["changed"], 3);
    assert_eq!(found["preferences"]["explicit"]["changed"], 0);
    assert_eq!(found["agents"][0]["changed"], 3);
    assert_eq!(
        found["models"][0],
        json!({"target": TARGET, "before": "mid@other", "after": "high@sim", "decisions": 3})
    );
    let changed: Vec<&Value> = found["examples"]
        .as_array()
        .expect("examples")
        .iter()
        .map(|example| &example["request_id"])
        .collect();
    assert_eq!(changed, [&ids[0], &ids[2], &ids[4]]);

    // What it says comes true.
    let founder = Founder::new(7);
    founder.enrol(&gateway.admin()).await;
    assert_eq!(founder.authorize(&gateway.admin(), &change).await, 2);
    let id = call(&gateway, TARGET, preference("quality")).await;
    assert_eq!(gateway.records().outcome(&id)["choice"], "high@sim");
}

#[tokio::test]
async fn the_set_before_decides_what_was_recorded_and_what_it_cost() {
    let (gateway, _) = called(Setup::new().live()).await;
    // Nothing that the cheapest offer costs is allowed; then, no agent.
    set_agent(&gateway, json!({"call_cap_usd": "0.000000001"})).await;
    call(&gateway, TARGET, Value::Null).await;
    set_agent(&gateway, json!({"call_cap_usd": null})).await;
    set_agent(&gateway, json!({"status": "suspended"})).await;
    call(&gateway, TARGET, Value::Null).await;
    let replay = &proposed(&gateway, json!({})).await["report"]["replay"];
    assert_eq!(
        (&replay["undecided"], &replay["decided"]),
        (&json!(1), &json!(6))
    );
    let before = &replay["as_recorded"]["total"]["before"];
    let rows = gateway.records().query(
        "SELECT choice, candidates FROM routing_outcomes
         WHERE outcome_status = 'succeeded' ORDER BY key",
    );
    let nanousd: i64 = rows
        .iter()
        .map(|row| {
            let candidates = row["candidates"].as_str().expect("candidates");
            let candidates: Vec<Value> = serde_json::from_str(candidates).expect("JSON");
            let chosen = candidates.iter().find(|one| one["offer"] == row["choice"]);
            chosen.expect("the choice")["estimate_nanousd"]
                .as_i64()
                .expect("a number")
        })
        .sum();
    assert_eq!(before["offers"], 5, "the capped call gets none");
    let usd = rust_decimal::Decimal::new(nanousd, 9)
        .normalize()
        .to_string();
    assert_eq!(before["cost_usd"], usd);
    assert_eq!(verified(&gateway, &[]).await, 7);
}

#[tokio::test]
async fn a_lever_of_a_closed_gate_shows_beside_what_is_recorded() {
    let (gateway, _) = called(Setup::new()).await;
    let replay = &proposed(&gateway, json!({})).await["report"]["replay"];
    assert_eq!(replay["as_recorded"]["total"]["changed"], 0);
    assert_eq!(replay["gate_open"]["total"]["changed"], 3);
}

#[tokio::test]
async fn a_report_is_made_again_by_the_window_that_it_names() {
    let (gateway, ids) = called(Setup::new().live()).await;
    let change = proposed(&gateway, json!({})).await;
    let window = &change["report"]["replay"]["window"];
    call(&gateway, TARGET, preference("quality")).await;
    let later = proposed(&gateway, json!({})).await;
    assert_ne!(later["report_sha256"], change["report_sha256"]);
    let pinned = json!({"first": window["first"], "last": window["last"]});
    let again = proposed(&gateway, pinned).await;
    assert_eq!(again["report_sha256"], change["report_sha256"]);
    assert_eq!(again["report"], change["report"]);

    let two = proposed(&gateway, json!({"last": ids[3], "latest": 2})).await;
    let window = &two["report"]["replay"]["window"];
    assert_eq!(
        (&window["first"], &window["last"]),
        (&json!(ids[2]), &json!(ids[3]))
    );
    let none = proposed(&gateway, json!({"until_us": 1})).await;
    assert_eq!(none["report"]["replay"]["window"]["decisions"], 0);
    for bad in [
        json!({"latest": -1}),
        json!({"first": "x"}),
        json!({"odd": 1}),
    ] {
        let digest = gateway.admin().upload_ok(steep()).await;
        let proposal = json!({"slots": {DIAL: digest}, "replay": bad});
        let answer = gateway.admin().post("changes", &proposal).await;
        assert_eq!(answer.status, 400, "{bad}: {}", answer.text());
    }
}

#[tokio::test]
async fn the_founder_reads_it_before_signing() {
    let (gateway, _) = called(Setup::new().live()).await;
    gateway.cli_ok(&["keygen", "--out", "founder.pem"]).await;
    let key = gateway.scratch().join("founder.pem");
    Founder::read(&key).enrol(&gateway.admin()).await;
    let digest = gateway.admin().upload_ok(steep()).await;
    let slot = format!("{DIAL}={digest}");
    let said = gateway
        .cli_ok(&["plugin", "propose", &slot, "--last", "4"])
        .await;
    for line in [
        "replay of 4 recorded decisions, req_",
        "gates as recorded: 2 of 4 change, 2 floors up, 2 another offer",
        "gate open: the same",
        "ainfera-inference: mid@other → high@sim, 2 times",
        "authorize it with: ainfera plugin authorize chg_",
    ] {
        assert!(said.contains(line), "no {line:?} in\n{said}");
    }
    let json = gateway
        .cli_ok(&["plugin", "propose", &slot, "--last", "1", "--json"])
        .await;
    let change: Value = serde_json::from_str(&json).expect("JSON");
    let id = change["id"].as_str().expect("an id");
    let signed = ["plugin", "authorize", id, "--key", "founder.pem", "--yes"];
    let said = gateway.cli_ok(&signed).await;
    assert!(said.contains("replay of 1 recorded decisions"), "{said}");
    assert!(said.contains("generation 2 is active"), "{said}");
    for (args, code) in [
        (vec!["plugin", "propose"], 2),
        (vec!["plugin", "propose", "preference-dial"], 2),
        (vec!["plugin", "propose", "dial=00"], 2),
        (vec!["plugin", "propose", &slot, &slot], 2),
        (vec!["plugin", "propose", &slot], 1),
    ] {
        let output = gateway.cli(&args).await;
        assert_eq!(output.status.code(), Some(code), "{args:?}: {output:?}");
    }
}
