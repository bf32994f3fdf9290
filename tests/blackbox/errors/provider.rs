//! HTTP errors of a pinned provider: as they are in its own dialect, translated
//! with its message in any other.

use ainfera_tests::client::{Dialect, streamed};
use ainfera_tests::dialects::Protocol;
use ainfera_tests::upstream::Behaviour;
use ainfera_tests::world::World;
use serde_json::json;

use super::all;

/// Every status that reaches the client, and Anthropic's word for it.
const STATUSES: [(u16, &str); 8] = [
    (400, "invalid_request_error"),
    (404, "not_found_error"),
    (413, "request_too_large"),
    (422, "invalid_request_error"),
    (429, "rate_limit_error"),
    (500, "api_error"),
    (503, "api_error"),
    (529, "overloaded_error"),
];

#[tokio::test]
async fn any_other_error_of_a_pinned_provider_reaches_the_client_unmodified() {
    let world = World::shared().await;
    for (dialect, lane) in [
        (Dialect::Anthropic, world.anthropic()),
        (Dialect::OpenAi, world.openai()),
    ] {
        for (status, _) in STATUSES {
            for theirs in [
                format!(
                    "{{ \"type\":\"error\", \"odd\" : 1.0, \"error\":{{\"type\":\"x\",\"message\":\"{status}\"}}}}\n"
                ),
                "no JSON at all".to_owned(),
                String::new(),
            ] {
                let behaviour = Behaviour::status_body(status, theirs.clone());
                lane.script(behaviour.header("retry-after", "17"));
                for answer in world.client().call_both(dialect, &lane.ask()).await {
                    assert_eq!(answer.status, status, "{dialect:?}");
                    assert_eq!(answer.text(), theirs, "{dialect:?}");
                    assert_eq!(answer.header("retry-after"), Some("17"));
                    assert!(answer.request_id().starts_with("req_"), "the id is ours");
                }
            }
        }
    }
}

#[tokio::test]
async fn across_dialects_it_is_translated_with_the_providers_message() {
    let world = World::shared().await;
    for lane in world.each() {
        for (status, kind) in STATUSES {
            let theirs = match lane.protocol {
                Protocol::Anthropic => {
                    json!({"type": "error", "error": {"type": "x", "message": "Their own words."}})
                }
                _ => json!({"error": {"message": "Their own words.", "type": "x", "code": null}}),
            };
            let behaviour = Behaviour::status_body(status, theirs.to_string());
            lane.script(behaviour.header("retry-after", "7"));
            for (dialect, answer) in all(&world.client(), &lane.ask()).await {
                let at = format!("{dialect:?} to {:?}, {status}", lane.protocol);
                assert_eq!(answer.status, status, "{at}: {}", answer.text());
                assert_eq!(answer.header("retry-after"), Some("7"), "{at}");
                let same = matches!(
                    (dialect, lane.protocol),
                    (Dialect::Anthropic, Protocol::Anthropic) | (Dialect::OpenAi, Protocol::Chat)
                );
                if !same {
                    let said = answer.assert_error_in(dialect, status, kind, "provider_error");
                    assert!(said.contains("Their own words."), "{at}: {said}");
                }
            }
        }
    }
}

#[tokio::test]
async fn the_forms_of_errors_that_hosts_have_are_all_read() {
    let world = World::shared().await;
    for body in [
        r#"{"error":{"message":"Words.","type":"invalid_request_error","code":null}}"#,
        r#"[{"error":{"code":400,"message":"Words.","status":"INVALID_ARGUMENT"}}]"#,
        r#"{"object":"error","message":"Words.","type":"invalid_request_error","code":null}"#,
        r#"{"detail":"Words."}"#,
        r#"{"error":"Words."}"#,
        r#"{"message":"Words."}"#,
    ] {
        for lane in [world.openai(), world.responses()] {
            lane.script(Behaviour::status_body(400, body));
            for answer in world
                .client()
                .call_both(Dialect::Anthropic, &lane.ask())
                .await
            {
                let kind = "invalid_request_error";
                let said = answer.assert_error(400, kind, "provider_error");
                assert!(said.contains("Words."), "{body}: {said}");
            }
        }
    }
}

#[tokio::test]
async fn an_error_without_words_has_some_of_ours() {
    let world = World::shared().await;
    for lane in world.each() {
        for body in ["<html>oops</html>", "", "{}"] {
            lane.script(Behaviour::status_body(500, body));
            let request = streamed(&lane.ask(), true);
            let answer = world.client().call(Dialect::Native, &request).await;
            let said = answer.assert_error_in(Dialect::Native, 500, "api_error", "provider_error");
            assert!(!said.contains("html"), "{said}");
        }
    }
}

#[tokio::test]
async fn the_providers_id_of_the_request_comes_with_its_error() {
    let world = World::shared().await;
    for lane in world.each() {
        let name = match lane.protocol {
            Protocol::Anthropic => "request-id",
            _ => "x-request-id",
        };
        let behaviour = Behaviour::status(400, "invalid_request_error", "no");
        lane.script(behaviour.header(name, "req_theirs"));
        for (dialect, answer) in all(&world.client(), &lane.ask()).await {
            let theirs = answer.header("x-ainfera-upstream-request-id");
            assert_eq!(
                theirs,
                Some("req_theirs"),
                "{dialect:?} to {:?}",
                lane.protocol
            );
            assert_ne!(answer.request_id(), "req_theirs");
        }
    }
}

#[tokio::test]
async fn what_is_neither_an_answer_nor_an_error_is_a_502() {
    let world = World::shared().await;
    for lane in world.each() {
        for status in [201, 204, 302, 304] {
            let odd = Behaviour::status_body(status, "");
            lane.script(odd.header("location", "http://127.0.0.1:1/elsewhere"));
            for (dialect, answer) in all(&world.client(), &lane.ask()).await {
                answer.assert_error_in(dialect, 502, "api_error", "provider_error");
                assert_eq!(answer.header("location"), None);
            }
        }
    }
}

#[tokio::test]
async fn statuses_that_nobody_listed_are_kept_too() {
    let world = World::shared().await;
    let lane = world.openai();
    for status in [409, 418, 451, 507] {
        lane.script(Behaviour::status_body(status, "{\"odd\":1.0}"));
        for answer in world.client().call_both(Dialect::OpenAi, &lane.ask()).await {
            assert_eq!(answer.status, status);
            assert_eq!(answer.text(), "{\"odd\":1.0}");
        }
    }
}
