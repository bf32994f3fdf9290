//! `ainfera smoke`: a report of how providers answer, and a JSON error for
//! whatever goes wrong.

mod failures;

use std::process::Command;

use ainfera_tests::gateway::{Catalog, Offer, PROVIDER_KEY, binary};
use ainfera_tests::upstream::{Behaviour, Upstream, closed_port};
use serde_json::{Value, json};
use tempfile::TempDir;

/// Longer than any provider here takes that answers at all.
const PATIENT: &str =
    "connect_ms = 60000\nfirst_event_ms = 60000\nanswer_ms = 60000\nidle_ms = 60000\n";

/// What a run printed, and its exit code.
struct Run {
    code: i32,
    report: Value,
}

/// Runs it on `catalog`, or on the built-in one, with the provider's key.
async fn smoke(catalog: Option<&Catalog>, args: &[&str]) -> Run {
    run(catalog, args, Some(PROVIDER_KEY)).await
}

async fn run(catalog: Option<&Catalog>, args: &[&str], key: Option<&str>) -> Run {
    run_within(PATIENT, catalog, args, key).await
}

/// The same with other timeouts, lines of the configuration.
async fn run_within(
    timeouts: &str,
    catalog: Option<&Catalog>,
    args: &[&str],
    key: Option<&str>,
) -> Run {
    let dir = TempDir::new().expect("a temporary directory");
    let config = dir.path().join("ainfera.toml");
    let timeouts = format!("[timeouts]\n{timeouts}");
    std::fs::write(&config, timeouts).expect("to write the configuration");
    let mut command = Command::new(binary());
    command
        .arg("smoke")
        .args(args)
        .env_clear()
        .env("AINFERA_CONFIG", &config)
        .current_dir(dir.path());
    if let Some(catalog) = catalog {
        let path = dir.path().join("catalog.toml");
        std::fs::write(&path, catalog.text()).expect("to write the catalog");
        command.arg("--catalog").arg(path);
    }
    if let Some(key) = key {
        command.env("TEST_PROVIDER_KEY", key);
    }
    let ran = tokio::task::spawn_blocking(move || command.output().expect("the binary to run"));
    let output = ran.await.expect("no panic");
    let stdout = String::from_utf8(output.stdout).expect("UTF-8");
    let stderr = String::from_utf8(output.stderr).expect("UTF-8");
    let all = format!("{stdout}{stderr}");
    assert!(!all.contains(PROVIDER_KEY), "the key is shown: {all}");
    assert!(!all.contains("panicked"), "{all}");
    assert!(stderr.lines().count() <= 1, "no trace: {stderr}");
    let report = serde_json::from_str(&stdout);
    Run {
        code: output.status.code().expect("an exit code"),
        report: report.unwrap_or_else(|error| panic!("{error}: {stdout}\n{stderr}")),
    }
}

/// One provider of each protocol, `a`, `b` and `c`, each with a model.
fn protocols(upstream: &Upstream) -> Catalog {
    Catalog::new()
        .anthropic("a", &upstream.url())
        .openai("b", &upstream.openai_url())
        .responses("c", &upstream.openai_url())
        .single("m-a", "a", "0.60", "1")
        .single("m-b", "b", "0.60", "1")
        .single("m-c", "c", "0.60", "1")
}

fn calls(report: &Value) -> &Vec<Value> {
    report["calls"].as_array().expect("calls")
}

