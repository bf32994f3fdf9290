#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]

use super::*;
use crate::dialect::anthropic::MessagesRequest;
use crate::dialect::common::{Effort, Thinking};

fn try_translate(members: &str, stream: bool, quirks: &Quirks) -> Result<String, RequestError> {
    let body = format!(r#"{{"model":"x","max_tokens":9,{members}}}"#);
    let request = MessagesRequest::read(body.as_bytes())
        .unwrap()
        .to_common()?;
    let body = encode(&request, "up", stream, quirks)?;
    serde_json::from_slice::<serde_json::Value>(&body).unwrap();
    Ok(String::from_utf8(body)
        .unwrap()
        .replace(",{\"role\"", ",\n{\"role\""))
}

fn translate(members: &str) -> String {
    try_translate(members, false, &Quirks::default()).unwrap()
}

#[test]
fn a_conversation_with_tools_is_written() {
    insta::assert_snapshot!(translate(r#""temperature":0.5,"top_p":1,"top_k":3,"stop_sequences":["A","B"],
      "system":[{"type":"text","text":"one"},{"type":"text","text":"two","cache_control":{"type":"ephemeral"}}],
      "tools":[{"name":"f","description":"d","input_schema":{"type": "object"}},{"type":"custom","name":"g","input_schema":{},"strict":true}],
      "tool_choice":{"type":"any","disable_parallel_tool_use":true},
      "messages":[
        {"role":"user","content":"q"},
        {"role":"assistant","content":[
            {"type":"thinking","thinking":"hm","signature":"s"},
            {"type":"text","text":"let me"},{"type":"text","text":""},
            {"type":"tool_use","id":"t1","name":"f","input":{"a": 1.0}},
            {"type":"tool_use","id":"t2","name":"g","input":{}}]},
        {"role":"user","content":[
            {"type":"text","text":"and?"},
            {"type":"tool_result","tool_use_id":"t1","content":[{"type":"text","text":"r1"},{"type":"text","text":"r2"}]},
            {"type":"tool_result","tool_use_id":"t2","content":[{"type":"image","source":{"type":"base64","media_type":"image/png","data":"AA=="}}]}]},
        {"role":"assistant","content":[{"type":"tool_use","id":"t3","name":"g","input":{}}]},
        {"role":"user","content":[{"type":"tool_result","tool_use_id":"t3"}]},
        {"role":"assistant","content":[{"type":"redacted_thinking","data":"x"}]},
        {"role":"user","content":[{"type":"text","text":""}]}
      ]"#), @r#"
      {"model":"up","messages":[{"role":"system","content":"one\n\ntwo"},
      {"role":"user","content":"q"},
      {"role":"assistant","content":"let me","tool_calls":[{"id":"t1","type":"function","function":{"name":"f","arguments":"{\"a\": 1.0}"}},{"id":"t2","type":"function","function":{"name":"g","arguments":"{}"}}]},
      {"role":"tool","tool_call_id":"t1","content":"r1\nr2"},
      {"role":"tool","tool_call_id":"t2","content":"The result is an image: see the next message."},
      {"role":"user","content":[{"type":"image_url","image_url":{"url":"data:image/png;base64,AA=="}},{"type":"text","text":"and?"}]},
      {"role":"assistant","content":null,"tool_calls":[{"id":"t3","type":"function","function":{"name":"g","arguments":"{}"}}]},
      {"role":"tool","tool_call_id":"t3","content":""}],"tools":[{"type":"function","function":{"name":"f","description":"d","parameters":{"type": "object"}}},{"type":"function","function":{"name":"g","parameters":{},"strict":true}}],"tool_choice":"required","parallel_tool_calls":false,"max_completion_tokens":9,"stop":["A","B"],"temperature":0.5,"top_p":1,"stream":false}
      "#);
}

#[test]
fn images_and_later_system_turns_are_written() {
    insta::assert_snapshot!(translate(r#""messages":[
        {"role":"user","content":[
            {"type":"text","text":"look"},
            {"type":"image","source":{"type":"url","url":"https://x/y.png"}}]},
        {"role":"system","content":"be short"}]"#), @r#"
        {"model":"up","messages":[{"role":"user","content":[{"type":"text","text":"look"},{"type":"image_url","image_url":{"url":"https://x/y.png"}}]},
        {"role":"system","content":"be short"}],"max_completion_tokens":9,"stream":false}
        "#);
}

#[test]
fn every_tool_choice_has_a_counterpart() {
    let written = |choice: &str, tools: &str| {
        let body = translate(&format!(
            r#""messages":[],"tools":[{tools}],"tool_choice":{choice}"#
        ));
        let body: serde_json::Value = serde_json::from_str(&body).unwrap();
        format!("{} {}", body["tool_choice"], body["parallel_tool_calls"])
    };
    let tool = r#"{"name":"f","input_schema":{}}"#;
    assert_eq!(written(r#"{"type":"auto"}"#, tool), r#""auto" null"#);
    assert_eq!(
        written(r#"{"type":"any","disable_parallel_tool_use":false}"#, tool),
        r#""required" true"#
    );
    assert_eq!(written(r#"{"type":"none"}"#, tool), r#""none" null"#);
    assert_eq!(
        written(
            r#"{"type":"tool","name":"f","disable_parallel_tool_use":true}"#,
            tool
        ),
        r#"{"function":{"name":"f"},"type":"function"} false"#
    );
    assert_eq!(
        written(r#"{"type":"auto","disable_parallel_tool_use":true}"#, ""),
        "null null"
    );
}

#[test]
fn quirks_are_heeded() {
    let quirks = |json: &str| {
        let quirks = serde_json::from_str(json).unwrap();
        try_translate(r#""system":"s","messages":[]"#, true, &quirks).unwrap()
    };
    insta::assert_snapshot!(quirks("{}"), @r#"{"model":"up","messages":[{"role":"system","content":"s"}],"max_completion_tokens":9,"stream":true,"stream_options":{"include_usage":true}}"#);
    insta::assert_snapshot!(quirks(r#"{"max_tokens_field":"max_tokens","stream_usage":false}"#), @r#"{"model":"up","messages":[{"role":"system","content":"s"}],"max_tokens":9,"stream":true}"#);
    assert_eq!(
        quirks(r#"{"max_tokens_field":"max_completion_tokens"}"#),
        quirks("{}")
    );
}

#[test]
fn thinking_is_asked_for_as_each_host_wants_it() {
    let asked = |thinking, quirks: &str| {
        let request = Request {
            thinking,
            ..Request::default()
        };
        let quirks = serde_json::from_str(quirks).unwrap();
        let body = encode(&request, "up", false, &quirks).unwrap();
        let body: serde_json::Map<String, serde_json::Value> =
            serde_json::from_slice(&body).unwrap();
        let of_thinking =
            |(name, _): &(String, _)| !["model", "messages", "stream"].contains(&name.as_str());
        let members: serde_json::Map<_, _> = body.into_iter().filter(of_thinking).collect();
        serde_json::to_string(&members).unwrap()
    };
    let on = Some(Thinking::On(Some(Effort::High)));
    assert_eq!(asked(None, "{}"), "{}");
    assert_eq!(asked(on, "{}"), r#"{"reasoning_effort":"high"}"#);
    assert_eq!(
        asked(Some(Thinking::Off), "{}"),
        r#"{"reasoning_effort":"none"}"#
    );
    assert_eq!(asked(on, r#"{"efforts":[]}"#), "{}");
    let switch = r#"{"thinking_field":"enable_thinking"}"#;
    assert_eq!(asked(on, switch), r#"{"enable_thinking":true}"#);
    assert_eq!(
        asked(Some(Thinking::Off), switch),
        r#"{"enable_thinking":false}"#
    );
    let config = r#"{"thinking_field":"thinking_config","efforts":["low","high"]}"#;
    assert_eq!(
        asked(on, config),
        r#"{"extra_body":{"google":{"thinking_config":{"include_thoughts":true,"thinking_level":"high"}}}}"#
    );
    assert_eq!(
        asked(Some(Thinking::Off), config),
        r#"{"extra_body":{"google":{"thinking_config":{"include_thoughts":false,"thinking_level":"low"}}}}"#
    );
}

#[test]
fn a_format_is_written() {
    let written = |format| {
        let request = Request {
            format: Some(format),
            ..Request::default()
        };
        let body = encode(&request, "up", false, &Quirks::default()).unwrap();
        let body: serde_json::Value = serde_json::from_slice(&body).unwrap();
        body["response_format"].to_string()
    };
    let schema = |name: Option<&str>, strict| Format::Schema {
        name: name.map(str::to_owned),
        schema: serde_json::from_str(r#"{"type":"object"}"#).unwrap(),
        strict,
    };
    assert_eq!(written(Format::Json), r#"{"type":"json_object"}"#);
    assert_eq!(
        written(schema(Some("n"), Some(true))),
        r#"{"json_schema":{"name":"n","schema":{"type":"object"},"strict":true},"type":"json_schema"}"#
    );
    assert_eq!(
        written(schema(None, None)),
        r#"{"json_schema":{"name":"answer","schema":{"type":"object"}},"type":"json_schema"}"#
    );
}

#[test]
fn stop_sequences_that_a_host_refuses_are_named() {
    let quirks: Quirks = serde_json::from_str(r#"{"stop":false}"#).unwrap();
    let stop = r#""messages":[],"stop_sequences":["A"]"#;
    let refused = try_translate(stop, false, &quirks).unwrap_err();
    assert!(
        refused
            .to_string()
            .starts_with("stop sequences can't be sent")
    );
    assert!(try_translate(r#""messages":[]"#, false, &quirks).is_ok());
}

const AFTER_TOOLS: &str = r#""messages":[
  {"role":"assistant","content":[{"type":"tool_use","id":"toolu_1","name":"f","input":{}}]},
  {"role":"user","content":[{"type":"tool_result","tool_use_id":"toolu_1","content":"r"},{"type":"text","text":"and?"}]},
  {"role":"assistant","content":[{"type":"tool_use","id":"aB3dE6gH9","name":"g","input":{}}]},
  {"role":"user","content":[{"type":"tool_result","tool_use_id":"aB3dE6gH9","content":"r"}]},
  {"role":"system","content":"be short"},
  {"role":"user","content":"go"}]"#;

#[test]
fn turns_come_as_a_strict_host_wants_them() {
    let quirks =
        serde_json::from_str(r#"{"strict_turns":true,"tool_call_ids":"nine_alphanumerics"}"#);
    insta::assert_snapshot!(try_translate(AFTER_TOOLS, false, &quirks.unwrap()).unwrap(), @r#"
    {"model":"up","messages":[{"role":"assistant","content":null,"tool_calls":[{"id":"mgOvxdmns","type":"function","function":{"name":"f","arguments":"{}"}}]},
    {"role":"tool","tool_call_id":"mgOvxdmns","content":"r"},
    {"role":"assistant","content":"Go on."},
    {"role":"user","content":"and?"},
    {"role":"assistant","content":null,"tool_calls":[{"id":"aB3dE6gH9","type":"function","function":{"name":"g","arguments":"{}"}}]},
    {"role":"tool","tool_call_id":"aB3dE6gH9","content":"r"},
    {"role":"assistant","content":"Go on."},
    {"role":"user","content":"be short"},
    {"role":"user","content":"go"}],"max_completion_tokens":9,"stream":false}
    "#);
}

#[test]
fn calls_and_results_carry_what_gemini_wants() {
    let quirks = serde_json::from_str(r#"{"named_results":true,"thought_signatures":true}"#);
    insta::assert_snapshot!(try_translate(AFTER_TOOLS, false, &quirks.unwrap()).unwrap(), @r#"
    {"model":"up","messages":[{"role":"assistant","content":null,"tool_calls":[{"id":"toolu_1","type":"function","function":{"name":"f","arguments":"{}"},"extra_content":{"google":{"thought_signature":"skip_thought_signature_validator"}}}]},
    {"role":"tool","tool_call_id":"toolu_1","name":"f","content":"r"},
    {"role":"user","content":"and?"},
    {"role":"assistant","content":null,"tool_calls":[{"id":"aB3dE6gH9","type":"function","function":{"name":"g","arguments":"{}"},"extra_content":{"google":{"thought_signature":"skip_thought_signature_validator"}}}]},
    {"role":"tool","tool_call_id":"aB3dE6gH9","name":"g","content":"r"},
    {"role":"system","content":"be short"},
    {"role":"user","content":"go"}],"max_completion_tokens":9,"stream":false}
    "#);
}

#[test]
fn blocks_that_stand_wrong_are_named() {
    let refused = |role: &str, block: &str| {
        let turn = format!(r#""messages":[{{"role":"{role}","content":[{block}]}}]"#);
        try_translate(&turn, false, &Quirks::default())
            .unwrap_err()
            .to_string()
    };
    let tool = r#"{"type":"tool_use","id":"i","name":"f","input":{}}"#;
    let result = r#"{"type":"tool_result","tool_use_id":"i"}"#;
    insta::assert_snapshot!(refused("user", tool), @"a `tool_use` block in a turn of that role (messages[0]) can't be sent to this model's provider: remove it, or name a model whose provider takes it");
    insta::assert_snapshot!(refused("assistant", result), @"a `tool_result` block in a turn of that role (messages[0]) can't be sent to this model's provider: remove it, or name a model whose provider takes it");
    insta::assert_snapshot!(refused("system", result), @"a `tool_result` block in a turn of that role (messages[0]) can't be sent to this model's provider: remove it, or name a model whose provider takes it");
}
