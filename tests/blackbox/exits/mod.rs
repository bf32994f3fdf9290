//! Every exit path of a call, and what it leaves: its record, its money, its audit
//! events. Each line of the table in docs/operations.md is a test here, and has the
//! words that the test compares.

mod before;
mod broken;
mod ended;
mod refused;

use ainfera_tests::client::ask;
use ainfera_tests::gateway::{Catalog, Gateway, Setup};
use ainfera_tests::records::{Row, key_of};
use ainfera_tests::upstream::Upstream;
use ainfera_tests::wait;
use serde_json::Value;

const TARGET: &str = "ainfera-inference";
/// Where routed calls go, and what pinned ones name.
const PINNED: &str = "m";

/// Of a call that nothing knows.
const NOTHING: [&str; 3] = ["none", "none", "none"];

/// Its provider's answers are scripted as `up-m`.
fn setup(upstream: &Upstream) -> Setup {
    let catalog = Catalog::new()
        .anthropic("a", &upstream.url())
        .single("m", "a", "0.60", "2");
    Setup::new().catalog(&catalog)
}

async fn one() -> (Upstream, Gateway) {
    let upstream = Upstream::start();
    let gateway = setup(&upstream).start().await;
    (upstream, gateway)
}

fn call(model: &str, stream: bool) -> Value {
    let mut body = ask(model, "hello");
    body["stream"] = stream.into();
    body
}

/// What a call has left, as the table says it: its record, `router status reason`;
/// its money, `none`, or what became of what was held; its audit events.
fn recorded(gateway: &Gateway, id: &str) -> [String; 3] {
    let (records, key) = (gateway.records(), key_of(id));
    let rows = records.query(&format!(
        "SELECT o.router, o.hold_nanousd, c.status, c.reason, c.charged_nanousd, c.cost_nanousd
         FROM call_opened o LEFT JOIN call_closed c ON c.key = o.key WHERE o.key = {key}"
    ));
    let (mut record, mut cash) = ("none".to_owned(), "none");
    if let Some(row) = rows.first() {
        let words = ["router", "status", "reason"].map(|column| row[column].as_str());
        record = words.into_iter().flatten().collect::<Vec<_>>().join(" ");
        cash = money(row);
    }
    // Of each view, it has the rows that it has to have.
    let routed = usize::from(record.starts_with("policy"));
    assert_eq!(records.outcomes_of(id).len(), routed, "{rows:?}");
    let dispatched = usize::from(cash != "none");
    assert_eq!(records.inferences_of(id).len(), dispatched, "{rows:?}");
    let events = ["routed", "completed"].into_iter().filter(|event| {
        let events = records.audit_of(&format!("inference.{event}"), id);
        assert!(events.len() < 2, "{events:?}");
        !events.is_empty()
    });
    let mut audit = events.collect::<Vec<_>>().join(", ");
    if audit.is_empty() {
        "none".clone_into(&mut audit);
    }
    [record, cash.to_owned(), audit]
}

/// The same, of a call whose receipt is as it has to be.
async fn left(gateway: &Gateway, id: &str) -> [String; 3] {
    let left = recorded(gateway, id);
    let expected = match &left {
        [record, ..] if record.contains("abandoned") => Some("usage_unknown"),
        [_, money, _] if money == "charged" => Some("settled"),
        _ => None,
    };
    assert_eq!(receipt(gateway, id).await.as_deref(), expected, "{left:?}");
    left
}

/// What became of the money of a call that ended.
fn money(row: &Row) -> &'static str {
    let (hold, charged) = (&row["hold_nanousd"], &row["charged_nanousd"]);
    match (hold.as_i64(), charged.as_i64()) {
        (None, None) => "none",
        (Some(hold), None) if hold > 0 => "released",
        (Some(hold), Some(charged)) if hold > 0 && charged > 0 => {
            assert_eq!(row["cost_nanousd"], charged, "{row:?}");
            "charged"
        }
        _ => panic!("{row:?}"),
    }
}

/// The state of a call's receipt, where it has one.
async fn receipt(gateway: &Gateway, id: &str) -> Option<String> {
    let path = id.replace("req_", "/v1/receipts/rcp_");
    let answer = gateway.client().get(&path).await;
    match answer.status {
        200 => answer.json()["status"].as_str().map(str::to_owned),
        404 => None,
        other => panic!("{other}: {}", answer.text()),
    }
}

/// Waits until the call has ended, and says what it has left.
async fn left_at_last(gateway: &Gateway, id: &str) -> [String; 3] {
    let key = key_of(id);
    let ended = format!("SELECT count(*) FROM call_closed WHERE key = {key}");
    wait::until("the call to end", || {
        (gateway.records().number(&ended) == 1).then_some(())
    })
    .await;
    left(gateway, id).await
}

/// The id of the call that was recorded last: its client got no answer.
fn latest(gateway: &Gateway) -> String {
    let sql = "SELECT max(key) FROM call_opened";
    format!("req_{:016x}", gateway.records().number(sql))
}

/// Asserts that all that was held is charged or free again, and that the accounts
/// are the sums of the calls.
fn balanced(gateway: &Gateway) {
    let records = gateway.records();
    for wrong in [
        "SELECT count(*) FROM ledger_accounts WHERE held_nanousd <> 0
             OR available_nanousd + held_nanousd + charged_nanousd - paid_in_nanousd <> 0",
        "SELECT CAST((SELECT coalesce(sum(charged_nanousd), 0) FROM ledger_accounts)
             - (SELECT coalesce(sum(charged_nanousd), 0) FROM call_closed) AS BIGINT)",
        "SELECT CAST((SELECT coalesce(sum(charged_nanousd + held_nanousd), 0) FROM ledger_days)
             - (SELECT coalesce(sum(charged_nanousd), 0) FROM call_closed) AS BIGINT)",
    ] {
        assert_eq!(records.number(wrong), 0, "{wrong}");
    }
}
