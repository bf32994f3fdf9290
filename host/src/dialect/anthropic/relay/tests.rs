#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]

use proptest::prelude::*;

use super::*;
use crate::dialect::Dialect;
use crate::dialect::common::Usage;
use crate::dialect::relay::{FailureKind, Forward, Progress, Step};
use crate::dialect::testing::{Run, chunks, cuts, events, run};

const START: &str = r#"{"type":"message_start","message":{"id":"msg_1","type":"message","content":[],"usage":{"input_tokens":10,"cache_read_input_tokens":3,"cache_creation_input_tokens":2,"output_tokens":1}}}"#;
const TOOL: &str = r#"{"type":"content_block_start","index":0,"content_block":{"type":"tool_use","id":"t","name":"f","input":{}}}"#;
const DELTA: &str =
    r#"{"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"é\n"}}"#;
const NEW: &str = r#"{"new": 1.0, "type": "new_event"}"#;
const END: &str = r#"{"type":"message_delta","delta":{"stop_reason":"tool_use","stop_sequence":null},"usage":{"output_tokens":15}}"#;
const STOP: &str = r#"{"type":"message_stop"}"#;

fn frame(data: &str) -> String {
    let name: serde_json::Value = serde_json::from_str(data).unwrap();
    format!(
        "event: {}\ndata: {data}\n\n",
        name["type"].as_str().unwrap()
    )
}

fn relayed(stream: &str) -> Run {
    run(passthrough(), [stream.as_bytes()])
}

#[test]
fn an_answer_passes_and_is_read() {
    let ping = "event: ping\ndata: {\"type\": \"ping\"}\n\n";
    let before: String =
        [START, TOOL].map(frame).concat() + ping + &[DELTA, NEW, END].map(frame).concat();
    let Run {
        forwarded,
        end,
        capture,
        ..
    } = relayed(&(before.clone() + &frame(STOP) + ": more\n\n"));
    assert_eq!(String::from_utf8(forwarded).unwrap(), before);
    assert_eq!(end.unwrap(), frame(STOP));
    let expected = Capture {
        usage: Usage {
            input_tokens: Some(10),
            output_tokens: Some(15),
            cache_read: Some(3),
            cache_write: Some(2),
        },
        stop_reason: Some("tool_use".into()),
        tool_use: true,
        upstream_id: Some("msg_1".into()),
        said_bytes: 3,
    };
    assert_eq!(capture, expected);
}

#[test]
fn frames_that_lie_whole_in_a_chunk_are_forwarded_as_one_slice() {
    let mut relay = passthrough();
    let chunk = Bytes::from([START, DELTA, DELTA].map(frame).concat());
    let step = relay.feed(chunk.clone());
    let Forward::Frames(forward) = step.forward else {
        panic!("{step:?}");
    };
    assert_eq!(
        (forward.as_ptr(), forward.len()),
        (chunk.as_ptr(), chunk.len())
    );
}

#[test]
fn pings_wait_until_the_stream_flows() {
    let mut relay = passthrough();
    let ping = crate::dialect::anthropic::ping();
    assert_eq!(relay.feed(ping.clone()), Step::nothing(Progress::Waiting));
    assert_eq!(
        relay.feed(Bytes::from_static(b": c\n\nda")),
        Step::nothing(Progress::Waiting)
    );
    let rest = format!("ta: {START}\n\n");
    let step = relay.feed(Bytes::from(rest.clone()));
    assert_eq!(step.progress, Progress::Flowing);
    let all = [&ping[..], b": c\n\nda", rest.as_bytes()].concat();
    assert_eq!(step.forward, Forward::Frames(all.into()));
}

#[test]
fn an_error_is_the_providers_own() {
    let data = r#"{"type":"error","error":{"type":"overloaded_error","message":"Overloaded"},"request_id":"req_1"}"#;
    let first = relayed(&format!(": c\n\n{}", frame(data)));
    assert!(first.forwarded.is_empty());
    let failure = first.end.unwrap_err();
    assert_eq!(
        (failure.kind, failure.status),
        (FailureKind::ProviderError, 529)
    );
    assert_eq!(failure.message, "Overloaded");
    let own = failure.own.unwrap();
    assert_eq!(
        (&own.body[..], &own.event[..]),
        (data.as_bytes(), frame(data).as_bytes())
    );

    let later = relayed(&([START, DELTA].map(frame).concat() + &frame(data) + &frame(STOP)));
    assert_eq!(
        later.sent(Dialect::Anthropic),
        ([START, DELTA].map(frame).concat() + &frame(data)).as_bytes()
    );

    let unreadable = relayed("event: error\ndata: oops\n\n").end.unwrap_err();
    assert_eq!((unreadable.status, unreadable.own), (500, None));
}

