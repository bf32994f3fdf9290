//! No id, header or list lets one tenant's key see or use what is another's.

use ainfera_tests::client::ask;
use serde_json::json;

use super::{make, start, status};

#[tokio::test]
async fn a_key_acts_for_its_own_agent_whatever_else_a_request_says() {
    let gateway = start().await;
    let (ours, theirs) = (make(&gateway, "ours").await, make(&gateway, "theirs").await);
    let claims = [
        ("x-ainfera-agent-id", &theirs.agent),
        ("x-ainfera-tenant-id", &theirs.tenant),
        ("x-agent-id", &theirs.agent),
        ("x-forwarded-user", &theirs.agent),
    ];
    let mut client = gateway.client().with_key(&ours.secret);
    for (name, value) in claims {
        client = client.with_header(name, value);
    }
    let mut body = ask("ainfera-inference", "hi");
    body["metadata"] = json!({"user_id": theirs.agent});
    let path = format!(
        "/v1/messages?agent={}&tenant={}",
        theirs.agent, theirs.tenant
    );
    let answer = client.post_bytes(&path, body.to_string()).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    assert_eq!(answer.header("x-ainfera-agent-id"), Some(&*ours.agent));
    let row = gateway.records().outcome(&answer.request_id());
    assert_eq!(
        (&row["agent_id"], &row["tenant_id"]),
        (&json!(ours.agent), &json!(ours.tenant))
    );
    // Neither an id nor a hash is a key.
    let hash = gateway.records().query("SELECT hash FROM api_keys");
    let hashes = hash.iter().filter_map(|row| row["hash"].as_str());
    let ids = [&*ours.key, &*ours.agent, &*ours.tenant];
    for text in ids.into_iter().chain(hashes) {
        assert_eq!(
            status(&gateway.client().with_key(text)).await,
            401,
            "{text}"
        );
    }
}

#[tokio::test]
async fn lists_limits_and_suspensions_are_each_ones_own() {
    let gateway = start().await;
    let admin = gateway.admin();
    let (ours, theirs) = (make(&gateway, "ours").await, make(&gateway, "theirs").await);
    let client = |secret: &str| gateway.client().with_key(secret);
    let path = format!("agents/{}", theirs.agent);
    admin
        .patch_ok(&path, &json!({"allowed_models": ["high"]}))
        .await;
    let ids = |text: String| [text.contains("\"low\""), text.contains("\"high\"")];
    assert_eq!(
        ids(client(&theirs.secret).get("/v1/models").await.text()),
        [false, true]
    );
    assert_eq!(
        ids(client(&ours.secret).get("/v1/models").await.text()),
        [true, true]
    );
    assert_eq!(status(&client(&theirs.secret)).await, 403);
    let rate = json!({"requests_per_minute": 1, "burst": 1});
    admin.patch_ok(&format!("keys/{}", theirs.key), &rate).await;
    assert_eq!(status(&client(&theirs.secret)).await, 403);
    assert_eq!(status(&client(&theirs.secret)).await, 429);
    admin.patch_ok(&path, &json!({"status": "suspended"})).await;
    for _ in 0..3 {
        assert_eq!(status(&client(&ours.secret)).await, 200);
    }
}

#[tokio::test]
async fn no_clients_key_opens_the_admin_api_and_no_token_calls() {
    let gateway = start().await;
    let made = make(&gateway, "t").await;
    for key in [&*made.secret, "", &made.key] {
        let admin = gateway.admin().with_token(key);
        for path in [
            "tenants",
            "agents",
            "catalog",
            "openapi.json",
            "audit",
            "nothing",
        ] {
            assert_eq!(admin.get(path).await.status, 401, "{path}");
        }
        let path = format!("agents/{}/keys", made.agent);
        assert_eq!(admin.post(&path, &json!({})).await.status, 401);
        assert_eq!(
            admin.delete(&format!("keys/{}", made.key)).await.status,
            401
        );
    }
    let token = ainfera_tests::gateway::ADMIN_TOKEN;
    assert_eq!(status(&gateway.client().with_key(token)).await, 401);
    assert_eq!(status(&gateway.client().with_key(&made.secret)).await, 200);
}
