//! Definitions of tools, and whether they must be called.

use ainfera_tests::client::Dialect;
use ainfera_tests::dialects::Protocol;
use ainfera_tests::upstream::Behaviour;
use ainfera_tests::world::World;
use serde_json::{Value, json};

use super::{pairings, weather};

/// Every choice, and what a provider is to read of it.
fn choices() -> Vec<(Value, Value, Option<bool>)> {
    vec![
        (json!({"type": "auto"}), json!("auto"), None),
        (json!({"type": "any"}), json!("any"), None),
        (json!({"type": "none"}), json!("none"), None),
        (
            json!({"type": "tool", "name": "get_weather"}),
            json!({"tool": "get_weather"}),
            None,
        ),
        (
            json!({"type": "auto", "disable_parallel_tool_use": true}),
            json!("auto"),
            Some(false),
        ),
        (
            json!({"type": "any", "disable_parallel_tool_use": true}),
            json!("any"),
            Some(false),
        ),
    ]
}

#[tokio::test]
async fn definitions_and_every_choice_reach_the_provider() {
    let world = World::shared().await;
    let other = json!({"type": "custom", "name": "look-up_2",
        "input_schema": {"type": "object"}});
    for pairing in pairings(&world, &Behaviour::text("hi")) {
        for (choice, theirs, parallel) in choices() {
            let tools = json!([weather(), other]);
            pairing
                .hear(json!({"tools": tools, "tool_choice": choice}))
                .await;
            let sent = pairing.sent();
            let names = sent["tools"].as_array().expect("tools");
            assert_eq!(names.len(), 2, "{pairing}: {sent}");
            assert_eq!(sent["tools"][0]["name"], "get_weather");
            assert_eq!(sent["tools"][0]["description"], "The weather of a place.");
            assert_eq!(sent["tools"][0]["input_schema"], weather()["input_schema"]);
            assert_eq!(sent["tools"][1]["name"], "look-up_2");
            assert_eq!(
                sent["tools"][1]["strict"], false,
                "{pairing}: not asked for"
            );
            assert_eq!(sent["tool_choice"], theirs, "{pairing}");
            assert_eq!(sent["parallel"].as_bool(), parallel, "{pairing}");
        }
    }
}

#[tokio::test]
async fn without_a_choice_the_provider_chooses() {
    let world = World::shared().await;
    for pairing in pairings(&world, &Behaviour::text("hi")) {
        pairing.hear(json!({"tools": [weather()]})).await;
        let choice = &pairing.sent()["tool_choice"];
        assert!(choice.is_null() || choice == "auto", "{pairing}: {choice}");
    }
}

#[tokio::test]
async fn a_strict_tool_stays_strict() {
    let world = World::shared().await;
    let mut strict = weather();
    strict["strict"] = true.into();
    strict["input_schema"]["additionalProperties"] = false.into();
    for pairing in pairings(&world, &Behaviour::text("hi")) {
        pairing.hear(json!({"tools": [strict]})).await;
        let sent = pairing.sent();
        assert_eq!(sent["tools"][0]["strict"], true, "{pairing}");
        assert_eq!(sent["tools"][0]["input_schema"], strict["input_schema"]);
    }
}

#[tokio::test]
async fn parallel_calls_without_a_choice_are_for_the_provider_to_know() {
    let world = World::shared().await;
    for pairing in pairings(&world, &Behaviour::text("hi")) {
        if pairing.dialect == Dialect::Anthropic {
            continue;
        }
        let tool = json!({"type": "function", "function": {"name": "f",
            "parameters": {"type": "object", "properties": {}}}});
        pairing
            .post_ok(json!({"parallel_tool_calls": false, "tools": [tool]}))
            .await;
        let sent = pairing.sent();
        assert_eq!(sent["parallel"], false, "{pairing}");
        if pairing.lane.protocol == Protocol::Anthropic {
            assert_eq!(sent["tool_choice"], "auto", "where its counterpart lives");
        }
    }
}

#[tokio::test]
async fn a_tool_without_parameters_is_an_object_without_properties() {
    let world = World::shared().await;
    for pairing in pairings(&world, &Behaviour::text("hi")) {
        if pairing.dialect == Dialect::Anthropic || !pairing.crosses() {
            continue;
        }
        let tool = json!({"type": "function", "function": {"name": "now"}});
        pairing.post_ok(json!({"tools": [tool]})).await;
        let sent = pairing.sent();
        assert_eq!(sent["tools"][0]["name"], "now");
        assert_eq!(sent["tools"][0]["input_schema"]["type"], "object", "{sent}");
    }
}
