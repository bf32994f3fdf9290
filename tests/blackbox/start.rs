//! Starting: keys shown once, the environment obeyed, restarts that keep all.

use ainfera_tests::client::{Admin, Client, ask, ask_hint};
use ainfera_tests::gateway::{Gateway, Setup};
use serde_json::json;

const LIVE: &str = "AINFERA_ROUTING_PREFERENCE_LIVE";

/// The floor that `quality` gets.
async fn quality_floor(gateway: &Gateway) -> String {
    let hint = json!({"routing_preference": "quality"});
    let (answer, _) = gateway
        .client()
        .messages_ok(&ask_hint("ainfera-inference", hint))
        .await;
    let row = gateway.records().outcome(&answer.request_id());
    row["floor"].as_str().expect("a floor").to_owned()
}

/// The words of what was printed that could be a secret.
fn secrets(stdout: &str) -> Vec<String> {
    let words = stdout.split(|c: char| c.is_whitespace() || "=\"'`".contains(c));
    words
        .filter(|word| word.len() >= 24 && !word.contains('/'))
        .map(str::to_owned)
        .collect()
}

#[tokio::test]
async fn the_first_start_makes_a_key_and_a_token_and_shows_them_once() {
    let gateway = Setup::new().without_bootstrap().start().await;
    let shown = secrets(&gateway.stdout());
    let mut key = None;
    let mut token = None;
    for word in &shown {
        let client = Client::new(gateway.url(), word);
        if client
            .messages(&ask("ainfera-inference", "hi"))
            .await
            .status
            == 200
        {
            key = Some(word.clone());
        }
        if Admin::new(gateway.admin_url(), word)
            .get("policy")
            .await
            .status
            == 200
        {
            token = Some(word.clone());
        }
    }
    let key = key.unwrap_or_else(|| panic!("no working API key among {shown:?}"));
    let token = token.unwrap_or_else(|| panic!("no working admin token among {shown:?}"));
    assert_ne!(key, token);

    let gateway = gateway.restart().await;
    assert!(
        !gateway.log().contains(&key) && !gateway.log().contains(&token),
        "shown once only"
    );
    let client = Client::new(gateway.url(), &key);
    client.messages_ok(&ask("ainfera-inference", "hi")).await;
    Admin::new(gateway.admin_url(), &token)
        .get_ok("policy")
        .await;

    let database = gateway.database();
    let stored = database.holds(&key) || database.holds(&token);
    assert!(!stored, "secrets are stored hashed");
    assert!(
        database.holds("policy.activated"),
        "what is stored is found"
    );
}

#[tokio::test]
async fn the_gate_is_closed_by_default() {
    let gateway = Setup::new().start().await;
    assert_eq!(quality_floor(&gateway).await, "0.50");
}

#[tokio::test]
async fn live_1_opens_the_gate_at_first_start_only() {
    let gateway = Setup::new().env(LIVE, "1").start().await;
    assert_eq!(quality_floor(&gateway).await, "0.60");
    gateway.admin().gate(false).await;
    assert_eq!(quality_floor(&gateway).await, "0.50");
    let gateway = gateway.restart().await;
    assert_eq!(
        quality_floor(&gateway).await,
        "0.50",
        "what is stored holds from then on"
    );
}

#[tokio::test]
async fn live_0_keeps_the_gate_closed_whatever_is_stored() {
    let gateway = Setup::new().live().start().await;
    assert_eq!(quality_floor(&gateway).await, "0.60");
    let gateway = gateway.restart_with(|setup| setup.env(LIVE, "0")).await;
    assert_eq!(quality_floor(&gateway).await, "0.50");
    let path = "gates/routing_preference_live";
    let open = gateway.admin().put(path, &json!({"open": true})).await;
    assert_eq!(open.status, 409, "{}", open.text());
    assert_eq!(quality_floor(&gateway).await, "0.50");
}

#[tokio::test]
async fn live_with_any_other_value_refuses_to_start() {
    for value in ["true", "yes", "2", "", "01", " 1"] {
        let output = Setup::new().env(LIVE, value).refused().await;
        assert!(!output.status.success(), "started with {LIVE}={value:?}");
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(said.contains(LIVE), "names the variable: {said}");
    }
}

#[tokio::test]
async fn a_restart_keeps_key_records_and_generation() {
    let gateway = Setup::new().start().await;
    let (answer, _) = gateway
        .client()
        .messages_ok(&ask("ainfera-inference", "hi"))
        .await;
    let generation = gateway.admin().generation().await;
    let gateway = gateway.restart().await;
    gateway
        .client()
        .messages_ok(&ask("ainfera-inference", "hi"))
        .await;
    assert_eq!(gateway.admin().generation().await, generation);
    assert_eq!(
        gateway.records().outcome(&answer.request_id())["outcome_status"],
        "succeeded"
    );
    assert_eq!(gateway.records().outcomes().len(), 2);
    let built_in = gateway
        .records()
        .number("SELECT count(*) FROM audit_events WHERE event = 'policy.activated'");
    assert_eq!(
        built_in, 1,
        "the built-in generation is audited at first start, once"
    );
}

#[tokio::test]
async fn a_catalog_or_configuration_with_a_mistake_refuses_to_start_and_names_it() {
    let bad_quality = "[providers.sim]\nprotocol = \"simulated\"\n[[models]]\nslug = \"m\"\n\
                     q_prior = \"1.5\"\n";
    let output = Setup::new().catalog_text(bad_quality).refused().await;
    assert!(!output.status.success());
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(said.contains("`m`") && said.contains("qualit"), "{said}");

    let output = Setup::new().config("no_such_setting = 1\n").refused().await;
    assert!(!output.status.success());
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(said.contains("no_such_setting"), "{said}");
}

#[tokio::test]
async fn a_terminated_gateway_lets_a_stream_finish() {
    use ainfera_tests::gateway::Catalog;
    use ainfera_tests::upstream::{Behaviour, Gate, Upstream};

    let upstream = Upstream::start();
    let catalog = Catalog::new()
        .anthropic("a", &upstream.url())
        .single("only", "a", "0.90", "1");
    let gateway = Setup::new().catalog(&catalog).start().await;
    let gate = Gate::new();
    upstream.script("up-only", Behaviour::text("one two three").gated(&gate));
    let mut stream = gateway
        .client()
        .open_stream(&ask("ainfera-inference", "hi"))
        .await;
    stream.next_named("message_start").await;
    gateway.terminate();
    gate.open();
    let streamed = stream.rest().await;
    assert_eq!(streamed.message().text(), "one two three");
    assert!(gateway.exited().await.success());
    let row = gateway.records().outcome(&streamed.request_id());
    assert_eq!(row["outcome_status"], "succeeded");
}
