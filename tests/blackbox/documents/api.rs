//! docs/api.md: every block that a reader could run, and its tables.

use std::collections::BTreeSet;

use ainfera_tests::gateway::Setup;
use serde_json::Value;

use super::{Terminal, blocks, repository};
use crate::sdk::child::Node;

#[tokio::test]
async fn every_call_of_the_api_document_works_as_written() {
    let terminal = Terminal::open().await;
    let mut runs = std::collections::BTreeMap::<String, u32>::new();
    for block in blocks("docs/api.md") {
        let printed = match block.language.as_str() {
            "sh" => terminal.shell(&block.code, "").await,
            "python" => terminal.python(&block.code).await,
            "ts" => terminal.typescript(&block.code).await,
            // What is sent or answered, to be read.
            "json" | "text" => continue,
            other => panic!("a block of {other} in `{}`", block.section),
        };
        assert!(
            !printed.trim().is_empty(),
            "prints something: {}",
            block.code
        );
        *runs.entry(block.language).or_default() += 1;
    }
    for language in ["sh", "python", "ts"] {
        assert!(runs.get(language) >= Some(&3), "{language} in {runs:?}");
    }
    let rows = terminal.gateway.records().outcomes();
    assert!(rows.len() >= 10, "{}", rows.len());
    for row in rows {
        assert_eq!(row["outcome_status"], "succeeded");
    }
}

#[tokio::test]
async fn the_typescript_of_the_api_document_is_right_by_the_sdks_types() {
    let node = Node::new();
    let blocks = blocks("docs/api.md").into_iter();
    for (number, block) in blocks.filter(|block| block.language == "ts").enumerate() {
        node.add(&format!("block-{number}.ts"), &block.code);
    }
    node.check_types().await;
}

/// The cells of the rows of the first table in the section of this title, without
/// its head.
fn table(title: &str) -> Vec<Vec<String>> {
    let document = std::fs::read_to_string(repository().join("docs/api.md")).expect("it");
    let mut sections = document.split("\n## ");
    let section = sections.find_map(|section| section.strip_prefix(title));
    let lines = section.expect("a section of this title").lines();
    lines
        .skip_while(|line| !line.starts_with('|'))
        .take_while(|line| line.starts_with('|'))
        .skip(2)
        .map(|line| {
            let cells = line.trim_matches('|').split(" | ");
            cells.map(|cell| cell.trim().replace('`', "")).collect()
        })
        .collect()
}

/// Status, code and type of every error that a route documents.
fn errors(openapi: &Value, route: &str) -> BTreeSet<[String; 3]> {
    let responses = openapi["paths"][route]["post"]["responses"].as_object();
    let mut errors = BTreeSet::new();
    for (status, response) in responses.expect("responses") {
        let examples = &response["content"]["application/json"]["examples"];
        for example in examples
            .as_object()
            .into_iter()
            .flat_map(|all| all.values())
        {
            let error = &example["value"]["error"];
            let text = |field: &str| error[field].as_str().expect("a text").to_owned();
            errors.insert([status.clone(), text("code"), text("type")]);
        }
    }
    errors
}

#[tokio::test]
async fn the_api_document_has_the_routes_and_errors_of_the_openapi_document() {
    let gateway = Setup::new().start().await;
    let openapi = gateway.client().get("/openapi.json").await.json();

    let paths = openapi["paths"].as_object().expect("paths").iter();
    let documented: BTreeSet<String> = paths
        .flat_map(|(path, methods)| {
            let methods = methods.as_object().expect("methods").keys();
            methods.map(move |method| format!("{} {path}", method.to_uppercase()))
        })
        .collect();
    let routes: BTreeSet<String> = table("Routes")
        .into_iter()
        .map(|row| row[0].clone())
        .collect();
    assert_eq!(routes, documented);

    // No operation documents a method that its route does not take.
    let rows: Vec<_> = table("Errors")
        .into_iter()
        .filter(|row| row[0] != "405")
        .collect();
    for (route, column) in [("/v1/messages", 2), ("/v1/chat/completions", 3)] {
        let written: BTreeSet<[String; 3]> = rows
            .iter()
            .map(|row| [&row[0], &row[1], &row[column]].map(Clone::clone))
            .collect();
        assert_eq!(written, errors(&openapi, route), "{route}");
    }
}
