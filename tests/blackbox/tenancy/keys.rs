//! Keys: shown once, stored hashed, revoked at once, rotated.

use std::time::Duration;

use ainfera_tests::client::{Dialect, ask};
use ainfera_tests::gateway::API_KEY;
use ainfera_tests::wait;
use serde_json::{Value, json};

use super::{make, start, status, text};

#[tokio::test]
async fn a_key_is_shown_once_and_kept_as_a_hash() {
    let gateway = start().await;
    let admin = gateway.admin();
    let made = make(&gateway, "t").await;
    let keys = format!("agents/{}/keys", made.agent);
    let answer = admin.post(&keys, &json!({})).await;
    assert_eq!(answer.header("cache-control"), Some("no-store"));
    let second = answer.json();
    let secret = text(&second["secret"]);
    assert!(secret.starts_with("ak_") && secret.len() == 67, "256 bits");
    assert_ne!(secret, made.secret);
    let listed = admin.get(&keys).await;
    let all: Value = listed.json();
    let all = all["keys"].as_array().expect("keys").clone();
    assert_eq!(all.len(), 2);
    for (key, secret) in all.iter().zip([&made.secret, &secret]) {
        let mut names: Vec<_> = key.as_object().expect("one").keys().cloned().collect();
        names.sort();
        let known = [
            "agent",
            "burst",
            "created_us",
            "expires_us",
            "id",
            "prefix",
            "requests_per_minute",
            "revoked_us",
            "state",
        ];
        assert_eq!(names, known);
        assert_eq!(key["prefix"], secret[..11]);
        assert_eq!(key["state"], "active");
    }
    // Nowhere but in the one answer.
    gateway
        .client()
        .with_key(&secret)
        .messages_ok(&ask("low", "hi"))
        .await;
    let agents = admin.get_ok("agents").await;
    let first = format!("agents/{}/keys", text(&agents["agents"][0]["id"]));
    let first = admin.get_ok(&first).await;
    assert_eq!(first["keys"][0]["prefix"], Value::Null, "given to us");
    for entry in std::fs::read_dir(gateway.data_dir()).expect("the directory") {
        let path = entry.expect("an entry").path();
        if path.is_file() {
            let bytes = std::fs::read(&path).expect("the file");
            for secret in [secret.as_bytes(), API_KEY.as_bytes()] {
                let found = bytes.windows(secret.len()).any(|window| window == secret);
                assert!(!found, "a key in {}", path.display());
            }
        }
    }
    for secret in [&secret, API_KEY] {
        assert!(!gateway.database().holds(secret), "a key in the database");
    }
    assert!(!gateway.log().contains(&secret));
}

#[tokio::test]
async fn a_revoked_key_is_refused_by_the_next_call_in_every_dialect() {
    let gateway = start().await;
    let admin = gateway.admin();
    let made = make(&gateway, "t").await;
    let client = gateway.client().with_key(&made.secret);
    for dialect in Dialect::ALL {
        client.hear(dialect, &ask("low", "hi"), false).await;
    }
    let path = format!("keys/{}", made.key);
    let revoked = admin.delete(&path).await;
    assert_eq!(revoked.status, 200, "{}", revoked.text());
    assert_eq!(revoked.json()["state"], "revoked");
    for dialect in Dialect::ALL {
        let answer = client.call(dialect, &ask("low", "hi")).await;
        answer.assert_error_in(dialect, 401, "authentication_error", "authentication_error");
    }
    assert_eq!(client.get("/v1/models").await.status, 401);
    // Once is enough, and is said the same again.
    assert_eq!(admin.delete(&path).await.json(), revoked.json());
    assert_eq!(gateway.records().audit("key.revoked").len(), 1);
    let rotated = admin.post(&format!("{path}/rotate"), &json!({})).await;
    assert_eq!(
        (rotated.status, &rotated.json()["error"]["code"]),
        (409, &json!("key_ended"))
    );
    let gateway = gateway.restart().await;
    assert_eq!(status(&gateway.client().with_key(&made.secret)).await, 401);
    assert_eq!(status(&gateway.client()).await, 200, "the others work on");
}

