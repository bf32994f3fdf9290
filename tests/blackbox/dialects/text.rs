//! Text and what steers it.

use ainfera_tests::client::{Dialect, Tokens};
use ainfera_tests::dialects::Protocol;
use ainfera_tests::upstream::Behaviour;
use ainfera_tests::world::World;
use serde_json::json;

use super::{pairings, said};

#[tokio::test]
async fn a_conversation_goes_whole_and_its_answer_comes_back() {
    let world = World::shared().await;
    for pairing in pairings(&world, &Behaviour::text("one two caf\u{e9} \u{1f642}")) {
        let heard = pairing
            .hear_whole(json!({
                "max_tokens": 77, "temperature": 0.5,
                "messages": [
                    {"role": "user", "content": "What is this?"},
                    {"role": "assistant", "content": [{"type": "text", "text": "A \"square\"."}]},
                    {"role": "user", "content": "Sure?\n\u{1f914}"},
                ],
            }))
            .await;
        assert_eq!(heard.content, [said("one two caf\u{e9} \u{1f642}")]);
        assert_eq!(heard.stop_reason, "end_turn");
        assert_eq!((heard.tokens.prompt, heard.tokens.output), (25, 15));
    }
}

#[tokio::test]
async fn sampling_reaches_the_provider_as_far_as_it_takes_it() {
    let world = World::shared().await;
    for pairing in pairings(&world, &Behaviour::text("hi")) {
        pairing.hear_whole(json!({"top_p": 0.9})).await;
        // Anthropic takes no two of them, and none above 1.
        let both = json!({"temperature": 0.5, "top_p": 0.9});
        let hot = json!({"temperature": 1.5});
        if pairing.crosses() && pairing.lane.protocol == Protocol::Anthropic {
            pairing.hear(both).await;
            let sent = pairing.sent();
            assert_eq!(sent["temperature"], 0.5, "{pairing}");
            assert!(sent["top_p"].is_null(), "{pairing}");
            pairing.hear(hot).await;
            let temperature = &pairing.sent()["temperature"];
            assert!(
                temperature.as_f64().is_none_or(|number| number <= 1.0),
                "{pairing}"
            );
        } else {
            pairing.hear_whole(both).await;
            pairing.hear_whole(hot).await;
        }
    }
}

