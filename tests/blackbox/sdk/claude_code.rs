//! Claude Code, unmodified, with its own prompts, tools and betas.

use std::path::Path;
use std::process::Command;

use ainfera_tests::gateway::API_KEY;
use ainfera_tests::upstream::{Behaviour, Block, End};
use serde_json::{Value, json};
use tempfile::TempDir;

use super::child::{self, node_package};
use super::stage::{PINNED, Stage};

/// What only the tool can have told the model.
const SECRET: &str = "the heron flies at noon";

/// `claude -p` in an empty home, which finds nothing but the gateway.
fn claude(stage: &Stage, home: &Path, model: &str, more: &[&str]) -> Command {
    let mut command = child::command(&node_package("@anthropic-ai/claude-code", "claude"), home);
    command
        .args(["-p", "What does secret.txt say?", "--output-format", "json"])
        .args(more)
        .env("ANTHROPIC_BASE_URL", stage.gateway.url())
        .env("ANTHROPIC_AUTH_TOKEN", API_KEY)
        .env("ANTHROPIC_MODEL", model)
        .env("CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC", "1")
        // Whatever else it would call finds nobody there.
        .env("HTTPS_PROXY", "http://127.0.0.1:9")
        .env("NO_PROXY", "127.0.0.1");
    command
}

async fn answer(command: Command) -> Value {
    let (said, _) = child::run(command).await;
    let answer: Value = serde_json::from_str(&said).expect("JSON");
    assert_eq!(answer["is_error"], false, "{said}");
    answer
}

#[tokio::test]
async fn claude_code_is_answered_by_a_routed_model() {
    let stage = Stage::open().await;
    stage
        .upstream()
        .script("up-basic", Behaviour::text("It says nothing."));
    let home = TempDir::new().expect("a temporary directory");
    let answer = answer(claude(&stage, home.path(), "ainfera-inference", &[])).await;
    assert_eq!(answer["result"], "It says nothing.");
    assert_eq!(answer["usage"]["output_tokens"], 15);

    let requests = stage.upstream().requests_for("up-basic");
    let request = requests.first().expect("a request");
    assert_eq!(request.target, "/v1/messages?beta=true");
    let betas = request.header("anthropic-beta").expect("its betas");
    assert!(betas.contains("claude-code-"), "{betas}");
    let rows = stage.gateway.records().outcomes();
    assert_eq!(rows.len(), requests.len());
    for row in rows {
        assert_eq!(row["outcome_status"], "succeeded");
    }
}

#[tokio::test]
async fn claude_code_uses_its_tools_with_every_provider() {
    let stage = Stage::open().await;
    for (protocol, model) in PINNED {
        let home = TempDir::new().expect("a temporary directory");
        let file = home.path().join("secret.txt");
        std::fs::write(&file, SECRET).expect("to write");
        let upstream_model = format!("up-{model}");
        let read = Block::Tool {
            id: "toolu_read".into(),
            name: "Read".into(),
            input: json!({"file_path": file.display().to_string()}),
        };
        let look = Block::Text("Let me look.".into());
        stage
            .upstream()
            .enqueue(&upstream_model, Behaviour::blocks(vec![look, read]));
        let told = Behaviour::text("It speaks of a heron.");
        stage.upstream().script(&upstream_model, told);

        let more = ["--allowedTools", "Read"];
        let answer = answer(claude(&stage, home.path(), model, &more)).await;
        assert_eq!(answer["result"], "It speaks of a heron.", "{protocol}");
        assert_eq!(answer["num_turns"], 2, "{protocol}");
        let [first, second] = stage
            .upstream()
            .requests_for(&upstream_model)
            .try_into()
            .expect("two requests");
        let (first, second) = (first.json().to_string(), second.json().to_string());
        assert!(first.contains("secret.txt") && !first.contains(SECRET));
        assert!(second.contains(SECRET), "{protocol}: the tool's result");
    }
}

#[tokio::test]
async fn claude_code_retries_an_overloaded_provider_and_a_broken_stream() {
    let stage = Stage::open().await;
    let overloaded = Behaviour::status(529, "overloaded_error", "Overloaded");
    let told = "It speaks of a heron.";
    let broken = Behaviour::text(told)
        .with(|answer| answer.frames = Some(4))
        .ending(End::Abort);
    for (_, model) in PINNED {
        let upstream_model = format!("up-{model}");
        for behaviour in [&overloaded, &broken] {
            stage.upstream().enqueue(&upstream_model, behaviour.clone());
        }
        stage
            .upstream()
            .script(&upstream_model, Behaviour::text(told));
        let home = TempDir::new().expect("a temporary directory");
        let answer = answer(claude(&stage, home.path(), model, &[])).await;
        assert_eq!(answer["result"], told, "{model}");
        assert_eq!(stage.upstream().requests_for(&upstream_model).len(), 3);
    }
}
