//! Components that verification finds out: the reason of each, and the simplest
//! input that shows it.

use ainfera_tests::gateway::Setup;
use ainfera_tests::plugins;
use serde_json::Value;

use crate::lifecycle::{floor, quality};

const OPEN: &str = "no preference, base 0, gate open";
const QUALITY: &str = "preference \"quality\", base 0, gate open";
const COST: &str = "preference \"cost\", base 0, gate open";
const QUALITY_LAW: &str = "quality-adds-its-lever";
const COST_LAW: &str = "cost-adds-its-lever";

/// Name, code, law and input of the first reason; empty where it has none.
const REJECTED: &[(&str, &str, &str, &str)] = &[
    // What they are.
    ("core-module", "not_a_component", "", ""),
    ("empty-component", "wrong_world", "", ""),
    ("wrong-world", "wrong_world", "", ""),
    ("imports-something", "imports", "", ""),
    // What they take.
    ("endless-loop", "fuel", "", OPEN),
    ("loops-at-start", "fuel", "", "describe"),
    ("fills-memory", "fuel", "", OPEN),
    ("memory-hog", "memory", "", OPEN),
    ("huge-memory", "not_a_component", "", ""),
    ("huge-table", "not_a_component", "", ""),
    ("grows-table", "traps", "", OPEN),
    ("deep-recursion", "traps", "", OPEN),
    ("data-outside", "traps", "", "describe"),
    // Where they trap.
    ("traps", "traps", "", OPEN),
    ("traps-in-describe", "traps", "", "describe"),
    (
        "traps-in-realloc",
        "traps",
        "",
        "preference \"\", base 0, gate open",
    ),
    // What they hand over.
    (
        "realloc-outside",
        "invalid_answer",
        "",
        "preference \"\", base 0, gate open",
    ),
    ("huge-string", "invalid_answer", "", "describe"),
    ("huge-list", "invalid_answer", "", "describe"),
    ("repeated-string", "invalid_answer", "", "describe"),
    ("invalid-utf8", "invalid_answer", "", "describe"),
    ("invalid-decimal", "invalid_answer", "", OPEN),
    // What they remember.
    ("stateful-counter", "stateful", "", ""),
    ("remembers-last", "stateful", "", ""),
    // What they say of themselves.
    ("no-levers", "levers", "", ""),
    ("markup-name", "levers", "", ""),
    ("control-summary", "levers", "", ""),
    ("hidden-summary", "levers", "", ""),
    ("lever-lies", "law", COST_LAW, COST),
    (
        "clamp-lies",
        "law",
        "inside-its-bounds",
        "base 0.50, dialled 2",
    ),
    // The laws of a dial.
    ("moves-more-than-lever", "law", COST_LAW, COST),
    ("quality-goes-down", "law", QUALITY_LAW, QUALITY),
    ("cost-goes-up", "law", COST_LAW, COST),
    (
        "wrong-above",
        "law",
        COST_LAW,
        "preference \"cost\", base 1, gate open",
    ),
    (
        "wrong-at-seven-digits",
        "law",
        QUALITY_LAW,
        "preference \"quality\", base 0.0000000, gate open",
    ),
    ("changes-scale", "law", "untouched-base", OPEN),
    (
        "moves-on-balanced",
        "law",
        "untouched-base",
        "preference \"balanced\", base 0, gate open",
    ),
    (
        "moves-unknown-preference",
        "law",
        "untouched-base",
        "preference \"\", base 0, gate open",
    ),
    (
        "moves-without-gate",
        "law",
        "untouched-base",
        "preference \"cost\", base 0, gate closed",
    ),
    // The laws of a clamp.
    (
        "clamp-outside",
        "law",
        "between-base-and-dialled",
        "base 0, dialled 2",
    ),
    (
        "clamp-out-of-range",
        "law",
        "in-zero-to-one",
        "base 0, dialled 2",
    ),
    (
        "clamp-reverses",
        "law",
        "between-base-and-dialled",
        "base 1, dialled 2",
    ),
    ("clamp-dips", "law", "monotone", ""),
    // The laws of a resolver.
    (
        "target-not-itself",
        "law",
        "target-is-itself",
        "name \"ainfera-inference\", day 1970-01-01",
    ),
    ("two-step", "law", "one-step", "name \"ainfera-old\""),
    ("alias-loop", "law", "one-step", "name \"ainfera-here\""),
    (
        "lists-not-routes",
        "law",
        "alias-as-its-levers-say",
        "name \"ainfera-fast\", day 1970-01-01",
    ),
    (
        "lists-twice",
        "law",
        "listed-once",
        "name \"ainfera-inference\"",
    ),
    ("lists-too-much", "law", "lists-targets", "listing"),
    (
        "takes-vendor-slug",
        "law",
        "no-catalog-name",
        "name \"sim-small\"",
    ),
    (
        "markup-target",
        "law",
        "names-fit",
        "name \"<img src=x onerror=alert(1)>\"",
    ),
    (
        "control-target",
        "law",
        "names-fit",
        "name \"\\u{1b}[2Jainfera\"",
    ),
];

/// The first reason of a rejection, which says what to do.
fn first_reason(body: &Value) -> (&str, &str, &str) {
    let reason = &body["error"]["reasons"][0];
    let text = |key: &str| reason[key].as_str().unwrap_or_default();
    assert!(text("message").len() > 20, "{body}");
    (text("code"), text("law"), text("input"))
}

#[tokio::test]
async fn every_hostile_component_is_rejected_with_its_reason() {
    // The default catalog, so that `takes-vendor-slug` has one to take.
    let gateway = Setup::new().live().start().await;
    let admin = gateway.admin();
    let mut wrong = Vec::new();
    for expected in REJECTED {
        let (name, code, law, input) = *expected;
        let answer = admin.upload(plugins::hostile(name)).await;
        let said = answer.json();
        assert_eq!(answer.status, 422, "{name}: {said}");
        let found = first_reason(&said);
        if (found.0, found.1) != (code, law) || (!input.is_empty() && found.2 != input) {
            wrong.push(format!("{expected:?}: {said}"));
        }
        assert_eq!(quality(&gateway).await, floor("0.60", 1), "after {name}");
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    let rejected = gateway.records().audit("plugin.rejected");
    assert_eq!(rejected.len(), REJECTED.len());
    assert!(!gateway.log().contains("panicked"));
}

/// What is wrong with the parts in `core/` is theirs, not their envelope's.
#[tokio::test]
async fn the_envelope_of_the_hostile_parts_is_honest() {
    let gateway = Setup::new().start().await;
    let admin = gateway.admin();
    admin.upload_ok(plugins::hostile("moves-nothing")).await;
}
