//! The measure of a request.

use proptest::prelude::*;
use serde_json::{Value, json};

use super::{read, with};
use crate::dialect::Shape;

fn shape(members: &str) -> Shape {
    read(&with(members)).head.shape
}

fn messages(messages: &str) -> Shape {
    read(&format!(r#"{{"model":"m","messages":{messages}}}"#))
        .head
        .shape
}

#[test]
fn text_is_measured_decoded_and_images_are_counted() {
    let shape = messages(
        r#"[
        {"role":"developer","content":"\u00e9\n"},
        {"role":"user","content":[{"type":"text","text":"four"},
            {"type":"image_url","image_url":{"url":"data:image/png;base64,AAAA","detail":"low"}},
            {"type":"input_audio","input_audio":{"data":"AAAA"}},
            {"type":"new","text":"odd"}]},
        {"role":"assistant","content":null,"refusal":"no","reasoning_content":"hm"}]"#,
    );
    assert_eq!(shape.text_bytes, 3 + 4 + 3 + 2 + 2);
    assert_eq!((shape.images, shape.tools), (1, false));
}

#[test]
fn tools_are_noticed_wherever_they_show() {
    for (history, bytes) in [
        (
            r#"[{"role":"assistant","tool_calls":[{"id":"t","function":{"name":"n","arguments":"{\"a\":1}"}}]}]"#,
            7,
        ),
        (
            r#"[{"tool_calls":[{"function":{"arguments":{"a": 1}}},{"type":"custom","custom":{"input":"abc"}}]}]"#,
            11,
        ),
        (r#"[{"role":"tool","tool_call_id":"t","content":"ok"}]"#, 2),
        (r#"[{"role":"function","name":"n","content":"ok"}]"#, 2),
        (r#"[{"function_call":{"name":"n","arguments":"{}"}}]"#, 2),
    ] {
        let shape = messages(history);
        assert_eq!((shape.tools, shape.text_bytes), (true, bytes), "{history}");
    }
    for none in [
        r#","tools":[ ],"functions":[]"#,
        r#","messages_":[{"tool_calls":[]}]"#,
    ] {
        assert_eq!(shape(none), Shape::default());
    }
    assert_eq!(
        messages(r#"[{"role":"assistant","tool_calls":[],"function_call":null}]"#),
        Shape::default()
    );
    for (defined, bytes) in [
        (r#","tools":[{"name": "x"}, {}]"#, 19),
        (r#","functions":[{}]"#, 4),
    ] {
        let shape = shape(defined);
        assert_eq!((shape.tools, shape.text_bytes), (true, bytes));
    }
}

#[test]
fn every_effort_but_none_needs_a_model_that_thinks() {
    let thinking = |effort: &str| shape(&format!(r#","reasoning_effort":{effort}"#)).thinking;
    for effort in ["\"minimal\"", "\"low\"", "\"xhigh\"", "\"new\""] {
        assert!(thinking(effort), "{effort}");
    }
    for effort in ["\"none\"", "\"\"", "null", "7", "{}"] {
        assert!(!thinking(effort), "{effort}");
    }
}

/// The same by a plain parser.
fn slowly(body: &Value) -> Shape {
    let text = |value: &Value| value.as_str().map_or(0, str::len) as u64;
    let list = |value: &Value| value.as_array().cloned().unwrap_or_default();
    let mut shape = Shape {
        max_tokens: body["max_tokens"].as_u64(),
        ..Shape::default()
    };
    let mut call = |call: &Value| {
        for field in ["arguments", "input"] {
            shape.text_bytes += match &call[field] {
                Value::String(text) => text.len() as u64,
                _ if call.get(field).is_none() => 0,
                other => other.to_string().len() as u64,
            };
        }
    };
    for message in list(&body["messages"]) {
        for made in list(&message["tool_calls"]) {
            call(&made["function"]);
            call(&made["custom"]);
        }
        call(&message["function_call"]);
    }
    for message in list(&body["messages"]) {
        for field in ["content", "refusal", "reasoning_content"] {
            shape.text_bytes += text(&message[field]);
        }
        for part in list(&message["content"]) {
            shape.text_bytes += text(&part["text"]) + text(&part["refusal"]);
            shape.images += u32::from(part["type"] == "image_url");
        }
        shape.tools |= message["role"] == "tool"
            || !list(&message["tool_calls"]).is_empty()
            || message["function_call"].is_object();
    }
    let tools = list(&body["tools"]);
    if !tools.is_empty() {
        shape.tools = true;
        shape.text_bytes += body["tools"].to_string().len() as u64;
    }
    shape.thinking = !matches!(body["reasoning_effort"].as_str(), None | Some("" | "none"));
    shape
}

/// JSON of the words that a request is made of, mostly in the wrong places.
fn odd() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(json!(null)),
        Just(json!(1.5)),
        prop::sample::select(vec!["text", "image_url", "tool", "developer", "é\"\\\n😀"])
            .prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 24, 4, |inner| {
        let key = prop::sample::select(vec![
            "role",
            "type",
            "content",
            "text",
            "refusal",
            "reasoning_content",
            "tool_calls",
            "function",
            "custom",
            "arguments",
            "input",
            "function_call",
        ]);
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::btree_map(key, inner, 0..5).prop_map(|members| members
                .into_iter()
                .map(|(key, value)| (key.to_owned(), value))
                .collect()),
        ]
    })
}

proptest! {
    #[test]
    fn it_equals_a_parsers(
        messages in prop::collection::vec(odd(), 0..5),
        tools in prop::option::of(prop::collection::vec(odd(), 0..3)),
        effort in odd(),
        pretty in any::<bool>(),
    ) {
        let body = json!({"model": "m", "messages": messages, "tools": tools, "reasoning_effort": effort, "max_tokens": 7});
        let mut expected = slowly(&body);
        let text = if pretty { serde_json::to_string_pretty(&body) } else { serde_json::to_string(&body) };
        let text = text.unwrap();
        let mut measured = read(&text).head.shape;
        if pretty {
            // White space in JSON that counts as it is.
            prop_assert!(measured.text_bytes >= expected.text_bytes);
            (measured.text_bytes, expected.text_bytes) = (0, 0);
        }
        prop_assert_eq!(measured, expected);
    }
}
