#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]

use super::*;
use proptest::prelude::*;

fn edited(body: &str) -> String {
    let top = TopLevel::parse(body.as_bytes()).unwrap();
    let edit = top
        .edit()
        .replace("model", "\"new\"")
        .remove("routing_hint");
    String::from_utf8(edit.finish()).unwrap()
}

fn edited_more(body: &str) -> String {
    let top = TopLevel::parse(body.as_bytes()).unwrap();
    let edit = top.edit().rename("old", "new").remove("routing_hint");
    let edit = edit.add("added", "[]").add("also", "1");
    String::from_utf8(edit.finish()).unwrap()
}

#[test]
fn edits_leave_every_other_byte() {
    let cases = [
        ("{}", "{}"),
        (r#" { "model" : "a" } "#, r#" { "model" : "new" } "#),
        (r#"{"routing_hint":{}}"#, "{}"),
        (r#"{ "routing_hint":{}, "x":1.0}"#, r#"{ "x":1.0}"#),
        (
            r#"{"x":1e2 ,"routing_hint": 1 , "y":2}"#,
            r#"{"x":1e2 , "y":2}"#,
        ),
        (r#"{"x":1 , "routing_hint":[","]}"#, r#"{"x":1}"#),
        (
            r#"{"x":1,"routing_hint":1,"routing_hint":2,"y":3}"#,
            r#"{"x":1,"y":3}"#,
        ),
        (
            r#"{"routing_hint":1 , "routing_hint":2, "y":3}"#,
            r#"{ "y":3}"#,
        ),
        (
            r#"{"routing_hint":1,"model":2,"routing_hint":3}"#,
            r#"{"model":"new"}"#,
        ),
        (
            r#"{"mod\u0065l":"a","\u006dodels":"b"}"#,
            r#"{"mod\u0065l":"new","\u006dodels":"b"}"#,
        ),
    ];
    for (body, expected) in cases {
        assert_eq!(edited(body), expected, "{body}");
    }
}

#[test]
fn members_are_renamed_and_added() {
    let cases = [
        ("{}", r#"{"added":[],"also":1}"#),
        (
            r#"{ "routing_hint":1 , "routing_hint":2 }"#,
            r#"{"added":[],"also":1 }"#,
        ),
        (
            "{\"x\":1 ,\n\"routing_hint\":2\n}",
            "{\"x\":1,\"added\":[],\"also\":1\n}",
        ),
        (
            r#"{"routing_hint":2, "old" : "old" ,"x":{"old":1} }"#,
            r#"{ "new" : "old" ,"x":{"old":1},"added":[],"also":1 }"#,
        ),
        (
            r#"{"ol\u0064":"\"\\","old":2}"#,
            r#"{"new":"\"\\","new":2,"added":[],"also":1}"#,
        ),
    ];
    for (body, expected) in cases {
        assert_eq!(edited_more(body), expected, "{body}");
    }
}

#[test]
fn values_are_edited_inside() {
    let body = r#"{"a":[1, 2],"model":3}"#;
    let top = TopLevel::parse(body.as_bytes()).unwrap();
    let list = top.span(top.get("a").unwrap().unwrap());
    assert_eq!(&body[list.clone()], "[1, 2]");
    let mut cuts = Cuts::new(body, list.start + 1);
    cuts.cut(list.start + 2);
    cuts.keep(list.end - 1);
    let mut splices = cuts.finish();
    splices.put(list.end - 2..list.end - 1, "two");
    let edit = top.edit().replace("model", "4").inside(splices);
    insta::assert_snapshot!(String::from_utf8(edit.finish()).unwrap(), @r#"{"a":[ two],"model":4}"#);
}

#[test]
fn a_key_is_found_by_its_decoded_name_and_only_once() {
    let top = TopLevel::parse(br#"{"mod\u0065l":1,"model":2,"Model":3}"#).unwrap();
    let error = top.get("model").unwrap_err();
    insta::assert_snapshot!(error, @"`model` occurs more than once: leave one");
    assert_eq!(top.get("Model").unwrap().unwrap().get(), "3");
    assert!(top.get("stream").unwrap().is_none());
}

#[test]
fn half_a_surrogate_pair_passes() {
    let body = r#"{"\ud800":"\ud800","model":1}"#;
    assert_eq!(edited(body), r#"{"\ud800":"\ud800","model":"new"}"#);
}

#[test]
fn bad_bodies_are_told_where_they_break() {
    let told = |body: &[u8]| TopLevel::parse(body).unwrap_err().to_string();
    insta::assert_snapshot!(told(b"{\n \"a\": tru }"), @"the body is not valid JSON: expected ident at line 2 column 10");
    insta::assert_snapshot!(told(b""), @"the body is not valid JSON: EOF while parsing a value at line 1 column 0");
    insta::assert_snapshot!(told(b"{\"a\":1"), @"the body is not valid JSON: EOF while parsing an object at line 1 column 6");
    insta::assert_snapshot!(told(b"{} {}"), @"the body is not valid JSON: trailing characters at line 1 column 4");
    insta::assert_snapshot!(told(b"[{}]"), @"the body must be a JSON object");
    insta::assert_snapshot!(told(b"17"), @"the body must be a JSON object");
    insta::assert_snapshot!(told(b"{\n\"a\": \"\xff\"}"), @"the body is not UTF-8: invalid byte at line 2 column 7");
}

#[test]
fn members_are_limited() {
    let body = |members: usize| format!("{{{}}}", vec!["\"\":0"; members].join(","));
    assert!(TopLevel::parse(body(MAX_MEMBERS).as_bytes()).is_ok());
    let error = TopLevel::parse(body(MAX_MEMBERS + 1).as_bytes()).unwrap_err();
    insta::assert_snapshot!(error, @"the body has more than 1024 fields");
}

#[test]
fn deep_nesting_needs_no_stack() {
    let deep = |close: usize| format!("{{\"a\":{}{}}}", "[".repeat(100_000), "]".repeat(close));
    assert!(TopLevel::parse(deep(100_000).as_bytes()).is_ok());
    assert!(matches!(
        TopLevel::parse(deep(9).as_bytes()),
        Err(BodyError::Json(_))
    ));
    let objects = format!("{{\"a\":{}", "{\"a\":".repeat(100_000));
    assert!(TopLevel::parse(objects.as_bytes()).is_err());
}

/// JSON text in forms that a parser and a printer would not keep.
fn value() -> impl Strategy<Value = String> {
    let leaf = prop_oneof![
        Just("1.0".to_owned()),
        Just("-0e+2".to_owned()),
        Just("123456789012345678901234567890".to_owned()),
        Just(r#""a\u00e9\/\ud83d""#.to_owned()),
        Just(r#""{\"model\": [,]}""#.to_owned()),
        Just("\"é😀\"".to_owned()),
        Just("null".to_owned()),
    ];
    leaf.prop_recursive(3, 12, 3, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..3)
                .prop_map(|v| format!("[ {} ]", v.join(" ,\t"))),
            prop::collection::vec(inner, 0..3).prop_map(|v| {
                let members: Vec<_> = v.iter().map(|v| format!("\"model\" :{v}")).collect();
                format!("{{{}}}", members.join("\r\n,"))
            }),
        ]
    })
}

fn space() -> impl Strategy<Value = &'static str> {
    prop_oneof![Just(""), Just(" "), Just("\r\n\t")]
}

proptest! {
    #[test]
    fn only_the_edited_members_change(
        members in prop::collection::vec(
            (prop_oneof!["model", "mod\\\\u0065l", "routing_hint", "modèl", "model ", "x"],
             value(), space(), space(), space(), space()),
            0..6,
        ),
        outer in space(),
    ) {
        let is = |key: &str, name: &str| key.replace("\\u0065", "e") == name;
        let write = |members: &[(String, String)], kept: bool| {
            let texts: Vec<_> = members.iter()
                .filter(|(key, _)| !kept || !is(key, "routing_hint"))
                .map(|(key, value)| {
                    if kept && is(key, "model") {
                        let (before, after) = value.split_once('\u{1}').unwrap();
                        let after = after.split_once('\u{1}').unwrap().1;
                        format!("{before}\"new\"{after}")
                    } else {
                        value.replace('\u{1}', "")
                    }
                })
                .collect();
            format!("{outer}{{{}}}{outer}", texts.join(","))
        };
        let texts: Vec<(String, String)> = members.into_iter()
            .map(|(key, value, a, b, c, _)| (key.clone(), format!("{a}\"{key}\"{b}:{c}\u{1}{value}\u{1}")))
            .collect();
        // White space is in front of members only, where it goes with them.
        prop_assert_eq!(edited(&write(&texts, false)), write(&texts, true));
    }

    #[test]
    fn only_what_is_renamed_or_added_changes(
        members in prop::collection::vec(
            (prop_oneof!["old", "ol\\\\u0064", "routing_hint", "Old", "x"], value(), space(), space(), space()),
            0..6,
        ),
        outer in space(),
    ) {
        let write = |members: &[(String, String)]| {
            let texts: Vec<_> = members.iter().map(|(_, text)| text.as_str()).collect();
            texts.join(",")
        };
        let texts: Vec<(String, String)> = members.iter()
            .map(|(key, value, a, b, c)| (key.clone(), format!("{a}\"{key}\"{b}:{c}{value}")))
            .collect();
        let mut expected: Vec<(String, String)> = texts.iter()
            .filter(|(key, _)| key != "routing_hint")
            .map(|(key, text)| match key.as_str() {
                "old" | "ol\\u0064" => (key.clone(), text.replacen(&format!("\"{key}\""), "\"new\"", 1)),
                _ => (key.clone(), text.clone()),
            })
            .collect();
        for added in ["\"added\":[]", "\"also\":1"] {
            expected.push((String::new(), added.to_owned()));
        }
        let body = format!("{outer}{{{}}}{outer}", write(&texts));
        prop_assert_eq!(edited_more(&body), format!("{outer}{{{}}}{outer}", write(&expected)));
    }

    #[test]
    fn any_bytes_are_read_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..64)) {
        let _ = TopLevel::parse(&bytes).map(|top| top.edit().remove("a").finish());
    }
}
