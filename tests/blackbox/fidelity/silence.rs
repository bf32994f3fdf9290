//! Providers that fall silent or die in the middle of a stream.

use std::time::Duration;

use ainfera_tests::client::ask;
use ainfera_tests::gateway::{Catalog, Gateway, Setup};
use ainfera_tests::upstream::{Behaviour, End, Upstream};
use ainfera_tests::world::World;
use serde_json::json;

use super::STREAM;

async fn impatient() -> (Upstream, Gateway) {
    let upstream = Upstream::start();
    let catalog = Catalog::new()
        .anthropic("a", &upstream.url())
        .single("m", "a", "0.90", "1");
    let setup = Setup::new().catalog(&catalog).timeouts(|timeouts| {
        timeouts.ping = 100;
        timeouts.idle = 600;
    });
    (upstream, setup.start().await)
}

#[tokio::test]
async fn own_ping_when_a_provider_falls_silent_and_an_idle_timeout_that_ends_a_dead_one() {
    let (upstream, gateway) = impatient().await;
    upstream.script("up-m", Behaviour::text("one two").ending(End::Hang));
    let streamed = gateway
        .client()
        .stream(&ask("ainfera-inference", "hi"))
        .await;
    let pings = streamed
        .names()
        .iter()
        .filter(|name| **name == "ping")
        .count();
    assert!(
        pings >= 2,
        "pings while it was silent: {:?}",
        streamed.names()
    );
    let error = streamed.message().error.expect("an error event");
    assert!(
        error["message"]
            .as_str()
            .is_some_and(|text| !text.is_empty())
    );
    gateway
        .records()
        .settled(&streamed.request_id(), "interrupted")
        .await;
    upstream.wait_idle().await;
}

#[tokio::test]
async fn no_ping_before_the_first_event() {
    let (upstream, gateway) = impatient().await;
    upstream.script(
        "up-m",
        Behaviour::text("late").delayed(Duration::from_millis(350)),
    );
    let (streamed, _) = gateway
        .client()
        .stream_ok(&ask("ainfera-inference", "hi"))
        .await;
    assert_eq!(streamed.names()[0], "message_start");
}

#[tokio::test]
async fn provider_dies_mid_stream_an_error_event_and_never_a_clean_end() {
    let world = World::shared().await;
    let overloaded = End::Error("overloaded_error".into(), "Overloaded, sorry.".into());
    for end in [End::Abort, End::Close, overloaded] {
        let lane = world.anthropic();
        lane.script(Behaviour::text("one two three").ending(end.clone()));
        let streamed = world.client().stream(&lane.ask()).await;
        assert_eq!(streamed.status, 200);
        let message = streamed.message();
        let error = message
            .error
            .unwrap_or_else(|| panic!("{end:?}: no error event"));
        assert!(!streamed.names().contains(&"message_stop"));
        if let End::Error(kind, text) = &end {
            assert_eq!(
                (&error["type"], &error["message"]),
                (&json!(kind), &json!(text))
            );
        }
        let records = world.gateway.records();
        let inference = &records.inferences_of(&streamed.request_id())[0];
        assert_eq!(inference["status"], "interrupted", "{end:?}");
    }
}

#[tokio::test]
async fn half_a_frame_before_death_is_not_forwarded() {
    let world = World::shared().await;
    let lane = world.anthropic();
    let half = &STREAM[..STREAM.find("galaxy").expect("the event") + 30];
    lane.script(Behaviour::raw_stream([half]).ending(End::Abort));
    let message = world.client().stream(&lane.ask()).await.message();
    assert!(message.error.is_some());
}
