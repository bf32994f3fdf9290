#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]

mod laws;

use super::*;
use crate::dialect::common::Usage;
use crate::dialect::relay::{FailureKind, Forward, Progress, Step};
use crate::dialect::testing::{Run, run};

const ROLE: &str = r#"{"id":"c1","object":"chat.completion.chunk","choices":[{"index":0,"delta":{"role":"assistant","content":""},"finish_reason":null}],"usage":null}"#;
const TEXT: &str = r#"{"id":"c1","choices":[{"index":0,"delta":{"content":"\"usage\": é\n"},"finish_reason":null}],"usage":null}"#;
const CALL: &str = r#"{"id":"c1","choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"id":"t","function":{"name":"f","arguments":"{}"}}]},"finish_reason":null}]}"#;
const NEW: &str = r#"{"new": 1.0, "id": "c1"}"#;
const FINISH: &str =
    r#"{"id":"c1","choices":[{"delta":{},"finish_reason": "tool_calls"}],"usage":null}"#;
const USAGE: &str = r#"{"id":"c1","choices":[],"usage":{"prompt_tokens":9,"completion_tokens":5,"prompt_tokens_details":{"cached_tokens":4}}}"#;
const END: &str = "data: [DONE]\n\n";

fn frame(data: &str) -> String {
    format!("data: {data}\n\n")
}

fn frames(chunks: &[&str]) -> String {
    chunks.iter().map(|data| frame(data)).collect()
}

fn relayed(stream: &str) -> Run {
    run(passthrough(false), [stream.as_bytes()])
}

fn hidden(stream: &str) -> Run {
    run(passthrough(true), [stream.as_bytes()])
}

#[test]
fn an_answer_passes_and_is_read() {
    let before = frames(&[ROLE, TEXT]) + ": c\n\n" + &frames(&[CALL, NEW, FINISH, USAGE]);
    let run = relayed(&(before.clone() + END + ": more\n\n"));
    assert_eq!(String::from_utf8(run.forwarded).unwrap(), before);
    assert_eq!(run.end.unwrap(), END);
    let expected = Capture {
        usage: Usage {
            input_tokens: Some(5),
            output_tokens: Some(5),
            cache_read: Some(4),
            cache_write: None,
        },
        stop_reason: Some("tool_calls".into()),
        tool_use: true,
        upstream_id: Some("c1".into()),
        said_bytes: 12 + 2,
    };
    assert_eq!(run.capture, expected);
}

#[test]
fn the_usage_that_only_the_gateway_wants_is_hidden() {
    let before = frames(&[ROLE, TEXT, FINISH]);
    let run = hidden(&(before.clone() + &frame(USAGE) + ": c\n\n" + END));
    assert_eq!(
        String::from_utf8(run.forwarded).unwrap(),
        before + ": c\n\n"
    );
    assert_eq!(run.end.unwrap(), END);
    assert_eq!(run.capture.usage.output_tokens, Some(5));

    // Usage that comes along with something else, or is none, is not hidden.
    let along = FINISH.replace("null}", "{\"prompt_tokens\":1}}");
    let odd = USAGE.replace("{\"prompt", "7,\"x\":{\"prompt");
    let none = r#"{"choices":[],"usage":null,"prompt_filter_results":[]}"#;
    let shown = frames(&[none, ROLE, &along, &odd, none]);
    let run = hidden(&(shown.clone() + END));
    assert_eq!(String::from_utf8(run.forwarded).unwrap(), shown);
    assert_eq!(run.capture.usage.input_tokens, Some(1));
}

#[test]
fn frames_that_lie_whole_in_a_chunk_are_forwarded_as_one_slice() {
    for hide in [false, true] {
        let mut relay = passthrough(hide);
        let chunk = Bytes::from(frames(&[ROLE, TEXT, TEXT]));
        let Step {
            forward: Forward::Frames(forward),
            ..
        } = relay.feed(chunk.clone())
        else {
            panic!()
        };
        assert_eq!(
            (forward.as_ptr(), forward.len()),
            (chunk.as_ptr(), chunk.len())
        );
    }
}

#[test]
fn comments_wait_until_the_stream_flows() {
    let mut relay = passthrough(true);
    let waits = |step: Step| assert_eq!(step, Step::nothing(Progress::Waiting));
    waits(relay.feed(Bytes::from_static(b": OPENROUTER PROCESSING\n\n")));
    waits(relay.feed(Bytes::from_static(b"data:\n\n: c\n\nda")));
    let rest = format!("ta: {ROLE}\n\n");
    let step = relay.feed(Bytes::from(rest.clone()));
    assert_eq!(step.progress, Progress::Flowing);
    let all = format!(": OPENROUTER PROCESSING\n\ndata:\n\n: c\n\nda{rest}");
    assert_eq!(step.forward, Forward::Frames(all.into()));
}

