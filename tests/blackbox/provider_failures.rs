//! Providers that refuse, hang, send garbage or die: nothing leaks, nothing hangs.

use std::time::Duration;

use ainfera_tests::client::ask;
use ainfera_tests::gateway::{Catalog, PROVIDER_KEY, Setup};
use ainfera_tests::upstream::{Behaviour, Block, End, Upstream};
use ainfera_tests::world::World;
use serde_json::json;

#[tokio::test]
async fn garbage_is_a_502_and_not_shown() {
    let world = World::shared().await;
    for lane in [world.anthropic(), world.openai()] {
        for garbage in [
            "<html>Bad gateway</html>",
            "{\"half\":",
            "",
            "\u{0}\u{1}\u{2}",
            "[]",
            "{}",
        ] {
            for behaviour in [
                Behaviour::raw_json(garbage),
                Behaviour::raw_stream([garbage]),
            ] {
                lane.script(behaviour);
                for stream in [false, true] {
                    let mut body = lane.ask();
                    body["stream"] = stream.into();
                    let answer = world.client().messages(&body).await;
                    answer.assert_error(502, "api_error", "provider_error");
                    assert!(!answer.text().contains("html"));
                }
            }
        }
    }
}

#[tokio::test]
async fn garbage_after_the_first_event_is_an_error_event() {
    let world = World::shared().await;
    for lane in [world.anthropic(), world.openai()] {
        let whole = Behaviour::text("one two")
            .with(|answer| answer.frames = Some(2))
            .ending(End::Close);
        lane.script(whole);
        let streamed = world.client().stream(&lane.ask()).await;
        assert!(streamed.message().error.is_some());
    }
    let lane = world.openai();
    let first = concat!(
        "data: {\"id\":\"c\",\"object\":\"chat.completion.chunk\",\"model\":\"m\",\"choices\":",
        "[{\"index\":0,\"delta\":{\"role\":\"assistant\",\"content\":\"hi\"},\"finish_reason\":null}]}\n\n"
    );
    lane.script(Behaviour::raw_stream([
        first,
        "data: {\"choices\": [oops\n\n",
    ]));
    let streamed = world.client().stream(&lane.ask()).await;
    assert!(streamed.message().error.is_some());
}

#[tokio::test]
async fn a_body_that_dies_half_way_is_a_502_when_not_streamed() {
    let world = World::shared().await;
    for lane in [world.anthropic(), world.openai()] {
        for end in [End::Abort, End::Close] {
            lane.script(Behaviour::text("one two three").ending(end));
            let answer = world.client().messages(&lane.ask()).await;
            answer.assert_error(502, "api_error", "provider_error");
        }
    }
}

#[tokio::test]
async fn a_body_that_stops_half_way_is_a_504_when_not_streamed() {
    let upstream = Upstream::start();
    let catalog = Catalog::new()
        .anthropic("a", &upstream.url())
        .single("m", "a", "0.60", "1");
    let setup = Setup::new()
        .catalog(&catalog)
        .timeouts(|timeouts| timeouts.answer = 200);
    let gateway = setup.start().await;
    upstream.script("up-m", Behaviour::text("one two three").ending(End::Hang));
    let answer = gateway.client().messages(&ask("m", "hi")).await;
    answer.assert_error(504, "timeout_error", "timeout_error");
    upstream.wait_idle().await;
}

#[tokio::test]
async fn no_secret_in_answers_log_or_records() {
    let upstream = Upstream::start();
    let catalog = Catalog::new()
        .anthropic("a", &upstream.url())
        .single("m", "a", "0.60", "1");
    let gateway = Setup::new()
        .catalog(&catalog)
        .env("RUST_LOG", "trace")
        .start()
        .await;
    let client = gateway.client();
    let prompt = "the-prompt-text-is-private";
    client.messages_ok(&ask("ainfera-inference", prompt)).await;
    let echo = format!("bad key {PROVIDER_KEY}");
    for status in [401, 400, 500] {
        upstream.script("up-m", Behaviour::status(status, "api_error", &echo));
        let answer = client.messages(&ask("ainfera-inference", prompt)).await;
        if status != 400 {
            assert!(!answer.text().contains(PROVIDER_KEY), "{}", answer.text());
        }
    }
    for secret in [
        PROVIDER_KEY,
        ainfera_tests::gateway::API_KEY,
        ainfera_tests::gateway::ADMIN_TOKEN,
        prompt,
    ] {
        assert!(!gateway.log().contains(secret), "`{secret}` is in the log");
        let dump = gateway.records().query("SELECT body FROM audit_events");
        assert!(
            !format!("{dump:?}").contains(secret),
            "`{secret}` is in the audit"
        );
        let rows = gateway.records().outcomes();
        assert!(
            !format!("{rows:?}").contains(secret),
            "`{secret}` is in the records"
        );
    }
}

#[tokio::test]
async fn a_slow_reader_holds_the_provider_back_instead_of_filling_memory() {
    let world = World::shared().await;
    let lane = world.anthropic();
    // 64 MB of text: no gateway that keeps back-pressure takes it all at once.
    let word = "x".repeat(1 << 20) + " ";
    lane.script(Behaviour::blocks(vec![Block::Text(word.repeat(64))]));
    let mut body = lane.ask();
    body["stream"] = json!(true);
    let mut stream = world.client().open("/v1/messages", body.to_string()).await;
    stream.next().await.expect("a first event");
    let before = resident(world.gateway.pid());
    tokio::time::sleep(Duration::from_millis(300)).await;
    let grown = resident(world.gateway.pid()).saturating_sub(before);
    assert!(
        grown < 24 << 20,
        "{} MB were buffered for a slow reader",
        grown >> 20
    );
    drop(stream);
}

/// Resident memory of a process, in bytes.
fn resident(pid: u32) -> usize {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).expect("the process");
    let line = status
        .lines()
        .find(|line| line.starts_with("VmRSS:"))
        .expect("VmRSS");
    let kilobytes: usize = line
        .split_whitespace()
        .nth(1)
        .and_then(|n| n.parse().ok())
        .expect("a number");
    kilobytes * 1024
}
