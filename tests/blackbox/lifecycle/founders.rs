//! Several founders: how many have to sign, and how their keys change.

use ainfera_tests::client::Admin;
use ainfera_tests::gateway::{Catalog, Gateway, Setup};
use ainfera_tests::sign::Founder;
use serde_json::{Value, json};

use super::{DIAL, floor, quality, steep};

/// A gateway with a threshold of two, and its two founders.
async fn of_two() -> (Gateway, [Founder; 2]) {
    let catalog = Catalog::new()
        .simulated("sim")
        .single("perfect", "sim", "1", "1");
    let setup = Setup::new().live().catalog(&catalog);
    let setup = setup.env("AINFERA_FOUNDER_THRESHOLD", "2");
    let gateway = setup.start().await;
    let founders = [Founder::new(7), Founder::new(8)];
    let [first, second] = &founders;
    let admin = gateway.admin();
    first.enrol(&admin).await;
    // While there is one, one is enough.
    let add = json!({"add": [second.public_pem()], "revoke": []});
    let done = keys(&admin, first, &add).await;
    assert_eq!(done["done"], true, "{done}");
    (gateway, founders)
}

/// The ids of the keys that count.
async fn live(admin: &Admin) -> Vec<String> {
    let answer = admin.get_ok("founders").await;
    let founders = answer["founders"].as_array().expect("a list").iter();
    let live = founders.filter(|founder| founder["revoked"] == false);
    live.map(|founder| founder["key_id"].as_str().expect("an id").to_owned())
        .collect()
}

/// Signs and sends a change of the keys.
async fn keys(admin: &Admin, founder: &Founder, change: &Value) -> Value {
    let envelope = founder.keys_envelope(change, &live(admin).await);
    let answer = admin.post("founders", &envelope).await;
    assert!(
        matches!(answer.status, 200 | 202),
        "{} {}",
        answer.status,
        answer.text()
    );
    answer.json()
}

#[tokio::test]
async fn a_change_becomes_active_when_the_threshold_is_met() {
    let (gateway, [first, second]) = of_two().await;
    let admin = gateway.admin();
    let digest = admin.upload_ok(steep()).await;
    let change = admin.propose(DIAL, &digest).await;
    let path = format!("changes/{}", change["id"].as_str().expect("an id"));
    assert_eq!(
        (&change["signatures"], &change["threshold"]),
        (&json!([]), &json!(2))
    );

    let sign = async |founder: &Founder| {
        let envelope = founder.envelope(&Founder::statement(&change));
        admin.post("authorizations", &envelope).await
    };
    // The same founder twice is one.
    for _ in 0..2 {
        let answer = sign(&first).await;
        assert_eq!(answer.status, 202, "{}", answer.text());
        let waiting = answer.json();
        assert_eq!(waiting["signatures"], json!([first.key_id()]));
        assert_eq!(waiting["threshold"], 2);
        assert_eq!(waiting.get("generation"), None);
    }
    assert_eq!(quality(&gateway).await, floor("0.60", 1), "it waits");
    let shown = admin.get_ok(&path).await;
    assert_eq!(shown["signatures"], json!([first.key_id()]));
    assert_eq!(shown["state"], "proposed");

    // What was signed is kept over a restart.
    let gateway = gateway.restart().await;
    let admin = gateway.admin();
    let envelope = second.envelope(&Founder::statement(&change));
    let answer = admin.post("authorizations", &envelope).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    assert_eq!(answer.json()["generation"], 2);
    assert_eq!(quality(&gateway).await, floor("0.70", 2));
    let shown = admin.get_ok(&path).await;
    assert_eq!(shown["signatures"].as_array().map(Vec::len), Some(2));
    assert_eq!(shown["state"], "active");
    let events = gateway.records().audit("policy.authorized");
    let signers: Vec<_> = events.iter().map(|event| &event["key"]).collect();
    let (one, two) = (json!(first.key_id()), json!(second.key_id()));
    assert_eq!(signers, [&one, &one, &two]);
}

#[tokio::test]
async fn one_envelope_may_bear_the_signatures_of_several_founders() {
    let (gateway, [first, second]) = of_two().await;
    let admin = gateway.admin();
    let digest = admin.upload_ok(steep()).await;
    let change = admin.propose(DIAL, &digest).await;
    let statement = Founder::statement(&change);
    let mut envelope = first.envelope(&statement);
    let other = second.envelope(&statement)["signatures"][0].clone();
    let stranger = Founder::new(1).envelope(&statement)["signatures"][0].clone();
    let signatures = envelope["signatures"].as_array_mut().expect("a list");
    signatures.extend([stranger, other]);
    let answer = admin.post("authorizations", &envelope).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    assert_eq!(quality(&gateway).await, floor("0.70", 2));
}

