//! The founder's signature: what it is over, and everything that is refused.

use ainfera_tests::client::Answer;
use ainfera_tests::gateway::Gateway;
use ainfera_tests::sign::{Founder, now_seconds, timestamp};
use serde_json::{Value, json};

use super::{DIAL, floor, founded, quality, steep};

async fn proposed(gateway: &Gateway) -> Value {
    let admin = gateway.admin();
    let digest = admin.upload_ok(steep()).await;
    admin.propose(DIAL, &digest).await
}

async fn send(gateway: &Gateway, envelope: &Value) -> Answer {
    gateway.admin().post("authorizations", envelope).await
}

/// Asserts that it is refused, with a reason, and that nothing has changed.
async fn refused(gateway: &Gateway, what: &str, envelope: &Value) -> Answer {
    let answer = send(gateway, envelope).await;
    assert!(
        (400..500).contains(&answer.status),
        "{what}: {} {}",
        answer.status,
        answer.text()
    );
    let message = answer.json()["error"]["message"]
        .as_str()
        .unwrap_or_default()
        .to_owned();
    assert!(message.len() > 10, "{what}: says what to do: {message}");
    assert_eq!(quality(gateway).await, floor("0.60", 1), "{what}");
    answer
}

#[tokio::test]
async fn a_forged_envelope_is_refused() {
    let (gateway, founder) = founded().await;
    let change = proposed(&gateway).await;
    let statement = Founder::statement(&change);
    let good = founder.envelope(&statement);

    refused(
        &gateway,
        "a stranger's signature",
        &Founder::new(8).envelope(&statement),
    )
    .await;

    let mut claimed = Founder::new(8).envelope(&statement);
    claimed["signatures"][0]["keyid"] = founder.key_id().into();
    refused(
        &gateway,
        "a stranger who claims the founder's key id",
        &claimed,
    )
    .await;

    let mut swapped = good.clone();
    swapped["payload"] = Founder::new(8).envelope(&json!({"other": 1}))["payload"].clone();
    refused(
        &gateway,
        "another payload under the founder's signature",
        &swapped,
    )
    .await;

    let mut bare = good.clone();
    bare["signatures"] = json!([]);
    refused(&gateway, "no signature", &bare).await;

    let payload = serde_json::to_vec(&statement).expect("JSON");
    refused(
        &gateway,
        "another payload type",
        &founder.envelope_over("text/plain", &payload),
    )
    .await;

    let mut relabelled = good.clone();
    relabelled["payloadType"] = "text/plain".into();
    refused(&gateway, "a relabelled payload type", &relabelled).await;

    for nonsense in [
        json!({}),
        json!([]),
        json!("x"),
        json!({"payload": "!!", "payloadType": 1, "signatures": 2}),
    ] {
        refused(&gateway, "nonsense", &nonsense).await;
    }
    assert_eq!(
        send(&gateway, &good).await.status / 100,
        2,
        "the genuine one is taken"
    );
    assert_eq!(quality(&gateway).await, floor("0.70", 2));
}

#[tokio::test]
async fn each_field_of_the_statement_is_checked() {
    let (gateway, founder) = founded().await;
    let change = proposed(&gateway).await;
    let payload = change["payload"].as_object().expect("a statement").clone();
    for (name, value) in &payload {
        let mut statement = Founder::statement(&change);
        statement[name] = tampered(value);
        refused(
            &gateway,
            &format!("another {name}"),
            &founder.envelope(&statement),
        )
        .await;
        statement.as_object_mut().expect("an object").remove(name);
        refused(
            &gateway,
            &format!("no {name}"),
            &founder.envelope(&statement),
        )
        .await;
    }
    assert_eq!(founder.authorize(&gateway.admin(), &change).await, 2);
}

/// A value of the same shape that says something else.
fn tampered(value: &Value) -> Value {
    match value {
        Value::String(text) if text.len() == 64 => "ab".repeat(32).into(),
        Value::String(text) => format!("{text}x").into(),
        Value::Number(number) => json!(number.as_i64().unwrap_or_default() + 1),
        Value::Object(fields) => fields
            .iter()
            .map(|(name, value)| (name.clone(), tampered(value)))
            .collect(),
        Value::Array(items) => items.iter().map(tampered).collect(),
        Value::Bool(yes) => json!(!yes),
        Value::Null => json!("x"),
    }
}

#[tokio::test]
async fn outside_its_window_it_is_refused() {
    let (gateway, founder) = founded().await;
    let change = proposed(&gateway).await;
    let now = now_seconds();
    for (what, from, to) in [
        ("expired", now - 7200, now - 3600),
        ("not yet valid", now + 3600, now + 7200),
        ("ends before it begins", now + 60, now - 60),
    ] {
        let mut statement = Founder::statement(&change);
        statement["not_before"] = timestamp(from);
        statement["not_after"] = timestamp(to);
        refused(&gateway, what, &founder.envelope(&statement)).await;
    }
}

