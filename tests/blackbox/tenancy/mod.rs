//! Tenants, agents and keys by the admin API.

mod hostile;
mod isolation;
mod keys;

use ainfera_tests::client::{Client, ask};
use ainfera_tests::gateway::{Catalog, Gateway, Setup};
use serde_json::{Value, json};

/// A tenant's agent with its key.
struct Made {
    tenant: String,
    agent: String,
    key: String,
    secret: String,
}

async fn start() -> Gateway {
    let catalog = Catalog::new()
        .simulated("s")
        .single("low", "s", "0.55", "1")
        .single("high", "s", "0.90", "9");
    Setup::new().catalog(&catalog).start().await
}

fn text(value: &Value) -> String {
    value.as_str().expect("a text").to_owned()
}

async fn make(gateway: &Gateway, name: &str) -> Made {
    let admin = gateway.admin();
    let tenant = admin.created("tenants", &json!({"name": name})).await;
    let body = json!({"tenant": tenant["id"], "name": "worker"});
    let agent = admin.created("agents", &body).await;
    let keys = format!("agents/{}/keys", text(&agent["id"]));
    let key = admin.created(&keys, &json!({})).await;
    Made {
        tenant: text(&tenant["id"]),
        agent: text(&agent["id"]),
        key: text(&key["id"]),
        secret: text(&key["secret"]),
    }
}

async fn status(client: &Client) -> u16 {
    client.messages(&ask("low", "hi")).await.status
}

#[tokio::test]
async fn what_is_made_is_seen_by_the_next_call_shown_and_audited() {
    let gateway = start().await;
    let admin = gateway.admin();
    let made = make(&gateway, "Söhne & Co").await;
    let client = gateway.client().with_key(&made.secret);
    let (answer, _) = client.messages_ok(&ask("ainfera-inference", "hi")).await;
    assert_eq!(answer.header("x-ainfera-agent-id"), Some(&*made.agent));
    assert_eq!(answer.header("x-ainfera-model"), Some("low@s"));

    // The tenant's floor holds for its agents, an agent's own wins.
    let path = format!("tenants/{}", made.tenant);
    let tenant = admin
        .patch_ok(&path, &json!({"default_floor": "0.85"}))
        .await;
    assert_eq!(
        (&tenant["name"], &tenant["default_floor"]),
        (&json!("Söhne & Co"), &json!("0.85"))
    );
    let (answer, _) = client.messages_ok(&ask("ainfera-inference", "hi")).await;
    assert_eq!(answer.header("x-ainfera-model"), Some("high@s"));
    let agent = format!("agents/{}", made.agent);
    admin
        .patch_ok(&agent, &json!({"default_floor": "0.10", "name": "other"}))
        .await;
    let (answer, _) = client.messages_ok(&ask("ainfera-inference", "hi")).await;
    assert_eq!(answer.header("x-ainfera-model"), Some("low@s"));
    admin.patch_ok(&path, &json!({"default_floor": null})).await;

    let shown = admin.get_ok(&agent).await;
    assert_eq!(
        (&shown["name"], &shown["tenant"]),
        (&json!("other"), &json!(made.tenant))
    );
    let tenants = admin.get_ok("tenants").await;
    assert_eq!(tenants["tenants"].as_array().map(Vec::len), Some(2));
    assert_eq!(tenants["tenants"][1], admin.get_ok(&path).await);
    let agents = admin
        .get_ok(&format!("agents?tenant={}", made.tenant))
        .await;
    assert_eq!(agents["agents"], json!([shown]));

    admin
        .patch_ok(&agent, &json!({"status": "suspended"}))
        .await;
    let refused = client.messages(&ask("low", "hi")).await;
    refused.assert_error(409, "invalid_request_error", "agent_not_active");

    let records = gateway.records();
    let count = |event: &str| records.audit(event).len();
    assert_eq!([count("tenant.created"), count("tenant.changed")], [1, 2]);
    assert_eq!([count("agent.created"), count("agent.changed")], [1, 2]);
    assert_eq!(count("key.created"), 1);
    let whose = "SELECT count(*) FROM audit_events WHERE tenant IS NOT NULL AND (agent IS NOT NULL OR event LIKE 'tenant.%') AND event IN ('tenant.created', 'tenant.changed', 'agent.created', 'agent.changed', 'key.created')";
    assert_eq!(records.number(whose), 7);
    drop(records);
    // It outlives the process.
    let gateway = gateway.restart().await;
    gateway
        .admin()
        .patch_ok(&agent, &json!({"status": "active"}))
        .await;
    assert_eq!(status(&gateway.client().with_key(&made.secret)).await, 200);
}
