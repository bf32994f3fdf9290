//! The export: its form, its window, and what reads it.

use std::os::unix::fs::PermissionsExt as _;

use ainfera_tests::gateway::{Gateway, Setup};
use serde_json::{Value, json};

use super::{TARGET, call, catalog, report, verified};

/// A running gateway with six routed calls and a pinned one.
async fn six() -> (Gateway, Vec<String>) {
    six_on(Setup::new()).await
}

async fn six_on(setup: Setup) -> (Gateway, Vec<String>) {
    let gateway = setup.live().catalog(&catalog()).start().await;
    let mut ids = Vec::new();
    for hint in [
        json!({"routing_preference": "quality"}),
        json!({"routing_preference": "cost"}),
        json!({"min_quality": "frontier", "deny_providers": ["other"]}),
        json!({"min_quality": "1.0", "max_cost": "0.000001"}),
        json!({"task_type": "a \"b\"\nc"}),
        Value::Null,
    ] {
        ids.push(call(&gateway, TARGET, hint).await);
    }
    call(&gateway, "mid", Value::Null).await;
    (gateway, ids)
}

fn lines(text: &str) -> Vec<Value> {
    let line = |line| serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}"));
    text.lines().map(line).collect()
}

fn ids_of(lines: &[Value]) -> Vec<&str> {
    lines
        .iter()
        .map(|line| line["request_id"].as_str().expect("an id"))
        .collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_export_has_every_routed_call_in_order_and_verifies() {
    let (gateway, ids) = six().await;
    let text = gateway.cli_ok(&["decisions", "export"]).await;
    let exported = lines(&text);
    assert_eq!(ids_of(&exported), ids);
    let first = &exported[0];
    assert_eq!(first["gates"], json!({"routing_preference_live": true}));
    assert_eq!(first["candidates"][0]["offer"], "high@sim");
    assert_eq!(
        (&first["base_floor"], &first["floor"]),
        (&json!("0.50"), &json!("0.60"))
    );
    assert_eq!(exported[2]["deny_providers"], json!(["other"]));
    assert_eq!(exported[3]["nearest_miss"]["offer"], "top@sim");
    assert_eq!(exported[4]["task_type"], "a \"b\"\nc");
    // The admin API gives the same, a page at a time and in both directions.
    let admin = gateway.admin();
    let path = format!("decisions?after={}&limit=3", ids[0]);
    let page = admin.get_ok(&path).await;
    assert_eq!(page["decisions"], json!(&exported[1..4]));
    let page = admin
        .get_ok(&format!("decisions?before={}&limit=1", ids[1]))
        .await;
    assert_eq!(page["decisions"], json!(&exported[..1]));
    let both = format!("decisions?after={}&before={}", ids[0], ids[1]);
    assert_eq!(admin.get(&both).await.status, 400);

    let file = gateway.scratch().join("log.jsonl");
    gateway
        .cli_ok(&["decisions", "export", "--out", "log.jsonl"])
        .await;
    assert_eq!(std::fs::read_to_string(&file).expect("the export"), text);
    let mode = file.metadata().expect("its mode").permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    assert_eq!(verified(&gateway, &["log.jsonl"]).await, 6);

    // A line that was changed is named.
    let changed = text.replace(r#""floor":"0.85""#, r#""floor":"0.50""#);
    assert_ne!(changed, text);
    std::fs::write(&file, changed).expect("to write");
    let (report, agreed) = report(&gateway, &["log.jsonl"]).await;
    assert!(!agreed);
    assert_eq!(report["differences"][0]["request_id"], ids[2], "{report}");
    assert_eq!(report["differences"][0]["field"], "floor");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_window_is_held_to() {
    let (gateway, ids) = six().await;
    let all = lines(&gateway.cli_ok(&["decisions", "export"]).await);
    let exported = async |args: &[&str]| {
        let text = gateway
            .cli_ok(&[&["decisions", "export"], args].concat())
            .await;
        ids_of(&lines(&text))
            .into_iter()
            .map(str::to_owned)
            .collect::<Vec<_>>()
    };
    assert_eq!(exported(&["--limit", "2"]).await, ids[4..]);
    assert_eq!(exported(&["--limit", "100"]).await, ids);
    assert!(exported(&["--limit", "0"]).await.is_empty());
    assert!(exported(&["--since", "2999-01-01"]).await.is_empty());
    assert!(exported(&["--until", "2026-01-01"]).await.is_empty());
    let at = |index: usize| {
        let us = all[index]["opened_us"].as_i64().expect("a time");
        jiff::Timestamp::from_microsecond(us)
            .expect("a time")
            .to_string()
    };
    assert_eq!(
        exported(&["--since", &at(2), "--until", &at(5)]).await,
        ids[2..5]
    );
    assert_eq!(
        exported(&["--since", &at(1), "--limit", "1"]).await,
        ids[5..]
    );
    assert_eq!(verified(&gateway, &["--since", &at(4)]).await, 2);
    let (report, _) = report(&gateway, &["--since", "2999-01-01"]).await;
    assert_eq!(
        (&report["decisions"], &report["pinned"]),
        (&json!(0), &json!(0))
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_database_is_only_read() {
    let (gateway, _) = six().await;
    gateway.terminate();
    gateway.exited().await;
    let before = gateway.database().contents();
    assert!(!before.is_empty());
    gateway.cli_ok(&["decisions", "export"]).await;
    verified(&gateway, &[]).await;
    assert!(gateway.database().contents() == before);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_cannot_be_read_is_said() {
    let (gateway, _) = six_on(Setup::sqlite()).await;
    std::fs::write(gateway.scratch().join("bad.jsonl"), "{}\n").expect("to write");
    let config = "data_dir = \"nowhere\"\n";
    std::fs::write(gateway.scratch().join("nowhere.toml"), config).expect("to write");
    for (args, says) in [
        (
            &["verify", "bad.jsonl"][..],
            "bad.jsonl line 1: missing field",
        ),
        (&["verify", "no.jsonl"], "no.jsonl"),
        (
            &["verify", "--config", "nowhere.toml"],
            "there is no database at nowhere/ainfera.db",
        ),
        (
            &["export", "--config", "nowhere.toml"],
            "there is no database at nowhere/ainfera.db",
        ),
        (&["export", "--out", "no/where.jsonl"], "no/where.jsonl"),
        (&["export", "--since", "yesterday"], "2026-11-22T09:30:00Z"),
        (
            &["verify", "bad.jsonl", "--limit", "1"],
            "cannot be used with",
        ),
    ] {
        let output = gateway.cli(&[&["decisions"], args].concat()).await;
        let said = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{args:?}: {said}");
        assert!(said.contains(says), "{args:?}: {said}");
    }
    assert!(!gateway.scratch().join("nowhere").exists());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_database_that_a_newer_binary_has_used_is_said() {
    let (gateway, _) = six().await;
    gateway.kill();
    let newer = "UPDATE _sqlx_migrations SET version = 9999 WHERE version = (SELECT max(version) FROM _sqlx_migrations)";
    assert_eq!(gateway.database().execute(newer), 1);
    let output = gateway.cli(&["decisions", "verify"]).await;
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(2), "{said}");
    assert!(said.contains("the schema of another version"), "{said}");
}

/// The names in the first columns of the tables of docs/decisions-log.md.
fn documented() -> Vec<String> {
    let page = include_str!("../../../docs/decisions-log.md");
    let rows = page.lines().filter(|line| line.starts_with("| `"));
    let cells = rows.filter_map(|row| row.split(" | ").next());
    let mut names: Vec<String> = cells
        .flat_map(|cell| cell.split('`').skip(1).step_by(2))
        .map(str::to_owned)
        .collect();
    names.sort();
    names
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_field_is_documented_and_no_other() {
    let (gateway, _) = six().await;
    let text = gateway
        .cli_ok(&["decisions", "export", "--limit", "1"])
        .await;
    let line = lines(&text).remove(0);
    let mut names: Vec<String> = line
        .as_object()
        .expect("an object")
        .keys()
        .cloned()
        .collect();
    names.sort();
    assert_eq!(documented(), names);
}
