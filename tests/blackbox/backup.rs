//! `ainfera backup`: a copy that is made under traffic is a whole database.

use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::Command;
use std::sync::atomic::{AtomicBool, Ordering};

use ainfera_tests::client::{Client, ask};
use ainfera_tests::gateway::{Catalog, DATABASE_URL, Gateway, Setup, binary};
use ainfera_tests::records::Records;
use ainfera_tests::wait;
use futures_util::future::join;
use serde_json::Value;

const TARGET: &str = "ainfera-inference";

fn setup() -> Setup {
    let catalog = Catalog::new()
        .simulated("sim")
        .single("one", "sim", "0.60", "1")
        .single("two", "sim", "0.70", "2");
    Setup::sqlite().catalog(&catalog)
}

/// Calls until `stop`, routed and pinned in turn.
async fn traffic(client: Client, stop: &AtomicBool) {
    for number in 0.. {
        if stop.load(Ordering::Relaxed) {
            return;
        }
        let model = if number % 2 == 0 { TARGET } else { "one" };
        client.messages_ok(&ask(model, "hi")).await;
    }
}

/// The ended calls of these records, by request id.
fn ended(records: &Records) -> Vec<Value> {
    let rows = records.outcomes().into_iter();
    rows.filter(|row| row["outcome_status"] == "succeeded")
        .map(Value::from)
        .collect()
}

/// A gateway whose data directory was lost, and is there again from these files.
async fn restored(copy: &Path, key: &Path) -> Gateway {
    let gateway = setup().start().await;
    gateway.kill();
    let data = gateway.data_dir();
    std::fs::remove_dir_all(&data).expect("to lose it");
    std::fs::create_dir(&data).expect("a directory");
    std::fs::copy(copy, data.join("ainfera.db")).expect("the database");
    std::fs::copy(key, data.join("audit-key.pem")).expect("the key");
    gateway
}

#[tokio::test]
async fn a_backup_under_traffic_restores_and_verifies() {
    let gateway = setup().start().await;
    let (client, stop) = (gateway.client(), AtomicBool::new(false));
    let backup = async {
        let records = gateway.records();
        let enough = || (ended(&records).len() > 20).then_some(());
        wait::until("some calls", enough).await;
        let before = ended(&records);
        gateway.cli_ok(&["backup", "--to", "copy.db"]).await;
        stop.store(true, Ordering::Relaxed);
        before
    };
    let (before, ()) = join(backup, traffic(client, &stop)).await;

    let copy = gateway.scratch().join("copy.db");
    let mode = std::fs::metadata(&copy).expect("a file").permissions();
    assert_eq!(mode.mode() & 0o777, 0o600);
    let key = gateway.data_dir().join("audit-key.pem");
    let restored = restored(&copy, &key).await;
    for command in ["audit", "decisions", "ledger"] {
        restored.cli_ok(&[command, "verify"]).await;
    }
    let rows = ended(&restored.records());
    let all = ended(&gateway.records());
    assert!(
        before.iter().all(|row| rows.contains(row)),
        "all that ended"
    );
    assert!(rows.iter().all(|row| all.contains(row)), "and as it ended");

    // It goes on from there: the same keys, the same chains.
    let restored = restored.restart().await;
    restored.client().messages_ok(&ask(TARGET, "hi")).await;
    assert_eq!(ended(&restored.records()).len(), rows.len() + 1);
    let pending = "SELECT count(*) FROM call_opened WHERE key NOT IN (SELECT key FROM call_closed)";
    assert_eq!(restored.records().number(pending), 0);
    for command in ["audit", "decisions", "ledger"] {
        restored.cli_ok(&[command, "verify"]).await;
    }
}

#[tokio::test]
async fn a_backup_replaces_nothing_and_leaves_nothing_half_done() {
    let gateway = setup().start().await;
    let path = gateway.scratch().join("copy.db");
    std::fs::write(&path, "an earlier one").expect("a file");
    let refused = gateway.cli(&["backup", "--to", "copy.db"]).await;
    assert_eq!(refused.status.code(), Some(1));
    let said = String::from_utf8_lossy(&refused.stderr).into_owned();
    assert!(said.contains("copy.db is there already"), "{said}");
    assert_eq!(std::fs::read(&path).expect("it"), b"an earlier one");

    // A database that can't be read.
    let broken = gateway.scratch().join("broken");
    std::fs::create_dir(&broken).expect("a directory");
    std::fs::write(broken.join("ainfera.db"), [b'x'; 8192]).expect("a file");
    let config = gateway.scratch().join("broken.toml");
    std::fs::write(&config, format!("data_dir = {broken:?}")).expect("a file");
    let config = config.display().to_string();
    let args = ["backup", "--to", "other.db", "--config", &config];
    let failed = gateway.cli(&args).await;
    assert_eq!(failed.status.code(), Some(2));
    assert!(!gateway.scratch().join("other.db").exists());
}

#[tokio::test]
async fn of_a_server_a_backup_is_the_servers_own() {
    let scratch = tempfile::tempdir().expect("a directory");
    let run = Command::new(binary())
        .args(["backup", "--to", "copy.db"])
        .env(DATABASE_URL, "postgres://nobody:secret@127.0.0.1:1/none")
        .current_dir(scratch.path())
        .output();
    let refused = run.expect("the binary to run");
    let said = String::from_utf8_lossy(&refused.stderr);
    assert_eq!(refused.status.code(), Some(2), "{said}");
    assert!(
        said.contains("pg_dump") && !said.contains("secret"),
        "{said}"
    );
    assert!(!scratch.path().join("copy.db").exists());
}
