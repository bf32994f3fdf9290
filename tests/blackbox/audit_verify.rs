//! `ainfera audit`: whoever changes the log is found out, from the database or an
//! export, by whoever has the host's public key.

use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use ainfera_tests::client::ask;
use ainfera_tests::database::Database;
use ainfera_tests::gateway::{Catalog, DATABASE_URL, Gateway, Setup, binary};
use serde_json::Value;

/// A data directory whose gateway has stopped: two starts' chains, each with
/// calls.
struct Stopped {
    gateway: Gateway,
    /// Copies made so far.
    copies: std::cell::Cell<u32>,
}

struct Ran {
    code: Option<i32>,
    stdout: String,
    stderr: String,
}

/// The host's private key, in a data directory.
const KEY: &str = "audit-key.pem";

/// A data directory, and the database that goes with it.
struct Place {
    directory: PathBuf,
    database: Database,
}

impl Place {
    fn of(gateway: &Gateway) -> Self {
        Self {
            directory: gateway.data_dir(),
            database: gateway.database().clone(),
        }
    }

    /// Runs `ainfera audit` on it.
    fn audit(&self, args: &[&str]) -> Ran {
        let mut command = Command::new(binary());
        command.arg("audit").args(args);
        match self.database.url() {
            None => command.arg("--data-dir").arg(&self.directory),
            Some(url) => command
                .env(DATABASE_URL, url)
                .env("AINFERA_DATA_DIR", &self.directory),
        };
        ran(command, &self.directory)
    }

    /// What `verify` says of it, or with these arguments of a file.
    fn verify(&self, args: &[&str]) -> Value {
        let ran = self.audit(&[&["verify", "--json"], args].concat());
        let report: Value = serde_json::from_str(&ran.stdout)
            .unwrap_or_else(|error| panic!("{error}: {} {}", ran.stdout, ran.stderr));
        let code = if report["verified"] == true { 0 } else { 1 };
        assert_eq!(ran.code, Some(code), "{}", ran.stderr);
        if let Some(first) = report["problems"].get(0) {
            let said = first["message"].as_str().expect("a text");
            assert!(ran.stderr.contains(said), "{} says {said}", ran.stderr);
        }
        report
    }

    /// What `verify` says first, `chain.seq fault` or the checkpoint's, and of the
    /// export; they must agree.
    fn first(&self) -> String {
        let of_database = self.verify(&[]);
        let exported = self.audit(&["export", "--out", "export.jsonl"]);
        assert_eq!(exported.code, Some(0), "{}", exported.stderr);
        let of_file = self.verify(&["--file", "export.jsonl"]);
        assert_eq!(of_database["problems"], of_file["problems"]);
        let Some(first) = of_database["problems"].get(0) else {
            return "verified".to_owned();
        };
        let place = match (first["chain"].as_i64(), first["seq"].as_i64()) {
            (Some(chain), Some(seq)) => format!("{chain}.{seq}"),
            _ => format!("checkpoint {}", first["checkpoint"]),
        };
        format!("{place} {}", first["fault"].as_str().expect("a fault"))
    }
}

fn ran(mut command: Command, directory: &Path) -> Ran {
    let output = command.current_dir(directory).output();
    let output = output.expect("the binary to run");
    Ran {
        code: output.status.code(),
        stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
        stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
    }
}

async fn calls(gateway: &Gateway) {
    for model in ["ainfera-inference", "m", "ainfera-auto"] {
        gateway.client().messages_ok(&ask(model, "hi")).await;
    }
}

impl Stopped {
    async fn new() -> Self {
        Self::on(Setup::new()).await
    }

