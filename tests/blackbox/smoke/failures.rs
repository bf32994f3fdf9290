//! What goes wrong is an error that says what to do.

use ainfera_tests::gateway::PROVIDER_KEY;
use ainfera_tests::upstream::{Behaviour, End, Reply, Upstream, closed_port};
use serde_json::Value;

use super::{PATIENT, Run, calls, protocols, run, run_within, smoke};

const ALL: [&str; 6] = ["--provider", "a", "--provider", "b", "--provider", "c"];

/// For a provider that never answers.
const HASTY: &str = "first_event_ms = 400\nanswer_ms = 400\n";
/// For one that begins, and falls silent.
const HASTY_LATER: &str = "first_event_ms = 60000\nanswer_ms = 400\nidle_ms = 400\n";

/// The code of an error, which has words and names a remedy.
fn code(error: &Value) -> &str {
    for field in ["message", "remedy"] {
        assert!(!error[field].as_str().expect(field).is_empty(), "{error}");
    }
    error["code"].as_str().expect("a code")
}

#[tokio::test]
async fn a_provider_that_fails_is_an_error_that_says_what_to_do() {
    let upstream = Upstream::start();
    let catalog = protocols(&upstream);
    let status = |status| Behaviour::status(status, "api_error", "the provider's words");
    let died = |frames| {
        Behaviour::text("one two three")
            .with(|answer| answer.frames = Some(frames))
            .ending(End::Abort)
    };
    // What it does, and the codes not streamed and streamed.
    let cases = [
        (status(401), "provider_status", "provider_status"),
        (status(403), "provider_status", "provider_status"),
        (status(404), "provider_status", "provider_status"),
        (status(429), "provider_status", "provider_status"),
        (status(422), "provider_status", "provider_status"),
        (status(500), "provider_status", "provider_status"),
        (status(529), "provider_status", "provider_status"),
        (Behaviour::silence(), "timed_out", "timed_out"),
        (Behaviour::hang_up(), "unreachable", "unreachable"),
        (Behaviour::raw_json("<html>"), "garbage", "garbage"),
        (Behaviour::raw_json("{}"), "garbage", "garbage"),
        (died(3), "unreachable", "interrupted"),
    ];
    for (behaviour, whole, streamed) in cases {
        for model in ["up-m-a", "up-m-b", "up-m-c"] {
            upstream.script(model, behaviour.clone());
        }
        let timeouts = match behaviour.reply {
            Reply::Silence => HASTY,
            _ => PATIENT,
        };
        let ran = run_within(timeouts, Some(&catalog), &ALL, Some(PROVIDER_KEY));
        let Run { code: exit, report } = ran.await;
        assert_eq!(exit, 1, "{report:#}");
        for report in report.as_array().expect("a report each") {
            assert_eq!(report["ok"], false);
            let codes: Vec<&str> = calls(report).iter().map(|c| code(&c["error"])).collect();
            let expected = [whole, whole, streamed, streamed];
            assert_eq!(codes, expected, "{behaviour:?}: {report:#}");
            for call in calls(report) {
                if code(&call["error"]) == "provider_status" {
                    assert_eq!(call["error"]["message"], "the provider's words");
                    assert!(call["error"]["status"].is_u64());
                }
            }
        }
    }
}

#[tokio::test]
async fn a_stream_that_falls_silent_is_told_from_one_that_never_began() {
    let upstream = Upstream::start();
    let stalled = Behaviour::text("one two three")
        .with(|answer| answer.frames = Some(3))
        .ending(End::Hang);
    upstream.script("up-m-a", stalled);
    let (catalog, args) = (protocols(&upstream), ["--provider", "a"]);
    let ran = run_within(HASTY_LATER, Some(&catalog), &args, Some(PROVIDER_KEY));
    let Run { report, .. } = ran.await;
    let streamed = calls(&report).iter().filter(|call| call["stream"] == true);
    let codes: Vec<&str> = streamed.map(|call| code(&call["error"])).collect();
    assert_eq!(codes, ["silent", "silent"]);
}

