//! The body for a provider of the same dialect.

use super::{read, with};
use crate::dialect::openai::{MaxTokensField, Quirks};

fn sent(body: &str, quirks: &Quirks) -> String {
    String::from_utf8(read(body).for_upstream("a\"b", quirks)).unwrap()
}

fn to_openai(body: &str) -> String {
    sent(body, &Quirks::default())
}

#[test]
fn the_model_is_replaced_and_the_hint_goes() {
    let body = r#"{ "messages": [ ], "n": 1.0, "routing_hint": {"min_quality": 0.50},
      "mod\u0065l": "\u0061infera-auto", "max_tokens":1e2, "stream":false }"#
        .replace("1e2", "100");
    insta::assert_snapshot!(to_openai(&body), @r#"
    { "messages": [ ], "n": 1.0,
          "mod\u0065l": "a\"b", "max_tokens":100, "stream":false }
    "#);
}

#[test]
fn usage_is_asked_for_where_a_stream_would_not_have_it() {
    let streamed = |members: &str| to_openai(&with(&format!(r#","stream":true{members}"#)));
    insta::assert_snapshot!(streamed(""), @r#"{"model":"a\"b","messages":[],"stream":true,"stream_options":{"include_usage":true}}"#);
    insta::assert_snapshot!(streamed(r#", "stream_options" : null ,"x":1"#), @r#"{"model":"a\"b","messages":[],"stream":true, "stream_options" : {"include_usage":true} ,"x":1}"#);
    insta::assert_snapshot!(streamed(r#","stream_options":{ }"#), @r#"{"model":"a\"b","messages":[],"stream":true,"stream_options":{"include_usage":true }}"#);
    insta::assert_snapshot!(streamed(r#","stream_options":{"include_obfuscation": false }"#), @r#"{"model":"a\"b","messages":[],"stream":true,"stream_options":{"include_obfuscation": false,"include_usage":true }}"#);
    insta::assert_snapshot!(streamed(r#","stream_options":{"include_usage": false , "x":1e2}"#), @r#"{"model":"a\"b","messages":[],"stream":true,"stream_options":{"include_usage": true , "x":1e2}}"#);
    insta::assert_snapshot!(streamed(r#","stream_options":{"includ\u0065_usage": null}"#), @r#"{"model":"a\"b","messages":[],"stream":true,"stream_options":{"includ\u0065_usage": true}}"#);
    let asked = with(r#","stream":true,"stream_options":{"include_usage": true}"#);
    assert_eq!(to_openai(&asked), asked.replace(r#""m""#, r#""a\"b""#));
    let whole = with(r#","stream":false"#);
    assert_eq!(to_openai(&whole), whole.replace(r#""m""#, r#""a\"b""#));
    let unasked = Quirks {
        stream_usage: false,
        ..Quirks::default()
    };
    let streamed = with(r#","stream":true"#);
    assert_eq!(
        sent(&streamed, &unasked),
        streamed.replace(r#""m""#, r#""a\"b""#)
    );
}

#[test]
fn the_output_limit_is_called_as_the_host_does() {
    let limited = |members: &str, max_tokens_field| {
        let quirks = Quirks {
            max_tokens_field,
            ..Quirks::default()
        };
        let body = sent(&with(members), &quirks);
        let start = r#"{"model":"a\"b","messages":[]"#;
        body.strip_prefix(start).unwrap().to_owned()
    };
    use MaxTokensField::{Either, MaxCompletionTokens, MaxTokens};
    let newer = r#", "max_completion_tokens" : 10}"#;
    let older = r#", "max_tokens" : 10}"#;
    let [newer_in, older_in] = [newer, older].map(|members| &members[..members.len() - 1]);
    assert_eq!(limited(newer_in, Either), newer);
    assert_eq!(limited(older_in, Either), older);
    assert_eq!(limited(newer_in, MaxTokens), older);
    assert_eq!(limited(older_in, MaxTokens), older);
    assert_eq!(limited(newer_in, MaxCompletionTokens), newer);
    assert_eq!(limited(older_in, MaxCompletionTokens), newer);
    // A null beside a limit would be a second member of the same name.
    let both = |null: &str, limit: &str| format!(r#","{null}":null,"{limit}":3"#);
    let kept = r#","max_tokens":3}"#;
    assert_eq!(
        limited(&both("max_tokens", "max_completion_tokens"), MaxTokens),
        kept
    );
    assert_eq!(
        limited(&both("max_completion_tokens", "max_tokens"), MaxTokens),
        kept
    );
}

#[test]
fn a_host_without_developers_gets_a_system() {
    let body = r#"{"model":"m","messages":[ {"role" : "develop\u0065r","content":"developer"} ,
        {"content":[{"role":"developer"}],"role":"user"},{"role":"developer"}, "developer"]}"#;
    let only_system = Quirks {
        developer_role: false,
        ..Quirks::default()
    };
    insta::assert_snapshot!(sent(body, &only_system), @r#"
    {"model":"a\"b","messages":[ {"role" : "system","content":"developer"} ,
            {"content":[{"role":"developer"}],"role":"user"},{"role":"system"}, "developer"]}
    "#);
    assert_eq!(to_openai(body), body.replace(r#""m""#, r#""a\"b""#));
}
