//! Requests in the form between dialects.

use super::{read, with};
use crate::dialect::common::{
    Block, Effort, Format, Image, Request, ResultPart, Role, Thinking, ToolChoice,
};

fn common(members: &str) -> Request {
    read(&with(members)).to_common().unwrap()
}

fn talk(messages: &str) -> Request {
    read(&format!(r#"{{"model":"m","messages":{messages}}}"#))
        .to_common()
        .unwrap()
}

fn refused(members: &str) -> String {
    read(&with(members)).to_common().unwrap_err().to_string()
}

fn refused_message(message: &str) -> String {
    let body = format!(r#"{{"model":"m","messages":[{{"role":"user","content":""}},{message}]}}"#);
    read(&body).to_common().unwrap_err().to_string()
}

#[test]
fn a_conversation_is_decoded() {
    let request = talk(
        r#"[
        {"role":"system","content":"S\ud83d"},
        {"role":"developer","content":[{"type":"text","text":"D"},{"type":"text","text":""},{"type":"text","text":"E"}]},
        {"role":"user","name":"ann","content":[{"type":"text","text":"q"},
            {"type":"image_url","image_url":{"url":"https://x/i.png","detail":"high"}},
            {"type":"image_url","image_url":{"url":"data:image/png;base64,AA=="}}]},
        {"role":"assistant","content":"","reasoning_content":"hm","tool_calls":[
            {"id":"t","type":"function","function":{"name":"f","arguments":" {\"a\": 1.0} "}},
            {"id":"u","function":{"name":"g","arguments":""}}]},
        {"role":"tool","tool_call_id":"t","content":"r"},
        {"role":"tool","tool_call_id":"u","content":[{"type":"text","text":"s"}]},
        {"role":"user","content":"more"},
        {"role":"system","content":"late"},
        {"role":"assistant","content":[{"type":"text","text":"a"},{"type":"refusal","refusal":"b"}],"refusal":"c"},
        {"role":"tool","tool_call_id":"v","content":""}]"#,
    );
    assert!(request.system[0].starts_with("S\u{fffd}"));
    assert_eq!(request.system[1..], ["D", "E"]);
    let roles: Vec<_> = request.messages.iter().map(|turn| turn.role).collect();
    use Role::{Assistant, System, User};
    assert_eq!(
        roles,
        [User, Assistant, User, User, System, Assistant, User]
    );
    let blocks = |turn: usize| &request.messages[turn].blocks[..];
    assert!(matches!(blocks(0), [
        Block::Text(q), Block::Image(Image::Url(url)), Block::Image(Image::Base64 { media_type, data }),
    ] if q == "q" && url == "https://x/i.png" && media_type == "image/png" && data == "AA=="));
    assert!(matches!(blocks(1), [Block::ToolUse(f), Block::ToolUse(g)]
        if (f.id.as_str(), f.name.as_str(), f.input.get()) == ("t", "f", r#"{"a": 1.0}"#)
        && (g.id.as_str(), g.input.get()) == ("u", "{}")));
    let result = |block: &Block| match block {
        Block::ToolResult {
            tool_use_id,
            content,
        } => match &content[..] {
            [] => (tool_use_id.clone(), String::new()),
            [ResultPart::Text(text)] => (tool_use_id.clone(), text.clone()),
            other => panic!("{other:?}"),
        },
        other => panic!("{other:?}"),
    };
    let results = |turn: usize| blocks(turn).iter().map(result).collect::<Vec<_>>();
    let is = |id: &str, text: &str| (id.to_owned(), text.to_owned());
    assert_eq!(results(2), [is("t", "r"), is("u", "s")]);
    assert!(matches!(blocks(3), [Block::Text(text)] if text == "more"));
    assert!(matches!(blocks(4), [Block::Text(text)] if text == "late"));
    assert!(
        matches!(blocks(5), [Block::Text(a), Block::Text(b), Block::Text(c)]
        if [a, b, c] == ["a", "b", "c"])
    );
    assert_eq!(results(6), [is("v", "")]);
}

#[test]
fn tools_are_decoded() {
    let request = common(
        r#","parallel_tool_calls":false,"tool_choice":{"type":"function","function":{"name":"f"}},"tools":[
        {"type":"function","function":{"name":"f","description":"d","parameters":{"type": "object"},"strict":true}},
        {"type":"function","function":{"name":"g","description":null,"parameters":null,"strict":null}}]"#,
    );
    assert_eq!(request.tool_choice, Some(ToolChoice::Tool("f".into())));
    assert_eq!(request.parallel_tools, Some(false));
    let [f, g] = &request.tools[..] else {
        panic!("{:?}", request.tools)
    };
    assert_eq!(
        (f.name.as_str(), f.description.as_deref(), f.strict),
        ("f", Some("d"), Some(true))
    );
    assert_eq!(f.input_schema.get(), r#"{"type": "object"}"#);
    assert_eq!(
        (g.description.as_deref(), g.strict, g.input_schema.get()),
        (None, None, r#"{"type":"object","properties":{}}"#)
    );
    for (choice, expected) in [
        ("\"auto\"", Some(ToolChoice::Auto)),
        ("\"required\"", Some(ToolChoice::Any)),
        ("\"none\"", Some(ToolChoice::None)),
        ("null", None),
    ] {
        let request = common(&format!(r#","tool_choice":{choice}"#));
        assert_eq!(request.tool_choice, expected);
    }
}

#[test]
fn options_are_decoded_and_hints_left_out() {
    let request = common(
        r#","stop":"E","temperature":0.50,"top_p":1,"max_completion_tokens":9,"n":1,"logprobs":false,
        "modalities":["text"],"seed":7,"frequency_penalty":1,"presence_penalty":1,"logit_bias":{"1":1},"top_logprobs":null,
        "user":"u","metadata":{},"store":true,"service_tier":"auto","verbosity":"low","prediction":{"type":"content"},
        "prompt_cache_key":"k","safety_identifier":"s","functions":null,"function_call":null,"web_search_options":null,"audio":null"#,
    );
    assert_eq!(
        (request.stop, request.max_tokens),
        (vec!["E".into()], Some(9))
    );
    assert_eq!(request.temperature.unwrap().to_string(), "0.5");
    assert_eq!(request.top_p.unwrap().to_string(), "1");
    assert_eq!(
        common(r#","stop":["a","b"],"max_tokens":2"#).stop,
        ["a", "b"]
    );
    assert!(common(r#","stop":null"#).stop.is_empty());
}

#[test]
fn every_effort_is_decoded() {
    let thinking = |effort: &str| common(&format!(r#","reasoning_effort":{effort}"#)).thinking;
    assert_eq!(thinking("null"), None);
    assert_eq!(thinking("\"none\""), Some(Thinking::Off));
    for (name, effort) in [
        ("minimal", Effort::Minimal),
        ("low", Effort::Low),
        ("medium", Effort::Medium),
        ("high", Effort::High),
        ("xhigh", Effort::Max),
    ] {
        let read = thinking(&format!("\"{name}\""));
        assert_eq!(read, Some(Thinking::On(Some(effort))));
    }
}

#[test]
fn every_format_is_decoded() {
    let format = |format: &str| common(&format!(r#","response_format":{format}"#)).format;
    assert!(format("null").is_none() && format(r#"{"type":"text"}"#).is_none());
    assert!(matches!(
        format(r#"{"type":"json_object"}"#),
        Some(Format::Json)
    ));
    let schema = r#"{"type":"json_schema","json_schema":{"name":"n","description":"d","schema":{"type": "object"},"strict":true}}"#;
    assert!(
        matches!(format(schema), Some(Format::Schema { name, schema, strict })
        if name.as_deref() == Some("n") && schema.get() == r#"{"type": "object"}"# && strict == Some(true))
    );
}

#[test]
fn what_has_no_counterpart_is_named() {
    insta::assert_snapshot!(refused(r#","n":2"#), @"`n` above 1 can't be sent to this model's provider: remove it, or name a model whose provider takes it");
    insta::assert_snapshot!(refused(r#","logprobs":true"#), @"`logprobs` can't be sent to this model's provider: remove it, or name a model whose provider takes it");
    insta::assert_snapshot!(refused(r#","modalities":["text","audio"]"#), @"`audio` as one of `modalities` can't be sent to this model's provider: remove it, or name a model whose provider takes it");
    insta::assert_snapshot!(refused(r#","web_search_options":{}"#), @"the provider's own `web_search_options` can't be sent to this model's provider: remove it, or name a model whose provider takes it");
    insta::assert_snapshot!(refused(r#","tools":[{"type":"custom","custom":{"name":"n"}}]"#), @"the `custom` tool (tools[0]) can't be sent to this model's provider: remove it, or name a model whose provider takes it");
    insta::assert_snapshot!(refused(r#","tool_choice":{"type":"allowed_tools","allowed_tools":{}}"#), @"the `allowed_tools` choice (`tool_choice`) can't be sent to this model's provider: remove it, or name a model whose provider takes it");
    insta::assert_snapshot!(refused(r#","response_format":{"type":"grammar"}"#), @"the `grammar` format (`response_format`) can't be sent to this model's provider: remove it, or name a model whose provider takes it");
    insta::assert_snapshot!(refused_message(r#"{"role":"user","content":[{"type":"text","text":""},{"type":"input_audio","input_audio":{}}]}"#), @"the `input_audio` part at messages[1].content[1] can't be sent to this model's provider: remove it, or name a model whose provider takes it");
    insta::assert_snapshot!(refused_message(r#"{"role":"user","content":[{"type":"file","file":{}}]}"#), @"the `file` part at messages[1].content[0] can't be sent to this model's provider: remove it, or name a model whose provider takes it");
    insta::assert_snapshot!(refused_message(r#"{"role":"system","content":[{"type":"image_url","image_url":{"url":"u"}}]}"#), @"the `image_url` part at messages[1].content[0] can't be sent to this model's provider: remove it, or name a model whose provider takes it");
    insta::assert_snapshot!(refused_message(r#"{"role":"assistant","content":null,"audio":{"id":"a"}}"#), @"the audio at messages[1] can't be sent to this model's provider: remove it, or name a model whose provider takes it");
    insta::assert_snapshot!(refused_message(r#"{"role":"assistant","tool_calls":[{"id":"i","type":"custom","custom":{}}]}"#), @"the `custom` call at messages[1].tool_calls[0] can't be sent to this model's provider: remove it, or name a model whose provider takes it");
}

#[test]
fn older_forms_are_refused_by_the_newer_name() {
    insta::assert_snapshot!(refused(r#","functions":[{"name":"f"}]"#), @"`functions` must be given as `tools`");
    insta::assert_snapshot!(refused(r#","function_call":"auto""#), @"`function_call` must be given as `tool_choice`");
    insta::assert_snapshot!(refused_message(r#"{"role":"assistant","function_call":{"name":"f","arguments":"{}"}}"#), @"`messages[1].function_call` must be given as `tool_calls`");
    insta::assert_snapshot!(refused_message(r#"{"role":"function","name":"f","content":"r"}"#), @"`messages[1].role` must be `tool`, with the `tool_call_id` of the call");
}

#[test]
fn mistakes_are_told_by_their_place() {
    insta::assert_snapshot!(refused_message(r#"{"content":""}"#), @"`messages[1].role` is required");
    insta::assert_snapshot!(refused_message(r#"{"role":"robot"}"#), @"`messages[1].role` must be `system`, `developer`, `user`, `assistant` or `tool`");
    insta::assert_snapshot!(refused_message(r#"{"role":"user"}"#), @"`messages[1].content` is required");
    insta::assert_snapshot!(refused_message(r#"{"role":"user","content":{}}"#), @"`messages[1].content` must be a string or an array of parts");
    insta::assert_snapshot!(refused_message(r#"{"role":"user","content":[{"text":"x"}]}"#), @"`messages[1].content[0].type` is required");
    insta::assert_snapshot!(refused_message(r#"{"role":"user","content":[{"type":"text"}]}"#), @"`messages[1].content[0].text` is required");
    insta::assert_snapshot!(refused_message(r#"{"role":"user","content":[{"type":"image_url"}]}"#), @"`messages[1].content[0].image_url` is required");
    insta::assert_snapshot!(refused_message(r#"{"role":"user","content":[{"type":"image_url","image_url":{"url":"data:image/png,AA"}}]}"#), @"`messages[1].content[0].image_url.url` must be an address or a data URL in base64");
    insta::assert_snapshot!(refused_message(r#"{"role":"tool","content":"r"}"#), @"`messages[1].tool_call_id` is required");
    insta::assert_snapshot!(refused_message(r#"{"role":"assistant","tool_calls":[{"function":{}}]}"#), @"`messages[1].tool_calls[0].id` is required");
    insta::assert_snapshot!(refused_message(r#"{"role":"assistant","tool_calls":[{"id":"i","function":{"name":"f"}}]}"#), @"`messages[1].tool_calls[0].function.arguments` is required");
    for arguments in ["[1]", "{", "null", "{} {}"] {
        let call = format!(r#"{{"id":"i","function":{{"name":"f","arguments":"{arguments}"}}}}"#);
        let message = format!(r#"{{"role":"assistant","tool_calls":[{call}]}}"#);
        assert_eq!(
            refused_message(&message),
            "`messages[1].tool_calls[0].function.arguments` must be a JSON object in a string"
        );
    }
    insta::assert_snapshot!(refused(r#","tools":[{}]"#), @"`tools[0].type` is required");
    insta::assert_snapshot!(refused(r#","tools":[{"type":"function","function":{"name":"f","parameters":[]}}]"#), @"`tools[0].function.parameters` must be an object");
    insta::assert_snapshot!(refused(r#","tool_choice":"any""#), @"`tool_choice` must be `auto`, `required`, `none` or an object that names a function");
    insta::assert_snapshot!(refused(r#","tool_choice":{"type":"function","function":{}}"#), @"`tool_choice.function.name` is required");
    insta::assert_snapshot!(refused(r#","stop":[1]"#), @"`stop` must be a string or an array of strings");
    insta::assert_snapshot!(refused(r#","reasoning_effort":"much""#), @"`reasoning_effort` must be `none`, `minimal`, `low`, `medium`, `high` or `xhigh`");
    insta::assert_snapshot!(refused(r#","response_format":{"type":"json_schema"}"#), @"`response_format.json_schema` is required");
    insta::assert_snapshot!(refused(r#","response_format":{"type":"json_schema","json_schema":{"name":"n"}}"#), @"`response_format.json_schema.schema` is required");
    insta::assert_snapshot!(refused(r#","temperature":"hot""#), @r#"the request can't be translated for this model's provider: invalid type: string "hot", expected a JSON number at line 1 column 46"#);
}