    async fn on(setup: Setup) -> Self {
        let catalog = Catalog::new().simulated("sim").single("m", "sim", "1", "1");
        let gateway = setup.catalog(&catalog).start().await;
        calls(&gateway).await;
        // Its first, which it makes while it is called, so that there is more than one.
        ainfera_tests::wait::until("a checkpoint", || {
            let count = "SELECT count(*) FROM audit_checkpoints";
            (gateway.records().number(count) > 0).then_some(())
        })
        .await;
        // A kill, that is: what it leaves is vouched for by the next start.
        let gateway = gateway.restart().await;
        calls(&gateway).await;
        gateway.terminate();
        assert!(gateway.exited().await.success());
        Self {
            gateway,
            copies: std::cell::Cell::new(0),
        }
    }

    /// A copy of the directory and the database, which was changed by these statements.
    fn tampered(&self, sql: &str) -> Place {
        self.copies.set(self.copies.get() + 1);
        let directory = self
            .gateway
            .scratch()
            .join(format!("copy-{}", self.copies.get()));
        std::fs::create_dir(&directory).expect("a directory");
        let key = self.gateway.data_dir().join(KEY);
        std::fs::copy(key, directory.join(KEY)).expect("to copy");
        let database = self.gateway.database().copy(&directory);
        database.batch(sql);
        Place {
            directory,
            database,
        }
    }
}

/// The row of an event.
fn row(chain: i64, seq: i64) -> i64 {
    chain << 40 | seq
}

#[tokio::test]
async fn whatever_is_done_to_the_log_is_named() {
    let stopped = Stopped::new().await;
    let id = |seq| row(1, seq);
    let (two, three, five) = (id(2), id(3), id(5));
    let swap = format!(
        "CREATE TEMP TABLE t AS SELECT * FROM audit_log WHERE id IN ({two}, {five});
         UPDATE audit_log SET (body, link) = (SELECT body, link FROM t WHERE id = {five}) WHERE id = {two};
         UPDATE audit_log SET (body, link) = (SELECT body, link FROM t WHERE id = {two}) WHERE id = {five};"
    );
    let insert = format!(
        "UPDATE audit_log SET id = -id - 1 WHERE id >= {three} AND id >> 40 = 1;
         UPDATE audit_log SET id = -id WHERE id < 0;
         INSERT INTO audit_log SELECT {three}, replace(body, 'router', 'ruoter'), link FROM audit_log WHERE id = {two};"
    );
    let last = stopped
        .gateway
        .records()
        .number("SELECT max(id) & 1099511627775 FROM audit_log");
    let (end, chain) = (row(2, last), row(2, 0));
    let nothing = stopped.gateway.database().bytes(&"00".repeat(32));
    let another = stopped.gateway.database().bytes(&"11".repeat(32));
    for (done, sql, first) in [
        ("nothing", String::new(), "verified".to_owned()),
        (
            "changed",
            format!("UPDATE audit_log SET body = replace(body, 'router', 'ruoter') WHERE id = {three}"),
            "1.3 changed".to_owned(),
        ),
        (
            "deleted",
            format!("DELETE FROM audit_log WHERE id = {three}"),
            "1.3 removed".to_owned(),
        ),
        ("inserted", insert, "1.3 inserted".to_owned()),
        (
            "inserted where nothing can be",
            format!("INSERT INTO audit_log VALUES (0, '{{}}', {nothing})"),
            "0.0 inserted".to_owned(),
        ),
        (
            "inserted in no chain",
            format!("INSERT INTO audit_log VALUES (-1, '{{}}', {nothing})"),
            "-1.1 chain_removed".to_owned(),
        ),
        (
            "unlisted a chain",
            "DELETE FROM audit_chains WHERE chain = 2".to_owned(),
            "2.1 chain_removed".to_owned(),
        ),
        ("swapped", swap, "1.2 swapped".to_owned()),
        (
            "truncated a chain that another continues",
            format!("DELETE FROM audit_log WHERE id >= {five} AND id < {chain}"),
            "1.5 truncated".to_owned(),
        ),
        (
            "truncated the last chain",
            format!("DELETE FROM audit_log WHERE id = {end}"),
            format!("2.{last} truncated"),
        ),
        (
            "removed the last chain",
            format!("DELETE FROM audit_log WHERE id > {chain}; DELETE FROM audit_chains WHERE chain = 2"),
            "2.1 chain_removed".to_owned(),
        ),
        (
            "removed from the control chain",
            format!("DELETE FROM audit_log WHERE id = (SELECT max(id) FROM audit_log WHERE id < {})", row(1, 0)),
            "0.".to_owned(),
        ),
        (
            "changed a beginning",
            format!("UPDATE audit_chains SET previous_link = {another} WHERE chain = 2"),
            "2.1 changed".to_owned(),
        ),
        (
            "removed a checkpoint",
            "DELETE FROM audit_checkpoints WHERE number = 1".to_owned(),
            "checkpoint 2 removed".to_owned(),
        ),
        (
            "changed a checkpoint",
            "UPDATE audit_checkpoints SET envelope = (SELECT envelope FROM audit_checkpoints WHERE number = 2) WHERE number = 1".to_owned(),
            "checkpoint 1 swapped".to_owned(),
        ),
    ] {
        let said = stopped.tampered(&sql).first();
        let named = said == first || (first == "0." && said.starts_with("0.") && said.ends_with("truncated"));
        assert!(named, "{done}: {said}");
    }
}

