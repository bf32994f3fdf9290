//! The small things row, beside what `models` holds.

use std::time::{Duration, Instant};

use ainfera_tests::client::{Dialect, Method, ask};
use ainfera_tests::gateway::Setup;
use ainfera_tests::world::World;
use serde_json::json;

#[tokio::test]
async fn models_come_fast_and_without_redirect() {
    let world = World::shared().await;
    for path in [
        "/v1/models",
        "/v1/models?limit=1000",
        "/v1/models/ainfera-inference",
    ] {
        // The fastest of several: the machine may be busy meanwhile.
        let mut fastest = Duration::MAX;
        for _ in 0..5 {
            let began = Instant::now();
            let answer = world.client().get(path).await;
            assert_eq!(answer.status, 200, "{path}: {}", answer.text());
            fastest = fastest.min(began.elapsed());
        }
        assert!(fastest < Duration::from_secs(2), "{path}: {fastest:?}");
    }
}

#[tokio::test]
async fn claude_codes_connection_check_is_answered() {
    let world = World::shared().await;
    for client in [world.client(), world.client().with_key("")] {
        let answer = client.send(Method::HEAD, "/api/hello").await;
        assert_eq!(answer.status, 200);
        assert!(answer.body.is_empty());
    }
}

#[tokio::test]
async fn the_simulated_provider_speaks_every_dialect_by_its_rules() {
    let gateway = Setup::new().start().await;
    let client = gateway.client();
    let mut request = ask("ainfera-inference", "hi");
    for tools in [false, true] {
        if tools {
            request["tools"] =
                json!([{"name": "f", "description": "d", "input_schema": {"type": "object"}}]);
        }
        for dialect in Dialect::ALL {
            let streamed = client.hear(dialect, &request, true).await;
            let whole = client.hear(dialect, &request, false).await;
            assert!(!whole.text().is_empty(), "{dialect:?}");
            assert_eq!(streamed.text(), whole.text(), "{dialect:?}");
            assert!(
                whole.tokens.prompt > 0 && whole.tokens.output > 0,
                "{dialect:?}"
            );
            assert_eq!(streamed.tokens, whole.tokens, "{dialect:?}");
        }
    }
}
