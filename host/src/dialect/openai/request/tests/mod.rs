#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]

mod common;
mod laws;
mod measure;
mod upstream;

use super::*;

fn read(body: &str) -> ChatRequest<'_> {
    ChatRequest::read(body.as_bytes()).unwrap()
}

/// A body with nothing but what it needs and `members`.
fn with(members: &str) -> String {
    format!(r#"{{"model":"m","messages":[]{members}}}"#)
}

#[test]
fn it_reads_what_it_needs_and_passes_the_rest() {
    let body = r#"{ "messages": [], "x": 1.0, "routing_hint": {"min_quality": 0.50},
      "mod\u0065l": "\u0061infera-auto", "stream":true, "stream_options":{"include_usage":true}, "max_completion_tokens":5 }"#;
    let request = read(body);
    assert_eq!(request.head.model, "ainfera-auto");
    assert!(request.head.stream && request.include_usage && !request.hides_usage());
    assert_eq!(request.head.hint.unwrap().get(), r#"{"min_quality": 0.50}"#);
    assert_eq!(request.head.shape.max_tokens, Some(5));

    let nothing = with(
        r#","stream":null,"stream_options":null,"tools":null,"max_tokens":null,"max_completion_tokens":null,"reasoning_effort":null"#,
    );
    let request = read(&nothing);
    assert!(!request.head.stream && !request.include_usage && !request.hides_usage());
    assert_eq!(request.head.shape, Default::default());
    assert!(read(&with(r#","stream":true,"stream_options":{}"#)).hides_usage());
}

#[test]
fn what_it_needs_is_asked_for_by_name() {
    let refused = |body: &str| ChatRequest::read(body.as_bytes()).unwrap_err().to_string();
    insta::assert_snapshot!(refused("{}"), @"`model` is required");
    insta::assert_snapshot!(refused(r#"{"model":null}"#), @"`model` is required");
    insta::assert_snapshot!(refused(r#"{"model":7}"#), @"`model` must be a string that is not empty");
    insta::assert_snapshot!(refused(r#"{"model":"m"}"#), @"`messages` is required");
    insta::assert_snapshot!(refused(r#"{"model":"m","messages":""}"#), @"`messages` must be an array");
    insta::assert_snapshot!(refused(&with(r#","stream":"true""#)), @"`stream` must be a boolean");
    insta::assert_snapshot!(refused(&with(r#","stream_options":true"#)), @"`stream_options` must be an object");
    insta::assert_snapshot!(refused(&with(r#","stream_options":{"include_usage":1}"#)), @"`stream_options.include_usage` must be a boolean");
    insta::assert_snapshot!(refused(&with(r#","stream_options":{"include_usage":true,"include_usage":false}"#)), @"`include_usage` occurs more than once: leave one");
    insta::assert_snapshot!(refused(&with(r#","tools":{}"#)), @"`tools` must be an array");
    insta::assert_snapshot!(refused(&with(r#","max_tokens":0"#)), @"`max_tokens` must be a positive integer");
    insta::assert_snapshot!(refused(&with(r#","max_completion_tokens":1.5"#)), @"`max_completion_tokens` must be a positive integer");
    insta::assert_snapshot!(refused(&with(r#","max_completion_tokens":1,"max_tokens":1"#)), @"`max_tokens` must be left out where `max_completion_tokens` is given");
    for twice in [
        "model",
        "messages",
        "stream",
        "stream_options",
        "tools",
        "functions",
        "max_tokens",
        "max_completion_tokens",
        "reasoning_effort",
        "routing_hint",
    ] {
        let body = with(&format!(r#","{twice}":null,"{twice}":null"#));
        let expected = format!("`{twice}` occurs more than once: leave one");
        assert_eq!(refused(&body), expected);
    }
}
