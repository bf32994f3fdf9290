//! The tests' own provider gives what it says, so that a failure elsewhere is
//! the gateway's.

use ainfera_tests::client::{Client, Dialect, Ended, Event, Heard, ask, streamed};
use ainfera_tests::upstream::{Behaviour, Block, End, Upstream};
use ainfera_tests::wait::{PATIENCE, within};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

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

#[tokio::test]
async fn an_empty_answer_leaves_nothing_on_its_connection() {
    let upstream = Upstream::start();
    upstream.script("m", Behaviour::raw_json(""));
    let url = upstream.url();
    let connecting = TcpStream::connect(url.trim_start_matches("http://"));
    let mut connection = connecting.await.expect("to connect");
    let body = r#"{"model":"m"}"#;
    let length = body.len();
    let request = format!("POST /v1/messages HTTP/1.1\r\ncontent-length: {length}\r\n\r\n{body}");
    let whole = concat!(
        "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n",
        "transfer-encoding: chunked\r\n\r\n0\r\n\r\n"
    );
    for _ in 0..2 {
        let sent = connection.write_all(request.as_bytes()).await;
        sent.expect("to send");
        let mut answer = vec![0; whole.len()];
        let read = within(PATIENCE, "an answer", connection.read_exact(&mut answer)).await;
        read.expect("an answer");
        assert_eq!(String::from_utf8_lossy(&answer), whole);
    }
}

/// Thinking, text and two calls.
fn rich() -> Behaviour {
    let thinking = Block::Thinking {
        text: "well now".into(),
        signature: "sig".into(),
    };
    let call = |id: &str| Block::Tool {
        id: id.into(),
        name: "look".into(),
        input: json!({"at": "the sky"}),
    };
    Behaviour::blocks(vec![
        thinking,
        Block::Text("a b".into()),
        call("c1"),
        call("c2"),
    ])
}

#[tokio::test]
async fn its_chat_completions_obey_the_rules_whatever_the_chunking() {
    let upstream = Upstream::start();
    for (piece, interleave) in [(0, false), (1, true), (7, false)] {
        let answer = rich().with(|answer| answer.interleave = interleave);
        upstream.script("m", answer.in_pieces(piece));
        let client = direct(&upstream);
        let streamed = client.hear(Dialect::OpenAi, &ask("m", "hi"), true).await;
        let whole = client.hear(Dialect::OpenAi, &ask("m", "hi"), false).await;
        assert_eq!(streamed.content, whole.content);
        assert_eq!(streamed.tokens, whole.tokens);
        assert_eq!(whole.content.len(), 4);
        assert_eq!(whole.stop_reason, "tool_use");
    }
    // The usage chunk is only for those who ask.
    let body = streamed(&ask("m", "hi"), true).to_string();
    let stream = direct(&upstream).open(Dialect::OpenAi.path(), body).await;
    assert_eq!(stream.rest().await.completion().usage, None);
}

#[tokio::test]
async fn its_responses_obey_the_rules_whatever_the_chunking() {
    let upstream = Upstream::start();
    for (piece, interleave) in [(0, false), (1, true), (7, false)] {
        let answer = rich().with(|answer| answer.interleave = interleave);
        upstream.script("m", answer.in_pieces(piece));
        let client = direct(&upstream);
        let body = json!({"model": "m", "input": "hi"});
        let whole = client.post_bytes("/v1/responses", body.to_string()).await;
        let body = streamed(&body, true).to_string();
        let stream = client.open("/v1/responses", body).await.rest().await;
        let last = stream.events.last().expect("an end");
        assert_eq!(last.name, "response.completed");
        assert_eq!(last.data["response"], whole.json());
        assert_eq!(put_together(&stream.events), whole.json()["output"]);
    }
}

/// The output items that the events of a Responses stream add up to.
fn put_together(events: &[Event]) -> Value {
    let mut items: Vec<Value> = Vec::new();
    let mut pieces: Vec<String> = Vec::new();
    for (number, event) in events.iter().enumerate() {
        let data = &event.data;
        assert_eq!(data["sequence_number"], number);
        assert_eq!(data["type"], event.name.as_str());
        let index = data["output_index"].as_u64().map(|index| index as usize);
        match (event.name.as_str(), index) {
            ("response.output_item.added", Some(index)) => {
                assert_eq!(index, items.len());
                items.push(Value::Null);
                pieces.push(String::new());
            }
            ("response.output_item.done", Some(index)) => items[index] = data["item"].clone(),
            (name, Some(index)) if name.ends_with(".delta") => {
                pieces[index].push_str(data["delta"].as_str().expect("a piece"));
            }
            (name, Some(index)) if name.ends_with("text.done") => {
                assert_eq!(data["text"], pieces[index].as_str());
            }
            (name, Some(index)) if name.ends_with("arguments.done") => {
                assert_eq!(data["arguments"], pieces[index].as_str());
            }
            _ => {}
        }
    }
    items.into()
}

#[tokio::test]
async fn its_stop_reasons_are_those_of_the_protocols() {
    let upstream = Upstream::start();
    let client = direct(&upstream);
    for (reason, status, why) in [
        ("end_turn", "completed", Value::Null),
        (
            "max_tokens",
            "incomplete",
            json!({"reason": "max_output_tokens"}),
        ),
        ("refusal", "incomplete", json!({"reason": "content_filter"})),
    ] {
        let answer = Behaviour::text("x").with(|answer| answer.stop_reason = reason.into());
        upstream.script("m", answer);
        let response = client.post_bytes("/v1/responses", r#"{"model":"m"}"#).await;
        let response = response.json();
        assert_eq!(response["status"], status);
        assert_eq!(response["incomplete_details"], why);
        let chat = client.hear(Dialect::OpenAi, &ask("m", "hi"), true).await;
        assert_eq!(chat.stop_reason, reason);
    }
}

#[tokio::test]
async fn it_breaks_its_streams_in_the_words_of_the_protocol() {
    let upstream = Upstream::start();
    let client = direct(&upstream);
    let broken = End::Error("server_error".into(), "It broke.".into());
    upstream.script("m", Behaviour::text("one two").ending(broken));
    let chat = client.call_stream(Dialect::OpenAi, &ask("m", "hi")).await;
    let error = Heard::of_stream(Dialect::OpenAi, &chat).error;
    assert_eq!(error.expect("an error")["message"], "It broke.");
    let body = json!({"model": "m", "stream": true}).to_string();
    let stream = client
        .open("/v1/responses", body.clone())
        .await
        .rest()
        .await;
    let last = &stream.events.last().expect("an end").data;
    assert_eq!(last["type"], "response.failed");
    assert_eq!(last["response"]["error"]["message"], "It broke.");
    upstream.script("m", Behaviour::error_first("server_error", "Not today."));
    let stream = client.open("/v1/responses", body).await.rest().await;
    assert_eq!(stream.names(), ["error"]);
    assert_eq!(stream.events[0].data["message"], "Not today.");
}

#[tokio::test]
async fn it_counts_tokens() {
    let upstream = Upstream::start();
    let counted = direct(&upstream)
        .post_bytes("/v1/messages/count_tokens", r#"{"model":"m"}"#)
        .await;
    assert_eq!(counted.json(), json!({"input_tokens": 25}));
}
