//! The official Anthropic SDK for Python, unmodified.

use std::path::{Path, PathBuf};
use std::process::Command;

use ainfera_tests::gateway::{API_KEY, target_profile};
use ainfera_tests::upstream::{Behaviour, Block, End};
use ainfera_tests::world::{ROUTED, World};
use serde_json::json;

const TEXT: &str = "Streamed through the gateway, word by word.";

/// The interpreter that `tests/run` has installed the SDK for.
pub fn python() -> PathBuf {
    let target = target_profile()
        .parent()
        .expect("the target folder")
        .to_owned();
    let path = std::env::var_os("AINFERA_TEST_PYTHON")
        .map_or_else(|| target.join("venv/bin/python"), PathBuf::from);
    assert!(
        path.exists(),
        "{} is missing: `tests/run` installs the SDK there",
        path.display()
    );
    path
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_official_python_sdk_works_unmodified() {
    let world = World::shared().await;
    let text = [world.anthropic(), world.openai()];
    let tools = [world.anthropic(), world.openai()];
    let (dying, busy) = (world.anthropic(), world.anthropic());
    for lane in &text {
        lane.script(Behaviour::text(TEXT));
    }
    for lane in &tools {
        lane.script(Behaviour::tool(
            "toolu_1",
            "get_weather",
            json!({"place": "Oslo"}),
        ));
    }
    dying.script(Behaviour::text(TEXT).ending(End::Abort));
    busy.script(Behaviour::blocks(vec![Block::Text(TEXT.into())]));
    let once = Behaviour::status(529, "overloaded_error", "Overloaded").header("retry-after", "0");
    world.upstream.enqueue(&busy.upstream_model, once);
    world
        .upstream
        .script(&format!("up-{ROUTED}"), Behaviour::text(TEXT));
    let config = json!({
        "base_url": world.gateway.url(),
        "api_key": API_KEY,
        "text": [text[0].slug, text[1].slug],
        "tools": [tools[0].slug, tools[1].slug],
        "routed": "ainfera-inference",
        "dying": dying.slug,
        "busy_once": busy.slug,
    });
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("sdk/test_sdk.py");
    let mut command = Command::new(python());
    command
        .arg(script)
        .env("AINFERA_SDK_TEST", config.to_string());
    for name in [
        "ANTHROPIC_API_KEY",
        "ANTHROPIC_AUTH_TOKEN",
        "ANTHROPIC_BASE_URL",
        "HTTP_PROXY",
        "http_proxy",
    ] {
        command.env_remove(name);
    }
    let run = tokio::task::spawn_blocking(move || command.output().expect("python to run"));
    let output = run.await.expect("no panic");
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(
        output.status.success(),
        "{}\n{said}",
        String::from_utf8_lossy(&output.stdout)
    );
    assert!(
        said.contains("Ran 1") && !said.contains("skipped"),
        "all of its tests ran: {said}"
    );
}
