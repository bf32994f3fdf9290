//! What reaches the client in the provider's own dialect: the stream row.

use std::time::Duration;

use ainfera_tests::client::{Dialect, Streamed, streamed};
use ainfera_tests::dialects::Protocol;
use ainfera_tests::upstream::{Behaviour, Block, Gate};
use ainfera_tests::world::{Lane, World};
use serde_json::{Value, json};

/// A Messages stream with everything in it that a gateway might touch.
pub(super) const MESSAGES: &str = concat!(
    "event: message_start\ndata: {\"type\":\"message_start\",\"message\":{\"id\":\"msg_1\",",
    "\"type\":\"message\",\"role\":\"assistant\",\"model\":\"real-name-2026\",\"content\":[],",
    "\"stop_reason\":null,\"stop_sequence\":null,\"usage\":{\"input_tokens\":7,\"output_tokens\":1,",
    "\"brand\":{\"new\":1.0}}}}\n\n",
    ": a comment\n\n",
    "event: ping\ndata: {\"type\": \"ping\"}\n\n",
    "event: content_block_start\ndata: {\"type\":\"content_block_start\",\"index\":0,",
    "\"content_block\":{\"type\":\"text\",\"text\":\"\"} }\n\n",
    "event: content_block_delta\ndata: {\"type\":\"content_block_delta\",\"index\":0,",
    "\"delta\":{\"type\":\"text_delta\",\"text\":\"caf\u{e9} \u{1f642}\"}}\n\n",
    "event: galaxy\ndata: {\"type\":\"galaxy\",\"x\":[1.0, 2e0]}\n\n",
    "event: content_block_stop\ndata: {\"type\":\"content_block_stop\",\"index\":0}\n\n",
    "event: message_delta\ndata: {\"type\":\"message_delta\",\"delta\":{\"stop_reason\":\"end_turn\",",
    "\"stop_sequence\":null},\"usage\":{\"output_tokens\":9}}\n\n",
    "event: message_stop\ndata: {\"type\":\"message_stop\"}\n\n",
);

/// A stream of Chat Completions with everything in it that a gateway might touch.
const CHUNKS: &str = concat!(
    "data: {\"id\":\"chatcmpl-1\",\"object\":\"chat.completion.chunk\",\"created\":1,",
    "\"model\":\"real-name-2026\",\"choices\":[{\"index\":0,\"delta\":{\"role\":\"assistant\",",
    "\"content\":\"\"},\"logprobs\":null,\"finish_reason\":null}],\"obfuscation\":\"aB3\",",
    "\"usage\":null}\n\n",
    ": a comment\n\n",
    "data: { \"choices\": [ {\"delta\":{\"content\":\"caf\u{e9} \u{1f642}\",\"brand\":{\"new\":1.0}},",
    "\"index\":0,\"finish_reason\":null}],\"id\":\"chatcmpl-1\",\"created\":1,",
    "\"object\":\"chat.completion.chunk\",\"model\":\"real-name-2026\",\"usage\":null }\n\n",
    "data: {\"id\":\"chatcmpl-1\",\"object\":\"chat.completion.chunk\",\"created\":1,",
    "\"model\":\"real-name-2026\",\"choices\":[{\"index\":0,\"delta\":{\"tool_calls\":[{\"index\":0,",
    "\"id\":\"c\",\"type\":\"function\",\"function\":{\"name\":\"f\",\"arguments\":\"{\\\"a\\\":1e2}\"}}]},",
    "\"finish_reason\":null}],\"usage\":null}\n\n",
    "data: {\"id\":\"chatcmpl-1\",\"object\":\"chat.completion.chunk\",\"created\":1,",
    "\"model\":\"real-name-2026\",\"choices\":[{\"index\":0,\"delta\":{},",
    "\"finish_reason\":\"tool_calls\"}],\"usage\":null}\n\n",
);

/// What follows where usage is asked for.
const USAGE: &str = concat!(
    "data: {\"id\":\"chatcmpl-1\",\"object\":\"chat.completion.chunk\",\"created\":1,",
    "\"model\":\"real-name-2026\",\"choices\":[],\"usage\":{\"prompt_tokens\":7,",
    "\"completion_tokens\":9,\"total_tokens\":16,\"novel\":1.0}}\n\n",
);

