//! 400: what is no request of its dialect, and keys that stand twice.

use ainfera_tests::client::{Answer, Dialect};
use ainfera_tests::world::World;

/// Sends a body, streamed and not where it is an object, that must be a 400.
async fn refused(world: &World, dialect: Dialect, body: &str) -> Vec<Answer> {
    let mut answers = Vec::new();
    let streamed = body.replacen('{', "{\"stream\":true,", 1);
    for body in [body.to_owned(), streamed] {
        let answer = world.client().post_bytes(dialect.path(), body).await;
        let kind = "invalid_request_error";
        answer.assert_error_in(dialect, 400, kind, "invalid_request_error");
        let records = world.gateway.records();
        let rows = records.outcomes_of(&answer.request_id());
        assert!(rows.is_empty(), "a malformed request is no routed call");
        answers.push(answer);
    }
    answers
}

#[tokio::test]
async fn row_400_malformed_request() {
    let world = World::shared().await;
    for dialect in Dialect::ALL {
        for body in [
            "",
            "{",
            "[]",
            "null",
            "\"text\"",
            "{}",
            r#"{"model":"ainfera-inference"}"#,
            r#"{"model":5,"max_tokens":5,"messages":[]}"#,
            r#"{"model":"","max_tokens":5,"messages":[]}"#,
            r#"{"model":"ainfera-inference","max_tokens":0,"messages":[]}"#,
            r#"{"model":"ainfera-inference","max_tokens":-5,"messages":[]}"#,
            r#"{"model":"ainfera-inference","max_tokens":"5","messages":[]}"#,
            r#"{"model":"ainfera-inference","max_tokens":5,"messages":{}}"#,
            r#"{"model":"ainfera-inference","max_tokens":5,"messages":"hi"}"#,
            r#"{"model":"ainfera-inference","max_tokens":5,"messages":[]} trailing"#,
        ] {
            refused(&world, dialect, body).await;
        }
        let body = r#"{"model":"ainfera-inference","max_tokens":5,"messages":[],"stream":"yes"}"#;
        let answer = world.client().post_bytes(dialect.path(), body).await;
        answer.assert_error_in(
            dialect,
            400,
            "invalid_request_error",
            "invalid_request_error",
        );
        let bytes = &b"{\"model\":\"\xff\xfe\"}"[..];
        let answer = world.client().post_bytes(dialect.path(), bytes).await;
        answer.assert_error_in(
            dialect,
            400,
            "invalid_request_error",
            "invalid_request_error",
        );
    }
    for body in [
        r#"{"model":"ainfera-inference","messages":[]}"#,
        r#"{"model":"ainfera-inference","max_tokens":5}"#,
    ] {
        refused(&world, Dialect::Anthropic, body).await;
    }
}

#[tokio::test]
async fn row_400_duplicate_key() {
    let world = World::shared().await;
    let rest = r#""messages":[{"role":"user","content":"x"}],"max_tokens":5"#;
    let target = r#""model":"ainfera-inference""#;
    for (dialect, body, named) in [
        (None, format!(r#"{{"model":"a",{target},{rest}}}"#), "model"),
        (
            None,
            format!(r#"{{{target},"mod\u0065l":"b",{rest}}}"#),
            "model",
        ),
        (
            None,
            format!(r#"{{{target},"messages":[],{rest}}}"#),
            "messages",
        ),
        (
            None,
            format!(r#"{{{target},"stream":false,"stream":true,{rest}}}"#),
            "stream",
        ),
        (
            None,
            format!(r#"{{{target},"max_tokens":9,{rest}}}"#),
            "max_tokens",
        ),
        (
            None,
            format!(r#"{{{target},"tools":[],"tools":[],{rest}}}"#),
            "tools",
        ),
        (
            None,
            format!(r#"{{{target},"routing_hint":{{}},"routing_hint":{{}},{rest}}}"#),
            "routing_hint",
        ),
        (
            Some(Dialect::OpenAi),
            format!(
                r#"{{{target},"stream_options":{{}},"stream_options":{{"include_usage":true}},{rest}}}"#
            ),
            "stream_options",
        ),
        (
            Some(Dialect::OpenAi),
            format!(
                r#"{{{target},"max_completion_tokens":1,"max_completion_tokens":2,"messages":[]}}"#
            ),
            "max_completion_tokens",
        ),
    ] {
        for spoken in Dialect::ALL {
            if dialect.is_some_and(|dialect| dialect != spoken) {
                continue;
            }
            let answer = world.client().post_bytes(spoken.path(), body.clone()).await;
            let kind = "invalid_request_error";
            let said = answer.assert_error_in(spoken, 400, kind, "invalid_request_error");
            assert!(said.contains(named), "{spoken:?}: {said}");
        }
    }
}

#[tokio::test]
async fn a_key_that_the_gateway_does_not_read_may_stand_twice() {
    let world = World::shared().await;
    for (dialect, lane) in [
        (Dialect::Anthropic, world.anthropic()),
        (Dialect::OpenAi, world.openai()),
    ] {
        let body = format!(
            r#"{{"model":"{}","max_tokens":5,"x":1,"x":2,"messages":[{{"role":"user","content":"x"}}]}}"#,
            lane.slug
        );
        let answer = world
            .client()
            .post_bytes(dialect.path(), body.clone())
            .await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        let sent = lane.take_sent();
        let sent = String::from_utf8_lossy(&sent.body);
        assert_eq!(sent, body.replace(&lane.slug, &lane.upstream_model));
    }
}
