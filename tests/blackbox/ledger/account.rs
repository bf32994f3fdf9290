//! Limits, top-ups, balances and the journal by the admin API and the commands.

use ainfera_tests::upstream::Behaviour;
use serde_json::{Value, json};

use super::{COST, HOLD, agent, balance, balances, request, start, tenant};

#[tokio::test]
async fn a_top_up_that_is_sent_twice_is_one() {
    let (_upstream, gateway) = start().await;
    let admin = gateway.admin();
    let tenant = tenant(&admin).await;
    let path = format!("{tenant}/top-ups");
    let top_up = json!({"amount_usd": "12.50", "reference": "invoice 1", "note": "thanks"});
    let made = admin.created(&path, &top_up).await;
    assert_eq!(
        (&made["amount_usd"], &made["note"]),
        (&json!("12.5"), &json!("thanks"))
    );
    let again = admin
        .post(
            &path,
            &json!({"amount_usd": "12.5", "reference": "invoice 1"}),
        )
        .await;
    assert_eq!((again.status, again.json()), (200, made));
    let other = admin
        .post(
            &path,
            &json!({"amount_usd": "13", "reference": "invoice 1"}),
        )
        .await;
    assert_eq!(
        (other.status, &other.json()["error"]["code"]),
        (409, &json!("exists"))
    );
    assert_eq!(balance(&admin, &tenant).await, ["12.5", "0", "0"]);

    let back = |usd: &str| json!({"amount_usd": usd, "reference": format!("back {usd}")});
    let too_much = admin.post(&path, &back("-12.51")).await;
    assert_eq!(
        (too_much.status, &too_much.json()["error"]["code"]),
        (422, &json!("insufficient_funds"))
    );
    admin.created(&path, &back("-12")).await;
    assert_eq!(balance(&admin, &tenant).await, ["0.5", "0", "0"]);

    for wrong in [
        json!({"amount_usd": "0", "reference": "r"}),
        json!({"amount_usd": "1e3", "reference": "r"}),
        json!({"amount_usd": 5, "reference": "r"}),
        json!({"amount_usd": "0.0000000001", "reference": "r"}),
        json!({"amount_usd": "1000000001", "reference": "r"}),
        json!({"amount_usd": "1", "reference": ""}),
        json!({"amount_usd": "1", "reference": "a\nb"}),
        json!({"amount_usd": "1"}),
    ] {
        assert_eq!(admin.post(&path, &wrong).await.status, 400, "{wrong}");
    }
    let nobody = "tenants/tnt_0000000000000001/top-ups";
    assert_eq!(admin.post(nobody, &back("1")).await.status, 404);

    let events = gateway.records().audit("ledger.topped_up");
    let amounts: Vec<_> = events.iter().map(|event| &event["amount_usd"]).collect();
    assert_eq!(amounts, ["12.5", "-12"]);
    balances(&gateway);
}

#[tokio::test]
async fn limits_are_shown_audited_and_checked() {
    let (_upstream, gateway) = start().await;
    let admin = gateway.admin();
    let (tenant, agent) = (tenant(&admin).await, agent(&admin).await);
    assert_eq!(admin.get_ok(&tenant).await["credit_limit_usd"], Value::Null);
    let changed = admin
        .patch_ok(&tenant, &json!({"credit_limit_usd": "25.00"}))
        .await;
    assert_eq!(changed["credit_limit_usd"], "25");
    let caps = json!({"call_cap_usd": "0.5", "day_cap_usd": "0"});
    let changed = admin.patch_ok(&agent, &caps).await;
    assert_eq!(
        (&changed["call_cap_usd"], &changed["day_cap_usd"]),
        (&json!("0.5"), &json!("0"))
    );
    let changed = admin.patch_ok(&agent, &json!({"day_cap_usd": null})).await;
    assert_eq!(
        (&changed["call_cap_usd"], &changed["day_cap_usd"]),
        (&json!("0.5"), &Value::Null)
    );
    for (path, field) in [
        (&tenant, "credit_limit_usd"),
        (&agent, "call_cap_usd"),
        (&agent, "day_cap_usd"),
    ] {
        for wrong in [
            json!("-1"),
            json!("x"),
            json!("0.0000000001"),
            json!(1),
            json!("1000000001"),
        ] {
            let refused = admin.patch(path, &json!({field: wrong})).await;
            assert_eq!(refused.status, 400, "{field} {wrong}");
        }
    }
    let records = gateway.records();
    assert_eq!(records.audit("tenant.changed")[0]["credit_limit_usd"], "25");
    assert_eq!(records.audit("agent.changed")[0]["call_cap_usd"], "0.5");

    let made = json!({"name": "prepaid", "credit_limit_usd": "0"});
    let made = admin.created("tenants", &made).await;
    assert_eq!(made["credit_limit_usd"], "0");
    let worker =
        json!({"tenant": made["id"], "name": "w", "call_cap_usd": "1", "day_cap_usd": "2"});
    let worker = admin.created("agents", &worker).await;
    assert_eq!(
        (&worker["call_cap_usd"], &worker["day_cap_usd"]),
        (&json!("1"), &json!("2"))
    );
}