#[tokio::test]
async fn empty_texts_are_not_sent_on_across_dialects() {
    let world = World::shared().await;
    for pairing in pairings(&world, &Behaviour::text("hi")) {
        let messages = json!([
            {"role": "user", "content": [
                {"type": "text", "text": ""},
                {"type": "text", "text": "What is this?"},
                {"type": "text", "text": ""},
            ]},
            {"role": "assistant", "content": ""},
            {"role": "user", "content": [{"type": "text", "text": "Well?"}]},
        ]);
        pairing.hear(json!({"messages": messages})).await;
        let sent = pairing.sent_raw().to_string();
        let empty = sent.contains(r#""text":"""#) || sent.contains(r#""content":"""#);
        assert_eq!(empty, !pairing.crosses(), "{pairing}: {sent}");
        assert!(
            sent.contains("What is this?") && sent.contains("Well?"),
            "{pairing}"
        );
    }
}

#[tokio::test]
async fn a_stream_comes_word_by_word_as_the_provider_gives_it() {
    let world = World::shared().await;
    for pairing in pairings(&world, &Behaviour::text("one two three")) {
        if !pairing.stream {
            continue;
        }
        let client = pairing.lane.client();
        let streamed = client
            .call_stream(pairing.dialect, &pairing.lane.ask())
            .await;
        let texts = streamed.events.iter().filter_map(|event| {
            let data = &event.data;
            let text = match pairing.dialect {
                Dialect::OpenAi => &data["choices"][0]["delta"]["content"],
                _ => &data["delta"]["text"],
            };
            text.as_str().filter(|text| !text.is_empty())
        });
        let texts: Vec<&str> = texts.collect();
        assert_eq!(texts, ["one ", "two ", "three"], "{pairing}");
    }
}

#[tokio::test]
async fn odd_chunking_changes_nothing() {
    let world = World::shared().await;
    for piece in [1, 7] {
        let answer = Behaviour::text("caf\u{e9} \u{1f642}").in_pieces(piece);
        for pairing in pairings(&world, &answer) {
            let heard = pairing.hear(json!({})).await;
            assert_eq!(heard.content, [said("caf\u{e9} \u{1f642}")], "{pairing}");
        }
    }
}

#[tokio::test]
async fn a_large_piece_passes_whole() {
    let world = World::shared().await;
    let text = "caf\u{e9} ".repeat(1000) + &"x".repeat(1 << 20);
    for pairing in pairings(&world, &Behaviour::text(&text)) {
        let heard = pairing.hear(json!({})).await;
        assert!(
            heard.text() == text,
            "{pairing}: {} bytes",
            heard.text().len()
        );
    }
}

#[tokio::test]
async fn a_document_of_plain_text_is_text() {
    let world = World::shared().await;
    for pairing in pairings(&world, &Behaviour::text("hi")) {
        if pairing.dialect != Dialect::Anthropic {
            continue;
        }
        let document = json!({"type": "document", "title": "T", "source":
            {"type": "text", "media_type": "text/plain", "data": "the words of it"}});
        let content = json!([document, {"type": "text", "text": "Summarize."}]);
        pairing
            .hear(json!({"messages": [{"role": "user", "content": content}]}))
            .await;
        let sent = pairing.sent_raw().to_string();
        assert!(sent.contains("the words of it"), "{pairing}: {sent}");
    }
}

#[tokio::test]
async fn an_answer_without_words_is_an_answer() {
    let world = World::shared().await;
    for pairing in pairings(&world, &Behaviour::blocks(vec![])) {
        let heard = pairing.hear(json!({})).await;
        assert_eq!(heard.text(), "", "{pairing}");
        assert_eq!(heard.stop_reason, "end_turn");
        assert_ne!(heard.tokens, Tokens::default());
    }
}

#[tokio::test]
async fn a_limit_under_either_name_of_openais_reaches_the_provider() {
    let world = World::shared().await;
    for name in ["max_tokens", "max_completion_tokens"] {
        for pairing in pairings(&world, &Behaviour::text("hi")) {
            if pairing.dialect == Dialect::Anthropic {
                continue;
            }
            pairing.post_ok(json!({name: 33})).await;
            assert_eq!(pairing.sent()["max_tokens"], 33, "{pairing}");
        }
    }
}

#[tokio::test]
async fn without_a_limit_the_provider_gets_none_or_the_offers_own() {
    let world = World::shared().await;
    for pairing in pairings(&world, &Behaviour::text("hi")) {
        if pairing.dialect == Dialect::Anthropic {
            continue;
        }
        pairing.post_ok(json!({})).await;
        let limit = &pairing.sent()["max_tokens"];
        // Anthropic demands one; the catalog's most output tokens are 8192.
        let demanded = pairing.lane.protocol == Protocol::Anthropic;
        assert_eq!(limit.is_u64(), demanded, "{pairing}: {limit}");
        assert!(limit.as_u64().unwrap_or(8192) <= 8192, "{pairing}: {limit}");
    }
}

#[tokio::test]
async fn null_is_no_wish() {
    let world = World::shared().await;
    for pairing in pairings(&world, &Behaviour::text("hi")) {
        let nulls: &[&str] = match pairing.dialect {
            Dialect::Anthropic => &["system", "tools", "stop_sequences", "temperature"],
            _ => &[
                "max_tokens",
                "max_completion_tokens",
                "tools",
                "tool_choice",
                "parallel_tool_calls",
                "stop",
                "stream_options",
                "temperature",
                "top_p",
                "n",
                "seed",
                "response_format",
                "reasoning_effort",
                "user",
                "logprobs",
                "routing_hint",
            ],
        };
        let mut body = json!({});
        if pairing.dialect == Dialect::Anthropic {
            body["max_tokens"] = 50.into();
        }
        for name in nulls {
            body[name] = serde_json::Value::Null;
        }
        pairing.post_ok(body).await;
        let sent = pairing.sent();
        for field in ["tool_choice", "stop", "temperature"] {
            assert!(sent[field].is_null(), "{pairing}: {field} of {sent}");
        }
    }
}

#[tokio::test]
async fn what_the_model_said_before_may_come_in_parts() {
    let world = World::shared().await;
    for pairing in pairings(&world, &Behaviour::text("hi")) {
        if pairing.dialect == Dialect::Anthropic {
            continue;
        }
        let messages = json!([
            {"role": "user", "content": "one"},
            {"role": "assistant", "content": [{"type": "text", "text": "two"}], "name": "x"},
            {"role": "user", "content": "three", "name": "y"},
            {"role": "assistant", "content": null, "refusal": "I will not."},
            {"role": "user", "content": "four"},
        ]);
        pairing.post_ok(json!({"messages": messages})).await;
        let sent = pairing.sent_raw().to_string();
        for word in ["one", "two", "three", "I will not.", "four"] {
            assert!(sent.contains(word), "{pairing}: {word} in {sent}");
        }
    }
}
