//! The Fidelity table of the specification, Anthropic in and Anthropic out: a
//! test for each row, named after it.

mod request;
mod silence;

use std::time::Duration;

use ainfera_tests::client::ask;
use ainfera_tests::gateway::Setup;
use ainfera_tests::upstream::{Behaviour, Block, Gate, Usage};
use ainfera_tests::world::World;
use serde_json::json;

/// A stream with everything in it that a gateway might touch.
const STREAM: &str = concat!(
    "event: message_start\ndata: {\"type\":\"message_start\",\"message\":{\"id\":\"msg_1\",",
    "\"type\":\"message\",\"role\":\"assistant\",\"model\":\"real-name-2026\",\"content\":[],",
    "\"stop_reason\":null,\"stop_sequence\":null,\"usage\":{\"input_tokens\":7,\"output_tokens\":1,",
    "\"brand\":{\"new\":1.0}}}}\n\n",
    ": a comment\n\n",
    "event: ping\ndata: {\"type\": \"ping\"}\n\n",
    "event: content_block_start\ndata: {\"type\":\"content_block_start\",\"index\":0,",
    "\"content_block\":{\"type\":\"text\",\"text\":\"\"} }\n\n",
    "event: content_block_delta\ndata: {\"type\":\"content_block_delta\",\"index\":0,",
    "\"delta\":{\"type\":\"text_delta\",\"text\":\"caf\u{e9} \u{1f642}\"}}\n\n",
    "event: galaxy\ndata: {\"type\":\"galaxy\",\"x\":[1.0, 2e0]}\n\n",
    "event: content_block_stop\ndata: {\"type\":\"content_block_stop\",\"index\":0}\n\n",
    "event: message_delta\ndata: {\"type\":\"message_delta\",\"delta\":{\"stop_reason\":\"end_turn\",",
    "\"stop_sequence\":null},\"usage\":{\"output_tokens\":9}}\n\n",
    "event: message_stop\ndata: {\"type\":\"message_stop\"}\n\n",
);

#[tokio::test]
async fn stream_same_dialect_every_byte_in_order_whatever_the_chunking() {
    let world = World::shared().await;
    for piece in [0, 1, 3, 64, 100_000] {
        let lane = world.anthropic();
        lane.script(Behaviour::raw_stream([STREAM]).in_pieces(piece));
        let (streamed, message) = world.client().stream_ok(&lane.ask()).await;
        assert_eq!(
            String::from_utf8_lossy(&streamed.raw),
            STREAM,
            "in pieces of {piece}"
        );
        assert_eq!(message.tokens("output_tokens"), 9);
    }
}

#[tokio::test]
async fn stream_same_dialect_with_crlf_passes_too() {
    let world = World::shared().await;
    let lane = world.anthropic();
    let stream = STREAM.replace('\n', "\r\n");
    lane.script(Behaviour::raw_stream([stream.clone()]).in_pieces(5));
    let mut body = lane.ask();
    body["stream"] = true.into();
    let answer = lane.send(body.to_string()).await;
    assert_eq!(answer.text(), stream);
}

#[tokio::test]
async fn answer_same_dialect_not_streamed_byte_identical() {
    let world = World::shared().await;
    let lane = world.anthropic();
    let theirs = concat!(
        "{ \"type\":\"message\", \"id\":\"msg_9\",\n \"role\":\"assistant\",\"model\":\"real\",",
        "\"content\":[{\"type\":\"text\",\"text\":\"\\u00e9\"},{\"type\":\"brand_new\",\"n\":1.0}],",
        "\"stop_reason\":\"pause_turn\",\"stop_sequence\":null,\"container\":null,",
        "\"usage\":{\"input_tokens\":3,\"output_tokens\":4,\"new_tokens\":5}}\n",
    );
    lane.script(Behaviour::raw_json(theirs));
    let (answer, _) = world.client().messages_ok(&lane.ask()).await;
    assert_eq!(answer.text(), theirs);
}

