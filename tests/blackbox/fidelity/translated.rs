//! Streams that are written anew: the translated streams row. The order of blocks,
//! dense indexes and the one end are checked by the strict clients for every
//! stream; here are the cases that would break them.

use ainfera_tests::client::{Dialect, Heard};
use ainfera_tests::dialects::Protocol;
use ainfera_tests::upstream::{Behaviour, Block};
use ainfera_tests::world::{Lane, World};
use serde_json::{Value, json};

fn call(id: &str, place: &str) -> Block {
    Block::Tool {
        id: id.into(),
        name: "get_weather".into(),
        input: json!({"place": place}),
    }
}

/// Everything at once: thinking, text, parallel calls and text again.
fn rich() -> Behaviour {
    Behaviour::blocks(vec![
        Block::Thinking {
            text: "let me see".into(),
            signature: "sig".into(),
        },
        Block::Text("Looking at both.".into()),
        call("c1", "Oslo"),
        call("c2", "Bergen"),
        call("c3", "Troms\u{f8}"),
    ])
}

fn wants_thinking(dialect: Dialect, lane: &Lane) -> Value {
    let mut request = lane.ask();
    request["max_tokens"] = 4000.into();
    match dialect {
        Dialect::Anthropic => {
            request["thinking"] = json!({"type": "enabled", "budget_tokens": 2000});
        }
        _ => request["reasoning_effort"] = "medium".into(),
    }
    request
}

#[tokio::test]
async fn a_block_stops_before_the_next_starts_also_with_parallel_tools() {
    let world = World::shared().await;
    for dialect in Dialect::ALL {
        for lane in world.each() {
            for interleave in [false, true] {
                lane.script(rich().with(|answer| answer.interleave = interleave));
                let request = wants_thinking(dialect, &lane);
                // Strict: a block inside another, or an index out of turn, fails here.
                let heard = lane.client().hear(dialect, &request, true).await;
                assert_eq!(heard.content.len(), 5, "{dialect:?} to {:?}", lane.protocol);
            }
        }
    }
}

#[tokio::test]
async fn a_stream_adds_up_to_the_whole_answer() {
    let world = World::shared().await;
    for dialect in Dialect::ALL {
        for lane in world.each() {
            lane.script(rich());
            let request = wants_thinking(dialect, &lane);
            let streamed = lane.client().hear(dialect, &request, true).await;
            let whole = lane.client().hear(dialect, &request, false).await;
            assert_eq!(
                streamed.content, whole.content,
                "{dialect:?} to {:?}",
                lane.protocol
            );
            assert_eq!(streamed.stop_reason, whole.stop_reason);
            assert_eq!(streamed.tokens, whole.tokens);
        }
    }
}

#[tokio::test]
async fn one_message_stop_one_done_and_one_completed() {
    let world = World::shared().await;
    for lane in world.each() {
        lane.script(rich());
        for (dialect, end) in [
            (Dialect::Anthropic, "event: message_stop\n"),
            (Dialect::OpenAi, "data: [DONE]\n"),
            (Dialect::Native, "event: inference.completed\n"),
        ] {
            let streamed = lane.client().call_stream(dialect, &lane.ask()).await;
            let text = String::from_utf8_lossy(&streamed.raw);
            assert_eq!(text.matches(end).count(), 1, "{:?}: {text}", lane.protocol);
            let last = text.trim_end().rsplit("\n\n").next().unwrap_or_default();
            assert!(last.starts_with(end.trim_end()), "the last: {text}");
        }
    }
}

#[tokio::test]
async fn ids_of_calls_are_of_the_clients_dialect_and_lead_back_to_the_provider() {
    let world = World::shared().await;
    for lane in world.each() {
        if lane.protocol == Protocol::Anthropic {
            continue;
        }
        // As some hosts have them; Anthropic's dialect does not allow the characters.
        lane.script(Behaviour::tool("functions.look:0", "look", json!({})));
        let request = lane.ask();
        for stream in [false, true] {
            let heard = lane
                .client()
                .hear(Dialect::Anthropic, &request, stream)
                .await;
            let id = heard.content[0]["id"].as_str().expect("an id");
            let allowed = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
            assert!(!id.is_empty() && id.chars().all(allowed), "{id}");
        }
    }
}

