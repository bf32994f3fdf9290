#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]

use super::*;
use crate::dialect::Shape;
use crate::dialect::common::{
    Block, Effort, Format, Image, Request, ResultPart, Role, Thinking, ToolChoice,
};

fn with(members: &str) -> String {
    format!(r#"{{"model":"m","max_tokens":10,"messages":[]{members}}}"#)
}

fn shape(members: &str) -> Shape {
    MessagesRequest::read(with(members).as_bytes())
        .unwrap()
        .head
        .shape
}

#[test]
fn it_reads_what_it_needs_and_passes_the_rest() {
    let body = r#"{ "messages": [], "max_tokens":5, "x": 1.0, "routing_hint": {"min_quality": 0.50},
      "mod\u0065l": "\u0061infera-auto", "stream":true }"#;
    let request = MessagesRequest::read(body.as_bytes()).unwrap();
    assert_eq!(request.head.model, "ainfera-auto");
    assert!(request.head.stream);
    assert_eq!(request.head.hint.unwrap().get(), r#"{"min_quality": 0.50}"#);
    assert_eq!(request.head.shape.max_tokens, Some(5));
    insta::assert_snapshot!(String::from_utf8(request.for_upstream("a\"b")).unwrap(), @r#"
    { "messages": [], "max_tokens":5, "x": 1.0,
          "mod\u0065l": "a\"b", "stream":true }
    "#);
}

#[test]
fn what_it_needs_is_asked_for_by_name() {
    let refused = |body: &str| {
        MessagesRequest::read(body.as_bytes())
            .unwrap_err()
            .to_string()
    };
    insta::assert_snapshot!(refused("{}"), @"`model` is required");
    insta::assert_snapshot!(refused(r#"{"model":""}"#), @"`model` must be a string that is not empty");
    insta::assert_snapshot!(refused(r#"{"model":7}"#), @"`model` must be a string that is not empty");
    insta::assert_snapshot!(refused(r#"{"model":"m"}"#), @"`max_tokens` is required");
    for tokens in ["0", "-1", "1.5", "\"1\"", "1e400"] {
        let body = format!(r#"{{"model":"m","max_tokens":{tokens}}}"#);
        assert_eq!(
            refused(&body),
            "`max_tokens` must be a positive integer",
            "{tokens}"
        );
    }
    insta::assert_snapshot!(refused(r#"{"model":"m","max_tokens":null}"#), @"`max_tokens` is required");
    insta::assert_snapshot!(refused(r#"{"model":"m","max_tokens":1}"#), @"`messages` is required");
    insta::assert_snapshot!(refused(r#"{"model":"m","max_tokens":1,"messages":{}}"#), @"`messages` must be an array");
    insta::assert_snapshot!(refused(&with(r#","stream":1"#)), @"`stream` must be a boolean");
    insta::assert_snapshot!(refused(&with(r#","tools":{}"#)), @"`tools` must be an array");
    insta::assert_snapshot!(refused(&with(r#","system":"","system":"""#)), @"`system` occurs more than once: leave one");
}

#[test]
fn text_is_measured_decoded_and_images_are_counted() {
    assert_eq!(shape(r#","system":"\u00e9\n""#).text_bytes, 3);
    assert_eq!(
        shape(r#","system":[{"type":"text","text":"abc"},{"text":"d"}]"#).text_bytes,
        4
    );
    assert_eq!(
        shape(r#","tools":[{"name": "x"}, {}]"#),
        Shape {
            text_bytes: 19,
            tools: true,
            ..shape("")
        }
    );
    assert_eq!(shape(r#","tools":[ ]"#), shape(""));
    assert!(shape(r#","thinking":{"budget_tokens":9,"type":"enabled"}"#).thinking);
    assert!(shape(r#","thinking":{"type":"adaptive"}"#).thinking);
    assert!(!shape(r#","thinking":{"type":"disabled"}"#).thinking);

    let body = r#"{"model":"m","max_tokens":1,"messages":[
        {"role":"user","content":"four"},
        {"role":"user","content":[
            {"type":"image","source":{"type":"base64","media_type":"image/png","data":"AAAA"}},
            {"type":"document","source":{"type":"text","data":"sixsix"}},
            {"type":"document","source":{"type":"base64","data":"AAAA"}},
            {"type":"new","text":"odd"}]},
        {"role":"assistant","content":[
            {"type":"thinking","thinking":"hm","signature":"sssss"},
            {"type":"tool_use","id":"t","name":"n","input":{"a": 1}}]},
        {"role":"user","content":[{"type":"tool_result","tool_use_id":"t","content":[
            {"type":"text","text":"ok"},
            {"type":"image","source":{"type":"url","url":"u"}}]}]}
    ]}"#;
    let shape = MessagesRequest::read(body.as_bytes()).unwrap().head.shape;
    assert_eq!(shape.text_bytes, 4 + 6 + 3 + 2 + 8 + 2);
    assert_eq!((shape.images, shape.tools), (2, true));
}

#[test]
fn odd_things_are_passed_over() {
    for odd in [
        "1e400",
        "null",
        "[[[]]]",
        "\"\\ud800\"",
        "[1,\"x\",{\"type\":[],\"text\":{},\"source\":1}]",
    ] {
        let body = format!(
            r#"{{"model":"m","max_tokens":1,"messages":[{odd},{{"content":{odd}}}],"system":{odd},"thinking":{odd},"metadata":{odd}}}"#
        );
        assert!(MessagesRequest::read(body.as_bytes()).is_ok(), "{odd}");
    }
    let deep = "[{\"content\":".repeat(50_000) + &"}]".repeat(50_000).replacen('}', "1}", 1);
    assert!(shape(&format!(r#","system":{deep}"#)).text_bytes > 500_000);
}

#[test]
fn it_is_decoded_for_other_dialects() {
    let body = r#"{"model":"m","max_tokens":9,"temperature":0.50,"stop_sequences":["E"],
      "system":[{"type":"text","text":"S","cache_control":{"type":"ephemeral"}},{"type":"text","text":""}],
      "tools":[{"name":"n","description":"d","input_schema":{"type": "object"}}],
      "tool_choice":{"type":"tool","name":"n","disable_parallel_tool_use":true},
      "messages":[
        {"role":"user","content":"q\ud83d"},
        {"role":"assistant","content":[
            {"type":"thinking","thinking":"hm","signature":"s"},
            {"type":"text","text":"\u0061"},
            {"type":"tool_use","id":"t","name":"n","input":{"a": 1.0}}]},
        {"role":"user","content":[
            {"type":"tool_result","tool_use_id":"t","is_error":true,"content":[{"type":"text","text":"r"}]},
            {"type":"tool_result","tool_use_id":"u"},
            {"type":"tool_result","tool_use_id":"v","content":"w"},
            {"type":"image","source":{"type":"url","url":"http://x"}}]}
    ]}"#;
    let request = MessagesRequest::read(body.as_bytes())
        .unwrap()
        .to_common()
        .unwrap();
    assert_eq!(request.system, ["S"]);
    assert_eq!(request.tool_choice, Some(ToolChoice::Tool("n".into())));
    assert_eq!(request.parallel_tools, Some(false));
    assert_eq!(request.tools[0].input_schema.get(), r#"{"type": "object"}"#);
    let [user, assistant, results] = &request.messages[..] else {
        panic!("{:?}", request.messages)
    };
    assert_eq!((user.role, assistant.role), (Role::User, Role::Assistant));
    assert!(
        matches!(&assistant.blocks[..], [Block::Text(text), Block::ToolUse(tool)]
        if text == "a" && tool.input.get() == r#"{"a": 1.0}"#)
    );
    assert!(matches!(&results.blocks[..], [
        Block::ToolResult { content: a, .. }, Block::ToolResult { content: b, .. },
        Block::ToolResult { content: c, .. }, Block::Image(Image::Url(url)),
    ] if matches!(&a[..], [ResultPart::Text(text)] if text == "r")
        && b.is_empty() && c.len() == 1 && url == "http://x"));
}

fn common(members: &str) -> Request {
    let body = with(members);
    let request = MessagesRequest::read(body.as_bytes()).unwrap();
    request.to_common().unwrap()
}

#[test]
fn thinking_and_effort_are_one() {
    let thinking = |members: &str| common(members).thinking;
    let budget = |tokens: u64| {
        thinking(&format!(
            r#","thinking":{{"budget_tokens":{tokens},"type":"enabled"}}"#
        ))
    };
    assert_eq!(thinking(""), None);
    assert_eq!(thinking(r#","output_config":{"effort":"low"}"#), None);
    assert_eq!(
        thinking(r#","thinking":{"type":"disabled"}"#),
        Some(Thinking::Off)
    );
    assert_eq!(budget(1_024), Some(Thinking::On(Some(Effort::Low))));
    assert_eq!(budget(4_000), Some(Thinking::On(Some(Effort::Medium))));
    assert_eq!(budget(31_999), Some(Thinking::On(Some(Effort::High))));
    let adaptive = r#","thinking":{"type":"adaptive","display":"omitted"}"#;
    assert_eq!(thinking(adaptive), Some(Thinking::On(None)));
    for (name, effort) in [
        ("low", Effort::Low),
        ("medium", Effort::Medium),
        ("high", Effort::High),
        ("xhigh", Effort::Max),
        ("max", Effort::Max),
    ] {
        let members = format!(r#"{adaptive},"output_config":{{"effort":"{name}"}}"#);
        assert_eq!(thinking(&members), Some(Thinking::On(Some(effort))));
    }
}

#[test]
fn a_format_is_read_at_both_of_its_places() {
    let format = r#"{"type":"json_schema","schema":{"type": "object"}}"#;
    for members in [
        format!(r#","output_config":{{"format":{format}}}"#),
        format!(r#","output_format":{format},"output_config":{{"effort":"low"}}"#),
    ] {
        let Some(Format::Schema { schema, .. }) = common(&members).format else {
            panic!("{members}")
        };
        assert_eq!(schema.get(), r#"{"type": "object"}"#);
    }
    assert!(common(r#","output_format":null"#).format.is_none());
}

/// What Claude Code sends beside plain turns.
#[test]
fn an_agents_request_is_decoded() {
    let request = common(
        r#","metadata":{"user_id":"u"},"context_management":{"edits":[]},"mcp_servers":[],
        "thinking":{"type":"adaptive","display":"omitted"},"output_config":{"effort":"high"},"stream":true,
        "tools":[{"name":"n","input_schema":{},"defer_loading":true}]"#,
    );
    assert_eq!(request.tools.len(), 1);
    let found = r#"{"model":"m","max_tokens":1,"messages":[{"role":"user","content":"q"},{"role":"system","content":"s"},
        {"role":"user","content":[{"type":"tool_result","tool_use_id":"t","content":[{"type":"tool_reference","tool_name":"n"}]}]}]}"#;
    let request = MessagesRequest::read(found.as_bytes()).unwrap();
    let request = request.to_common().unwrap();
    assert_eq!(request.messages[1].role, Role::System);
    assert!(matches!(&request.messages[2].blocks[..],
        [Block::ToolResult { content, .. }] if matches!(&content[..], [ResultPart::Text(text)] if text == "n")));
}

#[test]
fn what_has_no_counterpart_is_named() {
    let refused = |members: &str| {
        let body = format!(r#"{{"model":"m","max_tokens":1,{members}}}"#);
        let request = MessagesRequest::read(body.as_bytes()).unwrap();
        request.to_common().unwrap_err().to_string()
    };
    insta::assert_snapshot!(refused(r#""messages":[{"role":"user","content":[{"type":"document","source":{"type":"base64","media_type":"application/pdf","data":""}}]}]"#), @"the `document` block at messages[0].content[0] can't be sent to this model's provider: remove it, or name a model whose provider takes it");
    insta::assert_snapshot!(refused(r#""messages":[],"tools":[{"type":"web_search_20250305","name":"web_search"}]"#), @"the provider's own tool `web_search_20250305` (tools[0]) can't be sent to this model's provider: remove it, or name a model whose provider takes it");
    insta::assert_snapshot!(refused(r#""messages":[{"role":"user","content":[{"type":"tool_use","id":"i","name":"n","input":"x"}]}]"#), @"`messages[0].content[0].input` must be an object");
    insta::assert_snapshot!(refused(r#""messages":[{"role":"user","content":[{"type":"text"}]}]"#), @"`messages[0].content[0].text` is required");
    insta::assert_snapshot!(refused(r#""messages":[{"role":"user","content":[{"type":"image","source":{"type":"url"}}]}]"#), @"`messages[0].content[0].source` must be a source of one of its types");
    insta::assert_snapshot!(refused(r#""messages":[{"role":"user","content":[{"type":"tool_result","tool_use_id":"i","content":{}}]}]"#), @"`messages[0].content[0].content` must be a string or an array of blocks");
    insta::assert_snapshot!(refused(r#""messages":[{"role":"robot","content":""}]"#), @"the request can't be translated for this model's provider: unknown variant `robot`, expected one of `user`, `assistant`, `system` at line 1 column 55");
    insta::assert_snapshot!(refused(r#""messages":[],"thinking":{"type":"odd"}"#), @"the request can't be translated for this model's provider: unknown variant `odd`, expected one of `disabled`, `enabled`, `adaptive` at line 1 column 66");
    insta::assert_snapshot!(refused(r#""messages":[],"output_config":{"format":{"type":"odd"}}"#), @"the format `odd` (`output_config.format`) can't be sent to this model's provider: remove it, or name a model whose provider takes it");
    insta::assert_snapshot!(refused(r#""messages":[],"output_format":{"type":"json_schema"}"#), @"`output_format.schema` is required");
    insta::assert_snapshot!(refused(r#""messages":[],"mcp_servers":[{}]"#), @"the provider's own connector `mcp_servers` can't be sent to this model's provider: remove it, or name a model whose provider takes it");
}
