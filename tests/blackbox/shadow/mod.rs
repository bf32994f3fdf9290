//! Shadow: a candidate beside the active set on live calls, which it does not
//! touch.

use ainfera_tests::gateway::{Gateway, Setup};
use ainfera_tests::plugins;
use ainfera_tests::sign::Founder;
use ainfera_tests::wait;
use serde_json::{Value, json};

use crate::decisions::{TARGET, call, catalog, set_agent};

const DIAL: &str = "preference-dial";

async fn started() -> Gateway {
    Setup::new().live().catalog(&catalog()).start().await
}

async fn candidate(gateway: &Gateway, component: Vec<u8>, sample: &str) -> Value {
    let admin = gateway.admin();
    let digest = admin.upload_ok(component).await;
    let wish = json!({"slots": {DIAL: digest}, "sample": sample});
    admin.created("shadow", &wish).await
}

fn steep() -> Vec<u8> {
    plugins::dist("preference-dial-steep")
}

async fn quality(gateway: &Gateway) -> String {
    call(gateway, TARGET, json!({"routing_preference": "quality"})).await
}

/// The shadow once it has decided `calls`.
async fn decided(gateway: &Gateway, calls: u64) -> Value {
    let admin = gateway.admin();
    wait::until_answered("the shadow to decide", async || {
        let shadow = admin.get_ok("shadow").await;
        (shadow["tally"]["decisions"] == calls).then_some(shadow)
    })
    .await
}

#[tokio::test]
async fn a_shadow_counts_what_would_come_out_differently_and_touches_nothing() {
    let gateway = started().await;
    assert_eq!(gateway.admin().get("shadow").await.status, 404);
    let shadow = candidate(&gateway, steep(), "1").await;
    assert_eq!(
        (&shadow["state"], &shadow["seen"]),
        (&json!("running"), &json!(0))
    );
    let mut ids = Vec::new();
    for _ in 0..3 {
        ids.push(quality(&gateway).await);
        call(&gateway, TARGET, Value::Null).await;
    }
    call(&gateway, "mid", Value::Null).await;
    let shadow = decided(&gateway, 6).await;
    assert_eq!(
        (&shadow["seen"], &shadow["sampled"]),
        (&json!(6), &json!(6))
    );
    assert_eq!(
        (&shadow["skipped"], &shadow["left_out"]),
        (&json!(0), &json!(0))
    );
    let tally = &shadow["tally"];
    assert_eq!(
        (&tally["changed"], &tally["floor_up"]),
        (&json!(3), &json!(3))
    );
    let examples = shadow["first"].as_array().expect("examples");
    let named: Vec<&Value> = examples.iter().map(|one| &one["request_id"]).collect();
    assert_eq!(named, ids.iter().collect::<Vec<_>>());
    assert_eq!(examples[0]["before"]["offer"], "mid@other");
    assert_eq!(examples[0]["after"]["offer"], "high@sim");
    let records = gateway.records();
    assert_eq!(records.number("SELECT count(*) FROM routing_outcomes"), 6);
    for id in &ids {
        let row = records.outcome(id);
        assert_eq!(
            (&row["floor"], &row["generation"]),
            (&json!("0.60"), &json!(1))
        );
    }
    let scrape = gateway.client().get("/metrics").await;
    let scrape = scrape.text();
    for line in [
        "ainfera_shadow_calls{outcome=\"sampled\"} 6",
        "ainfera_shadow_calls{outcome=\"different\"} 3",
        "ainfera_shadow_calls{outcome=\"same\"} 3",
    ] {
        assert!(scrape.contains(line), "no {line} in\n{scrape}");
    }

    let ended = gateway.admin().delete("shadow").await.json();
    assert_eq!(
        (&ended["state"], &ended["ended"]["by"]),
        (&json!("ended"), &json!("request"))
    );
    quality(&gateway).await;
    let shadow = gateway.admin().get_ok("shadow").await;
    assert_eq!(shadow["seen"], 6, "it is told no more");
    let audited = records.audit("shadow.ended");
    assert_eq!(audited.len(), 1, "{audited:?}");
    assert!(
        audited[0].to_string().contains("\"changed\":3"),
        "{audited:?}"
    );
    assert_eq!(records.audit("shadow.started").len(), 1);
}

