//! Anthropic's own host, for clients of other dialects.

use super::requests::{by_line, request};
use super::story::{Story, Told, streamed};
use super::{fixture, venues};
use crate::catalog::Protocol;
use crate::dialect::anthropic::request::encode::encode;
use crate::dialect::anthropic::{answer, error, relay};
use crate::dialect::common::{Request, Usage};

const STORY: Story = Story {
    venue: "anthropic",
    upstream_id: "msg_01XFDUDYJgAACzvnptvVoYEL",
    thinks: true,
    signature: Some("EqQBCgIYAhIM1gbcDa9GJwZA2b3h"),
    speaks: true,
    calls: [
        "toolu_01A09q90qw90lq917835lq9",
        "toolu_01T1x1fJ34qAmk2tNTrN7Up6",
    ],
    usage: Usage {
        input_tokens: Some(180),
        output_tokens: Some(71),
        cache_read: Some(48),
        cache_write: Some(24),
    },
};

#[test]
fn it_is_the_protocols_only_venue() {
    assert_eq!(venues(Protocol::Anthropic), [STORY.venue]);
}

#[test]
fn requests_are_written() {
    let request = Request {
        // A forced call would silence the thoughts.
        tool_choice: None,
        stop: vec!["END".to_owned()],
        ..request()
    };
    let body = encode(&request, "m", true, 1024).unwrap();
    insta::assert_snapshot!(by_line(body), @r#"
    {"model":"m","max_tokens":900,"system":[{"type":"text","text":"Be brief."}],"messages":[{"role":"user","content":[{"type":"text","text":"Where is this?"},{"type":"image","source":{"type":"base64","media_type":"image/png","data":"AA=="}}]},
    {"role":"assistant","content":[{"type":"tool_use","id":"toolu_01A09q90qw90lq91","name":"get_map","input":{"near":"Paris"}},{"type":"tool_use","id":"gSIMJiOkT","name":"get_time","input":{}}]},
    {"role":"user","content":[{"type":"tool_result","tool_use_id":"toolu_01A09q90qw90lq91","content":[{"type":"image","source":{"type":"base64","media_type":"image/png","data":"AA=="}}]},{"type":"tool_result","tool_use_id":"gSIMJiOkT","content":[{"type":"text","text":"noon"}]},{"type":"text","text":"Well?"}]}],
    "tools":[{"name":"get_map","input_schema":{"type":"object"}},{"name":"get_time","input_schema":{"type":"object"},"strict":true}],
    "tool_choice":{"type":"auto","disable_parallel_tool_use":true},"stop_sequences":["END"],"thinking":{"type":"adaptive","display":"summarized"},"output_config":{"effort":"low","format":{"type":"json_schema","schema":{"type":"object"}}},"stream":true}
    "#);
}

#[test]
fn answers_are_read() {
    let answer = answer::to_common(&fixture(STORY.venue, "answer.json")).unwrap();
    assert_eq!(Told::from(answer), STORY.told());
}

#[test]
fn streams_are_read() {
    let stream = fixture(STORY.venue, "stream.sse");
    for size in [stream.len(), 1] {
        assert_eq!(streamed(relay::translated(), &stream, size), STORY.told());
    }
}

#[test]
fn errors_are_read() {
    let read = error::read(&fixture(STORY.venue, "error.json"));
    assert_eq!(read, Some((529, "Overloaded".to_owned())));
}
