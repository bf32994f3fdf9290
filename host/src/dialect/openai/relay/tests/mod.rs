#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]

use serde_json::{Value, json};

use super::*;
use crate::dialect::Dialect;
use crate::dialect::common::{Capture, Event, Usage};
use crate::dialect::relay::{FailureKind, Forward};
use crate::dialect::testing::{self, Run};

mod laws;

fn relayed(stream: &str) -> Run {
    testing::translated(translated(), stream)
}

fn frame(data: &Value) -> String {
    format!("data: {data}\n\n")
}

fn delta(delta: Value) -> String {
    frame(&json!({"id": "c1", "choices": [{"index": 0, "delta": delta, "finish_reason": null}]}))
}

fn call(index: u64, id: &str, name: &str, arguments: &str) -> String {
    delta(
        json!({"tool_calls": [{"index": index, "id": id, "function": {"name": name, "arguments": arguments}}]}),
    )
}

fn more(index: u64, arguments: &str) -> String {
    delta(json!({"tool_calls": [{"index": index, "function": {"arguments": arguments}}]}))
}

fn finish(reason: &str) -> String {
    frame(&json!({"id": "c1", "choices": [{"index": 0, "delta": {}, "finish_reason": reason}]}))
}

const DONE: &str = "data: [DONE]\n\n";

fn blocks(stream: &[&str]) -> Value {
    let sent = relayed(&stream.concat()).sent(Dialect::Anthropic);
    testing::assemble(Dialect::Anthropic, &sent).unwrap()["content"].clone()
}

