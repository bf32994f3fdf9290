//! `routing_hint`: what it may hold, and caps and lists.

use ainfera_tests::client::ask_hint;
use ainfera_tests::gateway::{Catalog, Offer, Setup};
use ainfera_tests::upstream::Upstream;
use ainfera_tests::world::World;
use serde_json::{Value, json};

#[tokio::test]
async fn a_bad_hint_is_a_400_that_names_it() {
    let world = World::shared().await;
    for (hint, named) in [
        (json!({"quality": 1}), "quality"),
        (json!({"min_quality": true}), "min_quality"),
        (json!({"min_quality": "1.01"}), "min_quality"),
        (json!({"min_quality": -0.1}), "min_quality"),
        (json!({"min_quality": "best"}), "min_quality"),
        (
            json!({"min_quality": "0.1234567890123456789"}),
            "min_quality",
        ),
        (json!({"max_cost": "-1"}), "max_cost"),
        (json!({"max_cost": []}), "max_cost"),
        (json!({"allow_providers": "anthropic"}), "allow_providers"),
        (json!({"deny_providers": [1]}), "deny_providers"),
        (json!({"routing_preference": 3}), "routing_preference"),
        (json!({"task_type": {}}), "task_type"),
        (json!("quality"), "routing_hint"),
        (json!([]), "routing_hint"),
    ] {
        for stream in [false, true] {
            let mut body = ask_hint("ainfera-inference", hint.clone());
            body["stream"] = stream.into();
            let answer = world.client().messages(&body).await;
            let said = answer.assert_error(400, "invalid_request_error", "invalid_request_error");
            assert!(said.contains(named), "{hint}: {said}");
            assert!(
                world
                    .gateway
                    .records()
                    .outcomes_of(&answer.request_id())
                    .is_empty()
            );
        }
    }
}

#[tokio::test]
async fn a_key_given_twice_is_a_400() {
    let world = World::shared().await;
    let rest = r#""max_tokens":5,"messages":[{"role":"user","content":"x"}]"#;
    for (body, named) in [
        (
            format!(r#"{{"model":"a","model":"ainfera-inference",{rest}}}"#),
            "model",
        ),
        (
            format!(r#"{{"model":"ainfera-inference","mod\u0065l":"b",{rest}}}"#),
            "model",
        ),
        (
            format!(r#"{{"model":"ainfera-inference","stream":true,"stream":false,{rest}}}"#),
            "stream",
        ),
        (
            format!(
                r#"{{"model":"ainfera-inference","routing_hint":{{}},"routing_hint":{{}},{rest}}}"#
            ),
            "routing_hint",
        ),
        (
            format!(
                r#"{{"model":"ainfera-inference","routing_hint":{{"min_quality":"0.1","min_quality":"0.9"}},{rest}}}"#
            ),
            "min_quality",
        ),
    ] {
        let answer = world.client().post_bytes("/v1/messages", body).await;
        let said = answer.assert_error(400, "invalid_request_error", "invalid_request_error");
        assert!(said.contains(named), "{said}");
    }
}

#[tokio::test]
async fn caps_lists_and_task_type() {
    let upstream = Upstream::start();
    let catalog = Catalog::new()
        .anthropic("cheap", &upstream.url())
        .anthropic("dear", &upstream.url())
        .model("m", "0.60")
        .offer(Offer::new("m", "cheap", "up-cheap").price("1"))
        .offer(Offer::new("m", "dear", "up-dear").price("10"));
    let gateway = Setup::new().catalog(&catalog).start().await;
    let client = gateway.client();
    for (hint, offer) in [
        (json!({}), "m@cheap"),
        (json!({"deny_providers": ["cheap"]}), "m@dear"),
        (json!({"allow_providers": ["dear"]}), "m@dear"),
        (
            json!({"max_cost": "0.002", "task_type": "summary"}),
            "m@cheap",
        ),
    ] {
        let (answer, _) = client
            .messages_ok(&ask_hint("ainfera-inference", hint.clone()))
            .await;
        assert_eq!(answer.header("x-ainfera-model"), Some(offer), "{hint}");
        let row = gateway.records().outcome(&answer.request_id());
        assert_eq!(row["choice"], offer);
        assert_eq!(
            row["task_type"],
            hint.get("task_type").cloned().unwrap_or(Value::Null)
        );
    }
    for (hint, reason) in [
        (json!({"max_cost": "0.000001"}), "cost"),
        (json!({"min_quality": "0.61"}), "floor"),
        (json!({"deny_providers": ["cheap", "dear"]}), "lists"),
        (json!({"allow_providers": []}), "lists"),
    ] {
        let answer = client
            .messages(&ask_hint("ainfera-inference", hint.clone()))
            .await;
        answer.assert_error(422, "invalid_request_error", "no_candidate");
        let row = gateway.records().outcome(&answer.request_id());
        assert_eq!(row["reject_reason"], reason, "{hint}");
        assert_eq!(row["outcome_status"], "rejected_floor");
    }
    // On a pinned call the caps and lists hold, the rest is ignored.
    let pinned = ask_hint(
        "m@dear",
        json!({"min_quality": "1", "routing_preference": "cost"}),
    );
    client.messages_ok(&pinned).await;
    for hint in [
        json!({"deny_providers": ["dear"]}),
        json!({"max_cost": "0.000001"}),
    ] {
        let answer = client.messages(&ask_hint("m@dear", hint)).await;
        answer.assert_error(422, "invalid_request_error", "no_candidate");
        assert!(
            gateway
                .records()
                .outcomes_of(&answer.request_id())
                .is_empty()
        );
    }
}