#[tokio::test]
async fn events_that_no_dialect_knows_are_passed_over_across_dialects() {
    let world = World::shared().await;
    for dialect in Dialect::ALL {
        for lane in world.each() {
            lane.script(Behaviour::text("one two").with(|answer| {
                answer.unknown = true;
                answer.pings = true;
            }));
            let streamed = lane.client().call_stream(dialect, &lane.ask()).await;
            let heard = Heard::of_stream(dialect, &streamed);
            assert_eq!(
                heard.text(),
                "one two",
                "{dialect:?} to {:?}",
                lane.protocol
            );
            let same = dialect == Dialect::Anthropic && lane.protocol == Protocol::Anthropic;
            let text = String::from_utf8_lossy(&streamed.raw);
            assert_eq!(text.contains("brand_new"), same, "{text}");
        }
    }
}

/// A Messages stream of these blocks, each given whole in its start or in deltas.
fn messages(blocks: &[(Value, Vec<Value>)]) -> Vec<String> {
    let frame = |data: Value| {
        let name = data["type"].as_str().expect("a type");
        format!("event: {name}\ndata: {data}\n\n")
    };
    let mut frames = vec![frame(
        json!({"type": "message_start", "message": {"id": "m",
        "type": "message", "role": "assistant", "model": "m", "content": [],
        "stop_reason": null, "stop_sequence": null,
        "usage": {"input_tokens": 1, "output_tokens": 1}}}),
    )];
    for (index, (start, deltas)) in blocks.iter().enumerate() {
        frames.push(frame(
            json!({"type": "content_block_start", "index": index, "content_block": start}),
        ));
        frames.extend(deltas.iter().map(|delta| {
            frame(json!({"type": "content_block_delta", "index": index, "delta": delta}))
        }));
        frames.push(frame(json!({"type": "content_block_stop", "index": index})));
    }
    frames.push(frame(
        json!({"type": "message_delta", "usage": {"output_tokens": 2},
        "delta": {"stop_reason": "tool_use", "stop_sequence": null}}),
    ));
    frames.push(frame(json!({"type": "message_stop"})));
    frames
}

#[tokio::test]
async fn blocks_without_a_counterpart_are_left_out_and_the_rest_stays() {
    let world = World::shared().await;
    let text = |text: &str| json!({"type": "text", "text": text});
    let piece = |text: &str| json!({"type": "text_delta", "text": text});
    let partial = |json: &str| json!({"type": "input_json_delta", "partial_json": json});
    let search = json!({"type": "server_tool_use", "id": "s", "name": "web_search", "input": {}});
    let found = json!({"type": "web_search_tool_result", "tool_use_id": "s", "content": []});
    let redacted = json!({"type": "redacted_thinking", "data": "zz"});
    let call = json!({"type": "tool_use", "id": "c1", "name": "look", "input": {}});
    let cited = json!({"type": "citations_delta", "citation": {"type": "x"}});
    let whole_call = json!({"type": "tool_use", "id": "c1", "name": "look", "input": {"at": "it"}});
    let stream = messages(&[
        (redacted.clone(), vec![]),
        (text(""), vec![piece("Let me "), cited, piece("search. ")]),
        (
            search.clone(),
            vec![partial("{\"query\""), partial(":\"x\"}")],
        ),
        (found.clone(), vec![]),
        (text(""), vec![piece("Found.")]),
        (call, vec![partial("{\"at\":"), partial("\"it\"}")]),
    ]);
    let whole = json!({"id": "m", "type": "message", "role": "assistant", "model": "m",
        "content": [redacted, text("Let me search. "), search, found, text("Found."), whole_call],
        "stop_reason": "tool_use", "stop_sequence": null,
        "usage": {"input_tokens": 1, "output_tokens": 2}});
    let lane = world.anthropic();
    for dialect in [Dialect::OpenAi, Dialect::Native] {
        for streamed in [false, true] {
            lane.script(if streamed {
                Behaviour::raw_stream(stream.clone())
            } else {
                Behaviour::raw_json(whole.to_string())
            });
            let heard = lane.client().hear(dialect, &lane.ask(), streamed).await;
            assert_eq!(
                heard.text(),
                "Let me search. Found.",
                "{dialect:?}, {streamed}"
            );
            assert_eq!(
                heard.content.last(),
                Some(&whole_call),
                "{dialect:?}, {streamed}"
            );
            let kinds = heard
                .content
                .iter()
                .filter_map(|block| block["type"].as_str());
            let known = |kind: &str| ["text", "tool_use"].contains(&kind);
            assert!(kinds.clone().all(known), "{dialect:?}: {:?}", heard.content);
        }
    }
}

