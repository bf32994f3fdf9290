//! Bodies and ids that fit nothing.

use ainfera_tests::client::Answer;
use serde_json::{Value, json};

use super::{make, start};

#[tokio::test]
async fn a_body_that_does_not_fit_is_a_400_and_makes_nothing() {
    let gateway = start().await;
    let admin = gateway.admin();
    let made = make(&gateway, "t").await;
    let long = "x".repeat(101);
    let mut bodies: Vec<Value> = [
        "",
        " ",
        " a",
        "a\n",
        "a\u{0}b",
        "\u{1b}[31mred",
        "\u{2028}",
        &long,
    ]
    .iter()
    .map(|name| json!({"name": name, "tenant": made.tenant}))
    .collect();
    bodies.extend([
        json!(null),
        json!([]),
        json!("name"),
        json!({}),
        json!({"name": 1}),
        json!({"name": null}),
        json!({"name": "a", "tenant": made.tenant, "default_floor": "1.5"}),
        json!({"name": "a", "tenant": made.tenant, "default_floor": 0.5}),
        json!({"name": "a", "tenant": made.tenant, "default_floor": "NaN"}),
        json!({"name": "a", "tenant": made.tenant, "id": made.agent}),
    ]);
    let refused = |answer: &Answer, body: &Value| {
        assert_eq!(answer.status, 400, "{body}: {}", answer.text());
        let error = answer.json();
        assert_eq!(error["error"]["code"], "invalid_request");
        let message = error["error"]["message"].as_str().expect("a message");
        assert!(!message.is_empty() && !message.chars().any(char::is_control));
    };
    let (tenant, agent) = (
        format!("tenants/{}", made.tenant),
        format!("agents/{}", made.agent),
    );
    for body in &bodies {
        refused(&admin.post("agents", body).await, body);
        // A tenant has no tenant, and an agent keeps its.
        let mut bare = body.clone();
        if let Some(fields) = bare.as_object_mut() {
            fields.remove("tenant");
        }
        refused(&admin.post("tenants", &bare).await, &bare);
        refused(&admin.patch(&tenant, &bare).await, &bare);
        refused(&admin.patch(&agent, &bare).await, &bare);
    }
    for body in [
        json!({"name": "a", "tenant": made.tenant, "status": "root"}),
        json!({"name": "a", "tenant": "tnt_1"}),
        json!({"name": "a", "tenant": made.tenant, "allowed_models": "low"}),
    ] {
        refused(&admin.post("agents", &body).await, &body);
    }
    let (keys, key) = (format!("{agent}/keys"), format!("keys/{}", made.key));
    for body in [
        json!({"requests_per_minute": 0}),
        json!({"requests_per_minute": -1}),
        json!({"requests_per_minute": 4_294_967_296_u64}),
        json!({"requests_per_minute": 1_000_001}),
        json!({"requests_per_minute": 1, "burst": u32::MAX}),
        json!({"burst": 5}),
        json!({"secret": "ak_mine"}),
    ] {
        refused(&admin.post(&keys, &body).await, &body);
        refused(&admin.patch(&key, &body).await, &body);
    }
    for body in [
        json!({"overlap_seconds": -1}),
        json!({"overlap_seconds": 7_776_001}),
        json!({"x": 1}),
    ] {
        refused(&admin.post(&format!("{key}/rotate"), &body).await, &body);
    }
    let records = gateway.records();
    for (table, rows) in [("tenants", 2), ("agents", 2), ("api_keys", 2)] {
        assert_eq!(
            records.number(&format!("SELECT count(*) FROM {table}")),
            rows
        );
    }
    let large = json!({"name": "x".repeat(1 << 20)});
    assert_eq!(admin.post("tenants", &large).await.status, 413);
}

#[tokio::test]
async fn an_id_of_nothing_is_a_404() {
    let gateway = start().await;
    let admin = gateway.admin();
    let made = make(&gateway, "t").await;
    let wish = json!({"name": "a"});
    for id in [
        "",
        "x",
        "tnt_1",
        "agt_0000000000000001",
        "tnt_0000000000000001",
        "key_0000000000000001",
        "%00",
        "..%2F",
        "tnt_ffffffffffffffff",
    ] {
        for answer in [
            admin.get(&format!("tenants/{id}?")).await,
            admin.patch(&format!("tenants/{id}"), &wish).await,
            admin.get(&format!("agents/{id}?")).await,
            admin.patch(&format!("agents/{id}"), &wish).await,
            admin.get(&format!("agents/{id}/keys")).await,
            admin.post(&format!("agents/{id}/keys"), &json!({})).await,
            admin.delete(&format!("keys/{id}")).await,
            admin.patch(&format!("keys/{id}"), &json!({})).await,
            admin.post(&format!("keys/{id}/rotate"), &json!({})).await,
        ] {
            assert_eq!(answer.status, 404, "{id}: {}", answer.text());
            assert_eq!(answer.json()["error"]["code"], "not_found");
        }
    }
    // An id of another kind is none of this kind.
    assert_eq!(
        admin.get(&format!("agents/{}", made.tenant)).await.status,
        404
    );
    let body = json!({"tenant": "tnt_0000000000000001", "name": "a"});
    assert_eq!(admin.post("agents", &body).await.status, 404);
}
