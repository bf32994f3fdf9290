//! Sets that may not become active again.

use ainfera_tests::gateway::Setup;
use ainfera_tests::sign::Founder;
use serde_json::json;

use super::{DIAL, floor, founded, quality, steep};

#[tokio::test]
async fn a_revoked_set_becomes_active_by_no_hand_until_a_founder_lifts_that() {
    let (gateway, founder) = founded().await;
    let admin = gateway.admin();
    founder.activate(&gateway, DIAL, steep()).await;
    let path = "policy/generations/2/revocation";
    let active = admin.post(path, &json!({})).await;
    assert_eq!(active.status, 409, "it decides: {}", active.text());
    admin.rollback(1).await;
    let digest = admin.upload_ok(steep()).await;
    let waiting = admin.propose(DIAL, &digest).await;

    for _ in 0..2 {
        let answer = admin.post(path, &json!({})).await;
        assert_eq!(answer.json()["revoked"], true, "{}", answer.text());
    }
    let refused = async |path: &str, body: &serde_json::Value| {
        let answer = admin.post(path, body).await;
        assert_eq!(answer.status, 422, "{path}: {}", answer.text());
        assert_eq!(answer.json()["error"]["code"], "revoked_set");
    };
    let back = json!({"to_generation": 2, "expected_generation": 3});
    refused("policy/rollback", &back).await;
    refused("changes", &json!({"slots": {DIAL: digest}})).await;
    let envelope = founder.envelope(&Founder::statement(&waiting));
    refused("authorizations", &envelope).await;
    // Nor after a restart.
    let gateway = gateway.restart().await;
    let admin = gateway.admin();
    let answer = admin.post("policy/rollback", &back).await;
    assert_eq!(answer.status, 422, "{}", answer.text());
    assert_eq!(quality(&gateway).await, floor("0.60", 3));

    // An operator revokes; a founder lifts.
    let wish = json!({"name": "op", "role": "operator"});
    let made = admin.created("tokens", &wish).await;
    let operator = admin
        .clone()
        .with_token(made["secret"].as_str().expect("a token"));
    assert_eq!(operator.delete(path).await.status, 403);
    assert_eq!(operator.post(path, &json!({})).await.status, 200);
    let answer = admin.delete(path).await;
    assert_eq!(answer.json()["revoked"], false, "{}", answer.text());
    assert_eq!(admin.rollback(2).await, 4);
    assert_eq!(quality(&gateway).await, floor("0.70", 4));
    let records = gateway.records();
    assert_eq!(records.audit("generation.revoked").len(), 1);
    assert_eq!(records.audit("generation.restored").len(), 1);
}

#[tokio::test]
async fn the_command_line_revokes_and_lifts() {
    let (gateway, founder) = founded().await;
    founder.activate(&gateway, DIAL, steep()).await;
    assert!(
        !gateway
            .cli(&["plugin", "revoke", "2"])
            .await
            .status
            .success()
    );
    gateway.cli_ok(&["plugin", "rollback"]).await;
    gateway.cli_ok(&["plugin", "revoke", "2"]).await;
    let output = gateway.cli(&["plugin", "rollback", "--to", "2"]).await;
    assert_eq!(output.status.code(), Some(1));
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(said.contains("revoked"), "{said}");
    gateway.cli_ok(&["plugin", "revoke", "2", "--lift"]).await;
    gateway.cli_ok(&["plugin", "rollback", "--to", "2"]).await;
}

#[tokio::test]
async fn the_last_good_set_is_never_a_revoked_one() {
    let gateway = Setup::new().live().start().await;
    let founder = Founder::new(7);
    founder.enrol(&gateway.admin()).await;
    founder.activate(&gateway, DIAL, steep()).await;
    let admin = gateway.admin();
    let policy = admin.get_ok("policy").await;
    assert_eq!(policy["last_good"]["generation"], 1);
    admin
        .post("policy/generations/1/revocation", &json!({}))
        .await;
    let policy = admin.get_ok("policy").await;
    assert_eq!(policy["last_good"], json!(null));
    let gateway = gateway.restart().await;
    let policy = gateway.admin().get_ok("policy").await;
    assert_eq!(policy["last_good"], json!(null));
    assert_eq!(policy["generation"], 2);
}
