//! Recorded decisions, exported and decided again by the built binary.

mod export;
mod history;
mod tampered;

use ainfera_tests::client::ask_hint;
use ainfera_tests::gateway::{Catalog, Gateway, Offer};
use serde_json::{Value, json};

pub(crate) const TARGET: &str = "ainfera-inference";

/// Four qualities at rising prices; the two in the middle clear what the levers
/// make of the usual bases, the third takes no tools.
pub(crate) fn catalog() -> Catalog {
    Catalog::new()
        .simulated("sim")
        .simulated("other")
        .single("low", "sim", "0.50", "1")
        .single("mid", "other", "0.60", "2")
        .model("high", "0.85")
        .offer(
            Offer::new("high", "sim", "up-high")
                .price("4")
                .without_tools(),
        )
        .single("top", "sim", "1", "9")
}

/// Makes a call; its request id.
pub(crate) async fn call(gateway: &Gateway, model: &str, hint: Value) -> String {
    gateway
        .client()
        .messages(&ask_hint(model, hint))
        .await
        .request_id()
}

pub(crate) async fn set_agent(gateway: &Gateway, change: Value) {
    let admin = gateway.admin();
    let agent = admin.only_agent().await;
    let answer = admin.patch(&format!("agents/{agent}"), &change).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
}

/// The report of `decisions verify --json`, and whether the command agreed.
async fn report(gateway: &Gateway, args: &[&str]) -> (Value, bool) {
    let output = gateway
        .cli(&[&["decisions", "verify", "--json"], args].concat())
        .await;
    let stdout = String::from_utf8_lossy(&output.stdout);
    let stderr = String::from_utf8_lossy(&output.stderr);
    // A slow machine says how far it is.
    let stderr: String = stderr
        .lines()
        .filter(|line| !line.ends_with("decisions verified"))
        .collect();
    let report =
        serde_json::from_str(&stdout).unwrap_or_else(|error| panic!("{error} in {stdout}{stderr}"));
    match output.status.code() {
        Some(0) => assert_eq!(stderr, ""),
        Some(1) => assert!(stderr.starts_with("error: of "), "{stderr}"),
        code => panic!("{code:?}: {stderr}"),
    }
    (report, output.status.success())
}

/// All decisions on record come out the same; how many they are.
pub(crate) async fn verified(gateway: &Gateway, args: &[&str]) -> i64 {
    let (report, agreed) = report(gateway, args).await;
    assert_eq!(report["differences"], json!([]), "{report}");
    assert_eq!(report["missing"], json!([]), "{report}");
    assert!(agreed, "{report}");
    assert_eq!(report["decisions"], report["agreed"], "{report}");
    report["agreed"].as_i64().expect("a count")
}
