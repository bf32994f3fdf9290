//! A record as the gateway writes it comes out the same; each field that is
//! changed is named.

use std::sync::{Arc, LazyLock};

use serde_json::{Value, json};

use super::again::differences;
use super::difference::Difference;
use crate::catalog::{Catalog, CatalogFile};
use crate::policy::set::Digests;
use crate::policy::{Component, PolicyEngine, PolicySet, ruleset_hash};
use crate::store::calls::Decision;

static SET: LazyLock<PolicySet> = LazyLock::new(|| {
    let engine = PolicyEngine::new().unwrap();
    let [resolver, dial, clamp] = [
        include_bytes!("../../../../plugins/dist/alias-resolver.wasm").as_slice(),
        include_bytes!("../../../../plugins/dist/preference-dial.wasm"),
        include_bytes!("../../../../plugins/dist/floor-clamp.wasm"),
    ]
    .map(|bytes| Arc::new(Component::load(&engine, bytes).unwrap()));
    PolicySet::new(resolver, dial, clamp).unwrap()
});

/// Version 3: qualities 0.50, 0.60 and 0.85 for 1, 3 and 2 dollars.
fn catalog() -> Catalog {
    let mut text = "[providers.p]\nprotocol = \"simulated\"\n".to_owned();
    for (slug, quality, price) in [("a", "0.50", 1), ("b", "0.60", 3), ("c", "0.85", 2)] {
        text += &format!(
            "[[models]]\nslug = \"{slug}\"\nq_prior = \"{quality}\"\n[[offers]]\nmodel = \"{slug}\"\nprovider = \"p\"\nupstream_model = \"{slug}\"\nactive = true\ninput_usd_per_mtok = \"{price}\"\noutput_usd_per_mtok = \"{price}\"\ncontext_tokens = 100000\nmax_output_tokens = 4096\ndefault_output_tokens = 1024\n"
        );
    }
    Catalog::new(3, CatalogFile::from_toml(&text).unwrap()).unwrap()
}

fn digests() -> Digests {
    SET.digests()
}

/// An answered call by an alias with `quality`, the gate open: 1,000 tokens in
/// and 1,000 out at the most.
fn answered() -> Value {
    let gates = json!({"routing_preference_live": true});
    json!({
        "request_id": "req_0000000000000001", "inference_id": "inf_0000000000000001",
        "opened_us": 1, "closed_us": 2, "tenant_id": "tnt_0000000000000001",
        "agent_id": "agt_0000000000000001", "outcome_status": "succeeded",
        "route": "/v1/messages", "stream": false, "requested": "ainfera-auto",
        "canonical": "ainfera-inference", "alias": true, "resolver_date": "2026-11-22",
        "preference": "quality", "base_floor": "0.50", "dialled": "0.60", "floor": "0.60",
        "ruleset_hash": ruleset_hash(&digests(), &gates.to_string(), 3).to_string(),
        "gates": gates, "generation": 1, "decided_by": 1, "catalog_version": 3,
        "eligibility_mask": "0000000000000007",
        "text_bytes": 4_000, "images": 0, "tools": false, "thinking": false, "max_tokens": 1_000,
        "candidates": [
            {"offer": "a@p", "quality": "0.50", "estimate_nanousd": 2_000_000},
            {"offer": "b@p", "quality": "0.60", "estimate_nanousd": 6_000_000},
            {"offer": "c@p", "quality": "0.85", "estimate_nanousd": 4_000_000},
        ],
        "choice": "c@p", "offer": "b@p",
    })
}

/// A call that every candidate is too dear for.
fn rejected() -> Value {
    let mut record = answered();
    for (field, value) in [
        ("outcome_status", json!("rejected_floor")),
        ("min_quality", json!("0.6")),
        ("dialled", Value::Null),
        ("floor", json!("0.6")),
        ("max_cost", json!("0.001")),
        ("reason", json!("cost")),
        ("reject_reason", json!("cost")),
        (
            "nearest_miss",
            json!({"offer": "c@p", "quality": "0.85", "estimate_nanousd": 4_000_000}),
        ),
        ("choice", Value::Null),
        ("offer", Value::Null),
    ] {
        record[field] = value;
    }
    record
}

/// A call that nothing could decide, as the active set faulted.
fn unavailable() -> Value {
    let mut record = answered();
    for field in ["dialled", "floor", "candidates", "choice", "offer"] {
        record[field] = Value::Null;
    }
    record["outcome_status"] = json!("refused");
    record["reason"] = json!("policy_unavailable");
    record["faulted_generation"] = json!(1);
    record
}

fn of(record: &Value) -> Vec<Difference> {
    let mut decision: Decision = serde_json::from_str(&record.to_string()).unwrap();
    reorder(&mut decision, record);
    differences(&decision, &digests(), &SET, &catalog())
}

/// serde_json sorts keys; the gateway writes offer, quality, estimate.
fn reorder(decision: &mut Decision, record: &Value) {
    let one = |value: &Value| {
        format!(
            r#"{{"offer":{},"quality":{},"estimate_nanousd":{}}}"#,
            value["offer"], value["quality"], value["estimate_nanousd"]
        )
    };
    if let (Some(json), Some(list)) = (&mut decision.candidates, record["candidates"].as_array()) {
        let list: Vec<String> = list.iter().map(one).collect();
        json.0 = format!("[{}]", list.join(","));
    }
    if let Some(json) = &mut decision.nearest_miss {
        json.0 = one(&record["nearest_miss"]);
    }
}

