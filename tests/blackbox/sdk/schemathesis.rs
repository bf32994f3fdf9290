//! schemathesis holds the client API and the admin API to their own OpenAPI
//! documents: bounded, and always with the same seed.

use std::path::Path;

use ainfera_tests::client::ask;
use ainfera_tests::gateway::{ADMIN_TOKEN, API_KEY, Setup};
use ainfera_tests::plugins;
use serde_json::json;

use super::child;
use super::stage::{PINNED, Stage};

/// What is uploaded, and proposed.
const COMPONENT: &str = "preference-dial-steep";

/// Runs it on the document at `url`, with one more header. The number of operations
/// that it tested.
async fn run(folder: &Path, header: String, url: String, hooks: &[(&str, String)]) -> u32 {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("sdk/python");
    let program = child::python().with_file_name("schemathesis");
    let mut command = child::command(&program, folder);
    command
        .args([
            "run",
            "--no-color",
            // Python 3.11 can't parse its own sources in two threads at once.
            "--workers=1",
            "--seed=1",
            "--max-examples=50",
            "--phases=examples,coverage,fuzzing",
            "--request-timeout=120",
            // What is drawn, not how fast.
            "--suppress-health-check=too_slow",
            "--generation-database=none",
            "--checks=not_a_server_error,status_code_conformance,content_type_conformance,\
             response_schema_conformance",
            "--header",
        ])
        .args([header, url])
        .env("PYTHONPATH", path)
        .env("PYTHONDONTWRITEBYTECODE", "1")
        .envs(hooks.iter().cloned());
    let (said, _) = child::run(command).await;
    let tested = said.split_once("  Tested: ").and_then(|(_, rest)| {
        let number = rest.lines().next()?;
        number.parse::<u32>().ok()
    });
    tested.unwrap_or_else(|| panic!("no number of operations: {said}"))
}

#[tokio::test]
async fn the_api_does_what_its_openapi_document_says() {
    let stage = Stage::open().await;
    let models: Vec<&str> = PINNED
        .into_iter()
        .map(|(_, model)| model)
        .chain(["ainfera-inference", "ainfera/auto", "plain"])
        .collect();
    let hooks = [
        ("SCHEMATHESIS_HOOKS", "schemathesis_hooks".to_owned()),
        ("AINFERA_MODELS", json!(models).to_string()),
    ];
    let header = format!("x-api-key: {API_KEY}");
    let url = format!("{}/openapi.json", stage.gateway.url());
    let tested = run(stage.gateway.scratch(), header, url, &hooks).await;
    assert!(tested >= 8, "all operations: {tested}");
}

#[tokio::test]
async fn the_admin_api_does_what_its_openapi_document_says() {
    let gateway = Setup::new().start().await;
    let admin = gateway.admin();
    let agents = admin.get_ok("agents").await;
    let agent = &agents["agents"][0];
    let keys = format!("agents/{}/keys", agent["id"].as_str().expect("an id"));
    let key = admin.created(&keys, &json!({})).await;
    let digest = admin.upload_ok(plugins::dist(COMPONENT)).await;
    let change = admin.propose("preference-dial", &digest).await;
    let call = ask("ainfera-inference", "hi");
    let (answer, _) = gateway.client().messages_ok(&call).await;
    let ids = json!({
        "tenants": agent["tenant"],
        "agents": agent["id"],
        "keys": key["id"],
        "offers": "sim-small@simulated",
        "models": "sim-small",
        "plugins": digest,
        "changes": change["id"],
        "gates": "routing_preference_live",
        "decisions": answer.request_id(),
    });
    let components = [COMPONENT, "alias-resolver"].map(plugins::path);
    let hooks = [
        ("SCHEMATHESIS_HOOKS", "schemathesis_admin_hooks".to_owned()),
        ("AINFERA_IDS", ids.to_string()),
        ("AINFERA_COMPONENTS", json!(components).to_string()),
    ];
    let header = format!("authorization: Bearer {ADMIN_TOKEN}");
    let url = format!("{}/admin/v1/openapi.json", gateway.admin_url());
    let tested = run(gateway.scratch(), header, url, &hooks).await;
    // All but the document itself.
    assert!(tested >= 39, "{tested} operations");
    // Whatever it did, the gateway starts with it.
    let gateway = gateway.restart().await;
    let shown = gateway.admin().get_ok("catalog").await;
    assert!(
        shown["version"].as_i64() > Some(1),
        "some changes were taken"
    );
}
