//! schemathesis holds the client API to its own OpenAPI document: bounded, and
//! always with the same seed.

use std::path::Path;

use ainfera_tests::gateway::API_KEY;
use serde_json::json;

use super::child;
use super::stage::{PINNED, Stage};

#[tokio::test]
async fn the_api_does_what_its_openapi_document_says() {
    let stage = Stage::open().await;
    let hooks = Path::new(env!("CARGO_MANIFEST_DIR")).join("sdk/python");
    let program = child::python().with_file_name("schemathesis");
    let models: Vec<&str> = PINNED
        .into_iter()
        .map(|(_, model)| model)
        .chain(["ainfera-inference", "ainfera/auto", "plain"])
        .collect();
    let mut command = child::command(&program, stage.gateway.scratch());
    command
        .args([
            "run",
            "--no-color",
            // Python 3.11 can't parse its own sources in two threads at once.
            "--workers=1",
            "--seed=1",
            "--max-examples=50",
            "--phases=examples,coverage,fuzzing",
            "--request-timeout=20",
            "--generation-database=none",
            "--checks=not_a_server_error,status_code_conformance,content_type_conformance,\
             response_schema_conformance",
            "--header",
        ])
        .arg(format!("x-api-key: {API_KEY}"))
        .arg(format!("{}/openapi.json", stage.gateway.url()))
        .env("PYTHONPATH", hooks)
        .env("PYTHONDONTWRITEBYTECODE", "1")
        .env("SCHEMATHESIS_HOOKS", "schemathesis_hooks")
        .env("AINFERA_MODELS", json!(models).to_string());
    let (said, _) = child::run(command).await;
    let tested = said.split_once("  Tested: ").and_then(|(_, rest)| {
        let number = rest.lines().next()?;
        number.parse::<u32>().ok()
    });
    assert!(tested >= Some(8), "all operations: {said}");
}
