//! `ainfera plugin replay`: the same from an exported log, with no gateway.

use ainfera_tests::gateway::Setup;
use ainfera_tests::plugins;
use serde_json::{Value, json};

use super::{called, proposed, steep};

#[tokio::test]
async fn an_exported_log_gives_the_replay_of_the_report() {
    let (gateway, ids) = called(Setup::new().live()).await;
    let change = proposed(&gateway, json!({})).await;
    let write = |name: &str, bytes: &[u8]| {
        std::fs::write(gateway.scratch().join(name), bytes).expect("to write");
    };
    write("steep.wasm", &steep());
    gateway
        .cli_ok(&["decisions", "export", "--out", "log.jsonl"])
        .await;
    let replay = ["plugin", "replay", "steep.wasm", "--log", "log.jsonl"];
    let found = gateway.cli_ok(&[&replay[..], &["--json"]].concat()).await;
    let found: Value = serde_json::from_str(&found).expect("JSON");
    assert_eq!(found, change["report"]["replay"]);
    let said = gateway.cli_ok(&replay).await;
    let first = format!("replay of 5 recorded decisions, {} to {}", ids[0], ids[4]);
    assert!(said.starts_with(&first), "{said}");
    assert!(said.contains("3 of 5 change, 3 floors up"), "{said}");

    // Against another base: the same dial changes nothing.
    let same = [&replay[..], &["--base", "steep.wasm"]].concat();
    let said = gateway.cli_ok(&same).await;
    assert!(said.contains("gates as recorded: 0 of 5 change"), "{said}");

    write("bad.jsonl", b"{\"request_id\": 1}\n");
    write("gentle.wasm", &plugins::hostile("gentle"));
    for (args, code, why) in [
        (vec!["steep.wasm"], 2, "--log"),
        (vec!["steep.wasm", "--log", "none.jsonl"], 2, "none.jsonl"),
        (vec!["steep.wasm", "--log", "bad.jsonl"], 2, "line 1"),
        (vec!["log.jsonl", "--log", "log.jsonl"], 1, "log.jsonl"),
        (
            vec!["steep.wasm", "gentle.wasm", "--log", "log.jsonl"],
            2,
            "one component for a slot",
        ),
    ] {
        let output = gateway
            .cli(&[&["plugin", "replay"], &args[..]].concat())
            .await;
        let said = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(code), "{args:?}: {said}");
        assert!(said.contains(why), "{args:?}: {said}");
    }
}
