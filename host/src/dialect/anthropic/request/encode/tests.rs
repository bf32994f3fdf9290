#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]

use serde_json::value::RawValue;
use serde_json::{Value, json};

use super::*;
use crate::dialect::common::{Block, Image, Message, ResultPart, Role, Tool, ToolChoice, ToolUse};

fn raw(json: &str) -> Box<RawValue> {
    RawValue::from_string(json.to_owned()).unwrap()
}

fn text(text: &str) -> Block {
    Block::Text(text.to_owned())
}

fn turn<const N: usize>(role: Role, blocks: [Block; N]) -> Message {
    let blocks = blocks.into();
    Message { role, blocks }
}

fn call(id: &str) -> Block {
    Block::ToolUse(ToolUse {
        id: id.to_owned(),
        name: "f".to_owned(),
        input: raw("{\"a\": 1.0}"),
    })
}

fn result(id: &str, content: Vec<ResultPart>) -> Block {
    let tool_use_id = id.to_owned();
    Block::ToolResult {
        tool_use_id,
        content,
    }
}

fn tool(schema: &str, strict: Option<bool>) -> Tool {
    Tool {
        name: "f".to_owned(),
        description: Some("d".to_owned()),
        input_schema: raw(schema),
        strict,
    }
}

fn png() -> Image {
    Image::Base64 {
        media_type: "image/png".to_owned(),
        data: "AA==".to_owned(),
    }
}

fn asked() -> Request {
    Request {
        messages: vec![turn(Role::User, [text("q")])],
        ..Request::default()
    }
}

fn encoded(request: &Request) -> Value {
    let body = encode(request, "up", false, 99).unwrap();
    serde_json::from_slice(&body).unwrap()
}

fn written(request: &Request) -> String {
    let body = String::from_utf8(encode(request, "up", true, 99).unwrap()).unwrap();
    body.replace(",{\"role\"", ",\n{\"role\"")
        .replace(",\"tools\"", ",\n\"tools\"")
}

