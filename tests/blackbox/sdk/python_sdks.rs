//! The official Anthropic and OpenAI SDKs for Python; the tests are in
//! `sdk/python`.

use std::path::Path;

use super::child::{self, python};
use super::stage::Stage;

async fn run_all(pattern: &str) {
    let stage = Stage::open().await;
    let tests = Path::new(env!("CARGO_MANIFEST_DIR")).join("sdk/python");
    let mut command = child::command(&python(), stage.gateway.scratch());
    command
        // Writes no compiled files beside the sources.
        .args(["-B", "-m", "unittest", "discover", "--pattern", pattern])
        .arg("--start-directory")
        .arg(tests)
        .env("AINFERA_SDK_TEST", stage.config().to_string());
    let (_, said) = child::run(command).await;
    assert!(
        said.contains("\nOK\n") && !said.contains("Ran 0 "),
        "all of its tests ran: {said}"
    );
}

#[tokio::test]
async fn the_official_anthropic_sdk_for_python() {
    run_all("test_anthropic_*.py").await;
}

#[tokio::test]
async fn the_official_openai_sdk_for_python() {
    run_all("test_openai_*.py").await;
}