fn fields(record: &Value) -> Vec<&'static str> {
    of(record)
        .iter()
        .map(|difference| difference.field)
        .collect()
}

#[test]
fn what_the_gateway_records_comes_out_the_same() {
    for mut record in [answered(), rejected(), unavailable()] {
        assert_eq!(of(&record), [], "{record}");
        record["closed_us"] = Value::Null;
        record["task_type"] = json!("anything");
        assert_eq!(of(&record), [], "{record}");
    }
    // Refused before the policy was asked for a floor, or after the engine.
    let mut inactive = unavailable();
    inactive["reason"] = json!("agent_not_active");
    inactive["faulted_generation"] = Value::Null;
    inactive["base_floor"] = Value::Null;
    assert_eq!(of(&inactive), []);
    let mut capped = answered();
    capped["outcome_status"] = json!("refused");
    capped["reason"] = json!("cap_exceeded");
    capped["choice"] = Value::Null;
    capped["offer"] = Value::Null;
    assert_eq!(of(&capped), []);
    // The resolver itself faulted, and nothing could answer for it.
    let mut nameless = unavailable();
    nameless["canonical"] = Value::Null;
    nameless["alias"] = json!(false);
    nameless["base_floor"] = Value::Null;
    assert_eq!(of(&nameless), []);
    // The catalog and the gate that another set of the same digests had.
    let mut shut = answered();
    let gates = json!({"routing_preference_live": false});
    shut["ruleset_hash"] = json!(ruleset_hash(&digests(), &gates.to_string(), 3).to_string());
    shut["gates"] = gates;
    shut["dialled"] = json!("0.50");
    shut["floor"] = json!("0.50");
    shut["choice"] = json!("a@p");
    assert_eq!(of(&shut), []);
}

#[test]
fn a_changed_field_is_named() {
    for (record, field, value, named) in [
        (answered(), "floor", json!("0.600"), vec!["floor"]),
        (answered(), "floor", Value::Null, vec!["floor"]),
        (answered(), "dialled", json!("0.61"), vec!["dialled"]),
        (answered(), "choice", json!("a@p"), vec!["choice"]),
        (answered(), "choice", Value::Null, vec!["choice"]),
        (answered(), "offer", json!("a@p"), vec!["offer"]),
        (answered(), "alias", json!(false), vec!["alias"]),
        (answered(), "canonical", json!("other"), vec!["canonical"]),
        (answered(), "canonical", Value::Null, vec!["canonical"]),
        (answered(), "requested", json!("a"), vec!["requested"]),
        (answered(), "requested", json!("a@p"), vec!["requested"]),
        (answered(), "requested", json!("nobody"), vec!["canonical"]),
        (answered(), "base_floor", Value::Null, vec!["base_floor"]),
        (answered(), "base_floor", json!("1.1"), vec!["base_floor"]),
        (
            answered(),
            "base_floor",
            json!("0.500"),
            vec!["dialled", "floor"],
        ),
        (answered(), "decided_by", json!(2), vec!["decided_by"]),
        (
            answered(),
            "faulted_generation",
            json!(2),
            vec!["faulted_generation"],
        ),
        (answered(), "catalog_version", Value::Null, vec![]),
        (
            answered(),
            "eligibility_mask",
            json!("000000000000000f"),
            vec!["eligibility_mask"],
        ),
        (
            answered(),
            "eligibility_mask",
            json!("07"),
            vec!["eligibility_mask"],
        ),
        (
            answered(),
            "eligibility_mask",
            json!("0000000000000003"),
            vec!["candidates", "choice"],
        ),
        (answered(), "images", json!(-1), vec!["images"]),
        (
            answered(),
            "tools",
            json!(true),
            vec!["candidates", "outcome_status", "reject_reason", "choice"],
        ),
        (
            answered(),
            "outcome_status",
            json!("rejected_floor"),
            vec!["outcome_status"],
        ),
        (
            rejected(),
            "outcome_status",
            json!("succeeded"),
            vec!["outcome_status"],
        ),
        (
            rejected(),
            "reject_reason",
            json!("floor"),
            vec!["reject_reason"],
        ),
        (
            rejected(),
            "nearest_miss",
            Value::Null,
            vec!["nearest_miss"],
        ),
        (
            rejected(),
            "min_quality",
            json!("half"),
            vec!["min_quality"],
        ),
        (rejected(), "max_cost", json!("1e"), vec!["max_cost"]),
        (
            unavailable(),
            "reason",
            json!("cap_exceeded"),
            vec!["dialled", "floor", "candidates"],
        ),
        (
            unavailable(),
            "faulted_generation",
            Value::Null,
            vec!["dialled", "floor", "candidates"],
        ),
    ] {
        let mut changed = record;
        changed[field] = value.clone();
        assert_eq!(fields(&changed), named, "{field} = {value}");
    }
}

#[test]
fn both_sides_of_a_difference_are_said() {
    let mut changed = answered();
    changed["floor"] = json!("0.55");
    changed["gates"] = json!({});
    let said: Vec<String> = of(&changed).iter().map(ToString::to_string).collect();
    assert_eq!(said.len(), 2, "{said:?}");
    assert!(said[0].contains("ruleset_hash: recorded "), "{said:?}");
    assert!(
        said[1]
            .starts_with("req_0000000000000001 gates: recorded {}, decided nothing (missing field"),
        "{said:?}"
    );
    changed["gates"] = json!({"routing_preference_live": true});
    assert_eq!(
        of(&changed)[0].to_string(),
        "req_0000000000000001 floor: recorded 0.55, decided 0.60"
    );
}