#[test]
fn a_conversation_with_tools_is_written() {
    let request = Request {
        system: vec!["one".into(), " ".into(), "two".into()],
        messages: vec![
            turn(
                Role::User,
                [
                    text("q"),
                    Block::Image(png()),
                    Block::Image(Image::Url("https://x/y.png".into())),
                ],
            ),
            turn(
                Role::Assistant,
                [text("let me"), call("call.1"), call("t2")],
            ),
            turn(
                Role::User,
                [
                    result(
                        "call.1",
                        vec![
                            ResultPart::Text("r".into()),
                            ResultPart::Text("".into()),
                            ResultPart::Image(png()),
                        ],
                    ),
                    result("t2", vec![]),
                ],
            ),
            turn(Role::Assistant, []),
            turn(Role::User, [text("and?"), text("\n")]),
        ],
        tools: vec![
            tool("{\"type\": \"object\", \"properties\": {}}", Some(true)),
            tool("{ \"properties\": {} }", Some(false)),
            tool("{}", None),
        ],
        tool_choice: Some(ToolChoice::Any),
        parallel_tools: Some(false),
        max_tokens: Some(5),
        stop: vec!["A".into(), "\n\n".into()],
        thinking: Some(Thinking::Off),
        temperature: Some(serde_json::from_str("0.50").unwrap()),
        top_p: Some(serde_json::from_str("0.9").unwrap()),
        ..Request::default()
    };
    insta::assert_snapshot!(written(&request), @r#"
    {"model":"up","max_tokens":5,"system":[{"type":"text","text":"one"},{"type":"text","text":"two"}],"messages":[{"role":"user","content":[{"type":"text","text":"q"},{"type":"image","source":{"type":"base64","media_type":"image/png","data":"AA=="}},{"type":"image","source":{"type":"url","url":"https://x/y.png"}}]},
    {"role":"assistant","content":[{"type":"text","text":"let me"},{"type":"tool_use","id":"call_1","name":"f","input":{"a": 1.0}},{"type":"tool_use","id":"t2","name":"f","input":{"a": 1.0}}]},
    {"role":"user","content":[{"type":"tool_result","tool_use_id":"call_1","content":[{"type":"text","text":"r"},{"type":"image","source":{"type":"base64","media_type":"image/png","data":"AA=="}}]},{"type":"tool_result","tool_use_id":"t2"},{"type":"text","text":"and?"}]}],
    "tools":[{"name":"f","description":"d","input_schema":{"type": "object", "properties": {}},"strict":true},{"name":"f","description":"d","input_schema":{"type":"object","properties": {} }},{"name":"f","description":"d","input_schema":{"type":"object"}}],"tool_choice":{"type":"any","disable_parallel_tool_use":true},"stop_sequences":["A"],"temperature":0.5,"stream":true}
    "#);
}

#[test]
fn the_operators_later_words_are_the_system_prompts() {
    let mut request = asked();
    request.system = vec!["s".into()];
    request
        .messages
        .push(turn(Role::System, [text("be short")]));
    request.messages.push(turn(Role::User, [text("now")]));
    insta::assert_snapshot!(written(&request), @r#"{"model":"up","max_tokens":99,"system":[{"type":"text","text":"s"},{"type":"text","text":"be short"}],"messages":[{"role":"user","content":[{"type":"text","text":"q"},{"type":"text","text":"now"}]}],"stream":true}"#);
}

#[test]
fn a_conversation_begins_with_the_user() {
    let mut request = Request::default();
    insta::assert_snapshot!(encoded(&request)["messages"], @r#"[{"content":[{"text":"(The conversation begins.)","type":"text"}],"role":"user"}]"#);
    request.messages = vec![turn(Role::Assistant, [text("Hello! ")])];
    insta::assert_snapshot!(encoded(&request)["messages"], @r#"[{"content":[{"text":"(The conversation begins.)","type":"text"}],"role":"user"},{"content":[{"text":"Hello!","type":"text"}],"role":"assistant"}]"#);
}

#[test]
fn results_lead_their_turn() {
    let request = Request {
        messages: vec![
            turn(Role::User, [text("q")]),
            turn(Role::Assistant, [call("a"), call("b")]),
            turn(Role::User, [text("x"), result("a", vec![])]),
            turn(Role::System, [text("s")]),
            turn(Role::User, [result("b", vec![]), text("y")]),
        ],
        tools: vec![tool("{}", None)],
        ..Request::default()
    };
    let content = &encoded(&request)["messages"][2]["content"];
    let kinds = content
        .as_array()
        .unwrap()
        .iter()
        .map(|block| &block["type"]);
    let expected = ["tool_result", "tool_result", "text", "text"];
    assert_eq!(kinds.collect::<Vec<_>>(), expected);
}

#[test]
fn calls_without_definitions_are_defined_and_not_repeated() {
    let mut request = asked();
    request
        .messages
        .push(turn(Role::Assistant, [call("a"), call("b")]));
    request
        .messages
        .push(turn(Role::User, [result("a", vec![]), result("b", vec![])]));
    request.tool_choice = Some(ToolChoice::Auto);
    let body = encoded(&request);
    let expected = json!([{"name": "f", "input_schema": {"type": "object"}}]);
    assert_eq!(
        (&body["tools"], &body["tool_choice"]),
        (&expected, &json!({"type": "none"}))
    );
}

#[test]
fn every_tool_choice_has_a_counterpart() {
    let choice = |choice: Option<ToolChoice>, parallel: Option<bool>| {
        let mut request = asked();
        request.tool_choice = choice;
        request.parallel_tools = parallel;
        assert_eq!(encoded(&request)["tool_choice"], Value::Null);
        request.tools = vec![tool("{}", None)];
        encoded(&request)["tool_choice"].to_string()
    };
    let serial = r#""disable_parallel_tool_use":true,"#;
    assert_eq!(choice(None, None), "null");
    assert_eq!(choice(None, Some(true)), "null");
    assert_eq!(
        choice(None, Some(false)),
        format!(r#"{{{serial}"type":"auto"}}"#)
    );
    assert_eq!(choice(Some(ToolChoice::Auto), None), r#"{"type":"auto"}"#);
    assert_eq!(
        choice(Some(ToolChoice::Any), Some(false)),
        format!(r#"{{{serial}"type":"any"}}"#)
    );
    assert_eq!(
        choice(Some(ToolChoice::None), Some(false)),
        r#"{"type":"none"}"#
    );
    assert_eq!(
        choice(Some(ToolChoice::Tool("f".into())), Some(true)),
        r#"{"name":"f","type":"tool"}"#
    );
}

#[test]
fn thinking_is_adaptive_and_never_with_a_forced_call() {
    let written = |effort: Option<Effort>, choice: Option<ToolChoice>| {
        let mut request = asked();
        request.thinking = Some(Thinking::On(effort));
        request.temperature = Some(Number::from_f64(0.5).unwrap());
        request.tools = vec![tool("{}", None)];
        request.tool_choice = choice;
        let body = encoded(&request);
        format!(
            "{} {} {}",
            body["thinking"]["type"], body["output_config"], body["temperature"]
        )
    };
    assert_eq!(written(None, None), r#""adaptive" null null"#);
    assert_eq!(
        written(Some(Effort::Minimal), None),
        r#""adaptive" {"effort":"low"} null"#
    );
    assert_eq!(
        written(Some(Effort::Low), None),
        r#""adaptive" {"effort":"low"} null"#
    );
    assert_eq!(
        written(Some(Effort::Medium), None),
        r#""adaptive" {"effort":"medium"} null"#
    );
    assert_eq!(
        written(Some(Effort::High), Some(ToolChoice::None)),
        r#""adaptive" {"effort":"high"} null"#
    );
    assert_eq!(
        written(Some(Effort::Max), Some(ToolChoice::Any)),
        r#"null {"effort":"max"} 0.5"#
    );
    assert_eq!(encoded(&asked())["thinking"], Value::Null);
}

#[test]
fn sampling_is_what_the_api_takes() {
    let sampling = |temperature: Option<f64>, top_p: Option<f64>| {
        let mut request = asked();
        request.temperature = temperature.map(|number| Number::from_f64(number).unwrap());
        request.top_p = top_p.map(|number| Number::from_f64(number).unwrap());
        let body = encoded(&request);
        format!("{} {}", body["temperature"], body["top_p"])
    };
    assert_eq!(sampling(Some(0.5), Some(0.9)), "0.5 null");
    assert_eq!(sampling(Some(1.0), Some(0.9)), "null 0.9");
    assert_eq!(sampling(Some(1.7), None), "null null");
    assert_eq!(sampling(None, Some(1.0)), "null null");
}

#[test]
fn a_schema_is_kept_and_any_json_is_refused() {
    let mut request = asked();
    request.format = Some(Format::Schema {
        name: Some("n".into()),
        schema: raw("{\"type\": \"object\"}"),
        strict: Some(true),
    });
    insta::assert_snapshot!(encoded(&request)["output_config"], @r#"{"format":{"schema":{"type":"object"},"type":"json_schema"}}"#);
    request.format = Some(Format::Json);
    insta::assert_snapshot!(encode(&request, "up", false, 9).unwrap_err(), @"`response_format` without a schema can't be sent to this model's provider: remove it, or name a model whose provider takes it");
}

#[test]
fn blocks_that_stand_wrong_are_named() {
    let refused = |role, block| {
        let mut request = asked();
        request.messages.push(turn(role, [block]));
        encode(&request, "up", false, 9).unwrap_err().to_string()
    };
    insta::assert_snapshot!(refused(Role::User, call("i")), @"the tool call in a turn of that role (messages[1]) can't be sent to this model's provider: remove it, or name a model whose provider takes it");
    insta::assert_snapshot!(refused(Role::Assistant, result("i", vec![])), @"the tool result in a turn of that role (messages[1]) can't be sent to this model's provider: remove it, or name a model whose provider takes it");
    insta::assert_snapshot!(refused(Role::System, Block::Image(png())), @"the image in a turn of that role (messages[1]) can't be sent to this model's provider: remove it, or name a model whose provider takes it");
}
