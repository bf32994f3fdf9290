//! Tokens, cached ones among them, and what they cost.

use ainfera_tests::client::{Dialect, Tokens, ask};
use ainfera_tests::gateway::{Catalog, Offer, Setup};
use ainfera_tests::upstream::{Behaviour, Upstream, Usage};
use ainfera_tests::world::World;
use serde_json::json;

use super::pairings;

/// Tokens of all four kinds.
const USED: Usage = Usage {
    input: 1000,
    output: 50,
    cache_read: 300,
    cache_write: 20,
};

#[tokio::test]
async fn cache_reads_and_writes_are_told_and_recorded() {
    let world = World::shared().await;
    let answer = Behaviour::text("x").with(|answer| answer.usage = USED);
    for pairing in pairings(&world, &answer) {
        let heard = pairing.hear(json!({})).await;
        let told = Tokens {
            prompt: 1320,
            output: 50,
            cache_read: 300,
            cache_write: 20,
        };
        assert_eq!(heard.tokens, told, "{pairing}");
        let records = world.gateway.records();
        let row = &records.inferences_of(&heard.request_id())[0];
        assert_eq!(row["input_tokens"], 1000, "{pairing}");
        assert_eq!(row["output_tokens"], 50, "{pairing}");
        assert_eq!(row["cache_read_tokens"], 300, "{pairing}");
        assert_eq!(row["cache_write_tokens"], 20, "{pairing}");
        assert_eq!(row["usage_source"], "reported", "{pairing}");
    }
}

#[tokio::test]
async fn cache_reads_and_writes_are_priced_as_such() {
    let upstream = Upstream::start();
    let priced = |model: &str, provider: &str| {
        let lines = "cache_read_usd_per_mtok = \"0.1\"\ncache_write_usd_per_mtok = \"1.25\"";
        Offer::new(model, provider, &format!("up-{model}")).line(lines)
    };
    let catalog = Catalog::new()
        .anthropic("a", &upstream.url())
        .openai("b", &upstream.openai_url())
        .responses("c", &upstream.openai_url())
        .model("m-a", "0.60")
        .model("m-b", "0.60")
        .model("m-c", "0.60")
        .offer(priced("m-a", "a"))
        .offer(priced("m-b", "b"))
        .offer(priced("m-c", "c"));
    let gateway = Setup::new().catalog(&catalog).start().await;
    for model in ["m-a", "m-b", "m-c"] {
        let answer = Behaviour::text("x").with(|answer| answer.usage = USED);
        upstream.script(&format!("up-{model}"), answer);
        for dialect in Dialect::ALL {
            for stream in [false, true] {
                let client = gateway.client();
                let heard = client.hear(dialect, &ask(model, "hi"), stream).await;
                let row = &gateway.records().inferences_of(&heard.request_id())[0];
                // $1, $5, $0.1 and $1.25 a million, in nano-dollars.
                let cost = 1000 * 1000 + 50 * 5000 + 300 * 100 + 20 * 1250;
                assert_eq!(row["cost_nanousd"], cost, "{dialect:?} to {model}");
            }
        }
    }
}

#[tokio::test]
async fn a_usage_chunk_comes_only_to_those_who_ask_for_it() {
    let world = World::shared().await;
    for lane in world.each() {
        let client = lane.client();
        let mut body = Dialect::OpenAi.body(&lane.ask());
        body["stream"] = true.into();
        for (options, asked) in [
            (None, false),
            (Some(json!({"include_usage": false})), false),
            (Some(json!({})), false),
            (Some(json!({"include_usage": true})), true),
        ] {
            if let Some(options) = options {
                body["stream_options"] = options;
            }
            let path = Dialect::OpenAi.path();
            let streamed = client.open(path, body.to_string()).await.rest().await;
            let usage = streamed.completion().usage;
            assert_eq!(usage.is_some(), asked, "{:?}: {body}", lane.protocol);
            // Settled all the same.
            let row = &world
                .gateway
                .records()
                .inferences_of(&streamed.request_id())[0];
            assert_eq!(row["input_tokens"], 25, "{:?}: {body}", lane.protocol);
            assert_eq!(row["usage_source"], "reported");
        }
    }
}

#[tokio::test]
async fn real_input_tokens_stand_in_message_start_where_the_provider_tells_them_there() {
    let world = World::shared().await;
    let lane = world.anthropic();
    lane.script(Behaviour::text("x").with(|answer| answer.usage = USED));
    let (_, message) = lane.client().stream_ok(&lane.ask()).await;
    assert_eq!(message.start["usage"]["input_tokens"], 1000);
    assert_eq!(message.start["usage"]["cache_read_input_tokens"], 300);
    assert_eq!(message.start["usage"]["cache_creation_input_tokens"], 20);
}