#[tokio::test]
async fn the_journal_is_read_by_pages_and_sums_to_the_account() {
    let (upstream, gateway) = start().await;
    let admin = gateway.admin();
    let tenant = super::prepaid(&admin, "1").await;
    upstream.script("up-m", Behaviour::text("x"));
    for _ in 0..3 {
        gateway.client().messages_ok(&request("m", false)).await;
    }
    upstream.script("up-m", Behaviour::status(500, "api_error", "no"));
    gateway.client().messages(&request("m", false)).await;

    let whole = admin.get_ok(&format!("{tenant}/ledger")).await;
    assert_eq!(whole["next"], Value::Null);
    let (mut paged, mut after) = (Vec::new(), String::new());
    loop {
        let page = admin
            .get_ok(&format!("{tenant}/ledger?limit=2{after}"))
            .await;
        paged.extend(page["entries"].as_array().expect("entries").clone());
        match page["next"].as_str() {
            Some(next) => after = format!("&after={next}"),
            None => break,
        }
    }
    assert_eq!(&json!(paged), &whole["entries"]);
    let kinds: Vec<_> = paged
        .iter()
        .map(|entry| entry["kind"].as_str().expect("it"))
        .collect();
    let call = ["hold", "settlement"];
    assert_eq!(
        kinds,
        [&["top_up"][..], &call, &call, &call, &call].concat()
    );
    let usd = |leg: &Value| -> f64 { leg["amount_usd"].as_str().expect("it").parse().expect("it") };
    for entry in &paged {
        let sum: f64 = entry["legs"]
            .as_array()
            .expect("legs")
            .iter()
            .map(usd)
            .sum();
        assert!(sum.abs() < 1e-12, "{entry}");
    }
    assert_eq!(balance(&admin, &tenant).await, ["0.9997", "0", "0.0003"]);
    assert_eq!(
        paged[1]["legs"][1],
        json!({"account": "held", "amount_usd": HOLD})
    );
    assert_eq!(
        paged[2]["legs"][1],
        json!({"account": "charged", "amount_usd": COST})
    );

    assert_eq!(
        admin.get(&format!("{tenant}/ledger?after=x")).await.status,
        400
    );
    assert_eq!(
        admin
            .get("tenants/tnt_0000000000000001/ledger")
            .await
            .status,
        404
    );
    assert_eq!(
        admin
            .get("tenants/tnt_0000000000000001/account")
            .await
            .status,
        404
    );
}

#[tokio::test]
async fn the_commands_show_and_top_up() {
    let (_upstream, gateway) = start().await;
    let admin = gateway.admin();
    let tenant = tenant(&admin).await;
    let id = tenant.strip_prefix("tenants/").expect("its path");
    let top_up = |usd, reference| ["ledger", "top-up", id, usd, "--reference", reference];
    gateway.cli_ok(&top_up("5", "in")).await;
    gateway.cli_ok(&top_up("-1.5", "out")).await;
    let said = gateway.cli_ok(&["ledger", "balance", id]).await;
    assert!(said.contains("available: 3.5 USD"), "{said}");
    let refused = gateway.cli(&top_up("-100", "all")).await;
    assert_eq!(refused.status.code(), Some(1));
}