#[test]
fn a_death_is_told_as_an_error() {
    let failure = relayed(&[START, DELTA, END].map(frame).concat())
        .end
        .unwrap_err();
    assert_eq!((failure.kind, failure.status), (FailureKind::Died, 502));
    insta::assert_snapshot!(failure.message, @"the provider closed the stream before its answer was whole");
    assert_eq!(failure.own, None);
}

#[test]
fn garbage_is_noticed_where_it_matters() {
    let fails = |stream: &str| relayed(stream).end.unwrap_err().message;
    let deep = format!(
        "event: message_start\ndata: {{\"message\":{}\n\n",
        "[".repeat(100_000)
    );
    assert!(fails(&deep).contains("can't be read"));
    insta::assert_snapshot!(fails("event: message_start\ndata: {\n\n"), @"the provider's stream can't be read: EOF while parsing an object at line 1 column 1");
    insta::assert_snapshot!(fails(&frame(STOP)), @"the provider's stream can't be read: it ended before it began");
    insta::assert_snapshot!(fails("<html>\n\n</html>"), @"the provider closed the stream before its answer was whole");
    insta::assert_snapshot!(fails("data: [DONE]\n\ndata: \u{0}\n\n"), @"the provider closed the stream before its answer was whole");
}

fn piece() -> impl Strategy<Value = String> {
    let data = prop::sample::select(vec![START, TOOL, DELTA, NEW, END, "{\"type\": \"ping\"}"]);
    let line = prop::sample::select(vec!["\n", "\r\n", "\r"]);
    let framed = (data, line, 0..3).prop_map(|(data, line, form)| {
        let framed = match form {
            0 => frame(data),
            1 => format!("data: {data}\n\n"),
            _ => format!(": c\nid: 1\ndata:{}\n\n", data.replace(',', ",\ndata: ")),
        };
        framed.replace('\n', line)
    });
    prop_oneof![framed, Just(": c\n\n".to_owned()), Just("\r\n".to_owned())]
}

fn stream() -> impl Strategy<Value = String> {
    let bom = prop::sample::select(vec!["", "\u{feff}"]);
    (
        bom,
        prop::collection::vec(piece(), 0..8),
        prop::collection::vec(piece(), 0..8),
    )
        .prop_map(|(bom, before, after)| {
            format!("{bom}{}{}{}", before.concat(), frame(START), after.concat())
        })
}

proptest! {
    #[test]
    fn every_byte_passes_however_it_is_chunked(before in stream(), cuts in cuts()) {
        let whole = before.clone() + &frame(STOP);
        let cut = run(passthrough(), chunks(whole.as_bytes(), &cuts));
        prop_assert_eq!(cut.sent(Dialect::Anthropic), whole.as_bytes());
        prop_assert_eq!(&cut.forwarded, before.as_bytes());
        prop_assert_eq!(cut, relayed(&whole));
    }

    #[test]
    fn every_prefix_dies_cleanly(before in stream(), cuts in cuts(), end in any::<prop::sample::Index>()) {
        let whole = before + &frame(STOP);
        let prefix = &whole.as_bytes()[..end.index(whole.len())];
        let died = run(passthrough(), chunks(prefix, &cuts));
        prop_assert_eq!(died.end.as_ref().unwrap_err().kind, FailureKind::Died);
        prop_assert!(prefix.starts_with(&died.forwarded));
        let events = events(&died.sent(Dialect::Anthropic));
        prop_assert_eq!(events.last().unwrap().kind(), "error");
        prop_assert_eq!(events.iter().filter(|event| ["error", "message_stop"].contains(&event.kind())).count(), 1);
    }

    #[test]
    fn anything_is_survived(
        parts in prop::collection::vec(prop_oneof![
            piece().prop_map(String::into_bytes),
            prop::collection::vec(any::<u8>(), 0..9),
            prop::sample::select(vec![&b"event: error\n"[..], b"data", b":", b"event: message_start\n", b"\n\n"]).prop_map(<[u8]>::to_vec),
        ], 0..12),
        cuts in cuts(),
    ) {
        let stream = parts.concat();
        prop_assert_eq!(run(passthrough(), chunks(&stream, &cuts)), run(passthrough(), [&stream[..]]));
    }
}
