//! Providers that refuse, hang, send garbage or die: nothing leaks, nothing hangs.

use std::time::Duration;

use ainfera_tests::client::{Dialect, Heard, ask, streamed};
use ainfera_tests::gateway::{Catalog, PROVIDER_KEY, Setup};
use ainfera_tests::upstream::{Behaviour, Block, End, Upstream};
use ainfera_tests::world::World;

#[tokio::test]
async fn garbage_is_a_502_and_not_shown() {
    let world = World::shared().await;
    for lane in world.each() {
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
                for dialect in Dialect::ALL {
                    for answer in world.client().call_both(dialect, &lane.ask()).await {
                        answer.assert_error_in(dialect, 502, "api_error", "provider_error");
                        assert!(!answer.text().contains("html"));
                    }
                }
            }
        }
    }
}

#[tokio::test]
async fn garbage_after_the_first_event_is_an_error_event() {
    let world = World::shared().await;
    let chat = concat!(
        "data: {\"id\":\"c\",\"object\":\"chat.completion.chunk\",\"created\":1,\"model\":\"m\",",
        "\"choices\":[{\"index\":0,\"delta\":{\"role\":\"assistant\",\"content\":\"hi\"},",
        "\"finish_reason\":null}]}\n\n"
    );
    let responses = concat!(
        "event: response.created\ndata: {\"type\":\"response.created\",\"sequence_number\":0,",
        "\"response\":{\"id\":\"r\",\"object\":\"response\",\"status\":\"in_progress\",\"output\":[]}}\n\n",
        "event: response.output_item.added\ndata: {\"type\":\"response.output_item.added\",",
        "\"sequence_number\":1,\"output_index\":0,\"item\":{\"id\":\"m\",\"type\":\"message\",",
        "\"status\":\"in_progress\",\"role\":\"assistant\",\"content\":[]}}\n\n",
        "event: response.output_text.delta\ndata: {\"type\":\"response.output_text.delta\",",
        "\"sequence_number\":2,\"output_index\":0,\"item_id\":\"m\",\"content_index\":0,",
        "\"delta\":\"hi\"}\n\n"
    );
    for (lane, first, garbage) in [
        (world.openai(), chat, "data: {\"choices\": [oops\n\n"),
        (
            world.responses(),
            responses,
            "event: response.output_text.delta\ndata: {oops\n\n",
        ),
    ] {
        lane.script(Behaviour::raw_stream([first, garbage]));
        for dialect in [Dialect::Anthropic, Dialect::Native] {
            let streamed = world.client().call_stream(dialect, &lane.ask()).await;
            assert_eq!(streamed.status, 200, "{dialect:?} to {:?}", lane.protocol);
            let heard = Heard::of_stream(dialect, &streamed);
            assert_eq!(heard.text(), "hi", "{dialect:?} to {:?}", lane.protocol);
            assert!(heard.error.is_some(), "{dialect:?} to {:?}", lane.protocol);
        }
    }
}

#[tokio::test]
async fn a_body_that_dies_half_way_is_a_502_when_not_streamed() {
    let world = World::shared().await;
    for lane in world.each() {
        for end in [End::Abort, End::Close] {
            lane.script(Behaviour::text("one two three").ending(end));
            for dialect in Dialect::ALL {
                let answer = world.client().call(dialect, &lane.ask()).await;
                answer.assert_error_in(dialect, 502, "api_error", "provider_error");
            }
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
    let upstream = Upstream::start();
    let catalog = Catalog::new()
        .anthropic("a", &upstream.url())
        .openai("b", &upstream.openai_url())
        .single("m", "a", "0.60", "1")
        .single("n", "b", "0.60", "1");
    let gateway = Setup::new().catalog(&catalog).start().await;
    // 64 MB of text: no gateway that keeps back-pressure takes it all at once.
    let word = "x".repeat(1 << 16) + " ";
    let much = Behaviour::blocks(vec![Block::Text(word.repeat(1024))]);
    for (model, dialect) in [
        ("m", Dialect::Anthropic),
        ("m", Dialect::OpenAi),
        ("n", Dialect::OpenAi),
        ("n", Dialect::Anthropic),
    ] {
        upstream.script(&format!("up-{model}"), much.clone());
        let body = dialect.body(&streamed(&ask(model, "hi"), true)).to_string();
        let mut stream = gateway.client().open(dialect.path(), body).await;
        stream.next().await.expect("a first event");
        let before = resident(gateway.pid());
        tokio::time::sleep(Duration::from_millis(300)).await;
        let grown = resident(gateway.pid()).saturating_sub(before) >> 20;
        assert!(
            grown < 24,
            "{dialect:?} to {model}: {grown} MB for a slow reader"
        );
    }
}

#[tokio::test]
async fn nesting_without_end_in_an_answer_does_not_kill_it() {
    let world = World::shared().await;
    let deep = "[".repeat(200_000);
    for lane in world.each() {
        for body in [
            deep.clone(),
            format!("{{\"choices\":{deep}"),
            format!("{{\"content\":{deep}"),
            format!("{{\"output\":{deep}"),
        ] {
            for behaviour in [
                Behaviour::raw_json(body.clone()),
                Behaviour::raw_stream([format!("data: {body}\n\n")]),
                Behaviour::status_body(500, body.clone()),
            ] {
                lane.script(behaviour);
                for dialect in Dialect::ALL {
                    for answer in world.client().call_both(dialect, &lane.ask()).await {
                        assert!(answer.status >= 500, "{dialect:?}: {}", answer.status);
                    }
                }
            }
        }
    }
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
