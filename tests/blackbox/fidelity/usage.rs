//! What a provider's stream says of its usage, however it says it: the usage row.
//! Caches and prices are in `dialects::usage`.

use ainfera_tests::client::Dialect;
use ainfera_tests::upstream::Behaviour;
use ainfera_tests::world::World;

use super::stream::MESSAGES;

#[tokio::test]
async fn usage_of_message_delta_is_cumulative_never_summed() {
    let world = World::shared().await;
    let twice = MESSAGES.replace(
        "event: message_stop",
        concat!(
            "event: message_delta\ndata: {\"type\":\"message_delta\",\"delta\":{\"stop_reason\":",
            "\"end_turn\"},\"usage\":{\"input_tokens\":8,\"output_tokens\":11}}\n\nevent: message_stop"
        ),
    );
    for dialect in Dialect::ALL {
        let lane = world.anthropic();
        lane.script(Behaviour::raw_stream([twice.clone()]));
        let heard = lane.client().hear(dialect, &lane.ask(), true).await;
        assert_eq!(
            (heard.tokens.prompt, heard.tokens.output),
            (8, 11),
            "{dialect:?}"
        );
        let row = &world.gateway.records().inferences_of(&heard.request_id())[0];
        assert_eq!(row["input_tokens"], 8, "{dialect:?}");
        assert_eq!(row["output_tokens"], 11, "{dialect:?}");
    }
}

/// A chunk of one choice, or of none, and its usage.
fn chunk(choices: &str, usage: &str) -> String {
    format!(
        "data: {{\"id\":\"c\",\"object\":\"chat.completion.chunk\",\"created\":1,\"model\":\"m\",\
         \"choices\":{choices},\"usage\":{usage}}}\n\n"
    )
}

const FIRST: &str =
    r#"[{"index":0,"delta":{"role":"assistant","content":"hi"},"finish_reason":null}]"#;
const LAST: &str = r#"[{"index":0,"delta":{},"finish_reason":"stop"}]"#;
const COUNTS: &str = r#"{"prompt_tokens":700,"completion_tokens":40,"total_tokens":740,"prompt_tokens_details":{"cached_tokens":600}}"#;

#[tokio::test]
async fn usage_with_the_finish_reason_or_in_every_chunk_is_read_too() {
    let world = World::shared().await;
    let done = "data: [DONE]\n\n".to_owned();
    let growing = r#"{"prompt_tokens":700,"completion_tokens":1,"total_tokens":701}"#;
    for frames in [
        [chunk(FIRST, "null"), chunk(LAST, COUNTS), done.clone()],
        [chunk(FIRST, growing), chunk(LAST, COUNTS), done.clone()],
    ] {
        for dialect in [Dialect::Anthropic, Dialect::Native] {
            let lane = world.openai();
            // As Azure's streams begin.
            let empty = chunk("[]", "null");
            let frames = std::iter::once(empty).chain(frames.clone());
            lane.script(Behaviour::raw_stream(frames));
            let heard = lane.client().hear(dialect, &lane.ask(), true).await;
            assert_eq!(heard.text(), "hi");
            assert_eq!(heard.tokens.prompt, 700, "{dialect:?}");
            assert_eq!(heard.tokens.output, 40, "{dialect:?}");
            assert_eq!(heard.tokens.cache_read, 600, "{dialect:?}");
        }
    }
}

#[tokio::test]
async fn the_usage_chunk_after_the_finish_reason_is_read() {
    let world = World::shared().await;
    for dialect in Dialect::ALL {
        let lane = world.openai();
        lane.script(Behaviour::raw_stream([
            chunk(FIRST, "null"),
            chunk(LAST, "null"),
            chunk("[]", COUNTS),
            "data: [DONE]\n\n".to_owned(),
        ]));
        let heard = lane.client().hear(dialect, &lane.ask(), true).await;
        assert_eq!(heard.tokens.prompt, 700, "{dialect:?}");
        assert_eq!(heard.tokens.cache_read, 600, "{dialect:?}");
        let row = &world.gateway.records().inferences_of(&heard.request_id())[0];
        assert_eq!(row["input_tokens"], 100, "{dialect:?}");
        assert_eq!(row["cache_read_tokens"], 600, "{dialect:?}");
        assert_eq!(row["output_tokens"], 40, "{dialect:?}");
    }
}