#[tokio::test]
async fn a_block_that_is_whole_in_its_start_is_whole() {
    let world = World::shared().await;
    let lane = world.anthropic();
    let call = json!({"type": "tool_use", "id": "c1", "name": "look", "input": {"at": "it"}});
    lane.script(Behaviour::raw_stream(messages(&[
        (json!({"type": "text", "text": "Looking."}), vec![]),
        (call.clone(), vec![]),
    ])));
    for dialect in [Dialect::OpenAi, Dialect::Native] {
        let heard = lane.client().hear(dialect, &lane.ask(), true).await;
        assert_eq!(heard.text(), "Looking.", "{dialect:?}");
        assert_eq!(heard.content[1], call, "{dialect:?}");
    }
}

#[tokio::test]
async fn an_item_that_comes_without_deltas_is_whole() {
    let world = World::shared().await;
    let lane = world.responses();
    let frame = |(number, mut data): (usize, Value)| {
        data["sequence_number"] = number.into();
        format!(
            "event: {}\ndata: {data}\n\n",
            data["type"].as_str().expect("a type")
        )
    };
    let text = json!({"id": "m", "type": "message", "status": "completed", "role": "assistant",
        "content": [{"type": "output_text", "text": "Looking.", "annotations": []}]});
    let call = json!({"id": "f", "type": "function_call", "status": "completed",
        "call_id": "c1", "name": "look", "arguments": "{\"at\":\"it\"}"});
    let begun = |item: &Value, field: &str, empty: Value| {
        let mut begun = item.clone();
        begun[field] = empty;
        begun["status"] = "in_progress".into();
        begun
    };
    let response = |status: &str, output: Value| {
        json!({"id": "r", "object": "response", "created_at": 1, "model": "m", "status": status,
            "output": output, "usage": {"input_tokens": 1, "output_tokens": 1, "total_tokens": 2}})
    };
    let frames = [
        json!({"type": "response.created", "response": response("in_progress", json!([]))}),
        json!({"type": "response.output_item.added", "output_index": 0,
            "item": begun(&text, "content", json!([]))}),
        json!({"type": "response.output_item.done", "output_index": 0, "item": text}),
        json!({"type": "response.output_item.added", "output_index": 1,
            "item": begun(&call, "arguments", json!(""))}),
        json!({"type": "response.output_item.done", "output_index": 1, "item": call}),
        json!({"type": "response.completed", "response": response("completed", json!([text, call]))}),
    ];
    lane.script(Behaviour::raw_stream(
        frames.into_iter().enumerate().map(frame),
    ));
    for dialect in Dialect::ALL {
        let heard = lane.client().hear(dialect, &lane.ask(), true).await;
        assert_eq!(heard.text(), "Looking.", "{dialect:?}");
        let called = json!({"type": "tool_use", "id": "c1", "name": "look", "input": {"at": "it"}});
        assert_eq!(heard.content[1], called, "{dialect:?}");
    }
}

#[tokio::test]
async fn ids_and_models_of_what_the_gateway_composes_are_its_own() {
    let world = World::shared().await;
    for lane in world.each() {
        for (dialect, prefix) in [
            (Dialect::Anthropic, "msg_"),
            (Dialect::OpenAi, "chatcmpl-"),
            (Dialect::Native, "inf_"),
        ] {
            let answer = lane.client().call(dialect, &lane.ask()).await;
            let body = answer.json();
            let id = body["id"].as_str().expect("an id");
            assert!(id.starts_with(prefix), "{dialect:?}: {id}");
            let same = matches!(
                (dialect, lane.protocol),
                (Dialect::Anthropic, Protocol::Anthropic) | (Dialect::OpenAi, Protocol::Chat)
            );
            // Bytes through: the provider's own name for it.
            let model = if same {
                &lane.upstream_model
            } else {
                &lane.slug
            };
            let told = body["model"].as_str().expect("a model");
            assert!(told.starts_with(model.as_str()), "{dialect:?}: {told}");
        }
    }
}
