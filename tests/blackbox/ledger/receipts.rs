//! `GET /v1/receipts/{id}`, and the ids that answers carry.

use ainfera_tests::client::{Dialect, streamed};
use ainfera_tests::gateway::Gateway;
use ainfera_tests::upstream::{Behaviour, Gate};
use serde_json::{Value, json};

use super::{COST, HOLD, balances, request, start};

async fn receipt(gateway: &Gateway, id: &str) -> Value {
    let answer = gateway.client().get(&format!("/v1/receipts/{id}")).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    answer.json()
}

#[tokio::test]
async fn every_answer_has_the_id_of_its_receipt() {
    let (upstream, gateway) = start().await;
    upstream.script("up-m", Behaviour::text("one two"));
    for dialect in Dialect::ALL {
        for stream in [false, true] {
            let body = dialect.body(&streamed(&request("ainfera-inference", false), stream));
            let answer = gateway
                .client()
                .open(dialect.path(), body.to_string())
                .await
                .rest()
                .await;
            let id = answer
                .header("x-ainfera-receipt-id")
                .expect("its id")
                .to_owned();
            let inference = answer.header("x-ainfera-inference-id").expect("its id");
            assert_eq!(id.strip_prefix("rcp_"), inference.strip_prefix("inf_"));
            let receipt = receipt(&gateway, &id).await;
            assert_eq!(receipt["id"], id);
            assert_eq!(receipt["status"], "settled", "{receipt}");
            assert_eq!(receipt["outcome"], "succeeded");
            assert_eq!(receipt["inference_id"], inference);
            assert_eq!(receipt["charged_usd"], COST);
            assert_eq!(receipt["model"], "m@a");
            assert_eq!(receipt["usage"]["source"], "reported");
            assert_eq!(receipt["usage"]["output_tokens"], 15);
            assert_eq!(receipt["prices"]["output_usd"], "5");
            if dialect == Dialect::Native {
                let told = if stream {
                    answer.events[0].data["receipt_id"].clone()
                } else {
                    serde_json::from_slice::<Value>(&answer.raw).expect("JSON")["receipt_id"]
                        .clone()
                };
                assert_eq!(told, id);
            }
        }
    }
    balances(&gateway);
}

#[tokio::test]
async fn a_receipt_is_pending_until_the_call_has_ended() {
    let (upstream, gateway) = start().await;
    let gate = Gate::new();
    upstream.script("up-m", Behaviour::text("one two").gated(&gate));
    let stream = gateway.client().open_stream(&request("m", true)).await;
    let id = stream
        .header("x-ainfera-receipt-id")
        .expect("its id")
        .to_owned();
    let pending = receipt(&gateway, &id).await;
    assert_eq!(pending["status"], "pending");
    assert_eq!(pending["held_usd"], HOLD);
    for none in [
        "charged_usd",
        "released_usd",
        "usage",
        "settled_at",
        "outcome",
        "prices",
    ] {
        assert_eq!(pending.get(none), None, "{none}");
    }
    gate.open();
    stream.rest().await;
    let settled = receipt(&gateway, &id).await;
    assert_eq!(settled["status"], "settled");
    assert_eq!(settled["held_usd"], HOLD);
    assert_eq!(settled["released_usd"], "0.000401");
}

#[tokio::test]
async fn what_a_call_was_charged_by_is_told_after_prices_changed() {
    let (upstream, gateway) = start().await;
    upstream.script("up-m", Behaviour::text("x"));
    let (answer, _) = gateway.client().messages_ok(&request("m", false)).await;
    let id = answer
        .header("x-ainfera-receipt-id")
        .expect("its id")
        .to_owned();
    let before = receipt(&gateway, &id).await;
    let change = json!({"input_usd_per_mtok": "7"});
    let answer = gateway
        .admin()
        .send(
            ainfera_tests::client::Method::PATCH,
            "offers/m@a",
            &[("content-type", "application/json")],
            change.to_string(),
        )
        .await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    assert_eq!(receipt(&gateway, &id).await, before);
    assert_eq!(before["prices"]["input_usd"], "1");
}

#[tokio::test]
async fn nobody_sees_anothers_receipt_and_what_was_free_has_none() {
    let (upstream, gateway) = start().await;
    upstream.script("up-m", Behaviour::text("x"));
    let (answer, _) = gateway.client().messages_ok(&request("m", false)).await;
    let id = answer
        .header("x-ainfera-receipt-id")
        .expect("its id")
        .to_owned();
    let admin = gateway.admin();
    let tenant = admin.created("tenants", &json!({"name": "other"})).await;
    let agent = json!({"tenant": tenant["id"], "name": "other"});
    let agent = admin.created("agents", &agent).await;
    let keys = format!("agents/{}/keys", agent["id"].as_str().expect("an id"));
    let key = admin.created(&keys, &json!({})).await;
    let other = gateway
        .client()
        .with_key(key["secret"].as_str().expect("a key"));
    let seen = other.get(&format!("/v1/receipts/{id}")).await;
    let never = other.get("/v1/receipts/rcp_0000000000000001").await;
    assert_eq!(seen.status, 404);
    assert_eq!(seen.error_message(), never.error_message());
    for odd in ["rcp_x", "inf_0000000000000001", "%FF"] {
        assert_eq!(other.get(&format!("/v1/receipts/{odd}")).await.status, 404);
    }

    upstream.script("up-m", Behaviour::status(500, "api_error", "no"));
    let failed = gateway.client().messages(&request("m", false)).await;
    let id = failed.request_id().replace("req_", "rcp_");
    let none = gateway.client().get(&format!("/v1/receipts/{id}")).await;
    assert_eq!(none.status, 404);
    assert!(none.error_message().contains("nothing was charged"));
}
