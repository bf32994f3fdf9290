//! What a component says never reaches a terminal or a page as more than text.

use std::process::Command;

use ainfera_tests::gateway::{Setup, binary};
use ainfera_tests::plugins;

/// Components that try to be more than text.
const LOUD: [&str; 5] = [
    "markup-name",
    "markup-target",
    "control-target",
    "control-summary",
    "hidden-summary",
];

/// Nothing that moves a cursor, changes a title, or turns the direction of text.
fn assert_plain(text: &str, of: &str) {
    let odd = |c: &char| (c.is_control() && *c != '\n') || ('\u{202a}'..='\u{202e}').contains(c);
    assert_eq!(text.chars().find(odd), None, "{of}: {text:?}");
}

#[tokio::test]
async fn names_reach_no_client_raw() {
    let gateway = Setup::new().start().await;
    let admin = gateway.admin();
    for name in LOUD {
        let answer = admin.upload(plugins::hostile(name)).await;
        assert_eq!(answer.status, 422, "{name}: {}", answer.text());
        assert_eq!(answer.header("content-type"), Some("application/json"));
        assert_plain(&answer.text(), name);
    }
    assert_plain(&gateway.log(), "the log");
}

#[tokio::test]
async fn names_reach_no_terminal_raw() {
    let folder = tempfile::tempdir().expect("a folder");
    for name in LOUD.into_iter().chain(["traps", "alias-loop"]) {
        let file = folder.path().join(format!("{name}.wasm"));
        std::fs::write(&file, plugins::hostile(name)).expect("a file");
        for arguments in [
            &["check"][..],
            &["check", "--json"],
            &["inspect"],
            &["inspect", "--json"],
        ] {
            let output = Command::new(binary())
                .arg("plugin")
                .args(arguments)
                .arg(&file)
                .output()
                .expect("the binary to run");
            for stream in [output.stdout, output.stderr] {
                let text = String::from_utf8(stream).expect("UTF-8");
                assert_plain(&text, &format!("{name} {arguments:?}"));
            }
        }
    }
}
