#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]

use serde_json::Value;
use serde_json::value::RawValue;

use super::*;
use crate::dialect::common::{Block, Image, Message, ResultPart, Role, Tool, ToolUse};

fn raw(json: &str) -> Box<RawValue> {
    RawValue::from_string(json.to_owned()).unwrap()
}

fn text(text: &str) -> Block {
    Block::Text(text.into())
}

fn image() -> Image {
    Image::Base64 {
        media_type: "image/png".into(),
        data: "AA==".into(),
    }
}

fn tool_use(id: &str, input: &str) -> Block {
    Block::ToolUse(ToolUse {
        id: id.into(),
        name: "f".into(),
        input: raw(input),
    })
}

fn result(id: &str, content: Vec<ResultPart>) -> Block {
    Block::ToolResult {
        tool_use_id: id.into(),
        content,
    }
}

fn turn(role: Role, blocks: Vec<Block>) -> Message {
    Message { role, blocks }
}

fn tool(name: &str, strict: Option<bool>) -> Tool {
    Tool {
        name: name.into(),
        description: strict.map(|_| "d".into()),
        input_schema: raw(r#"{"type": "object"}"#),
        strict,
    }
}

fn write(request: &Request) -> String {
    let body = encode(request, "up", false, &Quirks::default()).unwrap();
    serde_json::from_slice::<Value>(&body).unwrap();
    String::from_utf8(body)
        .unwrap()
        .replace(",{\"type\":\"m", ",\n{\"type\":\"m")
        .replace(",{\"type\":\"f", ",\n{\"type\":\"f")
}

fn field(request: &Request, name: &str) -> String {
    let body: Value =
        serde_json::from_slice(&encode(request, "up", true, &Quirks::default()).unwrap()).unwrap();
    body[name].to_string()
}

#[test]
fn a_conversation_with_tools_is_written() {
    let answer = |text: &str| ResultPart::Text(text.into());
    let request = Request {
        system: vec!["one".into(), "two".into()],
        messages: vec![
            turn(Role::User, vec![text("q")]),
            turn(
                Role::Assistant,
                vec![
                    text("let"),
                    text("me"),
                    tool_use("t1", r#"{"a": 1.0}"#),
                    text("and"),
                    tool_use("t2", "{}"),
                ],
            ),
            turn(
                Role::User,
                vec![
                    text("and?"),
                    result("t1", vec![answer("r1"), answer("r2")]),
                    result("t2", vec![answer("r3"), ResultPart::Image(image())]),
                ],
            ),
            turn(Role::Assistant, vec![tool_use("t3", "{}")]),
            turn(Role::User, vec![result("t3", vec![])]),
            turn(Role::Assistant, vec![]),
            turn(Role::User, vec![]),
        ],
        tools: vec![tool("f", None), tool("g", Some(true))],
        tool_choice: Some(ToolChoice::Any),
        parallel_tools: Some(false),
        max_tokens: Some(99),
        temperature: Some(serde_json::from_str("0.5").unwrap()),
        top_p: Some(1.into()),
        ..Request::default()
    };
    insta::assert_snapshot!(write(&request), @r#"
    {"model":"up","instructions":"one\n\ntwo","input":[{"type":"message","role":"user","content":[{"type":"input_text","text":"q"}]},
    {"type":"message","role":"assistant","content":[{"type":"output_text","text":"let"},{"type":"output_text","text":"me"}]},
    {"type":"function_call","call_id":"t1","name":"f","arguments":"{\"a\": 1.0}"},
    {"type":"message","role":"assistant","content":[{"type":"output_text","text":"and"}]},
    {"type":"function_call","call_id":"t2","name":"f","arguments":"{}"},
    {"type":"function_call_output","call_id":"t1","output":"r1\nr2"},
    {"type":"function_call_output","call_id":"t2","output":[{"type":"input_text","text":"r3"},{"type":"input_image","image_url":"data:image/png;base64,AA=="}]},
    {"type":"message","role":"user","content":[{"type":"input_text","text":"and?"}]},
    {"type":"function_call","call_id":"t3","name":"f","arguments":"{}"},
    {"type":"function_call_output","call_id":"t3","output":""}],"tools":[{"type":"function","name":"f","parameters":{"type": "object"},"strict":false},
    {"type":"function","name":"g","description":"d","parameters":{"type": "object"},"strict":true}],"tool_choice":"required","parallel_tool_calls":false,"max_output_tokens":99,"temperature":0.5,"top_p":1,"store":false,"stream":false}
    "#);
}

#[test]
fn images_and_later_system_turns_are_written() {
    let request = Request {
        messages: vec![
            turn(
                Role::User,
                vec![
                    text("look"),
                    Block::Image(Image::Url("https://x/y.png".into())),
                    Block::Image(image()),
                ],
            ),
            turn(Role::System, vec![text("be"), text("short")]),
            turn(Role::System, vec![]),
        ],
        ..Request::default()
    };
    insta::assert_snapshot!(write(&request), @r#"
    {"model":"up","input":[{"type":"message","role":"user","content":[{"type":"input_text","text":"look"},{"type":"input_image","image_url":"https://x/y.png"},{"type":"input_image","image_url":"data:image/png;base64,AA=="}]},
    {"type":"message","role":"developer","content":[{"type":"input_text","text":"be"},{"type":"input_text","text":"short"}]}],"store":false,"stream":false}
    "#);
}

#[test]
fn every_tool_choice_has_a_counterpart() {
    let written = |choice: ToolChoice, tools: Vec<Tool>| {
        let request = Request {
            tools,
            tool_choice: Some(choice),
            parallel_tools: Some(true),
            ..Request::default()
        };
        let parallel = field(&request, "parallel_tool_calls");
        format!("{} {parallel}", field(&request, "tool_choice"))
    };
    let tools = || vec![tool("f", None)];
    assert_eq!(written(ToolChoice::Auto, tools()), r#""auto" true"#);
    assert_eq!(written(ToolChoice::Any, tools()), r#""required" true"#);
    assert_eq!(written(ToolChoice::None, tools()), r#""none" true"#);
    assert_eq!(
        written(ToolChoice::Tool("f".into()), tools()),
        r#"{"name":"f","type":"function"} true"#
    );
    assert_eq!(written(ToolChoice::Any, vec![]), "null null");
}

#[test]
fn thinking_is_asked_for_with_a_summary() {
    use crate::dialect::common::Effort;

    let written = |efforts: &str, thinking| {
        let quirks = serde_json::from_str(&format!(r#"{{"efforts":[{efforts}]}}"#)).unwrap();
        let request = Request {
            thinking,
            ..Request::default()
        };
        let body = encode(&request, "up", false, &quirks).unwrap();
        let body: Value = serde_json::from_slice(&body).unwrap();
        body["reasoning"].to_string()
    };
    let some = r#""low","medium","high","xhigh""#;
    let on = |effort| Some(Thinking::On(effort));
    assert_eq!(written(some, None), "null");
    assert_eq!(written(some, on(None)), r#"{"summary":"auto"}"#);
    assert_eq!(
        written(some, on(Some(Effort::Minimal))),
        r#"{"effort":"low","summary":"auto"}"#
    );
    assert_eq!(
        written(some, on(Some(Effort::Max))),
        r#"{"effort":"xhigh","summary":"auto"}"#
    );
    assert_eq!(written(some, Some(Thinking::Off)), r#"{"effort":"low"}"#);
    assert_eq!(written("", Some(Thinking::Off)), "null");
    assert_eq!(written("", on(Some(Effort::High))), r#"{"summary":"auto"}"#);
}

#[test]
fn the_form_of_the_answer_is_asked_for() {
    let written = |format| {
        let request = Request {
            format: Some(format),
            ..Request::default()
        };
        field(&request, "text")
    };
    let schema = |name: Option<&str>, strict| Format::Schema {
        name: name.map(str::to_owned),
        schema: raw(r#"{"type":"object"}"#),
        strict,
    };
    insta::assert_snapshot!(written(Format::Json), @r#"{"format":{"type":"json_object"}}"#);
    insta::assert_snapshot!(written(schema(Some("n"), Some(true))), @r#"{"format":{"name":"n","schema":{"type":"object"},"strict":true,"type":"json_schema"}}"#);
    insta::assert_snapshot!(written(schema(None, None)), @r#"{"format":{"name":"answer","schema":{"type":"object"},"type":"json_schema"}}"#);
}

#[test]
fn what_has_no_counterpart_is_named() {
    let refused = |request: Request| {
        encode(&request, "up", false, &Quirks::default())
            .unwrap_err()
            .to_string()
    };
    let stop = Request {
        stop: vec!["A".into()],
        ..Request::default()
    };
    insta::assert_snapshot!(refused(stop), @"a stop sequence can't be sent to this model's provider: remove it, or name a model whose provider takes it");
    let limit = |max_tokens| Request {
        max_tokens: Some(max_tokens),
        ..Request::default()
    };
    insta::assert_snapshot!(refused(limit(15)), @"an output limit under 16 tokens can't be sent to this model's provider: remove it, or name a model whose provider takes it");
    assert_eq!(field(&limit(16), "max_output_tokens"), "16");
    let misplaced = |role, block| {
        refused(Request {
            messages: vec![turn(role, vec![block])],
            ..Request::default()
        })
    };
    insta::assert_snapshot!(misplaced(Role::User, tool_use("i", "{}")), @"a `tool_use` block in a turn of that role (messages[0]) can't be sent to this model's provider: remove it, or name a model whose provider takes it");
    insta::assert_snapshot!(misplaced(Role::Assistant, result("i", vec![])), @"a `tool_result` block in a turn of that role (messages[0]) can't be sent to this model's provider: remove it, or name a model whose provider takes it");
    insta::assert_snapshot!(misplaced(Role::System, Block::Image(image())), @"a `image` block in a turn of that role (messages[0]) can't be sent to this model's provider: remove it, or name a model whose provider takes it");
}
