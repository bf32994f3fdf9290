//! One request as every host of Chat Completions gets it, under the quirks that
//! the default catalog gives it.

use serde_json::value::RawValue;

use super::{CatalogFile, DEFAULT};
use crate::dialect::common::{
    Block, Effort, Format, Image, Message, Request, ResultPart, Role, Thinking, Tool, ToolChoice,
    ToolUse,
};
use crate::dialect::openai::request::encode::encode;

fn json(text: &str) -> Box<RawValue> {
    RawValue::from_string(text.to_owned()).unwrap()
}

/// A conversation with everything that hosts differ in.
pub(super) fn request() -> Request {
    let text = |text: &str| Block::Text(text.to_owned());
    let call = |id: &str, name: &str, input: &str| {
        Block::ToolUse(ToolUse {
            id: id.to_owned(),
            name: name.to_owned(),
            input: json(input),
        })
    };
    let result = |id: &str, content| Block::ToolResult {
        tool_use_id: id.to_owned(),
        content: vec![content],
    };
    let map = Image::Base64 {
        media_type: "image/png".to_owned(),
        data: "AA==".to_owned(),
    };
    let turn = |role, blocks| Message { role, blocks };
    let tool = |name: &str, strict| Tool {
        name: name.to_owned(),
        description: None,
        input_schema: json(r#"{"type":"object"}"#),
        strict,
    };
    Request {
        system: vec!["Be brief.".to_owned()],
        messages: vec![
            turn(
                Role::User,
                vec![text("Where is this?"), Block::Image(map.clone())],
            ),
            turn(
                Role::Assistant,
                vec![
                    call("toolu_01A09q90qw90lq91", "get_map", r#"{"near":"Paris"}"#),
                    call("gSIMJiOkT", "get_time", "{}"),
                ],
            ),
            turn(
                Role::User,
                vec![
                    result("toolu_01A09q90qw90lq91", ResultPart::Image(map)),
                    result("gSIMJiOkT", ResultPart::Text("noon".to_owned())),
                    text("Well?"),
                ],
            ),
        ],
        tools: vec![tool("get_map", None), tool("get_time", Some(true))],
        tool_choice: Some(ToolChoice::Any),
        parallel_tools: Some(false),
        max_tokens: Some(900),
        thinking: Some(Thinking::On(Some(Effort::Minimal))),
        format: Some(Format::Schema {
            name: Some("place".to_owned()),
            schema: json(r#"{"type":"object"}"#),
            strict: Some(true),
        }),
        temperature: Some(serde_json::from_str("0.5").unwrap()),
        ..Request::default()
    }
}

/// What `venue` gets.
fn sent(venue: &str) -> String {
    let quirks = CatalogFile::from_toml(DEFAULT).unwrap().providers[venue]
        .quirks
        .clone();
    let encoded = |request: &Request| encode(request, "m", true, &quirks);

    let stopped = Request {
        stop: vec!["END".to_owned()],
        ..request()
    };
    let stops = encoded(&stopped).map(|body| String::from_utf8(body).unwrap());
    match stops {
        Ok(body) => assert!(body.contains(r#""stop":["END"]"#)),
        Err(refused) => assert!(refused.to_string().contains("stop sequences")),
    }
    assert_eq!(quirks.stop, encoded(&stopped).is_ok());

    by_line(encoded(&request()).unwrap())
}

/// A body with a line for each message and for what follows them.
pub(super) fn by_line(body: Vec<u8>) -> String {
    serde_json::from_slice::<serde_json::Value>(&body).unwrap();
    let body = String::from_utf8(body).unwrap();
    body.replace(",{\"role\"", ",\n{\"role\"")
        .replace("],\"tools\"", "],\n\"tools\"")
        .replace(",\"tool_choice\"", ",\n\"tool_choice\"")
}

#[test]
fn openai() {
    insta::assert_snapshot!(sent("openai"), @r#"
    {"model":"m","messages":[{"role":"system","content":"Be brief."},
    {"role":"user","content":[{"type":"text","text":"Where is this?"},{"type":"image_url","image_url":{"url":"data:image/png;base64,AA=="}}]},
    {"role":"assistant","content":null,"tool_calls":[{"id":"toolu_01A09q90qw90lq91","type":"function","function":{"name":"get_map","arguments":"{\"near\":\"Paris\"}"}},{"id":"gSIMJiOkT","type":"function","function":{"name":"get_time","arguments":"{}"}}]},
    {"role":"tool","tool_call_id":"toolu_01A09q90qw90lq91","content":"The result is an image: see the next message."},
    {"role":"tool","tool_call_id":"gSIMJiOkT","content":"noon"},
    {"role":"user","content":[{"type":"image_url","image_url":{"url":"data:image/png;base64,AA=="}},{"type":"text","text":"Well?"}]}],
    "tools":[{"type":"function","function":{"name":"get_map","parameters":{"type":"object"}}},{"type":"function","function":{"name":"get_time","parameters":{"type":"object"},"strict":true}}],
    "tool_choice":"required","parallel_tool_calls":false,"max_completion_tokens":900,"reasoning_effort":"low","response_format":{"type":"json_schema","json_schema":{"name":"place","schema":{"type":"object"},"strict":true}},"stream":true,"stream_options":{"include_usage":true}}
    "#);
}

#[test]
fn gemini() {
    insta::assert_snapshot!(sent("gemini"), @r#"
    {"model":"m","messages":[{"role":"system","content":"Be brief."},
    {"role":"user","content":[{"type":"text","text":"Where is this?"},{"type":"image_url","image_url":{"url":"data:image/png;base64,AA=="}}]},
    {"role":"assistant","content":null,"tool_calls":[{"id":"toolu_01A09q90qw90lq91","type":"function","function":{"name":"get_map","arguments":"{\"near\":\"Paris\"}"},"extra_content":{"google":{"thought_signature":"skip_thought_signature_validator"}}},{"id":"gSIMJiOkT","type":"function","function":{"name":"get_time","arguments":"{}"},"extra_content":{"google":{"thought_signature":"skip_thought_signature_validator"}}}]},
    {"role":"tool","tool_call_id":"toolu_01A09q90qw90lq91","name":"get_map","content":"The result is an image: see the next message."},
    {"role":"tool","tool_call_id":"gSIMJiOkT","name":"get_time","content":"noon"},
    {"role":"user","content":[{"type":"image_url","image_url":{"url":"data:image/png;base64,AA=="}},{"type":"text","text":"Well?"}]}],
    "tools":[{"type":"function","function":{"name":"get_map","parameters":{"type":"object"}}},{"type":"function","function":{"name":"get_time","parameters":{"type":"object"},"strict":true}}],
    "tool_choice":"required","parallel_tool_calls":false,"max_completion_tokens":900,"extra_body":{"google":{"thinking_config":{"thinking_level":"low","include_thoughts":true}}},"response_format":{"type":"json_schema","json_schema":{"name":"place","schema":{"type":"object"},"strict":true}},"temperature":0.5,"stream":true,"stream_options":{"include_usage":true}}
    "#);
}

#[test]
fn mistral() {
    insta::assert_snapshot!(sent("mistral"), @r#"
    {"model":"m","messages":[{"role":"system","content":"Be brief."},
    {"role":"user","content":[{"type":"text","text":"Where is this?"},{"type":"image_url","image_url":{"url":"data:image/png;base64,AA=="}}]},
    {"role":"assistant","content":null,"tool_calls":[{"id":"Jlk8sYtM5","type":"function","function":{"name":"get_map","arguments":"{\"near\":\"Paris\"}"}},{"id":"gSIMJiOkT","type":"function","function":{"name":"get_time","arguments":"{}"}}]},
    {"role":"tool","tool_call_id":"Jlk8sYtM5","content":"The result is an image: see the next message."},
    {"role":"tool","tool_call_id":"gSIMJiOkT","content":"noon"},
    {"role":"assistant","content":"Go on."},
    {"role":"user","content":[{"type":"image_url","image_url":{"url":"data:image/png;base64,AA=="}},{"type":"text","text":"Well?"}]}],
    "tools":[{"type":"function","function":{"name":"get_map","parameters":{"type":"object"}}},{"type":"function","function":{"name":"get_time","parameters":{"type":"object"},"strict":true}}],
    "tool_choice":"required","parallel_tool_calls":false,"max_tokens":900,"reasoning_effort":"high","response_format":{"type":"json_schema","json_schema":{"name":"place","schema":{"type":"object"},"strict":true}},"temperature":0.5,"stream":true}
    "#);
}

#[test]
fn xai() {
    insta::assert_snapshot!(sent("xai"), @r#"
    {"model":"m","messages":[{"role":"system","content":"Be brief."},
    {"role":"user","content":[{"type":"text","text":"Where is this?"},{"type":"image_url","image_url":{"url":"data:image/png;base64,AA=="}}]},
    {"role":"assistant","content":null,"tool_calls":[{"id":"toolu_01A09q90qw90lq91","type":"function","function":{"name":"get_map","arguments":"{\"near\":\"Paris\"}"}},{"id":"gSIMJiOkT","type":"function","function":{"name":"get_time","arguments":"{}"}}]},
    {"role":"tool","tool_call_id":"toolu_01A09q90qw90lq91","content":"The result is an image: see the next message."},
    {"role":"tool","tool_call_id":"gSIMJiOkT","content":"noon"},
    {"role":"user","content":[{"type":"image_url","image_url":{"url":"data:image/png;base64,AA=="}},{"type":"text","text":"Well?"}]}],
    "tools":[{"type":"function","function":{"name":"get_map","parameters":{"type":"object"}}},{"type":"function","function":{"name":"get_time","parameters":{"type":"object"},"strict":true}}],
    "tool_choice":"required","parallel_tool_calls":false,"max_completion_tokens":900,"reasoning_effort":"low","response_format":{"type":"json_schema","json_schema":{"name":"place","schema":{"type":"object"},"strict":true}},"temperature":0.5,"stream":true,"stream_options":{"include_usage":true}}
    "#);
}

#[test]
fn together() {
    insta::assert_snapshot!(sent("together"), @r#"
    {"model":"m","messages":[{"role":"system","content":"Be brief."},
    {"role":"user","content":[{"type":"text","text":"Where is this?"},{"type":"image_url","image_url":{"url":"data:image/png;base64,AA=="}}]},
    {"role":"assistant","content":null,"tool_calls":[{"id":"toolu_01A09q90qw90lq91","type":"function","function":{"name":"get_map","arguments":"{\"near\":\"Paris\"}"}},{"id":"gSIMJiOkT","type":"function","function":{"name":"get_time","arguments":"{}"}}]},
    {"role":"tool","tool_call_id":"toolu_01A09q90qw90lq91","content":"The result is an image: see the next message."},
    {"role":"tool","tool_call_id":"gSIMJiOkT","content":"noon"},
    {"role":"user","content":[{"type":"image_url","image_url":{"url":"data:image/png;base64,AA=="}},{"type":"text","text":"Well?"}]}],
    "tools":[{"type":"function","function":{"name":"get_map","parameters":{"type":"object"}}},{"type":"function","function":{"name":"get_time","parameters":{"type":"object"},"strict":true}}],
    "tool_choice":"required","parallel_tool_calls":false,"max_tokens":900,"reasoning_effort":"low","response_format":{"type":"json_schema","json_schema":{"name":"place","schema":{"type":"object"},"strict":true}},"temperature":0.5,"stream":true,"stream_options":{"include_usage":true}}
    "#);
}

#[test]
fn groq() {
    insta::assert_snapshot!(sent("groq"), @r#"
    {"model":"m","messages":[{"role":"system","content":"Be brief."},
    {"role":"user","content":[{"type":"text","text":"Where is this?"},{"type":"image_url","image_url":{"url":"data:image/png;base64,AA=="}}]},
    {"role":"assistant","content":null,"tool_calls":[{"id":"toolu_01A09q90qw90lq91","type":"function","function":{"name":"get_map","arguments":"{\"near\":\"Paris\"}"}},{"id":"gSIMJiOkT","type":"function","function":{"name":"get_time","arguments":"{}"}}]},
    {"role":"tool","tool_call_id":"toolu_01A09q90qw90lq91","content":"The result is an image: see the next message."},
    {"role":"tool","tool_call_id":"gSIMJiOkT","content":"noon"},
    {"role":"user","content":[{"type":"image_url","image_url":{"url":"data:image/png;base64,AA=="}},{"type":"text","text":"Well?"}]}],
    "tools":[{"type":"function","function":{"name":"get_map","parameters":{"type":"object"}}},{"type":"function","function":{"name":"get_time","parameters":{"type":"object"},"strict":true}}],
    "tool_choice":"required","parallel_tool_calls":false,"max_completion_tokens":900,"reasoning_effort":"low","response_format":{"type":"json_schema","json_schema":{"name":"place","schema":{"type":"object"},"strict":true}},"temperature":0.5,"stream":true,"stream_options":{"include_usage":true}}
    "#);
}

#[test]
fn deepinfra() {
    insta::assert_snapshot!(sent("deepinfra"), @r#"
    {"model":"m","messages":[{"role":"system","content":"Be brief."},
    {"role":"user","content":[{"type":"text","text":"Where is this?"},{"type":"image_url","image_url":{"url":"data:image/png;base64,AA=="}}]},
    {"role":"assistant","content":null,"tool_calls":[{"id":"toolu_01A09q90qw90lq91","type":"function","function":{"name":"get_map","arguments":"{\"near\":\"Paris\"}"}},{"id":"gSIMJiOkT","type":"function","function":{"name":"get_time","arguments":"{}"}}]},
    {"role":"tool","tool_call_id":"toolu_01A09q90qw90lq91","content":"The result is an image: see the next message."},
    {"role":"tool","tool_call_id":"gSIMJiOkT","content":"noon"},
    {"role":"user","content":[{"type":"image_url","image_url":{"url":"data:image/png;base64,AA=="}},{"type":"text","text":"Well?"}]}],
    "tools":[{"type":"function","function":{"name":"get_map","parameters":{"type":"object"}}},{"type":"function","function":{"name":"get_time","parameters":{"type":"object"},"strict":true}}],
    "tool_choice":"required","parallel_tool_calls":false,"max_tokens":900,"reasoning_effort":"low","response_format":{"type":"json_schema","json_schema":{"name":"place","schema":{"type":"object"},"strict":true}},"temperature":0.5,"stream":true,"stream_options":{"include_usage":true}}
    "#);
}

#[test]
fn fireworks() {
    insta::assert_snapshot!(sent("fireworks"), @r#"
    {"model":"m","messages":[{"role":"system","content":"Be brief."},
    {"role":"user","content":[{"type":"text","text":"Where is this?"},{"type":"image_url","image_url":{"url":"data:image/png;base64,AA=="}}]},
    {"role":"assistant","content":null,"tool_calls":[{"id":"toolu_01A09q90qw90lq91","type":"function","function":{"name":"get_map","arguments":"{\"near\":\"Paris\"}"}},{"id":"gSIMJiOkT","type":"function","function":{"name":"get_time","arguments":"{}"}}]},
    {"role":"tool","tool_call_id":"toolu_01A09q90qw90lq91","content":"The result is an image: see the next message."},
    {"role":"tool","tool_call_id":"gSIMJiOkT","content":"noon"},
    {"role":"user","content":[{"type":"image_url","image_url":{"url":"data:image/png;base64,AA=="}},{"type":"text","text":"Well?"}]}],
    "tools":[{"type":"function","function":{"name":"get_map","parameters":{"type":"object"}}},{"type":"function","function":{"name":"get_time","parameters":{"type":"object"},"strict":true}}],
    "tool_choice":"required","parallel_tool_calls":false,"max_completion_tokens":900,"reasoning_effort":"low","response_format":{"type":"json_schema","json_schema":{"name":"place","schema":{"type":"object"},"strict":true}},"temperature":0.5,"stream":true}
    "#);
}

#[test]
fn novita() {
    insta::assert_snapshot!(sent("novita"), @r#"
    {"model":"m","messages":[{"role":"system","content":"Be brief."},
    {"role":"user","content":[{"type":"text","text":"Where is this?"},{"type":"image_url","image_url":{"url":"data:image/png;base64,AA=="}}]},
    {"role":"assistant","content":null,"tool_calls":[{"id":"toolu_01A09q90qw90lq91","type":"function","function":{"name":"get_map","arguments":"{\"near\":\"Paris\"}"}},{"id":"gSIMJiOkT","type":"function","function":{"name":"get_time","arguments":"{}"}}]},
    {"role":"tool","tool_call_id":"toolu_01A09q90qw90lq91","content":"The result is an image: see the next message."},
    {"role":"tool","tool_call_id":"gSIMJiOkT","content":"noon"},
    {"role":"user","content":[{"type":"image_url","image_url":{"url":"data:image/png;base64,AA=="}},{"type":"text","text":"Well?"}]}],
    "tools":[{"type":"function","function":{"name":"get_map","parameters":{"type":"object"}}},{"type":"function","function":{"name":"get_time","parameters":{"type":"object"},"strict":true}}],
    "tool_choice":"required","parallel_tool_calls":false,"max_tokens":900,"enable_thinking":true,"response_format":{"type":"json_schema","json_schema":{"name":"place","schema":{"type":"object"},"strict":true}},"temperature":0.5,"stream":true,"stream_options":{"include_usage":true}}
    "#);
}
