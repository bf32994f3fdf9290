//! Floors: what preference, base and gate make of each other (spec section 4).

use ainfera_tests::client::ask_hint;
use ainfera_tests::gateway::{Catalog, Gateway, Setup};
use ainfera_tests::records::Row;
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;
use rust_decimal::Decimal;
use serde_json::{Value, json};

const TARGET: &str = "ainfera-inference";

/// A gateway whose one model clears any floor.
async fn perfect(setup: Setup) -> Gateway {
    let catalog = Catalog::new()
        .simulated("sim")
        .single("perfect", "sim", "1", "1");
    setup.catalog(&catalog).start().await
}

async fn set_base(gateway: &Gateway, base: &str) {
    let admin = gateway.admin();
    let agent = admin.only_agent().await;
    let answer = admin
        .patch(&format!("agents/{agent}"), &json!({"default_floor": base}))
        .await;
    assert_eq!(answer.status, 200, "{}", answer.text());
}

async fn row(gateway: &Gateway, hint: Value) -> Row {
    let (answer, _) = gateway.client().messages_ok(&ask_hint(TARGET, hint)).await;
    gateway.records().outcome(&answer.request_id())
}

async fn floor(gateway: &Gateway, hint: Value) -> String {
    row(gateway, hint).await["floor"]
        .as_str()
        .expect("a floor")
        .to_owned()
}

#[tokio::test]
async fn the_table_of_the_specification() {
    let gateway = perfect(Setup::new().live()).await;
    assert_eq!(
        floor(&gateway, json!({"routing_preference": "quality"})).await,
        "0.60"
    );
    assert_eq!(
        floor(&gateway, json!({"routing_preference": "cost"})).await,
        "0.50"
    );
    for (base, preference, expected) in [
        ("0.50", "quality", "0.60"),
        ("0.50", "cost", "0.50"),
        ("0.80", "quality", "0.85"),
        ("0.90", "quality", "0.90"),
        ("0.95", "quality", "0.95"),
        ("0.40", "cost", "0.40"),
        ("0.30", "quality", "0.40"),
        ("0.70", "cost", "0.60"),
        ("0.55", "cost", "0.50"),
    ] {
        set_base(&gateway, base).await;
        let found = floor(&gateway, json!({"routing_preference": preference})).await;
        let equal =
            found.parse::<Decimal>().expect("a decimal") == expected.parse().expect("a decimal");
        assert!(equal, "base {base}, {preference}: {found}, not {expected}");
    }
}

#[tokio::test]
async fn the_record_shows_base_dialled_value_and_floor() {
    let gateway = perfect(Setup::new().live()).await;
    set_base(&gateway, "0.80").await;
    let row = row(&gateway, json!({"routing_preference": "quality"})).await;
    assert_eq!(row["base_floor"], "0.80");
    assert_eq!(row["dialled"], "0.90");
    assert_eq!(row["floor"], "0.85");
    assert_eq!(row["preference"], "quality");
    assert_eq!(row["generation"], 1);
    assert_eq!(row["decided_by"], 1);
    assert_eq!(row["faulted_generation"], Value::Null);
    for slot in ["alias_resolver", "preference_dial", "floor_clamp"] {
        assert_eq!(row[slot].as_str().map(str::len), Some(64), "{slot}");
    }
}

/// A preference that must not move the floor, as JSON.
fn inert() -> impl Strategy<Value = Value> {
    prop_oneof![
        Just(json!("balanced")),
        Just(Value::Null),
        Just(json!("")),
        Just(json!("QUALITY")),
        Just(json!("quality ")),
        Just(json!("qualitty")),
        Just(json!("costs")),
        Just(json!("q".repeat(65))),
        "[a-z]{1,12}"
            .prop_filter("no word of the dial", |word| word != "quality"
                && word != "cost")
            .prop_map(|word| json!(word)),
    ]
}

/// A base in [0, 1] with its own scale, as text.
fn base() -> impl Strategy<Value = String> {
    (0u32..=18)
        .prop_flat_map(|scale| (0..=10i64.pow(scale), Just(scale)))
        .prop_map(|(units, scale)| Decimal::new(units, scale).to_string())
}

#[tokio::test]
async fn inert_preferences_and_a_closed_gate_give_the_base_byte_for_byte() {
    let gateway = perfect(Setup::new().live()).await;
    let mut runner = TestRunner::deterministic();
    let mut samples = Vec::new();
    for _ in 0..60 {
        let tree = (base(), inert(), any::<bool>())
            .new_tree(&mut runner)
            .expect("a sample");
        samples.push(tree.current());
    }
    let mut open = true;
    for (base, mut preference, live) in samples {
        if live != open {
            gateway.admin().gate(live).await;
            open = live;
        }
        set_base(&gateway, &base).await;
        if !live {
            // With the gate closed not even the dial's own words move it.
            preference = json!(if base.len() % 2 == 0 {
                "quality"
            } else {
                "cost"
            });
        }
        let missing = floor(&gateway, json!({})).await;
        assert_eq!(missing, base, "missing preference, gate {live}");
        let found = floor(&gateway, json!({"routing_preference": preference})).await;
        assert_eq!(found, base, "{preference}, gate {live}");
        let explicit = json!({"routing_preference": preference, "min_quality": "0.123450"});
        assert_eq!(floor(&gateway, explicit).await, "0.123450", "explicit wins");
    }
}

#[tokio::test]
async fn an_explicit_floor_wins_over_the_dial_and_is_kept_as_given() {
    let gateway = perfect(Setup::new().live()).await;
    for preference in ["quality", "cost", "balanced"] {
        for (given, kept) in [
            (json!("0.5"), "0.5"),
            (json!("0.500"), "0.500"),
            (json!("0"), "0"),
            (json!("1"), "1"),
            (json!("good"), "0.50"),
            (json!("frontier"), "0.85"),
            (json!(0.25), "0.25"),
        ] {
            let hint = json!({"routing_preference": preference, "min_quality": given});
            let row = row(&gateway, hint).await;
            assert_eq!(row["floor"], kept, "{given}");
            assert_eq!(row["dialled"], Value::Null, "the dial is not called");
        }
    }
}

#[tokio::test]
async fn a_json_number_keeps_its_digits() {
    let gateway = perfect(Setup::new()).await;
    for digits in [
        "0.10",
        "0.123456789012345678",
        "1.000",
        "0.300000000000000004",
    ] {
        let body = format!(
            r#"{{"model":"{TARGET}","max_tokens":10,"messages":[{{"role":"user","content":"x"}}],
                "routing_hint":{{"min_quality": {digits}}}}}"#
        );
        let answer = gateway.client().post_bytes("/v1/messages", body).await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        assert_eq!(
            gateway.records().outcome(&answer.request_id())["floor"],
            digits
        );
    }
}

#[tokio::test]
async fn the_gate_is_read_at_call_time_and_recorded() {
    let gateway = perfect(Setup::new()).await;
    for open in [true, true, false, false] {
        gateway.admin().gate(open).await;
        let row = row(&gateway, json!({"routing_preference": "quality"})).await;
        assert_eq!(row["floor"], if open { "0.60" } else { "0.50" });
        let gates = ainfera_tests::records::parse(&row["gates"]);
        assert_eq!(gates["routing_preference_live"], open);
    }
    assert_eq!(
        gateway.records().audit("gate.changed").len(),
        2,
        "no change, no event"
    );
}
