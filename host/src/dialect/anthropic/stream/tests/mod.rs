#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]

use serde_json::{Value, json};

use crate::dialect::anthropic::relay::translated;
use crate::dialect::common::{Capture, Event, Usage};
use crate::dialect::relay::FailureKind;
use crate::dialect::testing::{self, Run};

mod laws;

fn relayed(stream: &str) -> Run {
    testing::translated(translated(), stream)
}

/// The events between start and end of a stream of `frames`.
fn said(frames: &[String]) -> Vec<Event> {
    let run = relayed(&(start() + &frames.concat() + &end("end_turn") + &stop()));
    assert!(run.end.is_ok(), "{:?}", run.end);
    let (_, events) = run.events.split_first().unwrap();
    let (_, events) = events.split_last().unwrap();
    events.to_vec()
}

fn frame(data: &Value) -> String {
    format!(
        "event: {}\ndata: {data}\n\n",
        data["type"].as_str().unwrap()
    )
}

fn start() -> String {
    frame(&json!({"type": "message_start", "message": {
        "id": "msg_1", "type": "message", "role": "assistant", "content": [],
        "usage": {"input_tokens": 10, "cache_read_input_tokens": 3, "output_tokens": 1},
    }}))
}

fn block_start(index: u64, block: &Value) -> String {
    frame(&json!({"type": "content_block_start", "index": index, "content_block": block}))
}

fn delta(index: u64, delta: &Value) -> String {
    frame(&json!({"type": "content_block_delta", "index": index, "delta": delta}))
}

fn block_stop(index: u64) -> String {
    frame(&json!({"type": "content_block_stop", "index": index}))
}

fn end(reason: &str) -> String {
    frame(&json!({
        "type": "message_delta", "delta": {"stop_reason": reason, "stop_sequence": null},
        "usage": {"output_tokens": 15},
    }))
}

fn stop() -> String {
    frame(&json!({"type": "message_stop"}))
}

