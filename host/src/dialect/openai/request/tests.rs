#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]

use super::*;
use crate::dialect::anthropic::MessagesRequest;

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
    insta::assert_snapshot!(quirks(r#"{"max_tokens_field":"max_tokens","stream_usage":false,"developer_role":true}"#), @r#"{"model":"up","messages":[{"role":"developer","content":"s"}],"max_tokens":9,"stream":true}"#);
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
    insta::assert_snapshot!(refused("user", tool), @"a `tool_use` block in a turn of that role (messages[0]) can't be sent to this model's provider: remove it, or name an Anthropic model");
    insta::assert_snapshot!(refused("assistant", result), @"a `tool_result` block in a turn of that role (messages[0]) can't be sent to this model's provider: remove it, or name an Anthropic model");
    insta::assert_snapshot!(refused("system", result), @"a `tool_result` block in a turn of that role (messages[0]) can't be sent to this model's provider: remove it, or name an Anthropic model");
}
