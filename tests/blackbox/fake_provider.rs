//! The tests' own provider gives what it says, so that a failure elsewhere is
//! the gateway's.

use ainfera_tests::client::{Client, Ended, ask};
use ainfera_tests::upstream::{Behaviour, Block, End, Upstream};
use serde_json::json;

fn direct(upstream: &Upstream) -> Client {
    Client::new(&upstream.url(), "any")
}

#[tokio::test]
async fn its_streams_obey_the_rules_whatever_the_chunking() {
    let upstream = Upstream::start();
    let tool = Block::Tool {
        id: "t1".into(),
        name: "look".into(),
        input: json!({"at": "the sky"}),
    };
    let thinking = Block::Thinking {
        text: "well now".into(),
        signature: "sig".into(),
    };
    for piece in [0, 1, 7] {
        let answer = Behaviour::blocks(vec![
            thinking.clone(),
            Block::Text("a b".into()),
            tool.clone(),
        ])
        .with(|answer| {
            answer.pings = true;
            answer.unknown = true;
        })
        .in_pieces(piece);
        upstream.script("m", answer);
        let (_, message) = direct(&upstream).stream_ok(&ask("m", "hi")).await;
        assert_eq!(message.content.len(), 3);
        assert_eq!(message.content[0]["signature"], "sig");
        assert_eq!(message.content[2]["input"], json!({"at": "the sky"}));
        assert_eq!(message.stop_reason.as_deref(), Some("tool_use"));
    }
}

#[tokio::test]
async fn it_records_a_request_as_it_came() {
    let upstream = Upstream::start();
    let body = r#"{ "model" : "m", "max_tokens":1,  "messages":[] }"#;
    let answer = direct(&upstream)
        .post_bytes("/v1/messages?beta=true", body)
        .await;
    assert_eq!(answer.status, 200);
    let recorded = upstream.only_request_for("m");
    assert_eq!(recorded.body, body);
    assert_eq!(recorded.target, "/v1/messages?beta=true");
    assert_eq!(recorded.header("X-Api-Key"), Some("any"));
}

#[tokio::test]
async fn it_dies_as_told() {
    let upstream = Upstream::start();
    let client = direct(&upstream);
    upstream.script("abort", Behaviour::text("one two").ending(End::Abort));
    let streamed = client.stream(&ask("abort", "hi")).await;
    assert!(
        matches!(streamed.ended, Ended::Broken(_)),
        "{:?}",
        streamed.ended
    );
    upstream.script("close", Behaviour::text("one two").ending(End::Close));
    let streamed = client.stream(&ask("close", "hi")).await;
    assert_eq!(streamed.ended, Ended::Properly);
    assert!(!streamed.names().contains(&"message_stop"));
    upstream.script("hang", Behaviour::text("one two").ending(End::Hang));
    let mut open = client.open_stream(&ask("hang", "hi")).await;
    open.next_named("content_block_stop").await;
    drop(open);
    upstream.wait_idle().await;
    assert_eq!(upstream.abandoned(), 1);
}