#[tokio::test]
async fn a_provider_that_repeats_the_key_does_not_get_it_shown() {
    let upstream = Upstream::start();
    let words = format!("Incorrect API key provided: {PROVIDER_KEY}.");
    upstream.script("up-m-b", Behaviour::status(401, "invalid_api_key", &words));
    let args = ["--provider", "b"];
    let Run { report, .. } = smoke(Some(&protocols(&upstream)), &args).await;
    let shown = &calls(&report)[0]["error"]["message"];
    assert_eq!(shown, "Incorrect API key provided: [key].");
}

#[tokio::test]
async fn what_cannot_be_called_is_an_error_that_says_what_to_do() {
    let upstream = Upstream::start();
    let catalog = protocols(&upstream).anthropic("bare", &upstream.url());
    let closed = closed_port();
    let cases: [(&[&str], &str, &str); 6] = [
        (&["--provider", "none"], "unknown_provider", "bare"),
        (&["--provider", "bare"], "no_offer", "offer"),
        (
            &["--provider", "a", "--model", "m-b"],
            "unknown_model",
            "m-a",
        ),
        (
            &["--provider", "a", "--base-url", "nowhere"],
            "bad_base_url",
            "https://",
        ),
        (
            &["--provider", "a", "--base-url", "http://["],
            "bad_base_url",
            "https://",
        ),
        (
            &["--provider", "a", "--base-url", "ftp://x"],
            "bad_base_url",
            "https://",
        ),
    ];
    for (args, expected, remedy) in cases {
        let Run { code: exit, report } = smoke(Some(&catalog), args).await;
        assert_eq!((exit, code(&report["error"])), (1, expected), "{report:#}");
        let says = report["error"]["remedy"].as_str().expect("a remedy");
        assert!(says.contains(remedy), "{says}");
    }
    let without = run(Some(&catalog), &["--provider", "a"], None).await;
    assert_eq!(code(&without.report["error"]), "missing_key");
    let remedy = without.report["error"]["remedy"].as_str();
    assert!(remedy.expect("a remedy").contains("TEST_PROVIDER_KEY"));
    let unusable = run(Some(&catalog), &["--provider", "a"], Some("two\nlines")).await;
    assert_eq!(code(&unusable.report["error"]), "bad_key");
    let args = ["--provider", "a", "--base-url", &closed];
    let refused = smoke(Some(&catalog), &args).await;
    assert_eq!(code(&calls(&refused.report)[0]["error"]), "unreachable");
    assert!(upstream.requests().is_empty());
}

#[tokio::test]
async fn a_wrong_use_is_a_json_error_too() {
    let catalog = protocols(&Upstream::start());
    let cases: [(&[&str], &str); 4] = [
        (&[], "no_provider"),
        (
            &[
                "--provider",
                "a",
                "--provider",
                "b",
                "--base-url",
                "http://x",
            ],
            "one_base_url",
        ),
        (
            &["--provider", "a", "--config", "/nowhere.toml"],
            "bad_config",
        ),
        // A directory.
        (&["--provider", "a", "--config", "/"], "bad_config"),
    ];
    for (args, expected) in cases {
        let Run { code: exit, report } = smoke(Some(&catalog), args).await;
        assert_eq!((exit, code(&report["error"])), (2, expected), "{report:#}");
    }
    let missing = ["--provider", "a", "--catalog", "/nowhere.toml"];
    let Run { code: exit, report } = smoke(None, &missing).await;
    assert_eq!((exit, code(&report["error"])), (2, "bad_catalog"));
    let twice = protocols(&Upstream::start()).model("m-a", "0.60");
    let Run { report, .. } = smoke(Some(&twice), &["--provider", "a"]).await;
    assert_eq!(code(&report["error"]), "bad_catalog");
}
