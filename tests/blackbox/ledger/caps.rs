//! No call is made that there is no money for, whoever else calls.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use ainfera_tests::client::{Dialect, ask, ask_hint};
use ainfera_tests::gateway::Gateway;
use ainfera_tests::sign::now_seconds;
use ainfera_tests::upstream::{Behaviour, Gate, Upstream};
use ainfera_tests::wait;
use serde_json::{Value, json};

use super::{COST, HOLD, agent, balance, balances, prepaid, request, start, tenant};

const CALLERS: usize = 64;
/// How many of them there is money for.
const PAID: usize = 10;

/// 64 callers at once, while there is money for 10; nobody ends before all are
/// decided.
async fn race(upstream: &Upstream, gateway: &Gateway, code: &str) {
    let gate = Gate::new();
    upstream.script("up-m", Behaviour::text("one two").gated(&gate));
    let refused = Arc::new(AtomicUsize::new(0));
    let calls = (0..CALLERS).map(|caller| {
        let client = gateway.client();
        let refused = Arc::clone(&refused);
        let model = ["m", "ainfera-inference"][caller % 2];
        tokio::spawn(async move {
            let answer = client.stream(&request(model, true)).await;
            if answer.status == 402 {
                refused.fetch_add(1, Ordering::Relaxed);
            }
            answer
        })
    });
    let calls: Vec<_> = calls.collect();
    wait::until("all others to be refused", || {
        (refused.load(Ordering::Relaxed) == CALLERS - PAID).then_some(())
    })
    .await;
    upstream.wait_for("up-m", PAID).await;
    gate.open();
    let mut answered = 0;
    for call in calls {
        let answer = call.await.expect("an answer");
        if answer.status == 200 {
            assert!(answer.message().error.is_none());
            answered += 1;
        } else {
            let said: Value = serde_json::from_slice(&answer.raw).expect("an error");
            assert_eq!(said["error"]["code"], code, "{said}");
            assert_eq!(answer.header("x-ainfera-inference-id"), None);
            assert_eq!(answer.header("x-ainfera-receipt-id"), None);
        }
    }
    assert_eq!(answered, PAID);
    assert_eq!(upstream.requests_for("up-m").len(), PAID);
    balances(gateway);
}

#[tokio::test]
async fn of_64_callers_for_a_balance_that_pays_for_10_exactly_10_are_answered() {
    let (upstream, gateway) = start().await;
    let admin = gateway.admin();
    let tenant = prepaid(&admin, "0.00501").await;
    race(&upstream, &gateway, "insufficient_funds").await;
    assert_eq!(balance(&admin, &tenant).await, ["0.00401", "0", "0.001"]);
    let rows = gateway.records().query(
        "SELECT status, reason, count(*) AS calls FROM call_closed GROUP BY 1, 2 ORDER BY 1",
    );
    let counts: Vec<_> = rows
        .iter()
        .map(|row| (&row["status"], &row["calls"]))
        .collect();
    assert_eq!(
        counts,
        [
            (&json!("refused"), &json!(54)),
            (&json!("succeeded"), &json!(10))
        ]
    );
    assert_eq!(rows[0]["reason"], "insufficient_funds");
}

/// Waits for the next day (UTC) where this one is nearly over: a cap is a day's.
async fn not_at_midnight() {
    const DAY: i64 = 24 * 60 * 60;
    let left = DAY - now_seconds() % DAY;
    if left < 180 {
        tokio::time::sleep(Duration::from_secs(left.unsigned_abs())).await;
    }
}

#[tokio::test]
async fn of_64_callers_for_a_days_cap_that_pays_for_10_exactly_10_are_answered() {
    not_at_midnight().await;
    let (upstream, gateway) = start().await;
    let admin = gateway.admin();
    let cap = json!({"day_cap_usd": "0.00501"});
    admin.patch_ok(&agent(&admin).await, &cap).await;
    race(&upstream, &gateway, "cap_exceeded").await;
    let account = admin
        .get_ok(&format!("{}/account", tenant(&admin).await))
        .await;
    let day = &account["agents"][0];
    assert_eq!(day["day_charged_usd"], "0.001", "{account}");
    assert_eq!(day["day_held_usd"], "0", "{account}");
    assert_eq!(
        account["available_usd"], "-0.001",
        "no limit holds: on credit"
    );
}

