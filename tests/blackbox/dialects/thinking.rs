//! Thinking, which only its provider may see again.

use ainfera_tests::client::{Dialect, Heard};
use ainfera_tests::dialects::Protocol;
use ainfera_tests::upstream::{Behaviour, Block};
use ainfera_tests::world::World;
use serde_json::{Value, json};

use super::{Pairing, pairings, said};

fn thoughtful() -> Behaviour {
    Behaviour::blocks(vec![
        Block::Thinking {
            text: "let me see".into(),
            signature: "EqQBCg+/=".into(),
        },
        Block::Text("done".into()),
    ])
}

/// What a client that wants thinking sends.
fn wanted(pairing: &Pairing) -> Value {
    match pairing.dialect {
        Dialect::Anthropic => {
            json!({"max_tokens": 4000, "thinking": {"type": "enabled", "budget_tokens": 2000}})
        }
        _ => json!({"max_tokens": 4000, "reasoning_effort": "medium"}),
    }
}

fn thinking(heard: &Heard) -> Option<&Value> {
    heard
        .content
        .iter()
        .find(|block| block["type"] == "thinking")
}

#[tokio::test]
async fn thinking_comes_back_signed_only_by_its_provider() {
    let world = World::shared().await;
    for pairing in pairings(&world, &thoughtful()) {
        let heard = pairing.hear(wanted(&pairing)).await;
        let block = thinking(&heard).unwrap_or_else(|| panic!("{pairing}: no thinking"));
        assert_eq!(block["thinking"], "let me see", "{pairing}");
        let signed = pairing.dialect == Dialect::Anthropic && !pairing.crosses();
        let signature = signed.then_some("EqQBCg+/=");
        assert_eq!(block["signature"].as_str(), signature, "{pairing}");
        assert_eq!(heard.content.last(), Some(&said("done")), "{pairing}");
    }
}

#[tokio::test]
async fn a_signature_delta_comes_only_where_there_is_a_signature() {
    let world = World::shared().await;
    for pairing in pairings(&world, &thoughtful()) {
        if pairing.dialect != Dialect::Anthropic || !pairing.stream {
            continue;
        }
        let request = pairing.request(wanted(&pairing));
        let streamed = pairing
            .lane
            .client()
            .call_stream(pairing.dialect, &request)
            .await;
        let signed = streamed
            .events
            .iter()
            .filter(|event| event.data["delta"]["type"] == "signature_delta");
        assert_eq!(signed.count(), usize::from(!pairing.crosses()), "{pairing}");
        streamed.message();
    }
}

#[tokio::test]
async fn thinking_that_an_anthropic_client_did_not_ask_for_is_not_shown_to_it() {
    let world = World::shared().await;
    for pairing in pairings(&world, &thoughtful()) {
        if pairing.dialect != Dialect::Anthropic || !pairing.crosses() {
            continue;
        }
        let heard = pairing.hear(json!({})).await;
        assert_eq!(heard.content, [said("done")], "{pairing}");
    }
}

#[tokio::test]
async fn a_thinking_block_never_goes_to_a_provider_that_did_not_sign_it() {
    let world = World::shared().await;
    for pairing in pairings(&world, &Behaviour::text("hi")) {
        if pairing.dialect != Dialect::Anthropic {
            continue;
        }
        let turns = json!({"messages": [
            {"role": "user", "content": "Hi."},
            {"role": "assistant", "content": [
                {"type": "thinking", "thinking": "signed thoughts", "signature": "sig"},
                {"type": "redacted_thinking", "data": "redacted thoughts"},
                {"type": "text", "text": "Hello."},
            ]},
            {"role": "user", "content": "Again."},
        ]});
        pairing.hear(turns).await;
        let sent = pairing.sent_raw().to_string();
        for word in ["signed thoughts", "redacted thoughts"] {
            assert_eq!(sent.contains(word), !pairing.crosses(), "{pairing}: {sent}");
        }
        assert!(sent.contains("Hello."), "{pairing}");
    }
}

#[tokio::test]
async fn reasoning_that_a_client_sends_back_stays_with_the_provider_of_that_dialect() {
    let world = World::shared().await;
    for pairing in pairings(&world, &Behaviour::text("hi")) {
        if pairing.dialect == Dialect::Anthropic {
            continue;
        }
        let messages = json!([
            {"role": "user", "content": "Hi."},
            {"role": "assistant", "content": "Hello.", "reasoning_content": "old thoughts"},
            {"role": "user", "content": "Again."},
        ]);
        pairing.post_ok(json!({"messages": messages})).await;
        let sent = pairing.sent_raw().to_string();
        assert_eq!(
            sent.contains("old thoughts"),
            !pairing.crosses(),
            "{pairing}: {sent}"
        );
    }
}

