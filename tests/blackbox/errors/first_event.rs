//! A provider that answers 200 and then an error as its first event.

use ainfera_tests::client::Dialect;
use ainfera_tests::dialects::Protocol;
use ainfera_tests::upstream::{Behaviour, End};
use ainfera_tests::world::World;

use super::all;

#[tokio::test]
async fn a_200_with_an_error_as_its_first_event_is_an_http_error() {
    let world = World::shared().await;
    for lane in world.each() {
        lane.script(Behaviour::error_first(
            "server_error",
            "Not today, it says.",
        ));
        for (dialect, answer) in all(&world.client(), &lane.ask()).await {
            let at = format!("{dialect:?} to {:?}", lane.protocol);
            assert!(
                answer.status >= 500,
                "{at}, {}: {}",
                answer.status,
                answer.text()
            );
            let content_type = answer.header("content-type").unwrap_or_default();
            assert!(content_type.starts_with("application/json"), "{at}");
            let said = answer.error_message();
            assert!(said.contains("Not today, it says."), "{at}: {said}");
            assert_eq!(
                answer.header("x-ainfera-stream-mode"),
                None,
                "no stream: {at}"
            );
        }
    }
}

#[tokio::test]
async fn a_rate_limit_as_the_first_event_is_a_429() {
    let world = World::shared().await;
    for lane in world.each() {
        let kind = match lane.protocol {
            Protocol::Anthropic => "rate_limit_error",
            _ => "rate_limit_exceeded",
        };
        lane.script(Behaviour::error_first(kind, "Slow down."));
        for (dialect, answer) in all(&world.client(), &lane.ask()).await {
            assert_eq!(answer.status, 429, "{dialect:?} to {:?}", lane.protocol);
        }
    }
}

#[tokio::test]
async fn a_response_that_fails_before_it_says_anything_is_an_http_error() {
    let world = World::shared().await;
    let lane = world.responses();
    let failed = Behaviour::text("x")
        .with(|answer| answer.frames = Some(2))
        .ending(End::Error("server_error".into(), "Not today.".into()));
    lane.script(failed);
    for dialect in Dialect::ALL {
        let streamed = lane.client().call_stream(dialect, &lane.ask()).await;
        assert!(streamed.status >= 500, "{dialect:?}: {}", streamed.status);
        let text = String::from_utf8_lossy(&streamed.raw);
        assert!(text.contains("Not today."), "{dialect:?}: {text}");
    }
}

#[tokio::test]
async fn a_stream_without_a_first_event_is_a_502() {
    let world = World::shared().await;
    for lane in world.each() {
        for end in [End::Abort, End::Close] {
            let empty = Behaviour::text("x").with(|answer| answer.frames = Some(0));
            lane.script(empty.ending(end));
            for dialect in Dialect::ALL {
                let streamed = lane.client().call_stream(dialect, &lane.ask()).await;
                assert_eq!(streamed.status, 502, "{dialect:?} to {:?}", lane.protocol);
            }
        }
    }
}

#[tokio::test]
async fn pings_comments_and_empty_chunks_are_no_first_event() {
    let world = World::shared().await;
    let error = |data: &str| format!("data: {data}\n\n");
    for (lane, before, error) in [
        (
            world.anthropic(),
            "event: ping\ndata: {\"type\": \"ping\"}\n\n",
            format!(
                "event: error\n{}",
                error(r#"{"type":"error","error":{"type":"api_error","message":"Not today."}}"#)
            ),
        ),
        (
            world.openai(),
            ": PROCESSING\n\n",
            error(r#"{"error":{"message":"Not today.","type":"server_error","code":null}}"#),
        ),
        (
            world.responses(),
            ": PROCESSING\n\n",
            format!(
                "event: error\n{}",
                error(r#"{"type":"error","code":"server_error","message":"Not today."}"#)
            ),
        ),
    ] {
        lane.script(Behaviour::raw_stream([before.to_owned(), error]));
        for dialect in Dialect::ALL {
            let streamed = lane.client().call_stream(dialect, &lane.ask()).await;
            let at = format!("{dialect:?} to {:?}", lane.protocol);
            assert!(streamed.status >= 500, "{at}: {}", streamed.status);
            let text = String::from_utf8_lossy(&streamed.raw);
            assert!(text.contains("Not today."), "{at}: {text}");
        }
    }
}
