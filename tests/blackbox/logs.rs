//! The log: lines for people, or JSON for machines; in neither a secret.

use ainfera_tests::client::ask;
use ainfera_tests::gateway::{ADMIN_TOKEN, API_KEY, Catalog, Gateway, PROVIDER_KEY, Setup};
use ainfera_tests::upstream::{Behaviour, End, Upstream};
use serde_json::Value;

const PROMPT: &str = "nobody else's business";

/// A gateway whose log says whatever it can.
async fn talkative(upstream: &Upstream) -> Gateway {
    let catalog = Catalog::new()
        .anthropic("a", &upstream.url())
        .single("first", "a", "0.60", "1");
    let setup = Setup::new().catalog(&catalog);
    setup
        .env("AINFERA_LOG_FORMAT", "json")
        .env("RUST_LOG", "trace")
        .start()
        .await
}

/// The lines on standard error.
fn lines(gateway: &Gateway) -> Vec<String> {
    let (all, out) = (gateway.log(), gateway.stdout());
    let out: Vec<&str> = out.lines().collect();
    let lines = all.lines().filter(|line| !out.contains(line));
    lines.map(str::to_owned).collect()
}

#[tokio::test]
async fn each_line_is_json_if_asked_for_and_none_has_a_prompt_or_a_key() {
    let upstream = Upstream::start();
    let gateway = talkative(&upstream).await;
    let client = gateway.client();
    client.messages_ok(&ask("first", PROMPT)).await;
    let dies = Behaviour::text("what the model confides").ending(End::Abort);
    upstream.script("up-first", dies);
    client.open_stream(&ask("first", PROMPT)).await.rest().await;
    upstream.script("up-first", Behaviour::status(503, "api_error", PROMPT));
    assert!(client.messages(&ask("ainfera/auto", PROMPT)).await.status >= 500);
    gateway.admin().get("agents").await;
    gateway.terminate();
    gateway.exited().await;

    let mut said = Vec::new();
    for line in lines(&gateway) {
        let line: Value = serde_json::from_str(&line).unwrap_or_else(|_| panic!("{line}"));
        for field in ["timestamp", "level", "target"] {
            assert!(line[field].is_string(), "{field} of {line}");
        }
        said.push(line);
    }
    let events = |message: &str| {
        said.iter()
            .filter(|line| line["message"] == message)
            .count()
    };
    assert_eq!(events("stream_interrupted"), 1, "{said:#?}");
    assert_eq!(events("router_alias_hit"), 1);
    assert_eq!(events("attempt_failed"), 1);
    let log = gateway.log();
    for hidden in [PROMPT, "confides", API_KEY, ADMIN_TOKEN, PROVIDER_KEY] {
        assert!(!log.contains(hidden), "{hidden:?} is in the log");
    }
}

#[tokio::test]
async fn another_format_is_refused() {
    let output = Setup::new()
        .env("AINFERA_LOG_FORMAT", "xml")
        .refused()
        .await;
    assert_eq!(output.status.code(), Some(2));
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(said.contains("AINFERA_LOG_FORMAT"), "{said}");
}
