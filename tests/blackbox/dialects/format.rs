//! Answers in the form of a JSON schema.

use ainfera_tests::client::Dialect;
use ainfera_tests::dialects::Protocol;
use ainfera_tests::upstream::Behaviour;
use ainfera_tests::world::World;
use serde_json::{Value, json};

use super::{Pairing, pairings};

fn schema() -> Value {
    json!({"type": "object", "properties": {"n": {"type": "integer"}},
           "required": ["n"], "additionalProperties": false})
}

/// What a client sends that wants an answer of this form.
fn wanted(pairing: &Pairing) -> Value {
    match pairing.dialect {
        Dialect::Anthropic => {
            json!({"output_config": {"format": {"type": "json_schema", "schema": schema()}}})
        }
        _ => json!({"response_format": {"type": "json_schema",
            "json_schema": {"name": "number", "strict": true, "schema": schema()}}}),
    }
}

#[tokio::test]
async fn a_schema_reaches_the_provider() {
    let world = World::shared().await;
    for pairing in pairings(&world, &Behaviour::text("{\"n\":1}")) {
        let heard = pairing.hear(wanted(&pairing)).await;
        assert_eq!(heard.text(), "{\"n\":1}", "{pairing}");
        let sent = pairing.sent_raw();
        let (format, at) = match pairing.lane.protocol {
            Protocol::Anthropic => (&sent["output_config"]["format"], "schema"),
            Protocol::Chat => (&sent["response_format"], "json_schema"),
            Protocol::Responses => (&sent["text"]["format"], "schema"),
        };
        assert_eq!(format["type"], "json_schema", "{pairing}: {sent}");
        let theirs = match pairing.lane.protocol {
            Protocol::Chat => &format[at]["schema"],
            _ => &format[at],
        };
        assert_eq!(*theirs, schema(), "{pairing}: {sent}");
        let name = match pairing.lane.protocol {
            Protocol::Anthropic => continue,
            Protocol::Chat => &format[at]["name"],
            Protocol::Responses => &format["name"],
        };
        assert!(
            name.as_str().is_some_and(|name| !name.is_empty()),
            "{pairing}: a name is required there: {sent}"
        );
    }
}

#[tokio::test]
async fn any_json_at_all_is_refused_where_the_provider_has_no_such_form() {
    let world = World::shared().await;
    for pairing in pairings(&world, &Behaviour::text("{}")) {
        if pairing.dialect == Dialect::Anthropic {
            continue;
        }
        let any = json!({"response_format": {"type": "json_object"}});
        if pairing.lane.protocol == Protocol::Anthropic {
            let refused = pairing.refused(any).await;
            assert_eq!(refused.status, 400, "{pairing}");
            let message = refused.error_message();
            assert!(
                message.contains("response_format") || message.contains("json_object"),
                "{message}"
            );
            assert!(pairing.lane.untouched(), "{pairing}");
        } else {
            pairing.hear(any).await;
            let sent = pairing.sent_raw().to_string();
            assert!(sent.contains("json_object"), "{pairing}: {sent}");
        }
    }
}

#[tokio::test]
async fn text_as_the_form_is_what_every_answer_is() {
    let world = World::shared().await;
    for pairing in pairings(&world, &Behaviour::text("hi")) {
        if pairing.dialect != Dialect::Anthropic {
            pairing
                .hear(json!({"response_format": {"type": "text"}}))
                .await;
        }
    }
}
