//! Results of tools in the next turn.

use ainfera_tests::client::Dialect;
use ainfera_tests::upstream::Behaviour;
use ainfera_tests::world::World;
use serde_json::{Value, json};

use super::{pairings, weather};

fn conversation(results: Value) -> Value {
    json!({
        "tools": [weather()],
        "messages": [
            {"role": "user", "content": "Weather?"},
            {"role": "assistant", "content": [
                {"type": "text", "text": "Looking."},
                {"type": "tool_use", "id": "c1", "name": "get_weather",
                 "input": {"place": "Oslo", "n": [1, 2.5, null]}},
                {"type": "tool_use", "id": "c2", "name": "get_weather", "input": {}},
            ]},
            {"role": "user", "content": results},
        ],
    })
}

#[tokio::test]
async fn results_go_back_to_their_calls() {
    let world = World::shared().await;
    for pairing in pairings(&world, &Behaviour::text("Rain.")) {
        let heard = pairing
            .hear_whole(conversation(json!([
                {"type": "tool_result", "tool_use_id": "c1", "content": "rain"},
                {"type": "tool_result", "tool_use_id": "c2", "is_error": true,
                 "content": [{"type": "text", "text": "no place"}]},
                {"type": "text", "text": "And now?"},
            ])))
            .await;
        assert_eq!(heard.text(), "Rain.");
    }
}

#[tokio::test]
async fn a_call_that_failed_is_marked_where_the_protocol_has_a_mark() {
    let world = World::shared().await;
    for pairing in pairings(&world, &Behaviour::text("Sorry.")) {
        if pairing.dialect != Dialect::Anthropic {
            continue;
        }
        pairing
            .hear(conversation(json!([
                {"type": "tool_result", "tool_use_id": "c1", "content": "no such place", "is_error": true},
                {"type": "tool_result", "tool_use_id": "c2", "content": ""},
            ])))
            .await;
        let sent = pairing.sent_raw().to_string();
        assert!(sent.contains("no such place"), "{pairing}: {sent}");
        assert!(
            sent.contains("\"c2\""),
            "an empty result is one too: {sent}"
        );
    }
}

#[tokio::test]
async fn images_in_results_reach_the_provider() {
    let world = World::shared().await;
    for pairing in pairings(&world, &Behaviour::text("A map.")) {
        if pairing.dialect != Dialect::Anthropic {
            continue;
        }
        let image = json!({"type": "image", "source":
            {"type": "base64", "media_type": "image/png", "data": "iVBORw0KGgo="}});
        pairing
            .hear(conversation(json!([
                {"type": "tool_result", "tool_use_id": "c1",
                 "content": [{"type": "text", "text": "the map"}, image]},
                {"type": "tool_result", "tool_use_id": "c2", "content": [image]},
            ])))
            .await;
        let sent = pairing.sent();
        let turn = &sent["messages"][2];
        let results = turn["content"].as_array().expect("blocks");
        assert_eq!(results[0]["id"], "c1", "{pairing}: {turn}");
        assert_eq!(results[0]["text"], "the map", "{pairing}: {turn}");
        assert_eq!(results[1]["id"], "c2", "{pairing}: {turn}");
        let images = turn
            .to_string()
            .matches("data:image/png;base64,iVBORw0KGgo=")
            .count();
        assert_eq!(images, 2, "{pairing}: in the result or beside it: {turn}");
    }
}

#[tokio::test]
async fn results_of_parts_go_back_from_openais_dialect() {
    let world = World::shared().await;
    for pairing in pairings(&world, &Behaviour::text("Rain.")) {
        if pairing.dialect == Dialect::Anthropic {
            continue;
        }
        let call = |id: &str| {
            json!({"id": id, "type": "function",
                "function": {"name": "get_weather", "arguments": "{\"place\":\"Oslo\"}"}})
        };
        let messages = json!([
            {"role": "user", "content": "Weather?"},
            {"role": "assistant", "content": null, "tool_calls": [call("c1"), call("c2")]},
            {"role": "tool", "tool_call_id": "c1", "content": "rain"},
            {"role": "tool", "tool_call_id": "c2",
             "content": [{"type": "text", "text": "wind"}, {"type": "text", "text": "hail"}]},
        ]);
        pairing.post_ok(json!({"messages": messages})).await;
        let sent = pairing.sent();
        let results = sent["messages"][2]["content"].as_array().expect("blocks");
        assert_eq!(results.len(), 2, "{pairing}: {sent}");
        assert_eq!(
            (&results[0]["id"], &results[0]["text"]),
            (&json!("c1"), &json!("rain"))
        );
        assert_eq!(results[1]["id"], "c2");
        let text = results[1]["text"].as_str().unwrap_or_default();
        assert!(
            text.contains("wind") && text.contains("hail"),
            "{pairing}: {text}"
        );
    }
}