#[test]
fn the_end_is_known_with_and_without_done() {
    let end = |chunks: &[&str]| relayed(&frames(chunks)).end;
    assert_eq!(end(&[ROLE, FINISH, "[DONE]"]).unwrap(), END);
    assert_eq!(
        end(&[ROLE, FINISH, " [DONE] "]).unwrap(),
        "data:  [DONE] \n\n"
    );
    assert_eq!(end(&[ROLE, FINISH, USAGE]).unwrap(), END);
    assert_eq!(end(&[ROLE, USAGE, FINISH]).unwrap(), END);
    let died = |chunks: &[&str]| end(chunks).unwrap_err().kind == FailureKind::Died;
    assert!(died(&[ROLE, FINISH]));
    assert!(died(&[ROLE, USAGE]));
    assert!(died(&[ROLE, TEXT, "[DONE]"]));
    assert!(died(&[]));
}

#[test]
fn an_error_is_the_providers_own() {
    let data = r#"{"error":{"message":"slow down","type":"rate_limit_error","code":429}}"#;
    let first = relayed(&format!(": c\n\n{}", frame(data)));
    assert!(first.forwarded.is_empty());
    let failure = first.end.unwrap_err();
    assert_eq!(
        (failure.kind, failure.status, failure.message.as_str()),
        (FailureKind::ProviderError, 429, "slow down")
    );
    let own = failure.own.unwrap();
    assert_eq!(
        (&own.body[..], &own.event[..]),
        (data.as_bytes(), frame(data).as_bytes())
    );

    let later = relayed(&(frames(&[ROLE, TEXT, data, FINISH]) + END));
    assert_eq!(later.forwarded, frames(&[ROLE, TEXT]).as_bytes());
    assert_eq!(later.end.unwrap_err().own.unwrap(), own);
    let with_choices = FINISH.replace(
        "\"usage\":null",
        "\"error\":{\"message\":\"m\",\"code\":502}",
    );
    let failure = relayed(&frames(&[ROLE, &with_choices])).end.unwrap_err();
    assert_eq!((failure.status, failure.message.as_str()), (502, "m"));
}

#[test]
fn an_error_in_a_hosts_own_form_is_noticed() {
    let failure = |stream: &str| {
        let failure = relayed(stream).end.unwrap_err();
        assert_eq!(
            (failure.kind, failure.own),
            (FailureKind::ProviderError, None)
        );
        (failure.status, failure.message)
    };
    let said = |status, message: &str| (status, message.to_owned());
    let vllm = r#"{"object":"error","message":"m","type":"BadRequestError","code":400}"#;
    assert_eq!(failure(&frames(&[vllm])), said(400, "m"));
    assert_eq!(failure(&frames(&[ROLE, vllm])), said(400, "m"));
    assert_eq!(
        failure(&frames(&[ROLE, r#"{"error":"m"}"#])),
        said(500, "m")
    );
    let silent = said(500, "the provider reported an error without details");
    assert_eq!(failure(&frames(&[ROLE, r#"{"error":{}}"#])), silent);
    let named = format!("{}event: error\n{}", frame(ROLE), frame("{}"));
    assert_eq!(failure(&named), silent);
    let named = format!(
        "{}event: error\n{}",
        frame(ROLE),
        frame("{\"detail\":\"m\"}")
    );
    assert_eq!(failure(&named), said(500, "m"));
    let broken_off = FINISH.replace("tool_calls", "error");
    assert_eq!(
        failure(&frames(&[ROLE, &broken_off])),
        said(500, "the provider broke off its answer")
    );
}

#[test]
fn garbage_is_noticed_where_it_matters() {
    let fails = |stream: &str| relayed(stream).end.unwrap_err().message;
    let deep = format!("data: {{\"choices\":{}\n\n", "[".repeat(100_000));
    assert!(fails(&deep).contains("can't be read"));
    insta::assert_snapshot!(fails("data: {\n\n"), @"the provider's stream can't be read: EOF while parsing an object at line 1 column 1");
    insta::assert_snapshot!(fails(END), @"the provider's stream can't be read: it ended before it began");
    insta::assert_snapshot!(fails(&(frame(ROLE) + "data: {\"usage\":{\n\n")), @"the provider's stream can't be read: EOF while parsing an object at line 1 column 10");
    insta::assert_snapshot!(fails("<html>\n\n</html>"), @"the provider closed the stream before its answer was whole");
    // What the record does not need is the client's to judge.
    let odd = frame(ROLE) + "data: {{\n\n" + &frame(FINISH) + END;
    assert_eq!(relayed(&odd).end.unwrap(), END);
}
