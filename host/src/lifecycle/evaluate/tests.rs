//! Questions and answers of the reference components.

use serde_json::{Value, json};

use super::*;
use crate::policy::PolicyEngine;

const RESOLVER: &[u8] = include_bytes!("../../../../plugins/dist/alias-resolver.wasm");
const DIAL: &[u8] = include_bytes!("../../../../plugins/dist/preference-dial.wasm");
const CLAMP: &[u8] = include_bytes!("../../../../plugins/dist/floor-clamp.wasm");

fn answer(bytes: &[u8], question: Value) -> Result<Value, String> {
    let component = Component::load(&PolicyEngine::new().unwrap(), bytes).unwrap();
    let question: Question = serde_json::from_value(question).map_err(|e| e.to_string())?;
    evaluate(&component, &question)
        .map(|answered| {
            assert!(answered.fuel > 0 && answered.memory > 0);
            json!(answered.answer)
        })
        .map_err(|error| error.to_string())
}

#[test]
fn every_function_answers_with_all_digits() {
    let apply =
        |base: &str| json!({"apply": {"preference": "quality", "base": base, "live": true}});
    assert_eq!(answer(DIAL, apply("0.500")).unwrap(), "0.600");
    let closed = json!({"apply": {"base": "0.5", "live": false}});
    assert_eq!(answer(DIAL, closed).unwrap(), "0.5");
    let clamp = json!({"clamp": {"base": "0.80", "dialled": "0.90"}});
    assert_eq!(answer(CLAMP, clamp).unwrap(), "0.85");
    let resolve = |model: &str| json!({"resolve": {"model": model, "date": "2026-01-01"}});
    assert_eq!(
        answer(RESOLVER, resolve("ainfera-auto")).unwrap(),
        json!({"is": "routed", "target": "ainfera-inference", "via_alias": true})
    );
    assert_eq!(
        answer(RESOLVER, resolve("gpt")).unwrap(),
        json!({"is": "unknown"})
    );
    let listing = answer(RESOLVER, json!({"listing": {}})).unwrap();
    assert_eq!(listing["targets"], json!(["ainfera-inference"]));
    let described = answer(DIAL, json!({"describe": {}})).unwrap();
    assert_eq!(described["levers"]["quality"]["value"], "0.10");
}

#[test]
fn what_no_gateway_asks_is_refused_with_the_reason() {
    for (bytes, question, why) in [
        (
            DIAL,
            json!({"listing": {}}),
            "a preference-dial has no `listing`",
        ),
        (
            DIAL,
            json!({"apply": {"base": "1.01", "live": true}}),
            "outside [0, 1]",
        ),
        (
            DIAL,
            json!({"apply": {"base": 0.5, "live": true}}),
            "expected a string",
        ),
        (
            DIAL,
            json!({"apply": {"base": "0.5"}}),
            "missing field `live`",
        ),
        (
            DIAL,
            json!({"apply": {"base": "0.5", "live": true, "x": 1}}),
            "unknown field `x`",
        ),
        (
            DIAL,
            json!({"apply": {"preference": "q".repeat(65), "base": "0.5", "live": true}}),
            "65 bytes",
        ),
        (
            CLAMP,
            json!({"clamp": {"base": "0.5", "dialled": "0.50"}}),
            "differs from `base`",
        ),
        (
            CLAMP,
            json!({"clamp": {"base": "0.5", "dialled": "1e3000"}}),
            "nvalid",
        ),
        (
            RESOLVER,
            json!({"resolve": {"model": "m", "date": "2026-02-30"}}),
            "date",
        ),
        (RESOLVER, json!({"guess": {}}), "unknown variant `guess`"),
    ] {
        let error = answer(bytes, question.clone()).unwrap_err();
        assert!(error.contains(why), "{question}: {error}");
    }
}
