//! The official Anthropic and OpenAI SDKs for TypeScript; the tests are in
//! `sdk/typescript`.

use std::path::Path;

use super::child::{self, Node};
use super::stage::Stage;

fn tests() -> Node {
    let node = Node::new();
    let tests = Path::new(env!("CARGO_MANIFEST_DIR")).join("sdk/typescript");
    for name in ["stage.ts", "anthropic.test.ts", "openai.test.ts"] {
        let file = std::fs::read_to_string(tests.join(name));
        node.add(name, &file.expect("a test"));
    }
    node
}

async fn run_all(file: &str) {
    let stage = Stage::open().await;
    let node = tests();
    let mut command = node.command(&["--test", "--test-reporter=tap", file]);
    command.env("AINFERA_SDK_TEST", stage.config().to_string());
    let (said, _) = child::run(command).await;
    for count in ["# fail 0\n", "# skipped 0\n", "# todo 0\n"] {
        assert!(said.contains(count), "{said}");
    }
    assert!(!said.contains("# pass 0\n"), "{said}");
}

#[tokio::test]
async fn the_official_anthropic_sdk_for_typescript() {
    run_all("anthropic.test.ts").await;
}

#[tokio::test]
async fn the_official_openai_sdk_for_typescript() {
    run_all("openai.test.ts").await;
}

#[tokio::test]
async fn the_tests_are_right_by_the_types_of_the_typescript_sdks() {
    tests().check_types().await;
}
