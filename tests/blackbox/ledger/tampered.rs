//! `ainfera ledger verify`: whoever changes the books is found out.

use std::path::PathBuf;

use ainfera_tests::gateway::Gateway;
use ainfera_tests::upstream::Behaviour;
use serde_json::Value;

use super::{balances, prepaid, request, start, verify};

/// A stopped gateway's books: a top-up, and calls of which one failed.
async fn stopped() -> Gateway {
    let (upstream, gateway) = start().await;
    prepaid(&gateway.admin(), "1").await;
    upstream.script("up-m", Behaviour::text("one two"));
    for model in ["m", "ainfera-inference", "m"] {
        gateway.client().messages_ok(&request(model, false)).await;
    }
    upstream.script("up-m", Behaviour::status(500, "api_error", "no"));
    gateway.client().messages(&request("m", false)).await;
    gateway.terminate();
    assert!(gateway.exited().await.success());
    gateway
}

/// The kinds of what is wrong, and the first of each.
fn found(report: &Value) -> Vec<(String, String)> {
    let problems = report["problems"].as_array().expect("problems").iter();
    let text = |value: &Value| value.as_str().expect("a text").to_owned();
    problems
        .map(|problem| (text(&problem["kind"]), text(&problem["first"])))
        .collect()
}

#[tokio::test]
async fn each_kind_of_tampering_is_found_and_named() {
    let gateway = stopped().await;
    balances(&gateway);
    let records = gateway.records();
    let key = records.number("SELECT min(key) AS key FROM call_opened");
    let id = format!("req_{key:016x}");
    let hold = format!("the hold of call {id}");
    let charge = format!("the charge of call {id}");
    let one = format!("WHERE key = {key}");
    let accounts = "UPDATE ledger_accounts SET available_nanousd = available_nanousd + 1";
    let cases: [(String, &[&str], &str); 12] = [
        (accounts.to_owned(), &["unbalanced", "account"], "available"),
        (
            format!("{accounts}, paid_in_nanousd = paid_in_nanousd + 1"),
            &["account"],
            "available is",
        ),
        (
            "DELETE FROM ledger_accounts".to_owned(),
            &["account"],
            "available is 0 USD",
        ),
        (
            format!("UPDATE call_opened SET hold_nanousd = hold_nanousd + 1 {one}"),
            &["audit"],
            &hold,
        ),
        (
            format!("UPDATE call_closed SET charged_nanousd = charged_nanousd + 1 {one}"),
            &["call", "account", "day", "audit"],
            &id,
        ),
        (
            format!(
                "UPDATE call_closed SET charged_nanousd = charged_nanousd + 1, cost_nanousd = cost_nanousd + 1 {one}"
            ),
            &["account", "day", "audit"],
            "charged",
        ),
        (
            format!("UPDATE call_closed SET charged_nanousd = NULL {one}"),
            &["call", "account", "day", "audit"],
            &id,
        ),
        (
            format!("DELETE FROM call_closed {one}"),
            &["account", "day", "audit"],
            "available",
        ),
        (
            format!("DELETE FROM call_opened {one}"),
            &["orphan", "account", "day", "audit"],
            &id,
        ),
        (
            "UPDATE ledger_top_ups SET amount_nanousd = amount_nanousd + 1".to_owned(),
            &["account", "audit"],
            "the amount of top_",
        ),
        (
            "UPDATE ledger_days SET charged_nanousd = charged_nanousd - 1".to_owned(),
            &["day"],
            "charged",
        ),
        (
            "DELETE FROM ledger_days".to_owned(),
            &["day"],
            "charged is 0 USD",
        ),
    ];
    for (number, (sql, kinds, named)) in cases.iter().enumerate() {
        let directory: PathBuf = gateway.scratch().join(format!("copy-{number}"));
        std::fs::create_dir(&directory).expect("a directory");
        let database = gateway.database().copy(&directory);
        assert!(database.execute(sql) > 0, "{sql}");
        let report = verify(&directory, &database);
        let found = found(&report);
        let is: Vec<_> = found.iter().map(|(kind, _)| kind.as_str()).collect();
        assert_eq!(&is, kinds, "{sql}: {report}");
        assert!(
            found.iter().any(|(_, first)| first.contains(named)),
            "{sql}: {report} names {named}"
        );
        if *kinds == ["account", "day", "audit"] {
            assert!(
                found.iter().any(|(_, first)| first.contains(&charge)),
                "{sql}: {report}"
            );
        }
    }
}
