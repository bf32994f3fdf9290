//! From an upload to the next call's floor, and back.

mod authorize;
mod cli;
mod founders;
mod revocation;
mod verify;

use ainfera_tests::client::{Dialect, ask, ask_hint};
use ainfera_tests::gateway::{Catalog, Gateway, Setup};
use ainfera_tests::plugins;
use ainfera_tests::sign::Founder;
use serde_json::{Value, json};

const TARGET: &str = "ainfera-inference";
const DIAL: &str = "preference-dial";

/// A gateway with an open gate and one model that clears any floor, and the
/// founder it has enrolled.
async fn founded() -> (Gateway, Founder) {
    let catalog = Catalog::new()
        .simulated("sim")
        .single("perfect", "sim", "1", "1");
    let gateway = Setup::new().live().catalog(&catalog).start().await;
    let founder = Founder::new(7);
    founder.enrol(&gateway.admin()).await;
    (gateway, founder)
}

fn steep() -> Vec<u8> {
    plugins::dist("preference-dial-steep")
}

/// Floor and generation of a call with `quality`.
pub(crate) async fn quality(gateway: &Gateway) -> (String, i64) {
    let hint = json!({"routing_preference": "quality"});
    let (answer, _) = gateway.client().messages_ok(&ask_hint(TARGET, hint)).await;
    let row = gateway.records().outcome(&answer.request_id());
    assert_eq!(
        answer.header("x-ainfera-generation"),
        Some(row["generation"].to_string().as_str())
    );
    (
        row["floor"].as_str().expect("a floor").to_owned(),
        row["generation"].as_i64().expect("a number"),
    )
}

pub(crate) fn floor(text: &str, generation: i64) -> (String, i64) {
    (text.to_owned(), generation)
}

#[tokio::test]
async fn a_lever_changes_by_upload_and_signature_and_back_by_one_call() {
    let (gateway, founder) = founded().await;
    let admin = gateway.admin();
    let pid = gateway.pid();
    assert_eq!(quality(&gateway).await, floor("0.60", 1));

    let digest = admin.upload_ok(steep()).await;
    assert_eq!(
        quality(&gateway).await,
        floor("0.60", 1),
        "an upload changes nothing"
    );
    let change = admin.propose(DIAL, &digest).await;
    assert_eq!(change["base_generation"], 1);
    assert_eq!(
        quality(&gateway).await,
        floor("0.60", 1),
        "nor does a proposal"
    );

    assert_eq!(founder.authorize(&admin, &change).await, 2);
    assert_eq!(
        quality(&gateway).await,
        floor("0.70", 2),
        "the very next call"
    );

    assert_eq!(admin.rollback(1).await, 3, "a rollback is a new generation");
    assert_eq!(quality(&gateway).await, floor("0.60", 3));
    assert_eq!(admin.rollback(2).await, 4);
    assert_eq!(quality(&gateway).await, floor("0.70", 4));
    assert_eq!(gateway.pid(), pid);

    let records = gateway.records();
    for (event, count) in [
        ("founder.enrolled", 1),
        ("plugin.uploaded", 1),
        ("plugin.verified", 1),
        ("change.proposed", 1),
        ("policy.authorized", 1),
        ("policy.rolled_back", 2),
        // At the first start, by the environment.
        ("gate.changed", 1),
    ] {
        let found = records.audit(event);
        let ours: Vec<&Value> = found
            .iter()
            .filter(|body| !event.starts_with("plugin") || body.to_string().contains(&digest))
            .collect();
        assert_eq!(ours.len(), count, "{event}: {found:?}");
    }
    assert!(
        records.audit("policy.activated").len() >= 2,
        "built-in and authorized"
    );
}

#[tokio::test]
async fn a_change_shows_levers_and_floors_before_and_after_with_a_stable_hash() {
    let (gateway, _) = founded().await;
    let admin = gateway.admin();
    let digest = admin.upload_ok(steep()).await;
    let change = admin.propose(DIAL, &digest).await;
    let again = admin.propose(DIAL, &digest).await;
    assert_ne!(change["id"], again["id"]);
    assert_eq!(change["report_sha256"], again["report_sha256"]);
    assert_eq!(change["report_sha256"].as_str().map(str::len), Some(64));
    let id = change["id"].as_str().expect("an id");
    assert!(id.starts_with("chg_"), "{id}");
    let report = change["report"].to_string();
    for shown in ["quality", "0.10", "0.20", "-0.10", "-0.20", "0.60", "0.70"] {
        assert!(report.contains(shown), "no {shown} in {report}");
    }
    assert_eq!(
        admin.get_ok(&format!("changes/{id}")).await["report_sha256"],
        change["report_sha256"]
    );
    let alone = admin.get_ok(&format!("changes/{id}/report")).await;
    assert!(alone.to_string().contains("0.70"), "{alone}");
}