#[tokio::test]
async fn a_log_that_was_written_anew_does_not_verify_by_the_hosts_key() {
    let stopped = Stopped::new().await;
    // Everything up to a consistent end, checkpoints too: only another link that
    // somebody kept, here from the gateway's own log, tells.
    let kept: Vec<String> = stopped
        .gateway
        .log()
        .lines()
        .filter(|line| line.contains("audit_checkpoint"))
        .filter_map(|line| line.split("heads=").nth(1))
        .flat_map(|heads| heads.split(['"', ' ']))
        .filter(|head| head.starts_with("2:"))
        .map(|head| head.replace("\u{1b}[0m", ""))
        .collect();
    let kept = kept.last().expect("a checkpoint in the log").clone();
    let gone = stopped.tampered(&format!(
        "DELETE FROM audit_checkpoints; DELETE FROM audit_log WHERE id >= {}",
        row(2, 3)
    ));
    assert_eq!(gone.first(), "verified", "nobody vouches for more");
    let report = gone.verify(&["--head", &kept]);
    assert_eq!(report["problems"][0]["fault"], "truncated", "{report}");
    // And a host whose key is another one.
    let other = stopped.tampered("");
    std::fs::remove_file(other.directory.join(KEY)).expect("the key");
    let mut keygen = Command::new(binary());
    keygen.args(["keygen", "--out", KEY]);
    let made = ran(keygen, &other.directory);
    assert_eq!(made.code, Some(0), "{}", made.stderr);
    assert_eq!(other.first(), "checkpoint 1 forged");
    // Which the public key of the first one sets right.
    let public = Place::of(&stopped.gateway).audit(&["key"]);
    std::fs::write(other.directory.join("host.pub"), &public.stdout).expect("to write");
    let report = other.verify(&["--key", "host.pub"]);
    assert_eq!(report["verified"], true, "{report}");
}

#[tokio::test]
async fn a_running_gateways_log_verifies_and_its_checkpoints_follow() {
    let catalog = Catalog::new().simulated("sim").single("m", "sim", "1", "1");
    let gateway = Setup::new()
        .catalog(&catalog)
        .config("\n[records]\ncheckpoint_ms = 20\n")
        .start()
        .await;
    let place = Place::of(&gateway);
    for _ in 0..3 {
        calls(&gateway).await;
        let ran = place.audit(&["verify"]);
        assert_eq!(ran.code, Some(0), "{}{}", ran.stdout, ran.stderr);
        assert!(ran.stdout.contains("the audit verifies"), "{}", ran.stdout);
    }
    let covered = ainfera_tests::wait::until("a checkpoint of everything", || {
        let ran = place.audit(&["verify", "--json"]);
        let report: Value = serde_json::from_str(&ran.stdout).expect("JSON");
        let chains = report["chains"].as_array().expect("chains").clone();
        let all = chains.iter().all(|chain| chain["after_checkpoint"] == 0);
        all.then_some(report)
    });
    let report = covered.await;
    assert!(
        report["checkpoints"]["count"].as_i64() > Some(0),
        "{report}"
    );
    let mode = std::fs::metadata(gateway.data_dir().join(KEY)).expect("the key");
    assert_eq!(mode.permissions().mode() & 0o777, 0o600);
}