#[tokio::test]
async fn a_rotated_key_goes_on_until_it_is_revoked_or_its_overlap_is_over() {
    let gateway = start().await;
    let admin = gateway.admin();
    let made = make(&gateway, "t").await;
    let client = |secret: &str| gateway.client().with_key(secret);
    let rotate = |key: &str| format!("keys/{key}/rotate");

    let second = admin.created(&rotate(&made.key), &json!({})).await;
    assert_eq!(second["replaced"]["id"], made.key);
    assert_eq!(second["replaced"]["state"], "active");
    assert_eq!(second["agent"], made.agent);
    let second_secret = text(&second["secret"]);
    for secret in [&made.secret, &second_secret] {
        assert_eq!(status(&client(secret)).await, 200);
    }
    admin.delete(&format!("keys/{}", made.key)).await;
    assert_eq!(status(&client(&made.secret)).await, 401);

    let body = json!({"overlap_seconds": 3_600});
    let third = admin.created(&rotate(&text(&second["id"])), &body).await;
    assert_eq!(third["replaced"]["state"], "expiring");
    for secret in [&second_secret, &text(&third["secret"])] {
        assert_eq!(status(&client(secret)).await, 200);
    }
    // Once more, and its end is nearer: how near, the answer may be too late to say.
    let body = json!({"overlap_seconds": 1});
    admin.created(&rotate(&text(&second["id"])), &body).await;
    // No act of anyone, only time.
    wait::within(wait::PATIENCE, "the old key's end", async {
        while status(&client(&second_secret)).await != 401 {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    })
    .await;
    let keys = admin.get_ok(&format!("agents/{}/keys", made.agent)).await;
    let states: Vec<_> = (0..4).map(|n| keys["keys"][n]["state"].clone()).collect();
    assert_eq!(states, ["revoked", "expired", "active", "active"]);

    let body = json!({"overlap_seconds": 0});
    let fourth = admin.created(&rotate(&text(&third["id"])), &body).await;
    assert_eq!(
        status(&client(&text(&third["secret"]))).await,
        401,
        "at once"
    );
    assert_eq!(status(&client(&text(&fourth["secret"]))).await, 200);
    let events = gateway.records().audit("key.rotated");
    assert_eq!(events.len(), 4);
    assert_eq!(events[0]["replaced"], made.key);
}

#[tokio::test]
async fn a_key_has_a_rate_of_its_own_that_a_new_one_inherits() {
    let gateway = start().await;
    let admin = gateway.admin();
    let made = make(&gateway, "t").await;
    let client = gateway.client().with_key(&made.secret);
    assert_eq!(
        client
            .messages(&ask("low", "hi"))
            .await
            .header("anthropic-ratelimit-requests-limit"),
        None
    );
    let path = format!("keys/{}", made.key);
    let rate = json!({"requests_per_minute": 1, "burst": 2});
    let key = admin.patch_ok(&path, &rate).await;
    assert_eq!(
        (&key["requests_per_minute"], &key["burst"]),
        (&json!(1), &json!(2))
    );
    for (expected, left) in [(200, "1"), (200, "0"), (429, "0")] {
        let answer = client.messages(&ask("low", "hi")).await;
        assert_eq!(answer.status, expected);
        assert_eq!(
            answer.header("anthropic-ratelimit-requests-remaining"),
            Some(left)
        );
    }
    assert_eq!(status(&gateway.client()).await, 200, "nobody else's");
    let next = admin.created(&format!("{path}/rotate"), &json!({})).await;
    assert_eq!(next["requests_per_minute"], 1);
    admin.patch_ok(&path, &json!({})).await;
    assert_eq!(
        status(&client).await,
        200,
        "that of the configuration: none"
    );
    assert_eq!(gateway.records().audit("key.changed").len(), 2);
}
