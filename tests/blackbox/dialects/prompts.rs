//! System and developer prompts.

use ainfera_tests::client::Dialect;
use ainfera_tests::upstream::Behaviour;
use ainfera_tests::world::World;
use serde_json::json;

use super::pairings;

#[tokio::test]
async fn a_system_prompt_goes_as_string_or_blocks() {
    let world = World::shared().await;
    for pairing in pairings(&world, &Behaviour::text("hi")) {
        for system in [
            json!("Be brief."),
            json!([
                {"type": "text", "text": "Be brief.", "cache_control": {"type": "ephemeral"}},
                {"type": "text", "text": "Be kind."},
            ]),
        ] {
            pairing.hear_whole(json!({"system": system})).await;
        }
    }
}

#[tokio::test]
async fn prompts_of_both_roles_of_openais_are_the_system_prompt() {
    let world = World::shared().await;
    for pairing in pairings(&world, &Behaviour::text("hi")) {
        if pairing.dialect == Dialect::Anthropic {
            continue;
        }
        let messages = json!([
            {"role": "system", "content": "Be brief."},
            {"role": "developer", "content": [{"type": "text", "text": "Be kind."}]},
            {"role": "user", "content": "hi"},
        ]);
        pairing.post_ok(json!({"messages": messages})).await;
        assert_eq!(
            pairing.sent()["system"],
            "Be brief.\n\nBe kind.",
            "{pairing}"
        );
    }
}

#[tokio::test]
async fn an_instruction_in_the_midst_of_a_conversation_is_not_lost() {
    let world = World::shared().await;
    for pairing in pairings(&world, &Behaviour::text("hi")) {
        if pairing.dialect == Dialect::Anthropic {
            continue;
        }
        for role in ["system", "developer"] {
            let messages = json!([
                {"role": "user", "content": "hi"},
                {"role": "assistant", "content": "hello"},
                {"role": role, "content": "From now on in French."},
                {"role": "user", "content": "again"},
            ]);
            pairing.post_ok(json!({"messages": messages})).await;
            let sent = pairing.sent_raw().to_string();
            assert!(sent.contains("From now on in French."), "{pairing}: {sent}");
        }
    }
}
