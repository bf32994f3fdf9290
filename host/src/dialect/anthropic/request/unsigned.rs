//! Thinking that nobody signed.
//!
//! It is what this gateway gives a client whose call another dialect's
//! provider answered. An Anthropic one accepts only what it signed itself.

use std::ops::Range;

use serde_json::value::RawValue;

use crate::dialect::body::{Cuts, Splices};
use crate::dialect::walk::Walk;

/// The edits that take unsigned thinking out of `messages`, which lie at `span`
/// of `body`. A turn of nothing else goes as a whole, since no turn may be
/// empty; the provider joins the turns around it.
pub(super) fn cut(body: &str, messages: &RawValue, span: Range<usize>) -> Splices {
    let place = |walk: &Walk<'_>| span.end - walk.left();
    let mut edits = Splices::default();
    let mut turns = Cuts::new(body, span.start + 1);
    Walk::new(messages).elements(|walk| {
        let mut emptied = false;
        let mut of_turn = Splices::default();
        walk.members(|walk, key| {
            if key != b"content" || walk.peek() != Some(b'[') {
                walk.skip();
                return;
            }
            let mut blocks = Cuts::new(body, place(walk) + 1);
            let mut any = false;
            walk.elements(|walk| {
                let unsigned = is_unsigned(walk);
                any |= unsigned;
                if unsigned {
                    blocks.cut(place(walk));
                } else {
                    blocks.keep(place(walk));
                }
            });
            emptied = any && blocks.is_empty();
            of_turn = blocks.finish();
        });
        if emptied {
            turns.cut(place(walk));
        } else {
            turns.keep(place(walk));
            edits.append(of_turn);
        }
    });
    edits.append(turns.finish());
    edits
}

/// Takes a block; whether it is unsigned thinking.
fn is_unsigned(walk: &mut Walk<'_>) -> bool {
    let (mut thinking, mut signed) = (false, false);
    walk.members(|walk, key| match key {
        b"type" => thinking = walk.text() == &b"thinking"[..],
        b"signature" => signed = walk.text_len() > 0,
        _ => {
            walk.skip();
        }
    });
    thinking && !signed
}

#[cfg(test)]
#[allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]
mod tests {
    use proptest::prelude::*;

    use crate::dialect::anthropic::MessagesRequest;

    fn with(messages: &str) -> String {
        format!(r#"{{ "model":"m","max_tokens":9, "messages" : {messages} ,"x":1.0}}"#)
    }

    fn upstream(messages: &str) -> String {
        let body = with(messages);
        let request = MessagesRequest::read(body.as_bytes()).unwrap();
        String::from_utf8(request.for_upstream("m")).unwrap()
    }

    #[test]
    fn unsigned_thinking_goes_and_nothing_else() {
        let cases = [
            (
                r#"[{"role":"assistant","content":[{"type":"thinking","thinking":"a","signature":""} , {"type":"text","text":"b"}]}]"#,
                r#"[{"role":"assistant","content":[ {"type":"text","text":"b"}]}]"#,
            ),
            (
                r#"[{"content":[ {"type":"text","text":"b"}, {"signature":null,"type":"thin\u006bing"} ],"role":"assistant"}]"#,
                r#"[{"content":[ {"type":"text","text":"b"} ],"role":"assistant"}]"#,
            ),
            // A turn of nothing else, first, last and between.
            (
                r#"[{"role":"assistant","content":[{"type":"thinking","thinking":"a"}]} , {"role":"user","content":"q"},
                   {"role":"assistant","content":[{"type":"thinking"},{"type":"thinking"}]}, {"role":"user","content":[]},{"content":[{"type":"thinking"}]}]"#,
                r#"[ {"role":"user","content":"q"}, {"role":"user","content":[]}]"#,
            ),
        ];
        for (messages, expected) in cases {
            assert_eq!(upstream(messages), with(expected));
        }
    }

    #[test]
    fn all_other_blocks_stay() {
        for messages in [
            r#"[{"role":"assistant","content":[{"type":"thinking","thinking":"","signature":"s"},{"type":"redacted_thinking","data":"d"}]}]"#,
            r#"[{"role":"user","content":[{"type":"tool_result","content":[{"type":"thinking"}]}]}]"#,
            r#"[{"role":"user","content":"thinking"},{"role":"user","content":{"type":"thinking"}},7]"#,
            "[]",
        ] {
            assert_eq!(upstream(messages), with(messages));
        }
        let system = r#"{"system":[{"type":"thinking"}],"model":"m","max_tokens":9,"messages":[]}"#;
        let request = MessagesRequest::read(system.as_bytes()).unwrap();
        assert_eq!(request.for_upstream("m"), system.as_bytes());
    }

    /// A block, and whether it stays.
    fn block() -> impl Strategy<Value = (String, bool)> {
        prop::sample::select(vec![
            (
                r#"{"type":"thinking","thinking":"]}","signature":"s"}"#,
                true,
            ),
            (
                r#"{"signature" : "", "type":"thinking","thinking":"\\\"]"}"#,
                false,
            ),
            (r#"{"type":"thinking", "n": 1e2}"#, false),
            (r#"{"type":"text","text":"\ud83d, ["}"#, true),
            (r#"{"type":"tool_use","input":{"type":"thinking"}}"#, true),
            ("null", true),
        ])
        .prop_map(|(block, stays)| (block.to_owned(), stays))
    }

    /// White space in front, which goes with what it leads.
    fn spaced(
        item: impl Strategy<Value = (String, bool)>,
    ) -> impl Strategy<Value = (String, bool)> {
        let space = prop::sample::select(vec!["", " ", "\r\n\t"]);
        (item, space).prop_map(|((item, stays), space)| (format!("{space}{item}"), stays))
    }

    fn list(items: &[(String, bool)], all: bool) -> String {
        let items = items.iter().filter(|(_, stays)| all || *stays);
        let items: Vec<_> = items.map(|(item, _)| item.as_str()).collect();
        format!("[{}]", items.join(","))
    }

    proptest! {
        #[test]
        fn every_other_byte_stays(
            turns in prop::collection::vec(prop::collection::vec(spaced(block()), 0..5), 0..5),
            space in prop::sample::select(vec!["", " "]),
        ) {
            let write = |all: bool| {
                let turns: Vec<_> = turns.iter().map(|blocks| {
                    let stays = blocks.is_empty() || blocks.iter().any(|(_, stays)| *stays);
                    let content = list(blocks, all);
                    (format!("{space}{{\"role\":\"assistant\",{space}\"content\":{content}{space}}}"), stays)
                }).collect();
                list(&turns, all)
            };
            prop_assert_eq!(upstream(&write(true)), with(&write(false)));
        }
    }
}
