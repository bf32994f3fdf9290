//! What reaches the provider.

use ainfera_tests::client::{Client, ask};
use ainfera_tests::gateway::{API_KEY, PROVIDER_KEY};
use ainfera_tests::world::World;

/// A body as no serializer would write it, `MODEL` standing for the model.
const ODD_BODY: &str = concat!(
    "{ \"max_tokens\" : 1024,\t\"model\":\"MODEL\" ,\n",
    "  \"unknown_field\" : {\"z\":1,\"a\":[1.0,1e2,0.10,-0]},\n",
    "  \"system\": [ {\"type\":\"text\",\"text\":\"caf\\u00e9 \\/ \u{e9}\",",
    "\"cache_control\":{\"type\":\"ephemeral\",\"ttl\":\"1h\"}} ],\n",
    "  \"messages\":[{\"content\":[{\"type\":\"new_block\",\"x\":null},",
    "{\"type\":\"text\",\"text\":\"\"},{\"text\":\"hi\",\"type\":\"text\"}],\"role\":\"user\"},",
    "{\"role\":\"assistant\",\"content\":[{\"type\":\"thinking\",\"thinking\":\"t\",",
    "\"signature\":\"EqQB+/=\"},{\"type\":\"redacted_thinking\",\"data\":\"zz\"}]},",
    "{\"role\":\"user\",\"content\":\"more\"}],\n",
    "  \"temperature\":1.0, \"big\":123456789012345678901234567890 , \"stream\" : STREAM }\n",
);

#[tokio::test]
async fn request_same_dialect_is_byte_identical_but_for_model_and_hint() {
    let world = World::shared().await;
    for stream in ["false", "true"] {
        let lane = world.anthropic();
        let ours = ODD_BODY
            .replace("MODEL", &lane.slug)
            .replace("STREAM", stream);
        let answer = world
            .client()
            .post_bytes("/v1/messages?beta=true&x=%20", ours)
            .await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        let sent = lane.sent();
        let expected = ODD_BODY
            .replace("MODEL", &lane.upstream_model)
            .replace("STREAM", stream);
        assert_eq!(String::from_utf8_lossy(&sent.body), expected);
        assert_eq!(sent.target, "/v1/messages?beta=true&x=%20");
        assert_eq!(
            sent.header("content-length"),
            Some(expected.len().to_string().as_str())
        );
    }
    // The hint goes, wherever it stands, with nothing else touched.
    let rest = r#""messages":[{"role":"user","content":"x"}],  "max_tokens":5"#;
    for (before, after) in [
        (
            format!(r#"{{"model":"M", "routing_hint":{{"task_type":"t"}} ,{rest}}}"#),
            None,
        ),
        (
            format!(r#"{{"routing_hint":null,"model":"M",{rest}}}"#),
            None,
        ),
        (
            format!(r#"{{"model":"M",{rest},"routing_hint":{{}}}}"#),
            Some(format!(r#"{{"model":"M",{rest}}}"#)),
        ),
    ] {
        let lane = world.anthropic();
        let answer = lane
            .send(before.replace("\"M\"", &format!("{:?}", lane.slug)))
            .await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        let body = String::from_utf8_lossy(&lane.sent().body).into_owned();
        assert!(
            !body.contains("routing_hint") && body.contains(rest),
            "{body}"
        );
        serde_json::from_str::<serde_json::Value>(&body).expect("still JSON");
        if let Some(after) = after {
            assert_eq!(
                body,
                after.replace("\"M\"", &format!("{:?}", lane.upstream_model))
            );
        }
    }
}

#[tokio::test]
async fn headers_of_the_dialect_forwarded_verbatim_and_credentials_never() {
    let world = World::shared().await;
    let client = world
        .client()
        .with_header(
            "anthropic-beta",
            "context-1m-2025-08-07,never-seen-2030-01-01",
        )
        .with_header("anthropic-brand-new", "Some Value; q=1")
        .with_header("authorization", &format!("Bearer {API_KEY}"))
        .with_header("cookie", "session=secret")
        .with_header("x-forwarded-for", "10.0.0.1");
    let lane = world.anthropic();
    client.messages_ok(&lane.ask()).await;
    let sent = lane.sent();
    assert_eq!(sent.header("anthropic-version"), Some("2023-06-01"));
    assert_eq!(
        sent.header("anthropic-beta"),
        Some("context-1m-2025-08-07,never-seen-2030-01-01")
    );
    assert_eq!(sent.header("anthropic-brand-new"), Some("Some Value; q=1"));
    assert_eq!(sent.header("x-api-key"), Some(PROVIDER_KEY));
    for absent in ["authorization", "cookie", "x-forwarded-for"] {
        assert_eq!(sent.header(absent), None, "{absent}");
    }
    let openai = world.openai();
    client.messages_ok(&openai.ask()).await;
    let sent = openai.sent();
    assert!(
        !sent
            .headers
            .iter()
            .any(|(name, _)| name.to_lowercase().starts_with("anthropic-"))
    );
    assert_eq!(
        sent.header("authorization"),
        Some(format!("Bearer {PROVIDER_KEY}").as_str())
    );
    for request in [lane.sent(), sent] {
        assert!(
            !format!("{request:?}").contains(API_KEY),
            "the client's key was forwarded"
        );
    }
}

#[tokio::test]
async fn a_version_is_sent_for_a_client_that_names_none() {
    let world = World::shared().await;
    let lane = world.anthropic();
    let bare = Client::new(world.gateway.url(), API_KEY).without_headers();
    bare.messages_ok(&lane.ask()).await;
    assert_eq!(lane.sent().header("anthropic-version"), Some("2023-06-01"));
}

#[tokio::test]
async fn small_things_the_sessions_of_claude_code_are_recorded() {
    let world = World::shared().await;
    let client = world
        .client()
        .with_header("x-claude-code-session-id", "session-1")
        .with_header("x-claude-code-agent-id", "agent-2")
        .with_header("x-claude-code-parent-agent-id", "parent-3");
    let (answer, _) = client.messages_ok(&ask("ainfera-inference", "hi")).await;
    let row = world.gateway.records().outcome(&answer.request_id());
    assert_eq!(row["client_session"], "session-1");
    assert_eq!(row["client_agent"], "agent-2");
    assert_eq!(row["client_parent"], "parent-3");
}