#[test]
fn an_answer_is_read_as_it_comes() {
    let stream = [
        frame(&json!({"type": "ping"})),
        start(),
        block_start(
            0,
            &json!({"type": "thinking", "thinking": "", "signature": ""}),
        ),
        delta(0, &json!({"type": "thinking_delta", "thinking": "hm"})),
        delta(0, &json!({"type": "signature_delta", "signature": "s"})),
        block_stop(0),
        block_start(1, &json!({"type": "text", "text": ""})),
        delta(1, &json!({"type": "text_delta", "text": "a\n"})),
        block_stop(1),
        block_start(
            2,
            &json!({"type": "tool_use", "id": "toolu_1", "name": "f", "input": {}}),
        ),
        delta(2, &json!({"type": "input_json_delta", "partial_json": ""})),
        delta(
            2,
            &json!({"type": "input_json_delta", "partial_json": "{\"x\""}),
        ),
        delta(
            2,
            &json!({"type": "input_json_delta", "partial_json": ":1}"}),
        ),
        block_stop(2),
        end("tool_use"),
        stop(),
    ];
    let run = relayed(&stream.concat());
    assert!(run.end.is_ok());
    insta::assert_debug_snapshot!(run.events, @r#"
    [
        Start {
            upstream_id: Some(
                "msg_1",
            ),
            usage: Usage {
                input_tokens: Some(
                    10,
                ),
                output_tokens: Some(
                    1,
                ),
                cache_read: Some(
                    3,
                ),
                cache_write: None,
            },
        },
        Thinking(
            "hm",
        ),
        Signature(
            "s",
        ),
        Text(
            "a\n",
        ),
        ToolUse {
            id: "toolu_1",
            name: "f",
        },
        ToolInput(
            "{\"x\"",
        ),
        ToolInput(
            ":1}",
        ),
        End {
            stop_reason: ToolUse,
            usage: Usage {
                input_tokens: Some(
                    10,
                ),
                output_tokens: Some(
                    15,
                ),
                cache_read: Some(
                    3,
                ),
                cache_write: None,
            },
        },
    ]
    "#);
    let expected = Capture {
        usage: Usage {
            input_tokens: Some(10),
            output_tokens: Some(15),
            cache_read: Some(3),
            cache_write: None,
        },
        stop_reason: Some("tool_use".into()),
        tool_use: true,
        upstream_id: Some("msg_1".into()),
        said_bytes: 11,
    };
    assert_eq!(run.capture, expected);
}

#[test]
fn what_has_no_counterpart_is_passed_over() {
    let text = |index, text| {
        block_start(index, &json!({"type": "text", "text": "", "citations": []}))
            + &delta(index, &json!({"type": "text_delta", "text": text}))
            + &delta(
                index,
                &json!({"type": "citations_delta", "citation": {"url": "u"}}),
            )
            + &block_stop(index)
    };
    let events = said(&[
        block_start(0, &json!({"type": "redacted_thinking", "data": "x"})),
        block_stop(0),
        text(1, "a"),
        block_start(
            2,
            &json!({"type": "server_tool_use", "id": "s", "name": "web_search", "input": {}}),
        ),
        delta(
            2,
            &json!({"type": "input_json_delta", "partial_json": "{\"query\":\"q\"}"}),
        ),
        block_stop(2),
        frame(&json!({"type": "new_event", "delta": 1, "index": "x"})),
        block_start(3, &json!({"type": "new_block", "text": 1, "thinking": []})),
        delta(3, &json!({"type": "new_delta"})),
        block_stop(3),
        text(4, "b"),
    ]);
    assert_eq!(events, [Event::Text("a".into()), Event::Text("b".into())]);
}

#[test]
fn what_a_block_begins_with_counts() {
    let events = said(&[
        block_start(
            0,
            &json!({"type": "thinking", "thinking": "a", "signature": "s"}),
        ),
        block_stop(0),
        block_start(1, &json!({"type": "text", "text": "b"})),
        block_stop(1),
        block_start(
            2,
            &json!({"type": "tool_use", "id": "i", "name": "f", "input": {"x": 1}}),
        ),
        block_stop(2),
        block_start(
            3,
            &json!({"type": "tool_use", "name": "g", "input": {"x": 1}}),
        ),
        delta(
            3,
            &json!({"type": "input_json_delta", "partial_json": "{}"}),
        ),
        block_stop(3),
    ]);
    let call = |id: &str, name: &str| Event::ToolUse {
        id: id.into(),
        name: name.into(),
    };
    assert_eq!(
        events,
        [
            Event::Thinking("a".into()),
            Event::Signature("s".into()),
            Event::Text("b".into()),
            call("i", "f"),
            Event::ToolInput("{\"x\":1}".into()),
            call("", "g"),
            Event::ToolInput("{}".into()),
        ]
    );
}

#[test]
fn usage_is_never_summed() {
    let more = frame(
        &json!({"type": "message_delta", "delta": {}, "usage": {"output_tokens": 20, "input_tokens": 11}}),
    );
    let run = relayed(&(start() + &end("end_turn") + &more + &stop()));
    let expected = Usage {
        input_tokens: Some(11),
        output_tokens: Some(20),
        cache_read: Some(3),
        cache_write: None,
    };
    let Some(Event::End { usage, .. }) = run.events.last() else {
        panic!("{run:?}");
    };
    assert_eq!((*usage, run.capture.usage), (expected, expected));
}

#[test]
fn errors_keep_the_providers_words() {
    let error = frame(
        &json!({"type": "error", "error": {"type": "overloaded_error", "message": "Overloaded"}}),
    );
    for before in [String::new(), start()] {
        let failure = relayed(&(before + &error + &stop())).end.unwrap_err();
        assert_eq!(
            (failure.kind, failure.status),
            (FailureKind::ProviderError, 529)
        );
        assert_eq!(
            (failure.message.as_str(), failure.own),
            ("Overloaded", None)
        );
    }
    let unnamed = error.split_once('\n').unwrap().1;
    assert_eq!(relayed(unnamed).end.unwrap_err().status, 529);
    let unreadable = relayed("event: error\ndata: oops\n\n").end.unwrap_err();
    assert_eq!(unreadable.status, 500);
}

#[test]
fn an_answer_without_its_end_has_died() {
    let ended = |stream: &str| relayed(stream).end.map_err(|failure| failure.kind);
    assert!(ended(&(start() + &end("end_turn") + &stop())).is_ok());
    assert_eq!(ended(&(start() + &end("end_turn"))), Err(FailureKind::Died));
    assert_eq!(ended(&(start() + &stop())), Err(FailureKind::Died));
    assert_eq!(ended(""), Err(FailureKind::Died));
}

#[test]
fn garbage_is_refused() {
    let fails = |frames: &[String]| {
        let failure = relayed(&frames.concat()).end.unwrap_err();
        assert_eq!(failure.kind, FailureKind::Garbage);
        failure.message
    };
    let text = || block_start(0, &json!({"type": "text", "text": ""}));
    let more = |index| delta(index, &json!({"type": "text_delta", "text": "a"}));
    insta::assert_snapshot!(fails(&[stop()]), @"the provider's stream can't be read: it goes on before it began");
    insta::assert_snapshot!(fails(&[text()]), @"the provider's stream can't be read: it goes on before it began");
    insta::assert_snapshot!(fails(&[start(), start()]), @"the provider's stream can't be read: it began twice");
    insta::assert_snapshot!(fails(&[start(), text(), text()]), @"the provider's stream can't be read: a block begins within another");
    insta::assert_snapshot!(fails(&[start(), text(), more(1)]), @"the provider's stream can't be read: a delta belongs to no open block");
    insta::assert_snapshot!(fails(&[start(), more(0)]), @"the provider's stream can't be read: a delta belongs to no open block");
    insta::assert_snapshot!(fails(&[start(), text(), block_stop(1)]), @"the provider's stream can't be read: a block ends that is not open");
    insta::assert_snapshot!(fails(&[start(), text(), end("end_turn")]), @"the provider's stream can't be read: it ends within a block");
    insta::assert_snapshot!(fails(&[start(), text(), stop()]), @"the provider's stream can't be read: it ends within a block");
    insta::assert_snapshot!(fails(&[start(), frame(&json!({"type": "content_block_start"}))]), @"the provider's stream can't be read: a block begins without `index` or `content_block`");
    insta::assert_snapshot!(fails(&[start(), block_start(0, &json!({"type": "tool_use", "input": {}}))]), @"the provider's stream can't be read: missing field `name` at line 1 column 30");
    insta::assert_snapshot!(fails(&["event: message_start\ndata: {\n\n".to_owned()]), @"the provider's stream can't be read: EOF while parsing an object at line 1 column 1");
    let deep = format!(
        "event: message_start\ndata: {{\"message\":{}\n\n",
        "[".repeat(100_000)
    );
    fails(&[deep]);
}