#[tokio::test]
async fn row_402_insufficient_funds() {
    let (upstream, gateway) = start().await;
    let admin = gateway.admin();
    let tenant = prepaid(&admin, "0.0005").await;
    for dialect in Dialect::ALL {
        for answer in gateway
            .client()
            .call_both(dialect, &request("m", false))
            .await
        {
            let said = answer.assert_error_in(dialect, 402, "billing_error", "insufficient_funds");
            assert!(
                said.contains(HOLD) && said.contains("0.0005 USD left"),
                "{said}"
            );
        }
    }
    assert!(upstream.requests().is_empty());
    let routed = gateway
        .client()
        .messages(&request("ainfera-inference", false))
        .await;
    routed.assert_error(402, "billing_error", "insufficient_funds");
    let row = gateway.records().outcome(&routed.request_id());
    assert_eq!(
        (&row["outcome_status"], &row["reason"]),
        (&json!("refused"), &json!("insufficient_funds"))
    );
    assert_eq!(
        (&row["inference_id"], &row["choice"]),
        (&Value::Null, &json!("m@a"))
    );

    // Credit counts as money; what is held is back once it is known what was used.
    upstream.script("up-m", Behaviour::text("fine"));
    let limit = json!({"credit_limit_usd": "0.000001"});
    admin.patch_ok(&tenant, &limit).await;
    gateway.client().messages_ok(&request("m", false)).await;
    assert_eq!(balance(&admin, &tenant).await, ["0.0004", "0", COST]);
    balances(&gateway);
}

#[tokio::test]
async fn row_402_cap_exceeded() {
    let (upstream, gateway) = start().await;
    let admin = gateway.admin();
    let agent = agent(&admin).await;
    upstream.script("up-m", Behaviour::status(500, "api_error", "no"));
    upstream.script("up-dear", Behaviour::text("dear"));

    // Candidates above the cap are no fallback.
    let client = gateway.client();
    let all = ask("ainfera-inference", "hi");
    client.messages_ok(&all).await;
    admin
        .patch_ok(&agent, &json!({"call_cap_usd": "0.0006"}))
        .await;
    let failed = client.messages(&all).await;
    assert_eq!(failed.status, 502, "{}", failed.text());
    assert_eq!(upstream.requests_for("up-dear").len(), 1);
    let held = gateway
        .records()
        .query("SELECT hold_nanousd FROM call_opened ORDER BY key");
    assert_eq!(
        held[0]["hold_nanousd"], 1_500_000,
        "the dearest in the order"
    );
    assert_eq!(held[1]["hold_nanousd"], 501_000);

    // None is left.
    admin
        .patch_ok(&agent, &json!({"call_cap_usd": "0.0005"}))
        .await;
    for dialect in Dialect::ALL {
        for model in ["m", "ainfera-inference"] {
            for answer in client.call_both(dialect, &request(model, false)).await {
                let said = answer.assert_error_in(dialect, 402, "billing_error", "cap_exceeded");
                assert!(said.contains(HOLD) && said.contains("0.0005 USD"), "{said}");
            }
        }
    }
    let refused = client.messages(&request("ainfera-inference", false)).await;
    let row = gateway.records().outcome(&refused.request_id());
    assert_eq!(
        (&row["outcome_status"], &row["reason"]),
        (&json!("refused"), &json!("cap_exceeded"))
    );
    assert_eq!(
        (&row["inference_id"], &row["choice"]),
        (&Value::Null, &json!("m@a"))
    );

    // What the call asks for first is still checked first.
    let floor = ask_hint("ainfera-inference", json!({"min_quality": "0.99"}));
    client
        .messages(&floor)
        .await
        .assert_error(422, "invalid_request_error", "no_candidate");
    gateway.cli_ok(&["decisions", "verify"]).await;
    balances(&gateway);
}
