//! Laws of requests.

use proptest::prelude::*;
use serde_json::{Value, json};

use super::ChatRequest;
use crate::dialect::openai::{MaxTokensField, Quirks};

fn space() -> impl Strategy<Value = &'static str> {
    prop::sample::select(vec!["", " ", "\r\n\t"])
}

/// A member that nothing reads, in forms that a parser and a printer would not
/// keep.
fn unread() -> impl Strategy<Value = String> {
    prop::sample::select(vec![
        r#""x":1.0"#,
        r#""y" : -0e+2"#,
        r#""z":"a\u00e9\/\ud83d""#,
        r#""models":["\"model\":",  {"model":"m"}]"#,
        r#""développer":null"#,
    ])
    .prop_map(str::to_owned)
}

/// A member, and what the provider gets in its place.
type Sent = (String, Option<String>);

fn same(member: &str) -> Sent {
    (member.to_owned(), Some(member.to_owned()))
}

/// The turns, with and without developers.
fn messages() -> impl Strategy<Value = Sent> {
    let turn = prop::sample::select(vec![
        r#"{"role":"developer" ,"content":"developer"}"#,
        r#"{"content" : "]\"}","role":"user"}"#,
        r#"{"tool_calls":[{"role":"developer"}],"role":"assistant"}"#,
        "7",
    ]);
    (prop::collection::vec(turn, 0..4), space()).prop_map(|(turns, space)| {
        let text = format!(r#""messages":{space}[{space}{}]"#, turns.join(","));
        let system = text.replace(r#""role":"developer" "#, r#""role":"system" "#);
        (text, Some(system))
    })
}

fn limit() -> impl Strategy<Value = Vec<Sent>> {
    prop::sample::select(vec![
        vec![],
        vec![same(r#""max_tokens" : 7"#)],
        vec![(
            r#""max_completion_tokens" : 7"#.to_owned(),
            Some(r#""max_tokens" : 7"#.to_owned()),
        )],
    ])
}

/// What a stream's options become, `None` where they are not there.
fn options() -> impl Strategy<Value = Option<Sent>> {
    let asking = |options: &str, asking: &str| {
        let member = |value: &str| format!(r#""stream_options" :{value}"#);
        Some((member(options), Some(member(asking))))
    };
    prop::sample::select(vec![
        None,
        asking("null", r#"{"include_usage":true}"#),
        asking("{}", r#"{"include_usage":true}"#),
        asking(
            r#"{"a":1e0, "include_usage" : false }"#,
            r#"{"a":1e0, "include_usage" : true }"#,
        ),
        asking(r#"{ "a":1e0 }"#, r#"{ "a":1e0,"include_usage":true }"#),
        asking(r#"{"include_usage":true }"#, r#"{"include_usage":true }"#),
    ])
}

proptest! {
    #[test]
    fn every_other_byte_stays(
        messages in messages(), limit in limit(), options in options(),
        unread in prop::collection::vec(unread(), 0..3),
        hint in prop::option::of(Just(r#""routing_hint" : {"a":[","]}"#)),
        spaces in prop::collection::vec(space(), 12),
        order in Just((0..12).collect::<Vec<usize>>()).prop_shuffle(),
    ) {
        let mut members = vec![
            messages,
            (r#""model": "m""#.to_owned(), Some(r#""model": "up""#.to_owned())),
            same(r#""stream":true"#),
        ];
        members.extend(limit);
        let is_added = options.is_none();
        members.extend(options);
        members.extend(unread.iter().map(|member| same(member)));
        members.extend(hint.map(|hint| (hint.to_owned(), None)));
        let mut placed: Vec<_> = members.into_iter().zip(&order).zip(&spaces).collect();
        placed.sort_by_key(|((_, place), _)| **place);
        // White space goes with the member that it leads.
        let mut before = Vec::new();
        let mut after = Vec::new();
        for (((member, sent), _), space) in placed {
            before.push(format!("{space}{member}"));
            after.extend(sent.map(|sent| format!("{space}{sent}")));
        }
        if is_added {
            after.push(r#""stream_options":{"include_usage":true}"#.to_owned());
        }
        let body = format!(" {{{}}}\n", before.join(","));
        let quirks = Quirks {
            max_tokens_field: MaxTokensField::MaxTokens,
            developer_role: false,
            ..Quirks::default()
        };
        let sent = ChatRequest::read(body.as_bytes()).unwrap().for_upstream("up", &quirks);
        prop_assert_eq!(String::from_utf8(sent).unwrap(), format!(" {{{}}}\n", after.join(",")));
    }

    #[test]
    fn any_json_is_decoded_or_refused(body in odd()) {
        let text = body.to_string();
        if let Ok(request) = ChatRequest::read(text.as_bytes()) {
            let _ = request.to_common();
            for developer_role in [false, true] {
                let quirks = Quirks { developer_role, ..Quirks::default() };
                let sent: Value = serde_json::from_slice(&request.for_upstream("up", &quirks)).unwrap();
                prop_assert_eq!(&sent["model"], "up");
            }
        }
    }
}

/// A request of the right words, of which some are in the wrong places.
fn odd() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(json!(null)),
        Just(json!(true)),
        Just(json!(3)),
        prop::sample::select(vec![
            "text",
            "image_url",
            "function",
            "user",
            "assistant",
            "tool",
            "system",
            "developer",
            "{}",
            "",
            "auto",
            "data:image/png;base64,A",
            "json_schema",
            "high",
            "refusal",
        ])
        .prop_map(Value::from),
    ];
    let value = leaf.prop_recursive(4, 32, 4, |inner| {
        let key = prop::sample::select(vec![
            "role",
            "type",
            "content",
            "text",
            "refusal",
            "tool_calls",
            "function",
            "arguments",
            "name",
            "id",
            "tool_call_id",
            "image_url",
            "url",
            "json_schema",
            "schema",
        ]);
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::btree_map(key, inner, 0..6).prop_map(object),
        ]
    });
    let option = prop::sample::select(vec![
        "tools",
        "tool_choice",
        "stop",
        "reasoning_effort",
        "response_format",
        "stream",
        "stream_options",
        "modalities",
        "n",
    ]);
    let message = prop::collection::btree_map(
        prop::sample::select(vec!["role", "content", "tool_calls", "tool_call_id"]),
        value.clone(),
        0..4,
    );
    let messages = prop::collection::vec(message.prop_map(object), 0..4);
    let options = prop::collection::btree_map(option, value, 0..3);
    (messages, options).prop_map(|(messages, options)| {
        let mut body = object(options);
        body["model"] = json!("m");
        body["messages"] = Value::from(messages);
        body
    })
}

fn object(members: std::collections::BTreeMap<&str, Value>) -> Value {
    let members = members.into_iter();
    members
        .map(|(key, value)| (key.to_owned(), value))
        .collect()
}
