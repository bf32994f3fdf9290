//! The README.

use super::{Terminal, blocks};

/// The block of this language in the section of this title.
fn block(title: &str, language: &str) -> String {
    let mut blocks = blocks("README.md").into_iter();
    let block = blocks.find(|block| block.section == title && block.language == language);
    block
        .unwrap_or_else(|| panic!("no {language} in `{title}`"))
        .code
}

#[tokio::test]
async fn a_call_by_curl_and_by_the_sdk() {
    let terminal = Terminal::open().await;
    let streamed = terminal.shell(&block("A call", "sh"), "").await;
    assert!(streamed.starts_with("event: message_start\n"), "{streamed}");
    assert!(streamed.contains("event: message_stop\n"), "{streamed}");

    let text = terminal.python(&block("A call", "python")).await;
    assert!(text.split_whitespace().count() > 2, "an answer: {text:?}");

    let rows = terminal.gateway.records().outcomes();
    assert_eq!(rows.len(), 2, "{rows:?}");
    for row in rows {
        assert_eq!(row["outcome_status"], "succeeded");
        assert_eq!(row["stream"], 1);
    }
}

#[tokio::test]
async fn a_lever_change() {
    let terminal = Terminal::open().await;
    let block = block("Change a lever", "sh");
    let promised = [
        ("0.60", "sim-medium"),
        ("0.70", "sim-large"),
        ("0.60", "sim-medium"),
    ];
    let printed = terminal.lever_change(&block, &promised).await;
    // The founder saw what was signed.
    for shown in ["0.10", "0.20"] {
        assert!(printed.contains(shown), "no {shown} in {printed}");
    }
}

#[tokio::test]
async fn whoever_does_not_type_yes_signs_nothing() {
    let terminal = Terminal::open().await;
    let block = block("Change a lever", "sh");
    let until = block.find("ainfera plugin rollback").expect("the rollback");
    let block = block[..until].replace("--key founder.pem ", "--key founder.pem || true ");
    let printed = terminal.author(&block, "no\n").await;
    // The report names models too: these are those that answered.
    let answered = |model: &str| printed.contains(&format!("x-ainfera-model: {model}"));
    assert!(
        !answered("sim-large") && answered("sim-medium"),
        "{printed}"
    );
    let records = terminal.gateway.records();
    assert_eq!(records.number("SELECT max(generation) FROM generations"), 1);
}