#[tokio::test]
async fn replayed_it_is_refused() {
    let (gateway, founder) = founded().await;
    let change = proposed(&gateway).await;
    let statement = Founder::statement(&change);
    let envelope = founder.envelope(&statement);
    assert_eq!(send(&gateway, &envelope).await.status / 100, 2);
    let again = send(&gateway, &envelope).await;
    assert_eq!(again.status, 409, "{}", again.text());
    assert_eq!(quality(&gateway).await, floor("0.70", 2));

    // The same nonce on a fresh change of the new base.
    let reference = gateway
        .admin()
        .upload_ok(ainfera_tests::plugins::dist(DIAL))
        .await;
    let next = gateway.admin().propose(DIAL, &reference).await;
    let mut reused = Founder::statement(&next);
    reused["nonce"] = statement["nonce"].clone();
    let answer = send(&gateway, &founder.envelope(&reused)).await;
    assert_eq!(answer.status, 409, "{}", answer.text());
    assert!(answer.text().contains("nonce"), "{}", answer.text());
    assert_eq!(quality(&gateway).await, floor("0.70", 2));
    assert_eq!(founder.authorize(&gateway.admin(), &next).await, 3);
}

#[tokio::test]
async fn stale_it_is_a_409() {
    let (gateway, founder) = founded().await;
    let early = proposed(&gateway).await;
    let late = proposed(&gateway).await;
    assert_eq!(founder.authorize(&gateway.admin(), &early).await, 2);
    let answer = send(&gateway, &founder.envelope(&Founder::statement(&late))).await;
    assert_eq!(answer.status, 409, "{}", answer.text());
    assert!(answer.text().contains("generation"), "{}", answer.text());
    // Not even when the same digests are active again, under a new number.
    gateway.admin().rollback(1).await;
    let answer = send(&gateway, &founder.envelope(&Founder::statement(&late))).await;
    assert_eq!(answer.status, 409, "{}", answer.text());
    assert_eq!(quality(&gateway).await, floor("0.60", 3));
}

#[tokio::test]
async fn of_two_at_once_one_wins() {
    let (gateway, founder) = founded().await;
    let changes = [proposed(&gateway).await, proposed(&gateway).await];
    let envelopes = changes.map(|change| founder.envelope(&Founder::statement(&change)));
    let (one, two) = tokio::join!(send(&gateway, &envelopes[0]), send(&gateway, &envelopes[1]));
    let mut statuses = [one.status, two.status];
    statuses.sort_unstable();
    assert_eq!(
        (statuses[0] / 100, statuses[1]),
        (2, 409),
        "{} {}",
        one.text(),
        two.text()
    );
    assert_eq!(quality(&gateway).await, floor("0.70", 2));
}

#[tokio::test]
async fn the_first_founder_needs_the_admin_token_and_the_second_a_signature() {
    let (gateway, founder) = founded().await;
    let admin = gateway.admin();
    let other = json!({"public_key": Founder::new(8).public_pem()});
    let answer = admin.post("founders", &other).await;
    assert!((400..500).contains(&answer.status), "{}", answer.text());
    assert_eq!(
        admin
            .clone()
            .with_token("")
            .post("founders", &other)
            .await
            .status,
        401
    );
    let listed = admin.get_ok("founders").await;
    assert_eq!(
        listed["founders"].as_array().map(Vec::len),
        Some(1),
        "{listed}"
    );
    assert!(listed.to_string().contains(&founder.key_id()), "{listed}");
}

#[tokio::test]
async fn a_key_that_is_none_is_not_enrolled() {
    let gateway = ainfera_tests::gateway::Setup::new().start().await;
    for key in [
        "",
        "hello",
        "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n",
    ] {
        let answer = gateway
            .admin()
            .post("founders", &json!({"public_key": key}))
            .await;
        assert!(
            (400..500).contains(&answer.status),
            "{key:?}: {}",
            answer.text()
        );
    }
    Founder::new(1).enrol(&gateway.admin()).await;
}

#[tokio::test]
async fn without_a_founder_nothing_can_be_authorized() {
    let gateway = ainfera_tests::gateway::Setup::new().live().start().await;
    let change = proposed(&gateway).await;
    let envelope = Founder::new(7).envelope(&Founder::statement(&change));
    let answer = send(&gateway, &envelope).await;
    assert!((400..500).contains(&answer.status), "{}", answer.text());
    assert_eq!(gateway.admin().generation().await, 1);
}

#[tokio::test]
async fn the_operators_founder_keys_count_instead_of_enrolled_ones() {
    let (gateway, enrolled) = founded().await;
    let pem = [Founder::new(8), Founder::new(9)].map(|founder| founder.public_pem());
    let gateway = gateway
        .restart_with(|setup| setup.env("AINFERA_FOUNDER_KEYS", &pem.concat()))
        .await;
    let change = proposed(&gateway).await;
    let envelope = enrolled.envelope(&Founder::statement(&change));
    refused(&gateway, "an enrolled key", &envelope).await;
    let more = json!({"public_key": Founder::new(1).public_pem()});
    assert_eq!(gateway.admin().post("founders", &more).await.status, 409);
    let second = Founder::new(9);
    assert_eq!(second.authorize(&gateway.admin(), &change).await, 2);
}
