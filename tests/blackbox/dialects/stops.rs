//! Stop sequences and stop reasons.

use ainfera_tests::client::Dialect;
use ainfera_tests::dialects::Protocol;
use ainfera_tests::upstream::{Behaviour, Block};
use ainfera_tests::world::World;
use serde_json::json;

use super::{pairings, said};

#[tokio::test]
async fn stop_sequences_reach_the_provider() {
    let world = World::shared().await;
    for pairing in pairings(&world, &Behaviour::text("hi")) {
        let asked = json!({"stop_sequences": ["END", "\n\nStop"]});
        if pairing.lane.protocol == Protocol::Responses {
            // The protocol has none, and without it the answer would be another.
            let refused = pairing.refused(asked).await;
            assert_eq!(refused.status, 400, "{pairing}");
            assert!(
                refused.error_message().contains("stop"),
                "{}",
                refused.text()
            );
            assert!(pairing.lane.untouched());
        } else {
            pairing.hear_whole(asked).await;
        }
    }
}

#[tokio::test]
async fn one_stop_sequence_of_openais_may_be_a_string() {
    let world = World::shared().await;
    for pairing in pairings(&world, &Behaviour::text("hi")) {
        if pairing.dialect == Dialect::Anthropic || pairing.lane.protocol != Protocol::Anthropic {
            continue;
        }
        pairing.post_ok(json!({"stop": "END"})).await;
        assert_eq!(pairing.sent()["stop"], json!(["END"]), "{pairing}");
    }
}

#[tokio::test]
async fn every_stop_reason_has_its_counterpart() {
    let world = World::shared().await;
    for reason in ["end_turn", "max_tokens", "refusal"] {
        let answer = Behaviour::text("x").with(|answer| answer.stop_reason = reason.into());
        for pairing in pairings(&world, &answer) {
            let heard = pairing.hear(json!({})).await;
            assert_eq!(heard.stop_reason, reason, "{pairing}");
            assert_eq!(heard.stop_sequence, None, "{pairing}");
        }
    }
}

#[tokio::test]
async fn a_stop_sequence_that_was_met_is_named() {
    let world = World::shared().await;
    let answer = Behaviour::text("x").with(|answer| {
        answer.stop_reason = "stop_sequence".into();
        answer.stop_sequence = Some("END".into());
    });
    for pairing in pairings(&world, &answer) {
        // OpenAI's protocols do not tell it from a natural end.
        let told = pairing.lane.protocol == Protocol::Anthropic;
        let heard = pairing.hear(json!({})).await;
        let (reason, sequence) = match pairing.dialect {
            Dialect::OpenAi => ("end_turn", None),
            _ if told => ("stop_sequence", Some("END")),
            _ => ("end_turn", None),
        };
        assert_eq!(heard.stop_reason, reason, "{pairing}");
        assert_eq!(heard.stop_sequence.as_deref(), sequence, "{pairing}");
    }
}

#[tokio::test]
async fn reasons_that_only_anthropic_has_become_the_nearest() {
    let world = World::shared().await;
    for (reason, nearest) in [
        ("model_context_window_exceeded", "max_tokens"),
        ("pause_turn", "end_turn"),
        ("brand_new", "end_turn"),
    ] {
        let answer = Behaviour::text("x").with(|answer| answer.stop_reason = reason.into());
        for pairing in pairings(&world, &answer) {
            if pairing.lane.protocol != Protocol::Anthropic || !pairing.crosses() {
                continue;
            }
            let heard = pairing.hear(json!({})).await;
            assert_eq!(heard.stop_reason, nearest, "{pairing}: {reason}");
        }
    }
}

#[tokio::test]
async fn a_refusal_comes_with_its_words() {
    let world = World::shared().await;
    let refusal = || vec![Block::Refusal("I can not help with that.".into())];
    let answer = Behaviour::blocks(refusal()).with(|answer| answer.stop_reason = "refusal".into());
    for pairing in pairings(&world, &answer) {
        let heard = pairing.hear(json!({})).await;
        assert_eq!(
            heard.content,
            [said("I can not help with that.")],
            "{pairing}"
        );
        assert_eq!(heard.stop_reason, "refusal", "{pairing}");
    }
    // OpenAI's own refusals end with `stop`.
    for pairing in pairings(&world, &Behaviour::blocks(refusal())) {
        if pairing.lane.protocol == Protocol::Anthropic || !pairing.crosses() {
            continue;
        }
        let heard = pairing.hear(json!({})).await;
        assert_eq!(heard.stop_reason, "refusal", "{pairing}");
    }
}
