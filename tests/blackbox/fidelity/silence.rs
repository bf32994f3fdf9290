//! Providers that fall silent or die in the middle of a stream: in every dialect
//! an error that its clients understand, and never a clean-looking end.

use std::time::Duration;

use ainfera_tests::client::{Dialect, Heard, Streamed, ask, streamed};
use ainfera_tests::dialects::Protocol;
use ainfera_tests::gateway::{Catalog, Gateway, Setup};
use ainfera_tests::upstream::{Behaviour, Block, End, Gate, Upstream};
use ainfera_tests::world::World;
use serde_json::json;

use super::stream::MESSAGES;

/// A model of each protocol, `m-a`, `m-b` and `m-c`, pings after 100 milliseconds of
/// silence, and an end after so many.
async fn impatient(idle: u64) -> (Upstream, Gateway) {
    let upstream = Upstream::start();
    let catalog = Catalog::new()
        .anthropic("a", &upstream.url())
        .openai("b", &upstream.openai_url())
        .responses("c", &upstream.openai_url())
        .single("m-a", "a", "0.90", "1")
        .single("m-b", "b", "0.90", "2")
        .single("m-c", "c", "0.90", "3");
    let setup = Setup::new().catalog(&catalog).timeouts(|timeouts| {
        timeouts.ping = 100;
        timeouts.idle = idle;
    });
    (upstream, setup.start().await)
}

const MODELS: [&str; 3] = ["m-a", "m-b", "m-c"];

/// A stream of each model in each dialect, all at once.
async fn everyone(
    upstream: &Upstream,
    gateway: &Gateway,
    behaviour: &Behaviour,
) -> Vec<(&'static str, Dialect, Streamed)> {
    let mut calls = tokio::task::JoinSet::new();
    for model in MODELS {
        upstream.script(&format!("up-{model}"), behaviour.clone());
        for dialect in Dialect::ALL {
            let client = gateway.client();
            calls.spawn(async move {
                let streamed = client.call_stream(dialect, &ask(model, "hi")).await;
                (model, dialect, streamed)
            });
        }
    }
    calls.join_all().await
}

/// Pings as each dialect has them.
fn pings(dialect: Dialect, streamed: &Streamed) -> usize {
    match dialect {
        Dialect::OpenAi => streamed
            .comments
            .iter()
            .filter(|text| *text == "ping")
            .count(),
        _ => streamed
            .names()
            .iter()
            .filter(|name| **name == "ping")
            .count(),
    }
}

#[tokio::test]
async fn own_ping_when_a_provider_falls_silent_and_an_idle_timeout_that_ends_a_dead_one() {
    // Many pings long: a busy machine may miss some of them.
    let (upstream, gateway) = impatient(12_000).await;
    let silent = Behaviour::text("one two").ending(End::Hang);
    for (model, dialect, streamed) in everyone(&upstream, &gateway, &silent).await {
        let pings = pings(dialect, &streamed);
        assert!(pings >= 2, "{dialect:?} to {model}: {pings} pings");
        let heard = Heard::of_stream(dialect, &streamed);
        assert_eq!(heard.text(), "one two", "{dialect:?} to {model}");
        let error = heard.error.expect("an error");
        let timed_out = match dialect {
            Dialect::Anthropic => "timeout_error",
            _ => "server_error",
        };
        assert_eq!(error["type"], timed_out, "{dialect:?} to {model}: {error}");
        let row = &gateway.records().inferences_of(&streamed.request_id())[0];
        assert_eq!(row["status"], "interrupted");
    }
    upstream.wait_idle().await;
}

#[tokio::test]
async fn no_ping_before_the_first_event() {
    let (upstream, gateway) = impatient(20_000).await;
    let late = Behaviour::text("late").delayed(Duration::from_millis(350));
    for (model, dialect, streamed) in everyone(&upstream, &gateway, &late).await {
        let first = match dialect {
            Dialect::Anthropic => "event: message_start\n",
            Dialect::OpenAi => "data: {",
            Dialect::Native => "event: inference.started\n",
        };
        let raw = String::from_utf8_lossy(&streamed.raw);
        assert!(raw.starts_with(first), "{dialect:?} to {model}: {raw}");
        assert_eq!(Heard::of_stream(dialect, &streamed).text(), "late");
    }
}

#[tokio::test]
async fn a_provider_that_goes_on_after_a_ping_is_heard_to_its_end() {
    let (upstream, gateway) = impatient(20_000).await;
    // So many frames after its first are a stream's first word.
    for (model, frames) in MODELS.into_iter().zip([2, 1, 4]) {
        for dialect in Dialect::ALL {
            let gate = Gate::new();
            let held = Behaviour::text("one two").gated(&gate);
            upstream.script(&format!("up-{model}"), held);
            gate.release(frames);
            let body = dialect.body(&streamed(&ask(model, "hi"), true));
            let client = gateway.client();
            let mut stream = client.open(dialect.path(), body.to_string()).await;
            stream.next_ping().await;
            gate.open();
            let text = stream.rest().await;
            let text = String::from_utf8_lossy(&text.raw).into_owned();
            assert!(text.contains("two"), "{dialect:?} to {model}: {text}");
            assert!(!text.contains("error"), "{dialect:?} to {model}: {text}");
        }
    }
}

