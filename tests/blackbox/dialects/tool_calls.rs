//! Calls of tools by the model.

use ainfera_tests::dialects::Protocol;
use ainfera_tests::upstream::{Behaviour, Block};
use ainfera_tests::world::World;
use serde_json::{Value, json};

use super::{call, called, pairings, said, weather};

#[tokio::test]
async fn parallel_calls_come_back_whole_also_interleaved() {
    let world = World::shared().await;
    for interleave in [false, true] {
        let answer = Behaviour::blocks(vec![
            Block::Text("Looking.".into()),
            call(
                "c1",
                json!({"place": "Troms\u{f8} \"north\"", "days": [1, 2.5, {"a": null}]}),
            ),
            call("c2", json!({"place": "Bergen"})),
            call("c3", json!({})),
        ]);
        let answer = answer.with(|answer| answer.interleave = interleave);
        for pairing in pairings(&world, &answer) {
            let heard = pairing.hear(json!({"tools": [weather()]})).await;
            let expected = [
                said("Looking."),
                called(
                    "c1",
                    json!({"place": "Troms\u{f8} \"north\"", "days": [1, 2.5, {"a": null}]}),
                ),
                called("c2", json!({"place": "Bergen"})),
                called("c3", json!({})),
            ];
            assert_eq!(heard.content, expected, "{pairing}");
            assert_eq!(heard.stop_reason, "tool_use", "{pairing}");
        }
    }
}

#[tokio::test]
async fn a_call_alone_needs_no_text() {
    let world = World::shared().await;
    let answer = Behaviour::tool("c1", "get_weather", json!({"place": "Oslo"}));
    for pairing in pairings(&world, &answer) {
        let heard = pairing.hear(json!({"tools": [weather()]})).await;
        assert_eq!(
            heard.content,
            [called("c1", json!({"place": "Oslo"}))],
            "{pairing}"
        );
        assert_eq!(heard.stop_reason, "tool_use");
    }
}

#[tokio::test]
async fn odd_chunking_of_partial_json_changes_nothing() {
    let world = World::shared().await;
    let input = json!({"place": "\u{e5}\u{1f642}\\\"", "more": {"deep": ["x", "}"]}});
    for piece in [1, 5] {
        let answer = Behaviour::blocks(vec![call("c1", input.clone())]).in_pieces(piece);
        for pairing in pairings(&world, &answer) {
            let heard = pairing.hear(json!({"tools": [weather()]})).await;
            assert_eq!(heard.content, [called("c1", input.clone())], "{pairing}");
        }
    }
}

/// A completion with one call, as hosts that bend the protocol write it.
fn completion(call: &Value) -> String {
    json!({"id": "x", "object": "chat.completion", "created": 1, "model": "m",
        "choices": [{"index": 0, "finish_reason": "stop",
            "message": {"role": "assistant", "content": null, "tool_calls": [call]}}],
        "usage": {"prompt_tokens": 1, "completion_tokens": 1, "total_tokens": 2}})
    .to_string()
}

/// The same as a stream of two chunks.
fn chunks(call: &Value) -> [String; 3] {
    let chunk = |delta: Value, finish: Value| {
        let chunk = json!({"id": "x", "object": "chat.completion.chunk", "created": 1,
            "model": "m", "choices": [{"index": 0, "delta": delta, "finish_reason": finish}]});
        format!("data: {chunk}\n\n")
    };
    let mut first = call.clone();
    first["index"] = 0.into();
    [
        chunk(json!({"role": "assistant", "tool_calls": [first]}), Value::Null),
        chunk(json!({}), json!("stop")),
        concat!(
            "data: {\"id\":\"x\",\"object\":\"chat.completion.chunk\",\"created\":1,\"model\":\"m\",",
            "\"choices\":[],\"usage\":{\"prompt_tokens\":1,\"completion_tokens\":1}}\n\n",
            "data: [DONE]\n\n"
        )
        .to_owned(),
    ]
}

#[tokio::test]
async fn arguments_may_be_a_string_an_object_or_nothing() {
    let world = World::shared().await;
    for (arguments, input) in [
        (json!("{\"place\": \"Oslo\"}"), json!({"place": "Oslo"})),
        (json!({"place": "Oslo"}), json!({"place": "Oslo"})),
        (json!(""), json!({})),
        (json!("{}"), json!({})),
        (Value::Null, json!({})),
    ] {
        let call = json!({"id": "c1", "type": "function",
            "function": {"name": "get_weather", "arguments": arguments}});
        for pairing in pairings(&world, &Behaviour::text("")) {
            if pairing.lane.protocol != Protocol::Chat || !pairing.crosses() {
                continue;
            }
            pairing.lane.script(if pairing.stream {
                Behaviour::raw_stream(chunks(&call))
            } else {
                Behaviour::raw_json(completion(&call))
            });
            let heard = pairing.hear(json!({"tools": [weather()]})).await;
            assert_eq!(heard.content, [called("c1", input.clone())], "{pairing}");
            assert_eq!(heard.stop_reason, "tool_use", "whatever the host calls it");
        }
    }
}

#[tokio::test]
async fn text_after_a_call_is_not_lost() {
    let world = World::shared().await;
    let answer = Behaviour::blocks(vec![
        Block::Text("Before. ".into()),
        call("c1", json!({"place": "Oslo"})),
        Block::Text("After.".into()),
    ]);
    for pairing in pairings(&world, &answer) {
        let heard = pairing.hear(json!({"tools": [weather()]})).await;
        assert_eq!(heard.text(), "Before. After.", "{pairing}");
        let calls = heard
            .content
            .iter()
            .filter(|block| block["type"] == "tool_use");
        assert_eq!(calls.count(), 1, "{pairing}");
    }
}
