//! Rate limits of keys, and their headers in each dialect.

use std::time::Duration;

use ainfera_tests::client::{Answer, Dialect, ask};
use ainfera_tests::gateway::{Catalog, Gateway, Setup};
use ainfera_tests::upstream::{Behaviour, Upstream};
use ainfera_tests::wait::PATIENCE;

/// A gateway whose keys may make `burst` calls at once, and then one a minute.
async fn limited(burst: u32) -> (Upstream, Gateway) {
    let upstream = Upstream::start();
    let catalog = Catalog::new()
        .anthropic("a", &upstream.url())
        .single("m", "a", "0.60", "1");
    let config = format!("\n[rate_limit]\nrequests_per_minute = 1\nburst = {burst}\n");
    let setup = Setup::new().catalog(&catalog).config(&config);
    (upstream, setup.start().await)
}

/// Limit, remaining and reset, under the dialect's names and no other's.
fn standing(dialect: Dialect, answer: &Answer) -> (u32, u32, String) {
    let names = match dialect {
        Dialect::Anthropic => [
            "anthropic-ratelimit-requests-limit",
            "anthropic-ratelimit-requests-remaining",
            "anthropic-ratelimit-requests-reset",
        ],
        _ => [
            "x-ratelimit-limit-requests",
            "x-ratelimit-remaining-requests",
            "x-ratelimit-reset-requests",
        ],
    };
    for name in answer.headers.keys() {
        let ours = !name.as_str().contains("ratelimit") || names.contains(&name.as_str());
        assert!(ours, "{dialect:?}: {name}");
    }
    let [limit, remaining, reset] = names.map(|name| {
        let value = answer.header(name);
        value
            .unwrap_or_else(|| panic!("{dialect:?}: no {name}"))
            .to_owned()
    });
    let number = |text: String| text.parse().expect("a number");
    (number(limit), number(remaining), reset)
}

/// Asserts that a reset is in the dialect's form.
fn check_reset(dialect: Dialect, reset: &str) {
    if dialect == Dialect::Anthropic {
        let at: jiff::Timestamp = reset.parse().expect("RFC 3339");
        assert!(at > jiff::Timestamp::now(), "{reset} has passed");
    } else {
        let seconds = reset.strip_suffix('s').expect("seconds");
        let seconds: f64 = seconds.parse().expect("a number of seconds");
        assert!(seconds > 0.0, "{reset}");
    }
}

#[tokio::test]
async fn a_key_that_calls_too_often_is_a_429_with_retry_after_in_every_dialect() {
    for dialect in Dialect::ALL {
        let (upstream, gateway) = limited(2).await;
        for stream in [false, true] {
            gateway
                .client()
                .hear(dialect, &ask("m", "hi"), stream)
                .await;
        }
        for answer in gateway.client().call_both(dialect, &ask("m", "hi")).await {
            answer.assert_error_in(dialect, 429, "rate_limit_error", "rate_limit_error");
            let wait = answer.header("retry-after").expect("retry-after");
            let wait: u64 = wait.parse().expect("whole seconds");
            assert!((1..=60).contains(&wait), "{wait}");
            let (limit, remaining, reset) = standing(dialect, &answer);
            assert_eq!((limit, remaining), (2, 0));
            check_reset(dialect, &reset);
            let rows = gateway.records().outcomes_of(&answer.request_id());
            assert!(rows.is_empty(), "not recorded: it is no routed call yet");
        }
        assert_eq!(upstream.requests().len(), 2, "nothing else got through");
    }
}

#[tokio::test]
async fn every_answer_says_where_the_key_stands() {
    let (upstream, gateway) = limited(20).await;
    let mut left = 20;
    for dialect in Dialect::ALL {
        for stream in [false, true] {
            let heard = gateway
                .client()
                .hear(dialect, &ask("m", "hi"), stream)
                .await;
            let answer = Answer {
                status: 200,
                headers: heard.headers,
                body: Default::default(),
            };
            left -= 1;
            let (limit, remaining, reset) = standing(dialect, &answer);
            assert_eq!((limit, remaining), (20, left), "{dialect:?}");
            check_reset(dialect, &reset);
        }
        // Also with an error.
        let answer = gateway
            .client()
            .call(dialect, &ask("no-such-model", "hi"))
            .await;
        left -= 1;
        assert_eq!(standing(dialect, &answer).1, left, "{dialect:?}");
    }
    drop(upstream);
}

#[tokio::test]
async fn the_limit_comes_before_size_and_form_and_after_the_key() {
    let (_upstream, gateway) = limited(1).await;
    let client = gateway.client();
    let answer = client.post_bytes("/v1/messages", "no JSON").await;
    answer.assert_error(400, "invalid_request_error", "invalid_request_error");
    for body in ["no JSON".to_owned(), " ".repeat(33 << 20)] {
        let answer = client.try_post("/v1/messages", body).await;
        // A client may see the close before the answer while it still sends.
        if let Some(answer) = answer {
            answer.assert_error(429, "rate_limit_error", "rate_limit_error");
        }
    }
    let stranger = client.with_key("wrong").messages(&ask("m", "hi")).await;
    stranger.assert_error(401, "authentication_error", "authentication_error");
}

#[tokio::test]
async fn what_was_used_comes_back_with_time() {
    let upstream = Upstream::start();
    let catalog = Catalog::new()
        .anthropic("a", &upstream.url())
        .single("m", "a", "0.60", "1");
    let config = "\n[rate_limit]\nrequests_per_minute = 600\nburst = 1\n";
    let gateway = Setup::new().catalog(&catalog).config(config).start().await;
    let client = gateway.client();
    client.messages_ok(&ask("m", "hi")).await;
    let again = async {
        while client.messages(&ask("m", "hi")).await.status != 200 {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    ainfera_tests::wait::within(PATIENCE, "another call", again).await;
}

#[tokio::test]
async fn without_a_limit_no_answer_speaks_of_one_not_even_a_providers() {
    let upstream = Upstream::start();
    let catalog = Catalog::new()
        .anthropic("a", &upstream.url())
        .openai("b", &upstream.openai_url())
        .responses("c", &upstream.openai_url())
        .single("m-a", "a", "0.60", "1")
        .single("m-b", "b", "0.60", "1")
        .single("m-c", "c", "0.60", "1");
    let gateway = Setup::new().catalog(&catalog).start().await;
    for model in ["m-a", "m-b", "m-c"] {
        let theirs = |behaviour: Behaviour| {
            behaviour
                .header("anthropic-ratelimit-requests-remaining", "1")
                .header("x-ratelimit-remaining-requests", "2")
                .header("x-ratelimit-remaining-tokens", "2")
                .header("set-cookie", "a=b")
        };
        for behaviour in [
            Behaviour::text("hi"),
            Behaviour::status(429, "rate_limit_error", "Slow down."),
        ] {
            upstream.script(&format!("up-{model}"), theirs(behaviour));
            for dialect in Dialect::ALL {
                for answer in gateway.client().call_both(dialect, &ask(model, "hi")).await {
                    for name in answer.headers.keys() {
                        let name = name.as_str();
                        let relayed = name.contains("ratelimit") || name == "set-cookie";
                        assert!(!relayed, "{dialect:?} to {model}: {name}");
                    }
                }
            }
        }
    }
}