#[tokio::test]
async fn provider_dies_mid_stream_an_error_event_and_never_a_clean_end() {
    let world = World::shared().await;
    for dialect in Dialect::ALL {
        for lane in world.each() {
            let kind = match lane.protocol {
                Protocol::Anthropic => "overloaded_error",
                _ => "server_error",
            };
            let overloaded = End::Error(kind.into(), "Overloaded, sorry.".into());
            for end in [End::Abort, End::Close, overloaded.clone()] {
                let at = format!("{dialect:?} to {:?}, {end:?}", lane.protocol);
                lane.script(Behaviour::text("one two three").ending(end.clone()));
                let streamed = lane.client().call_stream(dialect, &lane.ask()).await;
                assert_eq!(streamed.status, 200, "{at}");
                // Checks that nothing follows the error, `[DONE]` included.
                let heard = Heard::of_stream(dialect, &streamed);
                let error = heard.error.unwrap_or_else(|| panic!("{at}: no error"));
                if end == overloaded {
                    assert_eq!(error["message"], "Overloaded, sorry.", "{at}");
                }
                let records = world.gateway.records();
                let inference = &records.inferences_of(&streamed.request_id())[0];
                assert_eq!(inference["status"], "interrupted", "{at}");
            }
        }
    }
}

#[tokio::test]
async fn death_after_any_event_is_an_error_that_the_client_understands() {
    let world = World::shared().await;
    let call = |id: &str| Block::Tool {
        id: id.into(),
        name: "look".into(),
        input: json!({"at": "it"}),
    };
    let blocks = vec![Block::Text("one two".into()), call("c1"), call("c2")];
    for dialect in Dialect::ALL {
        for lane in world.each() {
            for frames in 1..=16 {
                let dying = Behaviour::blocks(blocks.clone())
                    .with(|answer| answer.frames = Some(frames))
                    .ending(End::Abort);
                lane.script(dying);
                let streamed = lane.client().call_stream(dialect, &lane.ask()).await;
                let at = format!("{dialect:?} to {:?} after {frames}", lane.protocol);
                if streamed.status == 200 {
                    let heard = Heard::of_stream(dialect, &streamed);
                    assert!(heard.error.is_some(), "{at}: a clean end");
                } else {
                    // Responses begins with events that say nothing.
                    assert_eq!(streamed.status, 502, "{at}");
                    let silent = lane.protocol == Protocol::Responses && frames <= 4;
                    assert!(silent, "{at}: no error before the first event");
                }
            }
        }
    }
}

#[tokio::test]
async fn a_provider_that_dies_in_a_tool_call_leaves_no_whole_one() {
    let world = World::shared().await;
    let call = Block::Tool {
        id: "c1".into(),
        name: "get_weather".into(),
        input: json!({"place": "a long name of a place"}),
    };
    for dialect in Dialect::ALL {
        for lane in world.each() {
            let dying = Behaviour::blocks(vec![call.clone()])
                .with(|answer| answer.frames = Some(5))
                .ending(End::Abort);
            lane.script(dying);
            let streamed = lane.client().call_stream(dialect, &lane.ask()).await;
            let text = String::from_utf8_lossy(&streamed.raw);
            for end in [
                "message_stop",
                "content_block_stop",
                "[DONE]",
                "finish_reason\":\"",
            ] {
                assert!(
                    !text.contains(end),
                    "{dialect:?} to {:?}: {text}",
                    lane.protocol
                );
            }
            assert!(text.contains("error"), "{text}");
        }
    }
}

#[tokio::test]
async fn half_a_frame_before_death_is_not_forwarded() {
    let world = World::shared().await;
    let lane = world.anthropic();
    let half = &MESSAGES[..MESSAGES.find("galaxy").expect("the event") + 30];
    lane.script(Behaviour::raw_stream([half]).ending(End::Abort));
    let message = world.client().stream(&lane.ask()).await.message();
    assert!(message.error.is_some());
    let lane = world.openai();
    let chunk = concat!(
        "data: {\"id\":\"c\",\"object\":\"chat.completion.chunk\",\"created\":1,\"model\":\"m\",",
        "\"choices\":[{\"index\":0,\"delta\":{\"role\":\"assistant\",\"content\":\"hi\"},",
        "\"finish_reason\":null}]}\n\n"
    );
    lane.script(Behaviour::raw_stream([chunk, &chunk[..40]]).ending(End::Abort));
    let streamed = lane
        .client()
        .call_stream(Dialect::OpenAi, &lane.ask())
        .await;
    let raw = String::from_utf8_lossy(&streamed.raw);
    assert!(raw.starts_with(chunk), "{raw}");
    assert!(streamed.completion().error.is_some(), "{raw}");
}

#[tokio::test]
async fn a_stream_of_openais_that_ends_without_done_but_whole_is_whole() {
    let world = World::shared().await;
    let frame = |choices: &str, usage: &str| {
        format!(
            "data: {{\"id\":\"c\",\"object\":\"chat.completion.chunk\",\"created\":1,\"model\":\"m\",\
             \"choices\":{choices},\"usage\":{usage}}}\n\n"
        )
    };
    let frames = [
        frame(
            r#"[{"index":0,"delta":{"role":"assistant","content":"hi"},"finish_reason":null}]"#,
            "null",
        ),
        frame(r#"[{"index":0,"delta":{},"finish_reason":"stop"}]"#, "null"),
        frame(
            "[]",
            r#"{"prompt_tokens":1,"completion_tokens":1,"total_tokens":2}"#,
        ),
    ];
    for dialect in [Dialect::Anthropic, Dialect::Native] {
        let lane = world.openai();
        lane.script(Behaviour::raw_stream(frames.clone()));
        let heard = lane.client().hear(dialect, &lane.ask(), true).await;
        assert_eq!(heard.text(), "hi");
    }
}