#[tokio::test]
async fn the_active_set_and_its_history_are_readable() {
    let (gateway, founder) = founded().await;
    let admin = gateway.admin();
    founder.activate(&gateway, DIAL, steep()).await;
    let policy = admin.get_ok("policy").await;
    assert_eq!(policy["generation"], 2);
    let shown = policy.to_string();
    for word in [
        "alias-resolver",
        DIAL,
        "floor-clamp",
        "0.20",
        "routing_preference_live",
    ] {
        assert!(shown.contains(word), "no {word} in {shown}");
    }
    let history = admin.get_ok("policy/generations").await;
    let generations = history["generations"].as_array().expect("a list");
    assert_eq!(generations.len(), 2, "{history}");
    assert!(history.to_string().contains("built-in") && history.to_string().contains("authorized"));
    for path in [
        "policy",
        "policy/generations",
        "founders",
        "decisions",
        "audit",
        "agents",
    ] {
        for token in ["", "wrong-token"] {
            let answer = admin.clone().with_token(token).get(path).await;
            assert_eq!(answer.status, 401, "{path} with {token:?}");
        }
    }
}

#[tokio::test]
async fn a_restart_keeps_the_active_generation_gates_and_founders() {
    let (gateway, founder) = founded().await;
    founder.activate(&gateway, DIAL, steep()).await;
    let gateway = gateway.restart().await;
    assert_eq!(quality(&gateway).await, floor("0.70", 2));
    let second = gateway
        .admin()
        .post(
            "founders",
            &json!({"public_key": Founder::new(9).public_pem()}),
        )
        .await;
    assert!(
        (400..500).contains(&second.status),
        "the first founder is still known"
    );
    assert_eq!(gateway.admin().rollback(1).await, 3);
    assert_eq!(quality(&gateway).await, floor("0.60", 3));
}

#[tokio::test]
async fn a_rollback_is_a_compare_and_swap() {
    let (gateway, founder) = founded().await;
    founder.activate(&gateway, DIAL, steep()).await;
    let admin = gateway.admin();
    for (body, status) in [
        (json!({"to_generation": 1, "expected_generation": 1}), 409),
        (json!({"to_generation": 99, "expected_generation": 2}), 404),
        (json!({"to_generation": 0, "expected_generation": 2}), 404),
        (json!({"to_generation": 1}), 400),
    ] {
        let answer = admin.post("policy/rollback", &body).await;
        assert_eq!(answer.status, status, "{body}: {}", answer.text());
    }
    assert_eq!(quality(&gateway).await, floor("0.70", 2));
}

#[tokio::test]
async fn every_slot_can_be_changed_alone() {
    let (gateway, founder) = founded().await;
    let client = gateway.client();
    let team = ask("team-default", "hi");
    assert_eq!(client.messages(&team).await.status, 404);
    for (index, (slot, component, text)) in [
        ("alias-resolver", "different-classification", "0.60"),
        (DIAL, "gentle", "0.55"),
        ("floor-clamp", "narrow", "0.52"),
    ]
    .into_iter()
    .enumerate()
    {
        let generation = 2 + i64::try_from(index).expect("small");
        let component = plugins::hostile(component);
        assert_eq!(
            founder.activate(&gateway, slot, component).await,
            generation
        );
        assert_eq!(quality(&gateway).await, floor(text, generation));
    }
    // The same set again is no change.
    let admin = gateway.admin();
    let digest = admin.get_ok("policy").await["digests"][DIAL].clone();
    let same = json!({"slots": {DIAL: digest}});
    assert_eq!(admin.post("changes", &same).await.status, 422);
    client.messages_ok(&team).await;
}

/// An alias whose sunset has come answers 410 and names the canonical string.
#[tokio::test]
async fn row_410_alias_past_its_sunset() {
    let (gateway, founder) = founded().await;
    founder
        .activate(&gateway, "alias-resolver", plugins::hostile("sunset-alias"))
        .await;
    let client = gateway.client();
    for dialect in Dialect::ALL {
        for answer in client.call_both(dialect, &ask("ainfera-auto", "hi")).await {
            let said = answer.assert_error_in(dialect, 410, "not_found_error", "model_sunset");
            assert!(said.contains(TARGET), "names the canonical string: {said}");
            let records = gateway.records();
            assert!(records.outcomes_of(&answer.request_id()).is_empty());
        }
        let request = ask("ainfera-mithril", "hi");
        let heard = client.hear(dialect, &request, true).await;
        let date = |name: &str| heard.headers[name].to_str().expect("a date").to_owned();
        assert!(date("deprecation").starts_with('@'));
        assert!(date("sunset").ends_with("GMT"));
    }
    let client_of_models = client
        .clone()
        .with_header("anthropic-version", "2023-06-01");
    let gone = client_of_models.get("/v1/models/ainfera-auto").await;
    gone.assert_error(410, "not_found_error", "model_sunset");
    let (answer, _) = client.messages_ok(&ask(TARGET, "hi")).await;
    assert_eq!(answer.header("deprecation"), None);
    assert_eq!(answer.header("sunset"), None);
}