const DONE: &str = "data: [DONE]\n\n";

/// Pieces in which a stream may come.
const PIECES: [usize; 5] = [0, 1, 3, 64, 100_000];

#[tokio::test]
async fn stream_same_dialect_every_byte_in_order_whatever_the_chunking() {
    let world = World::shared().await;
    for piece in PIECES {
        let lane = world.anthropic();
        lane.script(Behaviour::raw_stream([MESSAGES]).in_pieces(piece));
        let (streamed, message) = world.client().stream_ok(&lane.ask()).await;
        let raw = String::from_utf8_lossy(&streamed.raw);
        assert_eq!(raw, MESSAGES, "in pieces of {piece}");
        assert_eq!(message.tokens("output_tokens"), 9);

        let lane = world.openai();
        let whole = [CHUNKS, USAGE, DONE].concat();
        lane.script(Behaviour::raw_stream([whole.clone()]).in_pieces(piece));
        let streamed = world
            .client()
            .call_stream(Dialect::OpenAi, &lane.ask())
            .await;
        let raw = String::from_utf8_lossy(&streamed.raw);
        assert_eq!(raw, whole, "in pieces of {piece}");
        let completion = streamed.completion();
        assert_eq!(completion.usage.expect("usage")["novel"], 1.0);
        let row = &world
            .gateway
            .records()
            .inferences_of(&streamed.request_id())[0];
        assert_eq!(row["input_tokens"], 7);
        assert_eq!(row["output_tokens"], 9);
    }
}

#[tokio::test]
async fn a_usage_chunk_that_only_the_gateway_asked_for_is_hidden_and_no_other_byte() {
    let world = World::shared().await;
    for piece in PIECES {
        let lane = world.openai();
        let whole = [CHUNKS, USAGE, DONE].concat();
        lane.script(Behaviour::raw_stream([whole]).in_pieces(piece));
        let body = streamed(&Dialect::OpenAi.body(&lane.ask()), true);
        let stream = lane
            .client()
            .open(Dialect::OpenAi.path(), body.to_string())
            .await;
        let streamed = stream.rest().await;
        let raw = String::from_utf8_lossy(&streamed.raw);
        assert_eq!(raw, [CHUNKS, DONE].concat(), "in pieces of {piece}");
        let row = &world
            .gateway
            .records()
            .inferences_of(&streamed.request_id())[0];
        assert_eq!(row["input_tokens"], 7, "read all the same");
    }
}

#[tokio::test]
async fn usage_in_the_last_chunk_of_a_host_stays_there() {
    let world = World::shared().await;
    let lane = world.openai();
    let last = CHUNKS.rfind("\"usage\":null").expect("a place");
    let own = format!(
        "{}\"usage\":{{\"prompt_tokens\":7,\"completion_tokens\":9,\"total_tokens\":16}}{}{DONE}",
        &CHUNKS[..last],
        &CHUNKS[last + "\"usage\":null".len()..]
    );
    lane.script(Behaviour::raw_stream([own.clone()]));
    let body = streamed(&Dialect::OpenAi.body(&lane.ask()), true);
    let stream = lane
        .client()
        .open(Dialect::OpenAi.path(), body.to_string())
        .await;
    let streamed = stream.rest().await;
    assert_eq!(String::from_utf8_lossy(&streamed.raw), own);
    let row = &world
        .gateway
        .records()
        .inferences_of(&streamed.request_id())[0];
    assert_eq!(row["output_tokens"], 9);
}

/// A chunk of choice `index`.
fn choice(index: u32, delta: &str, finish: &str) -> String {
    format!(
        "data: {{\"id\":\"c\",\"object\":\"chat.completion.chunk\",\"created\":1,\"model\":\"m\",\
         \"choices\":[{{\"index\":{index},\"delta\":{delta},\"finish_reason\":{finish}}}]}}\n\n"
    )
}

/// Streams a body in OpenAI's dialect, as it is.
async fn raw(lane: &Lane, more: Value) -> Streamed {
    let mut body = streamed(&Dialect::OpenAi.body(&lane.ask()), true);
    for (field, value) in more.as_object().expect("an object") {
        body[field] = value.clone();
    }
    let client = lane.client();
    let stream = client.open(Dialect::OpenAi.path(), body.to_string()).await;
    stream.rest().await
}