#[tokio::test]
async fn a_shadow_ends_at_the_next_activation() {
    let gateway = started().await;
    let admin = gateway.admin();
    let founder = Founder::new(7);
    founder.enrol(&admin).await;
    candidate(&gateway, steep(), "1").await;
    founder.activate(&gateway, DIAL, steep()).await;
    let shadow = admin.get_ok("shadow").await;
    assert_eq!(shadow["ended"]["by"], "activation", "{shadow}");
    assert_eq!(gateway.records().audit("shadow.ended").len(), 1);
    quality(&gateway).await;
    assert_eq!(admin.get_ok("shadow").await["seen"], 0);
    // A gate is no activation.
    candidate(&gateway, plugins::hostile("gentle"), "1").await;
    admin.gate(false).await;
    admin.gate(true).await;
    assert_eq!(admin.get_ok("shadow").await["state"], "running");
    admin.rollback(1).await;
    assert_eq!(admin.get_ok("shadow").await["state"], "ended");
    let gateway = gateway.restart().await;
    assert_eq!(gateway.admin().get("shadow").await.status, 404);
}

#[tokio::test]
async fn a_candidate_that_fails_is_counted_and_hurts_nobody() {
    let gateway = started().await;
    candidate(&gateway, plugins::hostile("traps-off-grid"), "1").await;
    set_agent(&gateway, json!({"default_floor": crate::distrust::TRIGGER})).await;
    let ids = [quality(&gateway).await, quality(&gateway).await];
    let shadow = decided(&gateway, 2).await;
    assert_eq!(shadow["tally"]["now_failing"], 2, "{shadow}");
    assert_eq!(shadow["first"][0]["after"]["refused"], "fault");
    for id in &ids {
        let row = gateway.records().outcome(id);
        assert_eq!(
            (&row["floor"], &row["faulted_generation"]),
            (&json!("0.8331"), &Value::Null)
        );
    }
    assert_eq!(gateway.admin().get_ok("policy").await["faults"], 0);
    assert!(gateway.records().audit("policy.faulted").is_empty());
}

#[tokio::test]
async fn a_part_of_the_calls_is_enough() {
    let gateway = started().await;
    let shadow = candidate(&gateway, steep(), "0.25").await;
    assert_eq!(shadow["sample"], "0.25");
    for _ in 0..12 {
        quality(&gateway).await;
    }
    let shadow = gateway.admin().get_ok("shadow").await;
    assert_eq!(shadow["seen"], 12);
    let sampled = shadow["sampled"].as_u64().expect("a count");
    assert!((2..=4).contains(&sampled), "{shadow}");
    assert_eq!(
        decided(&gateway, sampled).await["tally"]["changed"],
        sampled
    );
}

#[tokio::test]
async fn the_command_line_starts_shows_and_stops_it() {
    let gateway = started().await;
    let digest = gateway.admin().upload_ok(steep()).await;
    let slot = format!("{DIAL}={digest}");
    let start = ["plugin", "shadow", "start", &slot, "--sample", "1"];
    let said = gateway.cli_ok(&start).await;
    assert!(
        said.starts_with("shadow of generation 1, running"),
        "{said}"
    );
    quality(&gateway).await;
    decided(&gateway, 1).await;
    let said = gateway.cli_ok(&["plugin", "shadow", "status"]).await;
    for part in [
        "1 calls seen, 1 taken",
        "1 of 1 change, 1 floors up",
        "floor 0.60 mid@other → floor 0.70 high@sim",
    ] {
        assert!(said.contains(part), "no {part} in {said}");
    }
    let said = gateway
        .cli_ok(&["plugin", "shadow", "stop", "--json"])
        .await;
    let stopped: Value = serde_json::from_str(&said).expect("JSON");
    assert_eq!(stopped["state"], "ended");
    let change = gateway.admin().propose(DIAL, &digest).await;
    let change = change["id"].as_str().expect("an id");
    gateway
        .cli_ok(&["plugin", "shadow", "start", "--change", change])
        .await;
    for (args, code) in [
        (vec!["start"], 2),
        (vec!["start", &slot, "--sample", "2"], 1),
        (vec!["start", &slot], 1),
        (vec!["stop"], 0),
        (vec!["stop"], 1),
    ] {
        let output = gateway
            .cli(&[&["plugin", "shadow"], &args[..]].concat())
            .await;
        assert_eq!(output.status.code(), Some(code), "{args:?}: {output:?}");
    }
}