#[tokio::test]
async fn an_agents_export_shows_its_own_events_and_verifies() {
    let stopped = Stopped::new().await;
    let agent = stopped.gateway.records();
    let agent = agent.number("SELECT min(id) FROM agents");
    let agent = format!("agt_{agent:016x}");
    let place = Place::of(&stopped.gateway);
    let file = place.directory.join("own.jsonl");
    let ran = place.audit(&["export", "--agent", &agent, "--out", "own.jsonl"]);
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    let text = std::fs::read_to_string(&file).expect("the export");
    let (mut own, mut others) = (0, 0);
    for line in text.lines() {
        let line: Value = serde_json::from_str(line).expect("JSON");
        let Some(event) = line.get("event") else {
            continue;
        };
        match event.get("body") {
            Some(body) => {
                assert_eq!(body["agent"], agent.as_str());
                own += 1;
            }
            None => others += 1,
        }
    }
    assert!(own == 12 && others > 2, "{own} own, {others} others");
    let report = place.verify(&["--file", "own.jsonl", "--agent", &agent]);
    let counted = report["chains"].as_array().expect("chains").iter();
    let counted: i64 = counted
        .filter_map(|chain| chain["agent_events"].as_i64())
        .sum();
    assert_eq!((report["verified"].as_bool(), counted), (Some(true), 12));

    // One that was cut off, or is none.
    let cut: String = text
        .lines()
        .take(9)
        .map(|line| format!("{line}\n"))
        .collect();
    for (text, says) in [
        (cut.as_str(), "cut off"),
        ("{}\n", "line 1"),
        ("", "cut off"),
    ] {
        std::fs::write(&file, text).expect("to write");
        let ran = place.audit(&["verify", "--file", "own.jsonl"]);
        assert_eq!(ran.code, Some(1), "{}", ran.stdout);
        assert!(ran.stderr.contains(says), "{}", ran.stderr);
    }
}

#[tokio::test]
async fn a_verification_begins_where_it_is_told_to() {
    let stopped = Stopped::new().await;
    let changed = stopped.tampered(&format!(
        "UPDATE audit_log SET body = replace(body, 'router', 'ruoter') WHERE id = {}",
        row(1, 3)
    ));
    for (from, fault) in [("0", true), ("1.2", true), ("1.4", false), ("2", false)] {
        let report = changed.verify(&["--from", from]);
        assert_eq!(report["verified"], !fault, "{from}: {report}");
    }
    let usage = changed.audit(&["verify", "--from", "x"]);
    assert_eq!(usage.code, Some(2), "{}", usage.stderr);
}

#[tokio::test]
async fn a_directory_without_a_database_is_said() {
    let scratch = tempfile::TempDir::new().expect("a directory");
    let mut command = Command::new(binary());
    command.args(["audit", "verify", "--data-dir", "none"]);
    let nowhere = ran(command, scratch.path());
    assert_eq!(nowhere.code, Some(2), "{}", nowhere.stderr);
}

/// SQLite takes any value in these columns.
#[tokio::test]
async fn values_of_another_type_are_a_change() {
    let stopped = Stopped::on(Setup::sqlite()).await;
    let sql = format!(
        "UPDATE audit_log SET body = x'ff', link = 7 WHERE id = {}",
        row(1, 3)
    );
    assert_eq!(stopped.tampered(&sql).first(), "1.3 changed");
}