#[tokio::test]
async fn several_choices_pass_in_their_order_and_end_when_all_have_ended() {
    let world = World::shared().await;
    let lane = world.openai();
    let text = r#"{"role":"assistant","content":"hi"}"#;
    let frames = [
        choice(0, text, "null"),
        choice(1, text, "null"),
        choice(0, "{}", "\"stop\""),
        choice(1, r#"{"content":" you"}"#, "null"),
        choice(1, "{}", "\"length\""),
        DONE.to_owned(),
    ];
    lane.script(Behaviour::raw_stream(frames.clone()));
    let streamed = raw(&lane, json!({"n": 2})).await;
    assert_eq!(String::from_utf8_lossy(&streamed.raw), frames.concat());
}

#[tokio::test]
async fn an_end_that_the_provider_did_not_reach_is_no_end() {
    let world = World::shared().await;
    let lane = world.openai();
    let text = choice(0, r#"{"role":"assistant","content":"hi"}"#, "null");
    // Done without a reason, and nothing after a text.
    for frames in [vec![text.clone(), DONE.to_owned()], vec![text.clone()]] {
        lane.script(Behaviour::raw_stream(frames));
        let streamed = raw(&lane, json!({})).await;
        let raw = String::from_utf8_lossy(&streamed.raw);
        assert!(raw.starts_with(&text), "{raw}");
        assert!(streamed.completion().error.is_some(), "{raw}");
    }
    let lane = world.anthropic();
    let cut = &MESSAGES[..MESSAGES.find("event: message_delta").expect("it")];
    let stop = "event: message_stop\ndata: {\"type\":\"message_stop\"}\n\n";
    lane.script(Behaviour::raw_stream([cut, stop]));
    let streamed = lane.client().stream(&lane.ask()).await;
    // Whether a message may end without a reason is the provider's to say: but it
    // ends once.
    let ends = streamed.names().into_iter();
    let ends = ends.filter(|name| ["message_stop", "error"].contains(name));
    assert_eq!(ends.count(), 1);
}

#[tokio::test]
async fn nothing_follows_the_end() {
    let world = World::shared().await;
    let lane = world.anthropic();
    lane.script(Behaviour::raw_stream([MESSAGES, MESSAGES]));
    let (streamed, _) = lane.client().stream_ok(&lane.ask()).await;
    assert_eq!(String::from_utf8_lossy(&streamed.raw), MESSAGES);
    let lane = world.openai();
    let whole = [CHUNKS, DONE].concat();
    lane.script(Behaviour::raw_stream([whole.clone(), whole.clone()]));
    let streamed = raw(&lane, json!({})).await;
    assert_eq!(String::from_utf8_lossy(&streamed.raw), whole);
}

#[tokio::test]
async fn stream_same_dialect_with_crlf_passes_too() {
    let world = World::shared().await;
    let whole = [CHUNKS, USAGE, DONE].concat();
    for (dialect, lane, stream) in [
        (Dialect::Anthropic, world.anthropic(), MESSAGES.to_owned()),
        (Dialect::OpenAi, world.openai(), whole),
    ] {
        let stream = stream.replace('\n', "\r\n");
        lane.script(Behaviour::raw_stream([stream.clone()]).in_pieces(5));
        let mut body = streamed(&dialect.body(&lane.ask()), true);
        if dialect == Dialect::OpenAi {
            body["stream_options"] = json!({"include_usage": true});
        }
        let answer = lane
            .client()
            .post_bytes(dialect.path(), body.to_string())
            .await;
        assert_eq!(answer.text(), stream, "{dialect:?}");
    }
}

#[tokio::test]
async fn answer_same_dialect_not_streamed_byte_identical() {
    let world = World::shared().await;
    for (dialect, lane, theirs) in [
        (
            Dialect::Anthropic,
            world.anthropic(),
            concat!(
                "{ \"type\":\"message\", \"id\":\"msg_9\",\n \"role\":\"assistant\",\"model\":\"real\",",
                "\"content\":[{\"type\":\"text\",\"text\":\"\\u00e9\"},{\"type\":\"brand_new\",\"n\":1.0}],",
                "\"stop_reason\":\"pause_turn\",\"stop_sequence\":null,\"container\":null,",
                "\"usage\":{\"input_tokens\":3,\"output_tokens\":4,\"new_tokens\":5}}\n",
            ),
        ),
        (
            Dialect::OpenAi,
            world.openai(),
            concat!(
                "{ \"object\":\"chat.completion\", \"id\":\"chatcmpl-9\",\n \"created\":1e0,\"model\":\"real\",",
                "\"choices\":[{\"finish_reason\":\"stop\",\"index\":0,\"message\":{\"role\":\"assistant\",",
                "\"content\":\"\\u00e9\",\"annotations\":[],\"audio\":null,\"brand_new\":1.0}}],",
                "\"service_tier\":\"default\",\"usage\":{\"prompt_tokens\":3,\"completion_tokens\":4,",
                "\"total_tokens\":7,\"cost\":1.0}}\n",
            ),
        ),
    ] {
        lane.script(Behaviour::raw_json(theirs));
        let answer = lane.client().call(dialect, &lane.ask()).await;
        assert_eq!(answer.status, 200);
        assert_eq!(answer.text(), theirs, "{dialect:?}");
        let row = &world.gateway.records().inferences_of(&answer.request_id())[0];
        assert_eq!(row["input_tokens"], 3, "{dialect:?}");
        assert_eq!(row["output_tokens"], 4, "{dialect:?}");
    }
}

#[tokio::test]
async fn pings_of_the_provider_are_forwarded() {
    let world = World::shared().await;
    let lane = world.anthropic();
    lane.script(Behaviour::text("one two").with(|answer| answer.pings = true));
    let (streamed, _) = world.client().stream_ok(&lane.ask()).await;
    let pings = streamed
        .names()
        .iter()
        .filter(|name| **name == "ping")
        .count();
    assert_eq!(pings, 2, "{:?}", streamed.names());
}

/// The first text of an event, in any dialect.
fn text(dialect: Dialect, data: &Value) -> Option<&str> {
    let text = match dialect {
        Dialect::OpenAi => &data["choices"][0]["delta"]["content"],
        _ => &data["delta"]["text"],
    };
    text.as_str().filter(|text| !text.is_empty())
}

#[tokio::test]
async fn a_stream_is_native_each_event_comes_when_the_provider_sends_it() {
    let world = World::shared().await;
    for dialect in Dialect::ALL {
        for lane in world.each() {
            let gate = Gate::new();
            lane.script(Behaviour::text("one two three").gated(&gate));
            // Up to the frame with the first word.
            gate.release(match lane.protocol {
                Protocol::Anthropic => 2,
                Protocol::Chat => 1,
                Protocol::Responses => 4,
            });
            let body = streamed(&dialect.body(&lane.ask()), true).to_string();
            let mut stream = lane.client().open(dialect.path(), body).await;
            let first = loop {
                let event = stream.next().await.expect("a first word");
                if let Some(text) = text(dialect, &event.data) {
                    break text.to_owned();
                }
            };
            assert_eq!(first, "one ", "{dialect:?} to {:?}", lane.protocol);
            let silent = stream.silent_for(Duration::from_millis(50)).await;
            assert!(silent, "nothing is sent ahead");
            gate.open();
            let rest = stream.rest().await;
            let all = rest.events.iter();
            let all: String = all.filter_map(|event| text(dialect, &event.data)).collect();
            assert_eq!(all, "one two three");
        }
    }
}

#[tokio::test]
async fn thinking_and_its_signature_come_back_as_they_were_given() {
    let world = World::shared().await;
    let lane = world.anthropic();
    let thinking = Block::Thinking {
        text: "let me see".into(),
        signature: "EqQBCg+/=".into(),
    };
    lane.script(Behaviour::blocks(vec![
        thinking,
        Block::Text("done".into()),
    ]));
    for stream in [false, true] {
        let heard = lane
            .client()
            .hear(Dialect::Anthropic, &lane.ask(), stream)
            .await;
        assert_eq!(heard.content[0]["thinking"], "let me see");
        assert_eq!(heard.content[0]["signature"], "EqQBCg+/=");
    }
}