#[test]
fn an_answer_is_translated_as_it_comes() {
    let stream = [
        ": hello\n\n".to_owned(),
        frame(&json!({"choices": [], "prompt_filter_results": []})),
        delta(json!({"role": "assistant", "content": "", "reasoning_content": "hm"})),
        delta(json!({"content": "hi"})),
        call(0, "call_1", "f", ""),
        more(0, "{\"a\":1}"),
        finish("tool_calls"),
        frame(
            &json!({"choices": [], "usage": {"prompt_tokens": 9, "completion_tokens": 5, "prompt_tokens_details": {"cached_tokens": 4}}}),
        ),
        DONE.to_owned(),
    ];
    let run = relayed(&stream.concat());
    let sent = run.sent(Dialect::Anthropic);
    insta::assert_snapshot!(String::from_utf8(sent).unwrap(), @r#"
    event: message_start
    data: {"type":"message_start","message":{"id":"msg_1","type":"message","role":"assistant","model":"m","content":[],"stop_reason":null,"stop_sequence":null,"usage":{"input_tokens":0,"output_tokens":0}}}

    event: content_block_start
    data: {"type":"content_block_start","index":0,"content_block":{"type":"thinking","thinking":"","signature":""}}

    event: content_block_delta
    data: {"type":"content_block_delta","index":0,"delta":{"type":"thinking_delta","thinking":"hm"}}

    event: content_block_stop
    data: {"type":"content_block_stop","index":0}

    event: content_block_start
    data: {"type":"content_block_start","index":1,"content_block":{"type":"text","text":""}}

    event: content_block_delta
    data: {"type":"content_block_delta","index":1,"delta":{"type":"text_delta","text":"hi"}}

    event: content_block_stop
    data: {"type":"content_block_stop","index":1}

    event: content_block_start
    data: {"type":"content_block_start","index":2,"content_block":{"type":"tool_use","id":"call_1","name":"f","input":{}}}

    event: content_block_delta
    data: {"type":"content_block_delta","index":2,"delta":{"type":"input_json_delta","partial_json":"{\"a\":1}"}}

    event: content_block_stop
    data: {"type":"content_block_stop","index":2}

    event: message_delta
    data: {"type":"message_delta","delta":{"stop_reason":"tool_use","stop_sequence":null},"usage":{"input_tokens":5,"cache_read_input_tokens":4,"output_tokens":5}}

    event: message_stop
    data: {"type":"message_stop"}
    "#);
    let expected = Capture {
        usage: Usage {
            input_tokens: Some(5),
            output_tokens: Some(5),
            cache_read: Some(4),
            cache_write: None,
        },
        stop_reason: Some("tool_use".into()),
        tool_use: true,
        upstream_id: Some("c1".into()),
        said_bytes: 11,
    };
    assert_eq!(run.capture, expected);
}

#[test]
fn what_can_go_at_once_does() {
    let mut relay = translated();
    let mut feed = |frame: String| match relay.feed(frame.into()).forward {
        Forward::Events(events) => events,
        other => panic!("{other:?}"),
    };
    let begun = |id: &str, name: &str| Event::ToolUse {
        id: id.into(),
        name: name.into(),
    };
    let input = |json: &str| Event::ToolInput(json.into());
    let start = feed(delta(json!({"role": "assistant"})));
    assert!(matches!(start[..], [Event::Start { .. }]));
    assert_eq!(
        feed(call(0, "a", "f", "{\"x")),
        [begun("a", "f"), input("{\"x")]
    );
    assert_eq!(feed(more(0, "\":1}")), [input("\":1}")]);
    assert_eq!(feed(call(1, "b", "g", "{")), [begun("b", "g"), input("{")]);
    assert_eq!(feed(call(2, "c", "h", "{}")), []);
    assert_eq!(
        feed(more(1, "}")),
        [input("}"), begun("c", "h"), input("{}")]
    );
}

#[test]
fn calls_come_right_in_every_form_that_hosts_use() {
    let two = json!([
        {"type": "tool_use", "id": "a", "name": "f", "input": {"x": 1}},
        {"type": "tool_use", "id": "b", "name": "f", "input": {}},
    ]);
    let end = finish("tool_calls") + DONE;
    // Interleaved; repeated ids and names; one index for all; no index.
    assert_eq!(
        blocks(&[
            &call(0, "a", "f", "{"),
            &call(1, "b", "f", "{}"),
            &more(0, "\"x\":1}"),
            &end
        ]),
        two
    );
    assert_eq!(
        blocks(&[
            &call(0, "a", "f", "{"),
            &call(0, "a", "f", "\"x\":1}"),
            &call(0, "a", "f", ""),
            &call(1, "b", "f", ""),
            &end
        ]),
        two
    );
    assert_eq!(
        blocks(&[
            &call(0, "a", "f", "{\"x\":1}"),
            &call(0, "b", "f", "{}"),
            &more(0, " "),
            &end
        ]),
        two
    );
    let unnumbered = |id: &str, arguments: Value| {
        delta(
            json!({"tool_calls": [{"id": id, "function": {"name": "f", "arguments": arguments}}]}),
        )
    };
    assert_eq!(
        blocks(&[
            &unnumbered("a", json!({"x": 1})),
            &unnumbered("b", json!("")),
            &end
        ]),
        two
    );
    let nameless = blocks(&[
        &call(0, "", "f", "{\"x\":1}"),
        &call(0, "", "f", "{}"),
        &finish("stop"),
        DONE,
    ]);
    assert_eq!(
        (&nameless[0]["id"], &nameless[1]["id"]),
        (&json!("toolu_msg_1_0"), &json!("toolu_msg_1_1"))
    );
}

#[test]
fn half_a_surrogate_pair_does_not_end_a_stream() {
    let half = delta(json!({"content": "X"})).replace('X', "\\ud83d");
    let call = call(0, "i", "f", "X").replace('X', "{\\\"a\\\":\\\"\\ud83d\\\"}");
    let content = blocks(&[&half, &call, &finish("stop"), DONE]);
    assert!(content[0]["text"].as_str().unwrap().contains('\u{fffd}'));
    assert!(
        content[1]["input"]["a"]
            .as_str()
            .unwrap()
            .contains('\u{fffd}')
    );
}

#[test]
fn text_after_calls_is_a_block_of_its_own() {
    let text = |text: &str| delta(json!({"content": text}));
    let content = blocks(&[
        &text("a"),
        &call(0, "i", "f", "{"),
        &text("b"),
        &more(0, "}"),
        &text("c"),
        &finish("stop"),
        DONE,
    ]);
    assert_eq!(
        content,
        json!([
            {"type": "text", "text": "a"},
            {"type": "tool_use", "id": "i", "name": "f", "input": {}},
            {"type": "text", "text": "bc"},
        ])
    );
}

#[test]
fn the_end_is_known_with_and_without_done() {
    let text = delta(json!({"content": "a"}));
    let usage =
        frame(&json!({"choices": [], "usage": {"prompt_tokens": 1, "completion_tokens": 2}}));
    let ends = |stream: &[&str]| relayed(&stream.concat()).end.is_ok();
    assert!(ends(&[&text, &finish("stop"), DONE]));
    assert!(ends(&[&text, &finish("stop"), &usage]));
    assert!(ends(&[&text, &usage, &finish("stop")]));
    assert!(!ends(&[&text, &finish("stop")]));
    assert!(!ends(&[&text, &usage]));
    assert!(!ends(&[&text, DONE]));
    assert!(!ends(&[DONE]));
}

#[test]
fn errors_keep_the_providers_words() {
    let error =
        frame(&json!({"error": {"message": "slow down", "type": "rate_limit_error", "code": 429}}));
    let first = relayed(&error);
    assert!(first.forwarded.is_empty());
    let failure = first.end.unwrap_err();
    assert_eq!(
        (failure.kind, failure.status),
        (FailureKind::ProviderError, 429)
    );
    assert_eq!((failure.message.as_str(), failure.own), ("slow down", None));
    let later = relayed(&(delta(json!({"content": "a"})) + "event: error\n" + &error + DONE));
    assert_eq!(later.end.unwrap_err().message, "slow down");
    assert_eq!(
        relayed("data: {\"error\":{}}\n\n").end.unwrap_err().kind,
        FailureKind::ProviderError
    );
}

#[test]
fn garbage_is_refused() {
    let fails = |stream: &str| {
        let failure = relayed(stream).end.unwrap_err();
        assert_eq!(failure.kind, FailureKind::Garbage);
        failure.message
    };
    insta::assert_snapshot!(fails("data: {\"choices\":[{\n\n"), @"the provider's stream can't be read: EOF while parsing an object at line 1 column 13");
    insta::assert_snapshot!(fails(&call(0, "i", "f", "[")), @"the provider's stream can't be read: the arguments of `f` are no JSON object");
    insta::assert_snapshot!(fails(&(call(0, "i", "f", "{") + &finish("tool_calls"))), @"the provider's stream can't be read: the arguments of `f` are no JSON object");
    insta::assert_snapshot!(fails(&(call(0, "i", "", "{}") + &finish("tool_calls"))), @"the provider's stream can't be read: a tool call has no name");
    fails(&format!("data: {{\"choices\":{}\n\n", "[".repeat(100_000)));
    fails(
        &(0..5000)
            .map(|index| call(index, "", "f", "{}"))
            .collect::<String>(),
    );
    let large = more(1, &" ".repeat(1 << 20));
    fails(&(call(0, "a", "f", "{") + &call(1, "b", "f", "{") + &large.repeat(17)));
}
