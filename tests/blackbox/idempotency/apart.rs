//! Keys of different agents and routes.

use ainfera_tests::client::{Client, Dialect};
use ainfera_tests::gateway::Gateway;
use serde_json::json;

use super::{HEADER, TARGET, call, kept, message, replayed, start};

/// An agent of a new tenant, and another of the same.
async fn others(gateway: &Gateway) -> [Client; 2] {
    let admin = gateway.admin();
    let tenant = admin.created("tenants", &json!({"name": "other"})).await;
    let mut clients = Vec::new();
    for name in ["one", "two"] {
        let body = json!({"tenant": tenant["id"], "name": name});
        let agent = admin.created("agents", &body).await;
        let id = agent["id"].as_str().expect("an id");
        let key = admin
            .created(&format!("agents/{id}/keys"), &json!({}))
            .await;
        let secret = key["secret"].as_str().expect("a secret");
        clients.push(gateway.client().with_key(secret).with_header(HEADER, "k"));
    }
    clients.try_into().ok().expect("two")
}

#[tokio::test]
async fn the_same_key_of_another_agent_is_another() {
    let (upstream, gateway) = start().await;
    let mine = gateway.client().with_header(HEADER, "k");
    let [one, two] = others(&gateway).await;
    let clients = [("mine", mine), ("one's", one), ("two's", two)];
    let mut ids = Vec::new();
    for (text, client) in &clients {
        let answer = client
            .post_bytes("/v1/messages", message(text, false))
            .await;
        assert!(!replayed(&answer), "{}", answer.text());
        ids.push(answer.request_id());
    }
    for ((text, client), id) in clients.iter().zip(ids) {
        let again = client
            .post_bytes("/v1/messages", message(text, false))
            .await;
        assert!(replayed(&again), "{}", again.text());
        assert_eq!(again.request_id(), id);
    }
    // Nobody sees another's by guessing its body.
    let mut guesses = Vec::new();
    for (_, client) in &clients {
        let answer = client
            .post_bytes("/v1/messages", message("mine", false))
            .await;
        guesses.push(answer.status);
    }
    assert_eq!(guesses, [200, 422, 422]);
    assert_eq!(upstream.requests().len(), 3);
    assert_eq!(kept(&gateway), (3, 3));
}

#[tokio::test]
async fn the_same_key_on_another_route_is_another() {
    let (upstream, gateway) = start().await;
    let client = gateway.client().with_header(HEADER, "k");
    for round in 0..2 {
        for dialect in Dialect::ALL {
            let (path, body) = call(dialect, TARGET, "hi", false);
            let answer = client.post_bytes(path, body).await;
            assert_eq!(answer.status, 200, "{}", answer.text());
            assert_eq!(replayed(&answer), round == 1, "{dialect:?}");
        }
    }
    assert_eq!(upstream.requests().len(), 3);
}

#[tokio::test]
async fn another_key_of_the_same_agent_has_the_same_answers() {
    let (upstream, gateway) = start().await;
    let admin = gateway.admin();
    let agent = admin.only_agent().await;
    let key = admin
        .created(&format!("agents/{agent}/keys"), &json!({}))
        .await;
    let secret = key["secret"].as_str().expect("a secret");
    let first = gateway.client().with_header(HEADER, "k");
    let body = message("hi", false);
    first.post_bytes("/v1/messages", body.clone()).await;
    let answer = first
        .with_key(secret)
        .post_bytes("/v1/messages", body)
        .await;
    assert!(replayed(&answer), "{}", answer.text());
    assert_eq!(upstream.requests().len(), 1);
}