#[tokio::test]
async fn keys_change_only_by_what_enough_founders_sign() {
    let (gateway, [first, second]) = of_two().await;
    let admin = gateway.admin();
    let third = Founder::new(9);
    let rotation = json!({"add": [third.public_pem()], "revoke": [first.key_id()]});
    let waiting = keys(&admin, &first, &rotation).await;
    assert_eq!(
        (&waiting["done"], &waiting["threshold"]),
        (&json!(false), &json!(2))
    );
    assert_eq!(live(&admin).await, [first.key_id(), second.key_id()]);

    let refused = async |founder: &Founder, change: &Value, before: &[String], status, code| {
        let envelope = founder.keys_envelope(change, before);
        let answer = admin.post("founders", &envelope).await;
        assert_eq!(answer.status, status, "{}", answer.text());
        assert_eq!(answer.json()["error"]["code"], code);
    };
    let before = live(&admin).await;
    refused(&third, &rotation, &before, 403, "unknown_key").await;
    let below = json!({"add": [], "revoke": [first.key_id()]});
    refused(&first, &below, &before, 422, "too_few_keys").await;
    refused(&first, &rotation, &before[..1], 409, "stale").await;

    let done = keys(&admin, &second, &rotation).await;
    assert_eq!(done["done"], true, "{done}");
    let before = live(&admin).await;
    assert_eq!(before, [second.key_id(), third.key_id()]);
    refused(&first, &rotation, &before, 403, "revoked_key").await;
    let digest = admin.upload_ok(steep()).await;
    let change = admin.propose(DIAL, &digest).await;
    let envelope = first.envelope(&Founder::statement(&change));
    let answer = admin.post("authorizations", &envelope).await;
    assert_eq!(answer.status, 403, "{}", answer.text());
    for founder in [&second, &third] {
        let envelope = founder.envelope(&Founder::statement(&change));
        let answer = admin.post("authorizations", &envelope).await;
        assert!(matches!(answer.status, 200 | 202), "{}", answer.text());
    }
    assert_eq!(quality(&gateway).await, floor("0.70", 2));
    let records = gateway.records();
    assert_eq!(records.audit("founder.enrolled").len(), 3);
    assert_eq!(records.audit("founder.revoked").len(), 1);
    assert_eq!(records.audit("founders.authorized").len(), 3);
}

#[tokio::test]
async fn a_founder_signs_a_change_of_several_slots_as_one() {
    let (gateway, founder) = super::founded().await;
    let admin = gateway.admin();
    let dial = admin.upload_ok(steep()).await;
    let clamp = ainfera_tests::plugins::hostile("narrow");
    let clamp = admin.upload_ok(clamp).await;
    let slots = |dial: &str, clamp: &str| json!({"slots": {DIAL: dial, "floor-clamp": clamp}});
    let nobody = "0".repeat(64);
    for (wish, code) in [
        (slots(&dial, &nobody), "unknown_component"),
        (slots(&clamp, &dial), "wrong_slot"),
    ] {
        let answer = admin.post("changes", &wish).await;
        assert_eq!(answer.json()["error"]["code"], code, "{}", answer.text());
    }
    let change = admin.created("changes", &slots(&dial, &clamp)).await;
    let mut half = Founder::statement(&change);
    half["slots"] = json!({DIAL: dial});
    let answer = admin.post("authorizations", &founder.envelope(&half)).await;
    assert_eq!(answer.status, 422, "{}", answer.text());
    assert_eq!(founder.authorize(&admin, &change).await, 2);
    let digests = admin.get_ok("policy").await["digests"].clone();
    assert_eq!(
        (&digests[DIAL], &digests["floor-clamp"]),
        (&json!(dial), &json!(clamp))
    );
    assert_eq!(admin.rollback(1).await, 3, "both slots go back at once");
    assert_eq!(quality(&gateway).await, floor("0.60", 3));
}

#[tokio::test]
async fn a_threshold_that_cannot_be_met_does_not_start() {
    let pem = Founder::new(7).public_pem();
    for (threshold, keys) in [("0", ""), ("x", ""), ("2", &*pem)] {
        let setup = Setup::new()
            .env("AINFERA_FOUNDER_THRESHOLD", threshold)
            .env("AINFERA_FOUNDER_KEYS", keys);
        let output = setup.refused().await;
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(said.contains("AINFERA_FOUNDER_THRESHOLD"), "{said}");
    }
}

#[tokio::test]
async fn the_command_line_changes_the_founders_keys() {
    let gateway = Setup::new()
        .env("AINFERA_FOUNDER_THRESHOLD", "2")
        .start()
        .await;
    let cli = async |args: &[&str]| gateway.cli_ok(args).await;
    for name in ["a.pem", "b.pem", "c.pem"] {
        cli(&["keygen", "--out", name]).await;
    }
    let id = |name: &str| Founder::read(&gateway.scratch().join(name)).key_id();
    cli(&["founder", "enrol", "--key", "a.pem.pub"]).await;
    let with = |key| ["--sign-with", key, "--yes"];
    let enrol = ["founder", "enrol", "--key", "b.pem.pub"];
    let said = cli(&[&enrol[..], &with("a.pem")].concat()).await;
    assert!(said.contains("done"), "{said}");
    // Not without a yes.
    let unsure = [&enrol[..], &["--sign-with", "a.pem"]].concat();
    assert!(!gateway.cli(&unsure).await.status.success());

    let replaces = id("a.pem");
    let rotate = ["founder", "rotate", "--key", "c.pem.pub", "--replaces"];
    let rotate = [&rotate[..], &[&*replaces]].concat();
    let said = cli(&[&rotate[..], &with("a.pem")].concat()).await;
    assert!(said.contains("signed by 1 of 2"), "{said}");
    cli(&[&rotate[..], &with("b.pem")].concat()).await;
    let listed = cli(&["founder", "list"]).await;
    assert!(listed.contains(&format!("{replaces}  revoked")), "{listed}");
    assert!(listed.contains(&id("c.pem")), "{listed}");
    let below = id("c.pem");
    let revoke = ["founder", "revoke", &*below];
    let output = gateway.cli(&[&revoke[..], &with("b.pem")].concat()).await;
    assert_eq!(output.status.code(), Some(1));
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(said.contains("would be left"), "{said}");
}
