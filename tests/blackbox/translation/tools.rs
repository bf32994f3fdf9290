//! Tools across dialects: definitions, choice, calls, results.

use ainfera_tests::upstream::{Behaviour, Block};
use ainfera_tests::world::World;
use serde_json::{Value, json};

use super::call;

fn weather() -> Value {
    json!({
        "name": "get_weather",
        "description": "The weather of a place.",
        "input_schema": {"type": "object", "properties": {"place": {"type": "string"}}},
    })
}

#[tokio::test]
async fn tools_and_tool_choice_reach_the_provider_streamed_and_not() {
    let world = World::shared().await;
    for stream in [false, true] {
        for (choice, theirs, parallel) in [
            (json!({"type": "auto"}), json!("auto"), None),
            (json!({"type": "any"}), json!("required"), None),
            (json!({"type": "none"}), json!("none"), None),
            (
                json!({"type": "tool", "name": "get_weather"}),
                json!({"type": "function", "function": {"name": "get_weather"}}),
                None,
            ),
            (
                json!({"type": "auto", "disable_parallel_tool_use": true}),
                json!("auto"),
                Some(false),
            ),
        ] {
            let lane = world.openai();
            let mut body = lane.ask();
            body["stream"] = stream.into();
            body["tools"] = json!([weather()]);
            body["tool_choice"] = choice;
            assert_eq!(world.client().messages(&body).await.status, 200);
            let json = lane.sent().json();
            assert_eq!(json["tools"][0]["type"], "function");
            assert_eq!(json["tools"][0]["function"]["name"], "get_weather");
            assert_eq!(
                json["tools"][0]["function"]["parameters"],
                weather()["input_schema"]
            );
            assert_eq!(json["tool_choice"], theirs);
            assert_eq!(json["parallel_tool_calls"].as_bool(), parallel);
        }
    }
}

#[tokio::test]
async fn tool_calls_come_back_whole_also_parallel_and_interleaved() {
    let world = World::shared().await;
    for interleave in [false, true] {
        let lane = world.openai();
        let blocks = vec![
            Block::Text("Looking.".into()),
            call("c1", "Oslo"),
            call("c2", "Bergen"),
        ];
        lane.script(Behaviour::blocks(blocks).with(|answer| answer.interleave = interleave));
        let mut body = lane.ask();
        body["tools"] = json!([weather()]);
        let (_, message) = world.client().stream_ok(&body).await;
        let (_, whole) = world.client().messages_ok(&body).await;
        for content in [
            &message.content,
            whole["content"].as_array().expect("content"),
        ] {
            assert_eq!(content.len(), 3, "{content:?}");
            assert_eq!(content[0]["text"], "Looking.");
            for (block, (id, place)) in content[1..].iter().zip([("c1", "Oslo"), ("c2", "Bergen")])
            {
                assert_eq!(block["type"], "tool_use");
                assert_eq!(block["id"], id);
                assert_eq!(block["name"], "get_weather");
                assert_eq!(block["input"], json!({"place": place}));
            }
        }
        assert_eq!(message.stop_reason.as_deref(), Some("tool_use"));
        assert_eq!(whole["stop_reason"], "tool_use");
    }
}

#[tokio::test]
async fn tool_results_go_back_as_messages_of_their_role() {
    let world = World::shared().await;
    let lane = world.openai();
    let mut body = lane.ask();
    body["tools"] = json!([weather()]);
    body["messages"] = json!([
        {"role": "user", "content": "Weather?"},
        {"role": "assistant", "content": [
            {"type": "text", "text": "Looking."},
            {"type": "tool_use", "id": "c1", "name": "get_weather", "input": {"place": "Oslo"}},
            {"type": "tool_use", "id": "c2", "name": "get_weather", "input": {}},
        ]},
        {"role": "user", "content": [
            {"type": "tool_result", "tool_use_id": "c1", "content": "rain"},
            {"type": "tool_result", "tool_use_id": "c2", "is_error": true,
             "content": [{"type": "text", "text": "no place"}]},
            {"type": "text", "text": "And now?"},
        ]},
    ]);
    world.client().messages_ok(&body).await;
    let json = lane.sent().json();
    let messages = json["messages"].as_array().expect("messages");
    let roles: Vec<_> = messages
        .iter()
        .map(|message| message["role"].as_str().unwrap_or(""))
        .collect();
    assert_eq!(roles, ["user", "assistant", "tool", "tool", "user"]);
    let calls = &messages[1]["tool_calls"];
    assert_eq!(calls[0]["id"], "c1");
    let arguments: Value = serde_json::from_str(
        calls[0]["function"]["arguments"]
            .as_str()
            .expect("a JSON string"),
    )
    .expect("JSON");
    assert_eq!(arguments, json!({"place": "Oslo"}));
    assert_eq!(calls[1]["function"]["arguments"], "{}");
    assert_eq!(messages[2]["tool_call_id"], "c1");
    assert!(messages[2]["content"].to_string().contains("rain"));
    assert_eq!(messages[3]["tool_call_id"], "c2");
    assert!(messages[3]["content"].to_string().contains("no place"));
    assert!(messages[4]["content"].to_string().contains("And now?"));
}