#[tokio::test]
async fn a_block_that_nobody_signed_is_cut_out_and_every_other_byte_stays() {
    let world = World::shared().await;
    let lane = world.anthropic();
    let body = |blocks: &str, model: &str| {
        format!(
            r#"{{"model":"{model}", "max_tokens":5,"messages":[{{"role":"user","content":"hi"}},
            {{"role":"assistant","content":[{blocks}]}},{{"role":"user","content":"x"}}]}}"#
        )
    };
    let unsigned = r#"{"type":"thinking","thinking":"t","signature":""}"#;
    let signed = r#"{"type":"thinking", "thinking":"u","signature":"s"}"#;
    let text = r#"{"type":"text","text":"caf\u00e9"}"#;
    for (ours, theirs) in [
        (format!("{unsigned},{text}"), text.to_owned()),
        (
            format!("{signed}, {unsigned} , {text}"),
            format!("{signed},{text}"),
        ),
        (format!("{text},{unsigned}"), text.to_owned()),
        (format!("{signed},{text}"), format!("{signed},{text}")),
    ] {
        let answer = lane.send(body(&ours, &lane.slug)).await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        let sent = String::from_utf8_lossy(&lane.take_sent().body).into_owned();
        // White space beside a block that is cut may go with it.
        let dense = |text: &str| text.replace(' ', "");
        let expected = body(&theirs, &lane.upstream_model);
        assert_eq!(dense(&sent), dense(&expected));
        let (before, after) = expected.split_once(&theirs).expect("its blocks");
        assert!(sent.starts_with(before) && sent.ends_with(after), "{sent}");
    }
}

/// What the provider was asked to think, read from its protocol.
fn asked_to_think(pairing: &Pairing) -> Option<String> {
    let sent = pairing.sent_raw();
    let text = |value: &Value| value.as_str().map(str::to_owned);
    match pairing.lane.protocol {
        Protocol::Anthropic => {
            let budget = &sent["thinking"]["budget_tokens"];
            let limit = sent["max_tokens"].as_u64().expect("a limit");
            assert!(
                budget
                    .as_u64()
                    .is_none_or(|budget| (1024..limit).contains(&budget)),
                "{pairing}: a budget that Anthropic takes: {sent}"
            );
            text(&sent["thinking"]["type"])
        }
        Protocol::Chat => text(&sent["reasoning_effort"]),
        Protocol::Responses => text(&sent["reasoning"]["effort"]),
    }
}

#[tokio::test]
async fn asking_to_think_has_its_counterpart() {
    let world = World::shared().await;
    for pairing in pairings(&world, &thoughtful()) {
        let unasked = pairing.hear(json!({"max_tokens": 4000})).await;
        assert_eq!(unasked.text(), "done");
        assert_eq!(asked_to_think(&pairing), None, "{pairing}: not asked to");
        pairing.hear(wanted(&pairing)).await;
        let asked = asked_to_think(&pairing);
        let expected: &[&str] = match pairing.lane.protocol {
            Protocol::Anthropic => &["enabled", "adaptive"],
            _ => &["low", "medium", "high"],
        };
        assert!(
            asked
                .as_deref()
                .is_some_and(|asked| expected.contains(&asked)),
            "{pairing}: {asked:?}"
        );
    }
}

#[tokio::test]
async fn asking_not_to_think_has_its_counterpart() {
    let world = World::shared().await;
    for pairing in pairings(&world, &Behaviour::text("done")) {
        let unwanted = match pairing.dialect {
            Dialect::Anthropic => json!({"thinking": {"type": "disabled"}}),
            _ => json!({"reasoning_effort": "none"}),
        };
        pairing.hear(unwanted).await;
        let asked = asked_to_think(&pairing);
        assert!(
            matches!(
                asked.as_deref(),
                None | Some("none" | "minimal" | "disabled")
            ),
            "{pairing}: {asked:?}"
        );
    }
}

#[tokio::test]
async fn more_effort_is_more_effort() {
    let world = World::shared().await;
    for pairing in pairings(&world, &Behaviour::text("done")) {
        if pairing.lane.protocol == Protocol::Anthropic || pairing.dialect != Dialect::Anthropic {
            continue;
        }
        let mut efforts = Vec::new();
        for budget in [1024, 8000, 60000] {
            pairing
                .hear(json!({"max_tokens": 64000,
                    "thinking": {"type": "enabled", "budget_tokens": budget}}))
                .await;
            let effort = asked_to_think(&pairing).expect("an effort");
            let order = ["minimal", "low", "medium", "high", "xhigh"];
            efforts.push(
                order
                    .iter()
                    .position(|name| *name == effort)
                    .expect("a known one"),
            );
        }
        assert!(
            efforts.is_sorted() && efforts[0] < efforts[2],
            "{pairing}: {efforts:?}"
        );
    }
}