#[tokio::test]
async fn each_protocol_is_called_cold_and_warm_streamed_and_not() {
    let upstream = Upstream::start();
    let catalog = protocols(&upstream);
    for (provider, protocol) in [
        ("a", "anthropic"),
        ("b", "openai-chat"),
        ("c", "openai-responses"),
    ] {
        let model = format!("up-m-{provider}");
        upstream.script(
            &model,
            Behaviour::text("pong").header("request-id", "req_1"),
        );
        let Run { code, report } = smoke(Some(&catalog), &["--provider", provider]).await;
        assert_eq!(code, 0, "{report:#}");
        assert_eq!(report["ok"], true);
        assert_eq!(report["provider"], provider);
        assert_eq!(report["protocol"], protocol);
        assert_eq!(report["offer"], format!("m-{provider}@{provider}"));
        assert_eq!(report["upstream_model"], model);
        let made: Vec<(&Value, &Value)> = calls(&report)
            .iter()
            .map(|call| (&call["stream"], &call["connection"]))
            .collect();
        let (yes, no, cold, warm) = (json!(true), json!(false), json!("cold"), json!("warm"));
        assert_eq!(
            made,
            [(&no, &cold), (&no, &warm), (&yes, &cold), (&yes, &warm)]
        );
        for call in calls(&report) {
            assert_eq!(call["ok"], true);
            let latency = &call["latency_ms"];
            let total = latency["total"].as_f64().expect("a total");
            assert!(total > 0.0);
            assert_eq!(latency["connect"].is_f64(), call["connection"] == "cold");
            if call["stream"] == true {
                assert!(latency["first_event"].as_f64().expect("a first event") <= total);
            }
            let response = &call["response"];
            assert_eq!(response["blocks"], json!([{"type": "text", "chars": 4}]));
            assert_eq!(response["stop_reason"], "end_turn");
            assert_eq!(response["usage"]["input_tokens"], 25);
            assert_eq!(response["usage"]["output_tokens"], 15);
            // 25 tokens at $1 and 15 at $5 a million.
            assert_eq!(response["cost_usd"], "0.0001");
            assert_eq!(response["upstream_request_id"], "req_1");
        }
        let asked = upstream.requests_for(&model);
        assert_eq!(asked.len(), 4);
        let streamed = asked.iter().filter(|r| r.json()["stream"] == true);
        assert_eq!(streamed.count(), 2);
    }
}

#[tokio::test]
async fn the_simulated_provider_needs_neither_key_nor_network() {
    let Run { code, report } = run(None, &["--provider", "simulated"], None).await;
    assert_eq!(code, 0, "{report:#}");
    assert_eq!(report["offer"], "sim-small@simulated", "the cheapest");
    let named = ["--provider", "simulated", "--model", "sim-large"];
    let Run { report, .. } = run(None, &named, None).await;
    assert_eq!(report["offer"], "sim-large@simulated");
}

#[tokio::test]
async fn several_providers_have_a_report_each_whatever_happens_to_one() {
    let upstream = Upstream::start();
    upstream.script("up-m-b", Behaviour::status(500, "api_error", "boom"));
    let catalog = protocols(&upstream);
    let args = [
        "--provider",
        "a",
        "--provider",
        "b",
        "--provider",
        "none",
        "--provider",
        "c",
    ];
    let Run { code, report } = smoke(Some(&catalog), &args).await;
    assert_eq!(code, 1);
    let reports = report.as_array().expect("a report each");
    let said: Vec<(&Value, &Value)> = reports.iter().map(|r| (&r["provider"], &r["ok"])).collect();
    let expected = [("a", true), ("b", false), ("none", false), ("c", true)];
    let expected = expected.map(|(name, ok)| (json!(name), json!(ok)));
    let expected: Vec<(&Value, &Value)> = expected.iter().map(|(n, ok)| (n, ok)).collect();
    assert_eq!(said, expected);
}

#[tokio::test]
async fn a_model_and_a_base_url_are_taken_as_named() {
    let upstream = Upstream::start();
    let catalog = Catalog::new()
        .openai("b", &closed_port())
        .single("cheap", "b", "0.60", "1")
        .model("dear", "0.90")
        .offer(Offer::new("dear", "b", "vendor/dear-1").price("9").dark());
    for name in ["dear", "dear@b", "vendor/dear-1"] {
        let url = upstream.openai_url();
        let args = ["--provider", "b", "--model", name, "--base-url", &url];
        let Run { code, report } = smoke(Some(&catalog), &args).await;
        assert_eq!(code, 0, "{report:#}");
        assert_eq!(report["offer"], "dear@b", "dark offers are tested too");
        assert_eq!(report["base_url"], upstream.openai_url());
    }
    assert_eq!(upstream.requests_for("vendor/dear-1").len(), 12);
}

#[tokio::test]
async fn a_user_and_password_in_a_base_url_are_not_shown() {
    let url = closed_port().replace("http://", "http://user:hunter2@");
    let args = ["--provider", "b", "--base-url", &url];
    let catalog = protocols(&Upstream::start());
    let Run { report, .. } = smoke(Some(&catalog), &args).await;
    let shown = report.to_string();
    assert!(
        !shown.contains("hunter2") && !shown.contains("user:"),
        "{shown}"
    );
}
