//! Streams of every form.

use super::*;

/// The events of a stream that ends well.
fn events(stream: &[&str]) -> Vec<Event> {
    let run = relayed(&stream.concat());
    assert!(run.end.is_ok(), "{:?}", run.end);
    run.events
}

/// What is said in a stream that ends well, without begin and end.
fn said(stream: &[&str]) -> Vec<Event> {
    let mut events = events(stream);
    assert!(matches!(events.pop(), Some(Event::End { .. })));
    assert!(matches!(events.remove(0), Event::Start { .. }));
    events
}

fn tool_use(id: &str, name: &str) -> Event {
    Event::ToolUse {
        id: id.into(),
        name: name.into(),
    }
}

fn input(json: &str) -> Event {
    Event::ToolInput(json.into())
}

#[test]
fn the_shapes_of_the_reference_are_decoded() {
    let run = relayed(include_str!("../fixtures/tools.sse"));
    assert!(run.end.is_ok());
    insta::assert_snapshot!(lines(&run.events), @r#"
    Start { upstream_id: Some("resp_67ca09c5efe0819096d0511c92b8c890096610f474011cc0"), usage: Usage { input_tokens: None, output_tokens: None, cache_read: None, cache_write: None } }
    Thinking("**Comparing two cities**\n\nThe ")
    Thinking("user asks for ")
    Thinking("the weather in ")
    Thinking("Boston and in ")
    Thinking("Málaga.")
    Thinking("\n\n")
    Thinking("**Calling the tool**\n\nBoth ")
    Thinking("calls can go ")
    Thinking("at once.")
    Text("I'll look up ")
    Text("both.")
    ToolUse { id: "call_unDEyFxBpKVHzvMQ0bTkLm1", name: "get_current_weather" }
    ToolInput("{\"locat")
    ToolInput("ion\":\"B")
    ToolInput("oston, ")
    ToolInput("MA\",\"un")
    ToolInput("it\":\"ce")
    ToolInput("lsius\"}")
    ToolUse { id: "call_unDEyFxBpKVHzvMQ0bTkLm2", name: "get_current_weather" }
    ToolInput("{\"locat")
    ToolInput("ion\":\"M")
    ToolInput("álaga\"}")
    End { stop_reason: ToolUse, usage: Usage { input_tokens: Some(139), output_tokens: Some(123), cache_read: Some(1024), cache_write: Some(128) } }
    "#);
    assert_eq!(run.capture.stop_reason.as_deref(), Some("tool_use"));
    let run = relayed(include_str!("../fixtures/incomplete.sse"));
    assert!(run.end.is_ok());
    insta::assert_snapshot!(lines(&run.events), @r#"
    Start { upstream_id: Some("resp_68b1c2f4d8b3dd9be8096610f474011cc067ca09c5efe081"), usage: Usage { input_tokens: None, output_tokens: None, cache_read: None, cache_write: None } }
    ToolUse { id: "call_unDEyFxBpKVHzvMQ0bTkLm1", name: "get_current_weather" }
    ToolInput("{\"locat")
    ToolInput("ion\":\"B")
    ToolInput("os")
    End { stop_reason: MaxTokens, usage: Usage { input_tokens: Some(291), output_tokens: Some(16), cache_read: Some(0), cache_write: None } }
    "#);
}

#[test]
fn what_can_go_at_once_does() {
    let stream = [
        frame(
            &json!({"type": "response.created", "response": {"id": "resp_1", "status": "in_progress"}}),
        ),
        added(0, reasoning(&[])),
        of(
            0,
            "reasoning_summary_text.delta",
            json!({"summary_index": 0, "delta": "a"}),
        ),
        of(
            0,
            "reasoning_summary_text.delta",
            json!({"summary_index": 1, "delta": "b"}),
        ),
        of(
            0,
            "reasoning_summary_text.delta",
            json!({"summary_index": 1, "delta": "c"}),
        ),
        done(0, reasoning(&["a", "bc"])),
        added(1, message("")),
        text(1, "d"),
        done(1, message("d")),
        added(2, call("i", "f", "")),
        arguments(2, "{"),
        arguments(2, "}"),
        arguments(2, " "),
    ];
    let mut relay = relay::translated();
    let mut step = |frame: &String| {
        use crate::dialect::relay::{Forward, Relay as _};
        match relay.feed(frame.clone().into()).forward {
            Forward::Events(events) => events,
            Forward::Frames(_) => panic!(),
        }
    };
    let at_once: Vec<Vec<Event>> = stream.iter().map(&mut step).collect();
    let start = Event::Start {
        upstream_id: Some("resp_1".into()),
        usage: Usage::default(),
    };
    let think = |text: &str| vec![Event::Thinking(text.into())];
    let expected = [
        vec![],
        vec![start],
        think("a"),
        [think("\n\n"), think("b")].concat(),
        think("c"),
        vec![],
        vec![],
        vec![Event::Text("d".into())],
        vec![],
        vec![tool_use("i", "f")],
        vec![input("{")],
        vec![input("}")],
        vec![input(" ")],
    ];
    assert_eq!(at_once, expected);
}

#[test]
fn items_that_interleave_come_out_in_order() {
    let expected = [
        tool_use("i", "f"),
        input("{\"x\":"),
        input("1}"),
        tool_use("j", "g"),
        input("{}"),
        Event::Text("ab".into()),
    ];
    let stream = [
        &added(0, call("i", "f", "")),
        &arguments(0, "{\"x\":"),
        &added(1, call("j", "g", "")),
        &added(2, message("")),
        &text(2, "a"),
        &arguments(1, "{"),
        &arguments(1, "}"),
        &text(2, "b"),
        &done(1, call("j", "g", "{}")),
        &arguments(0, "1}"),
        &done(0, call("i", "f", "{\"x\":1}")),
        &done(2, message("ab")),
        &completed(),
    ];
    assert_eq!(said(&stream.map(|frame| &**frame)), expected);
    // A host that says of nothing that it is done.
    let undone: Vec<&str> = stream
        .iter()
        .map(|frame| &***frame)
        .filter(|frame| !frame.contains("item.done"))
        .collect();
    assert_eq!(said(&undone), expected);
}

#[test]
fn what_comes_late_goes_nowhere_else() {
    // White space after an object is all that can come for a call that made
    // way.
    let stream = [
        added(0, call("i", "f", "")),
        arguments(0, "{}"),
        added(1, call("j", "g", "")),
        arguments(0, " "),
        arguments(1, "{}"),
        completed(),
    ];
    let expected = [
        tool_use("i", "f"),
        input("{}"),
        tool_use("j", "g"),
        input("{}"),
    ];
    assert_eq!(said(&[&stream.concat()]), expected);
}

#[test]
fn a_long_answer_is_none_that_waits() {
    let large = text(0, &"a".repeat(1 << 20));
    let events = said(&[&large.repeat(20), &completed()]);
    assert_eq!(events.len(), 20);
}

#[test]
fn what_did_not_come_in_pieces_is_taken_whole() {
    let think = |text: &str| Event::Thinking(text.into());
    let say = |text: &str| Event::Text(text.into());
    let expected = [
        think("a\n\nb"),
        say("c"),
        tool_use("i", "f"),
        input("{}"),
        say("d"),
    ];
    let output = [
        reasoning(&["a", "b"]),
        message("c"),
        call("i", "f", "{}"),
        message("d"),
    ];
    let frames: String = (0..)
        .zip(&output)
        .map(|(index, item)| done(index, item.clone()))
        .collect();
    assert_eq!(said(&[&frames, &completed()]), expected);
    assert_eq!(said(&[&frames, &frames, &completed()]), expected);
    let response = response("completed", &output);
    let end = frame(&json!({"type": "response.completed", "response": response}));
    assert_eq!(said(&[&end]), expected);
    assert_eq!(said(&[&frames, &end]), expected);
    // A call whose name comes last, and one without arguments.
    let late = added(0, call("", "", "")) + &arguments(0, "{}") + &done(0, call("i", "f", ""));
    assert_eq!(
        said(&[&late, &completed()]),
        [tool_use("i", "f"), input("{}")]
    );
    let blank = added(0, call("i", "f", "")) + &text(1, "a");
    assert_eq!(
        said(&[&blank, &completed()]),
        [tool_use("i", "f"), say("a")]
    );
}

#[test]
fn texts_in_a_row_are_set_off() {
    let stream = [
        text(0, "a"),
        done(0, message("a")),
        added(1, reasoning(&[])),
        done(1, reasoning(&[])),
        text(2, "b"),
        done(2, message("b")),
    ];
    let say = |text: &str| Event::Text(text.into());
    assert_eq!(
        said(&[&stream.concat(), &completed()]),
        [say("a"), say("\n\nb")]
    );
}

#[test]
fn what_is_unknown_is_passed_over() {
    let stream = [
        ": hello\n\n".to_owned(),
        frame(&json!({"type": "keepalive", "delta": 7, "item": [], "response": 1})),
        added(
            0,
            json!({"type": "web_search_call", "arguments": {}, "content": 3}),
        ),
        of(0, "web_search_call.searching", json!({"item_id": "ws_1"})),
        done(0, json!({"type": "web_search_call"})),
        "data: {}\n\n".to_owned(),
        text(1, "a"),
        of(
            1,
            "output_text.annotation.added",
            json!({"annotation": {"message": "no error"}}),
        ),
        completed(),
    ];
    assert_eq!(said(&[&stream.concat()]), [Event::Text("a".into())]);
}

#[test]
fn a_refusal_is_text_with_a_reason_of_its_own() {
    let run = relayed(include_str!("../fixtures/refusal.sse"));
    assert!(run.end.is_ok());
    assert_eq!(run.capture.stop_reason.as_deref(), Some("refusal"));
    let refusal = json!({"type": "message", "content": [{"type": "refusal", "refusal": "no"}]});
    let events = events(&[&done(0, refusal), &completed()]);
    assert_eq!(events[1], Event::Text("no".into()));
    assert!(matches!(
        &events[2],
        Event::End {
            stop_reason: StopReason::Refusal,
            ..
        }
    ));
}

#[test]
fn only_a_closing_event_ends_an_answer() {
    let text = added(0, message("")) + &text(0, "a") + &done(0, message("a"));
    let ends = |stream: &[&str]| match relayed(&stream.concat()).end {
        Ok(_) => true,
        Err(failure) => {
            assert_eq!(failure.kind, FailureKind::Died);
            false
        }
    };
    assert!(ends(&[&text, &completed()]));
    assert!(ends(&[&completed()]));
    assert!(!ends(&[&text]));
    assert!(!ends(&[&text, "data: [DONE]\n\n"]));
    assert!(!ends(&["data: [DONE]\n\n", &text, &completed()]));
    assert!(!ends(&[]));
}

#[test]
fn errors_keep_the_providers_words() {
    let failed = |stream: &str| {
        let run = relayed(stream);
        let failure = run.end.unwrap_err();
        assert_eq!(failure.kind, FailureKind::ProviderError);
        (run.events.len(), failure.status, failure.message)
    };
    // Before any item the caller can still fall back.
    let told = |events: usize, status: u16, words: &str| (events, status, words.to_owned());
    assert_eq!(
        failed(include_str!("../fixtures/failed.sse")),
        told(0, 500, "The model failed to generate a response.")
    );
    assert_eq!(
        failed(include_str!("../fixtures/error.sse")),
        told(0, 429, "Rate limit reached for gpt-5.3-codex.")
    );
    let nested =
        json!({"type": "error", "error": {"type": "invalid_request_error", "message": "m"}});
    assert_eq!(failed(&(text(0, "a") + &frame(&nested))), told(2, 400, "m"));
    assert_eq!(
        failed("data: {\"error\":{\"message\":\"m\",\"code\":429}}\n\n"),
        told(0, 429, "m")
    );
    let without = "the provider reported an error without details";
    let silent = frame(&json!({"type": "response.failed", "response": {"error": null}}));
    assert_eq!(failed(&silent), told(0, 500, without));
    assert_eq!(
        failed(&frame(&json!({"type": "response.failed"}))),
        told(0, 500, without)
    );
    assert_eq!(
        failed(&frame(&json!({"type": "error"}))),
        told(0, 500, without)
    );
}

#[test]
fn garbage_is_refused() {
    let fails = |stream: &str| {
        let failure = relayed(stream).end.unwrap_err();
        assert_eq!(failure.kind, FailureKind::Garbage);
        failure.message
    };
    insta::assert_snapshot!(fails("data: {\"type\":\n\n"), @"the provider's stream can't be read: EOF while parsing a value at line 1 column 8");
    insta::assert_snapshot!(fails(&of(0, "output_text.delta", json!({}))), @"the provider's stream can't be read: `response.output_text.delta` has no `delta`");
    insta::assert_snapshot!(fails(&of(0, "output_text.delta", json!({"delta": 1}))), @"the provider's stream can't be read: `delta` of `response.output_text.delta`: invalid type: integer `1`, expected a string at line 1 column 1");
    insta::assert_snapshot!(fails(&(added(0, call("i", "f", "")) + &arguments(0, "["))), @"the provider's stream can't be read: the arguments of `f` are no JSON object");
    insta::assert_snapshot!(fails(&(added(0, call("i", "f", "")) + &arguments(0, "{") + &completed())), @"the provider's stream can't be read: the arguments of `f` are no JSON object");
    insta::assert_snapshot!(fails(&(arguments(0, "{}") + &completed())), @"the provider's stream can't be read: a tool call has no name");
    insta::assert_snapshot!(fails(&(done(0, message("a")) + &text(0, "b"))), @"the provider's stream can't be read: a block goes on after its end");
    fails(&format!("data: {{\"item\":{}\n\n", "[".repeat(100_000)));
    let many: String = (0..5000).map(|index| text(index, "a")).collect();
    insta::assert_snapshot!(fails(&many), @"the provider's stream can't be read: it has more than 4096 blocks");
    let large = text(1, &" ".repeat(1 << 20));
    insta::assert_snapshot!(fails(&(text(0, "a") + &large.repeat(17))), @"the provider's stream can't be read: its blocks interleave without end");
}