#[tokio::test]
async fn a_stream_is_native_each_event_comes_when_the_provider_sends_it() {
    let world = World::shared().await;
    let lane = world.anthropic();
    let gate = Gate::new();
    lane.script(Behaviour::text("one two three").gated(&gate));
    let mut stream = world.client().open_stream(&lane.ask()).await;
    assert_eq!(stream.next().await.expect("an event").name, "message_start");
    assert!(
        stream.silent_for(Duration::from_millis(50)).await,
        "nothing is sent ahead"
    );
    gate.release(2);
    stream.next_named("content_block_start").await;
    let delta = stream.next_named("content_block_delta").await;
    assert_eq!(delta.data["delta"]["text"], "one ");
    gate.open();
    assert_eq!(stream.rest().await.message().text(), "one two three");
}

#[tokio::test]
async fn thinking_and_its_signature_come_back_as_they_were_given() {
    let world = World::shared().await;
    let lane = world.anthropic();
    let thinking = Block::Thinking {
        text: "let me see".into(),
        signature: "EqQBCg+/=".into(),
    };
    lane.script(Behaviour::blocks(vec![
        thinking,
        Block::Text("done".into()),
    ]));
    let (_, message) = world.client().stream_ok(&lane.ask()).await;
    assert_eq!(message.content[0]["thinking"], "let me see");
    assert_eq!(message.content[0]["signature"], "EqQBCg+/=");
    let (_, body) = world.client().messages_ok(&lane.ask()).await;
    assert_eq!(body["content"][0]["signature"], "EqQBCg+/=");
}

#[tokio::test]
async fn usage_is_cumulative_never_summed_and_caches_are_counted_apart() {
    let world = World::shared().await;
    let lane = world.anthropic();
    let usage = Usage {
        input: 1000,
        output: 50,
        cache_read: 300,
        cache_write: 20,
    };
    let twice = STREAM.replace(
        "event: message_stop",
        concat!(
            "event: message_delta\ndata: {\"type\":\"message_delta\",\"delta\":{\"stop_reason\":",
            "\"end_turn\"},\"usage\":{\"input_tokens\":8,\"output_tokens\":11}}\n\nevent: message_stop"
        ),
    );
    lane.script(Behaviour::raw_stream([twice]));
    let (streamed, _) = world.client().stream_ok(&lane.ask()).await;
    let row = &world
        .gateway
        .records()
        .inferences_of(&streamed.request_id())[0];
    assert_eq!(
        (&row["input_tokens"], &row["output_tokens"]),
        (&json!(8), &json!(11))
    );

    lane.script(Behaviour::text("x").with(|answer| answer.usage = usage));
    let (streamed, message) = world.client().stream_ok(&lane.ask()).await;
    assert_eq!(
        message.start["usage"]["input_tokens"], 1000,
        "real tokens in message_start"
    );
    let (answer, _) = world.client().messages_ok(&lane.ask()).await;
    for id in [streamed.request_id(), answer.request_id()] {
        let row = &world.gateway.records().inferences_of(&id)[0];
        assert_eq!(row["input_tokens"], 1000);
        assert_eq!(row["output_tokens"], 50);
        assert_eq!(row["cache_read_tokens"], 300);
        assert_eq!(row["cache_write_tokens"], 20);
        assert_eq!(row["usage_source"], "reported");
    }
}

#[tokio::test]
async fn the_simulated_provider_streams_by_the_rules_and_takes_tools() {
    let gateway = Setup::new().start().await;
    let client = gateway.client();
    let (_, message) = client.stream_ok(&ask("ainfera-inference", "hi")).await;
    assert!(!message.text().is_empty());
    assert!(message.tokens("input_tokens") > 0 && message.tokens("output_tokens") > 0);
    let (_, body) = client.messages_ok(&ask("ainfera-inference", "hi")).await;
    assert_eq!(body["content"][0]["text"], message.text().as_str());
    assert_eq!(body["type"], "message");
    let mut with_tools = ask("ainfera-inference", "hi");
    with_tools["tools"] =
        json!([{"name": "f", "description": "d", "input_schema": {"type": "object"}}]);
    client.stream_ok(&with_tools).await;
    client.messages_ok(&with_tools).await;
}
