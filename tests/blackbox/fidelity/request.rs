//! What reaches the provider: the request row.

use ainfera_tests::client::{Dialect, ask};
use ainfera_tests::dialects::Protocol;
use ainfera_tests::gateway::{API_KEY, Catalog, PROVIDER_KEY, Setup};
use ainfera_tests::upstream::Upstream;
use ainfera_tests::world::{Lane, World};
use serde_json::{Value, json};

use super::corpus::{difference, requests};

/// What the gateway may write into an OpenAI stream's request, and what may
/// stand there before: nothing, or another value of the same field.
const ASKS_FOR_USAGE: [(&str, &str); 8] = [
    ("", r#","stream_options":{"include_usage":true}"#),
    ("", r#""stream_options":{"include_usage":true},"#),
    ("", r#""include_usage":true"#),
    ("", r#""include_usage":true,"#),
    ("", r#","include_usage":true"#),
    ("null", "true"),
    // Without the letter that `false` and `true` share.
    ("fals", "tru"),
    ("null", r#"{"include_usage":true}"#),
];

/// Sends a body as it is, and gives what the provider received.
async fn through(lane: &Lane, dialect: Dialect, path: &str, body: String) -> String {
    let answer = lane.client().post_bytes(path, body).await;
    assert_eq!(answer.status, 200, "{dialect:?}: {}", answer.text());
    let sent = lane.take_sent();
    let length = sent.body.len().to_string();
    assert_eq!(sent.header("content-length"), Some(length.as_str()));
    assert_eq!(sent.header("content-type"), Some("application/json"));
    String::from_utf8(sent.body.to_vec()).expect("UTF-8")
}

#[tokio::test]
async fn request_same_dialect_is_byte_identical_but_for_model_and_hint() {
    let world = World::shared().await;
    for (dialect, lane) in [
        (Dialect::Anthropic, world.anthropic()),
        (Dialect::OpenAi, world.openai()),
    ] {
        for case in requests(dialect) {
            let sent = through(&lane, dialect, dialect.path(), case.of(&lane.slug)).await;
            let expected = case.of(&lane.upstream_model);
            if dialect == Dialect::Anthropic || !case.streams() {
                assert_eq!(sent, expected, "{}", case.name);
                continue;
            }
            // Settlement needs the usage chunk of an OpenAI stream.
            let (was, is) = difference(&expected, &sent);
            let known = ASKS_FOR_USAGE.contains(&(was, is));
            assert!(
                sent == expected || known,
                "{}: {was:?} to {is:?}",
                case.name
            );
            let body: Value = serde_json::from_str(&sent).expect("still JSON");
            assert_eq!(
                body["stream_options"]["include_usage"], true,
                "{}",
                case.name
            );
        }
    }
}

#[tokio::test]
async fn a_usage_chunk_that_the_client_asks_for_itself_needs_no_edit() {
    let world = World::shared().await;
    let lane = world.openai();
    let asking = requests(Dialect::OpenAi).into_iter().filter(|case| {
        let body: Value = serde_json::from_str(&case.of("m")).expect("JSON");
        body["stream_options"]["include_usage"] == true
    });
    let mut seen = 0;
    for case in asking {
        let path = Dialect::OpenAi.path();
        let sent = through(&lane, Dialect::OpenAi, path, case.of(&lane.slug)).await;
        assert_eq!(sent, case.of(&lane.upstream_model), "{}", case.name);
        seen += 1;
    }
    assert!(seen >= 3, "the corpus has such bodies");
}

#[tokio::test]
async fn the_hint_is_cut_out_wherever_it_stands_with_nothing_else_touched() {
    let world = World::shared().await;
    let rest = r#""messages":[{"role":"user","content":"x"}],  "max_tokens":5"#;
    for (dialect, lane) in [
        (Dialect::Anthropic, world.anthropic()),
        (Dialect::OpenAi, world.openai()),
    ] {
        let (model, theirs) = (&lane.slug, &lane.upstream_model);
        for (hinted, plain) in [
            (
                format!(r#"{{"model":"{model}", "routing_hint":{{"task_type":"t"}} ,{rest}}}"#),
                format!(r#"{{"model":"{theirs}",{rest}}}"#),
            ),
            (
                format!(r#"{{"routing_hint":null,"model":"{model}",{rest}}}"#),
                format!(r#"{{"model":"{theirs}",{rest}}}"#),
            ),
            (
                format!(r#"{{"model":"{model}",{rest},"routing_hint":{{}}}}"#),
                format!(r#"{{"model":"{theirs}",{rest}}}"#),
            ),
        ] {
            let sent = through(&lane, dialect, dialect.path(), hinted).await;
            assert!(sent.contains(rest), "{sent}");
            // White space beside the hint may stay or go with it.
            assert_eq!(sent.replace(' ', ""), plain.replace(' ', ""), "{dialect:?}");
        }
    }
}

#[tokio::test]
async fn a_hint_and_a_stream_that_settles_are_edited_at_once() {
    let world = World::shared().await;
    let lane = world.openai();
    let rest = r#""messages":[{"role":"user","content":"x"}],  "temperature":1.0"#;
    let body = format!(
        r#"{{"routing_hint":{{"task_type":"t"}},"stream":true,"model":"{}",{rest}}}"#,
        lane.slug
    );
    let sent = through(&lane, Dialect::OpenAi, Dialect::OpenAi.path(), body).await;
    assert!(
        sent.contains(rest) && !sent.contains("routing_hint"),
        "{sent}"
    );
    let body: Value = serde_json::from_str(&sent).expect("still JSON");
    assert_eq!(body["model"], lane.upstream_model.as_str());
    assert_eq!(body["stream_options"], json!({"include_usage": true}));
    assert_eq!(
        body.as_object().map(serde_json::Map::len),
        Some(5),
        "{sent}"
    );
}

#[tokio::test]
async fn query_strings_are_accepted_and_forwarded_to_anthropic_in_its_dialect() {
    let world = World::shared().await;
    for dialect in Dialect::ALL {
        for lane in world.each() {
            let body = dialect.body(&lane.ask()).to_string();
            let path = format!("{}?beta=true&x=%20", dialect.path());
            let answer = lane.client().post_bytes(&path, body).await;
            assert_eq!(answer.status, 200, "{}", answer.text());
            let target = lane.take_sent().target;
            let theirs = lane.protocol.path();
            if dialect == Dialect::Anthropic && lane.protocol == Protocol::Anthropic {
                assert_eq!(target, path);
            } else {
                assert_eq!(target.split('?').next(), Some(theirs), "{dialect:?}");
            }
        }
    }
}

/// Fields that a client's own credentials and route come in.
const PRIVATE: [&str; 4] = [
    "cookie",
    "x-forwarded-for",
    "openai-organization",
    "x-api-key",
];

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
        .with_header("cookie", "session=secret")
        .with_header("openai-organization", "org-client")
        .with_header("x-forwarded-for", "10.0.0.1");
    let keyed = [
        client.clone(),
        client
            .with_key("")
            .with_header("authorization", &format!("Bearer {API_KEY}")),
    ];
    for client in &keyed {
        for dialect in Dialect::ALL {
            for lane in world.each() {
                let client = match dialect {
                    Dialect::Anthropic => client.clone(),
                    _ => client
                        .clone()
                        .with_header("anthropic-version", "2023-06-01"),
                };
                client.hear(dialect, &lane.ask(), false).await;
                let sent = lane.take_sent();
                let anthropic = lane.protocol == Protocol::Anthropic;
                for (name, value) in [
                    ("anthropic-version", "2023-06-01"),
                    (
                        "anthropic-beta",
                        "context-1m-2025-08-07,never-seen-2030-01-01",
                    ),
                    ("anthropic-brand-new", "Some Value; q=1"),
                ] {
                    let expected = anthropic.then_some(value);
                    assert_eq!(sent.header(name), expected, "{dialect:?}: {name}");
                }
                let bearer = format!("Bearer {PROVIDER_KEY}");
                let (key, bearer) = if anthropic {
                    (Some(PROVIDER_KEY), None)
                } else {
                    (None, Some(bearer.as_str()))
                };
                assert_eq!(sent.header("x-api-key"), key, "{dialect:?}");
                assert_eq!(sent.header("authorization"), bearer, "{dialect:?}");
                for absent in &PRIVATE[..3] {
                    assert_eq!(sent.header(absent), None, "{dialect:?}: {absent}");
                }
                assert!(!format!("{sent:?}").contains(API_KEY), "the client's key");
            }
        }
    }
}

#[tokio::test]
async fn a_version_is_sent_for_a_client_that_names_none() {
    let world = World::shared().await;
    let lane = world.anthropic();
    for dialect in Dialect::ALL {
        let bare = world.client().without_version();
        bare.hear(dialect, &lane.ask(), false).await;
        let sent = lane.take_sent();
        assert_eq!(
            sent.header("anthropic-version"),
            Some("2023-06-01"),
            "{dialect:?}"
        );
    }
}

#[tokio::test]
async fn where_a_venue_takes_only_another_name_or_role_only_that_is_edited() {
    let upstream = Upstream::start();
    let quirks = r#"{ max_tokens_field = "max_tokens", developer_role = false }"#;
    let catalog = Catalog::new()
        .openai("old", &upstream.openai_url())
        .quirks(quirks)
        .single("m", "old", "0.60", "1");
    let gateway = Setup::new().catalog(&catalog).start().await;
    let ours = concat!(
        r#"{ "max_completion_tokens" : 100, "messages":[ {"role" : "developer","content":"x"},"#,
        r#"{"content":"developer","role":"user"}] ,"model":"m","x":{"max_completion_tokens":1}}"#
    );
    let theirs = concat!(
        r#"{ "max_tokens" : 100, "messages":[ {"role" : "system","content":"x"},"#,
        r#"{"content":"developer","role":"user"}] ,"model":"up-m","x":{"max_completion_tokens":1}}"#
    );
    let path = Dialect::OpenAi.path();
    let answer = gateway.client().post_bytes(path, ours).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    let sent = upstream.take_request_for("up-m");
    assert_eq!(String::from_utf8_lossy(&sent.body), theirs);
}

#[tokio::test]
async fn small_things_the_sessions_of_claude_code_are_recorded() {
    let world = World::shared().await;
    let client = world
        .client()
        .with_header("x-claude-code-session-id", "session-1")
        .with_header("x-claude-code-agent-id", "agent-2")
        .with_header("x-claude-code-parent-agent-id", "parent-3");
    for dialect in Dialect::ALL {
        let heard = client
            .hear(dialect, &ask("ainfera-inference", "hi"), true)
            .await;
        let row = world.gateway.records().outcome(&heard.request_id());
        assert_eq!(row["client_session"], "session-1");
        assert_eq!(row["client_agent"], "agent-2");
        assert_eq!(row["client_parent"], "parent-3");
    }
}
