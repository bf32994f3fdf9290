//! docs/plugins.md: a policy written from the page alone, in each language, goes
//! live.

use super::{Terminal, blocks};

/// What the first section and that of a language have for the shell.
fn script(language: &str) -> String {
    let document = blocks("docs/plugins.md");
    ["Before you begin", language]
        .iter()
        .flat_map(|title| {
            let of_section = document
                .iter()
                .filter(|block| block.section == *title && block.language == "sh")
                .map(|block| block.code.as_str());
            let code: Vec<&str> = of_section.collect();
            assert!(!code.is_empty(), "no commands in `{title}`");
            code
        })
        .collect()
}

/// Runs the page for one language, on a gateway of its own.
async fn goes_live(language: &str) {
    let terminal = Terminal::open().await;
    let script = script(language);
    let promised = [("0.60", "sim-medium"), ("0.75", "sim-large")];
    let printed = terminal.lever_change(&script, &promised).await;
    for shown in ["verified: every law", "7 cases passed", "0.10 → 0.25"] {
        assert!(printed.contains(shown), "no {shown} in {printed}");
    }
    let records = terminal.gateway.records();
    assert_eq!(records.number("SELECT max(generation) FROM generations"), 2);
}

#[tokio::test]
async fn a_policy_in_rust_goes_live() {
    goes_live("Rust").await;
}

#[tokio::test]
async fn a_policy_in_javascript_goes_live() {
    goes_live("JavaScript").await;
}

#[tokio::test]
async fn a_policy_in_python_goes_live() {
    goes_live("Python").await;
}
