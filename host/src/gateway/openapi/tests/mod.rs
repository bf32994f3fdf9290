#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]

mod fit;

use std::collections::BTreeSet;
use std::time::Duration;

use http::{HeaderMap, HeaderValue, StatusCode};
use serde_json::Value;

use super::headers::Route;
use super::*;
use crate::dialect::Dialect;
use crate::gateway::headers::Receipt;
use crate::gateway::hint::Hint;
use crate::gateway::rate::Standing;
use crate::record::Key;
use crate::store::AgentId;
use fit::fits;

const DIALECTS: [Dialect; 3] = [Dialect::Anthropic, Dialect::OpenaiChat, Dialect::Native];

fn document() -> Value {
    serde_json::from_slice(&DOCUMENT).unwrap()
}

/// All operations, by method and path.
fn operations(document: &Value) -> Vec<(String, &Value)> {
    let paths = document["paths"].as_object().unwrap().iter();
    paths
        .flat_map(|(path, item)| {
            let methods = item.as_object().unwrap().iter();
            methods.map(move |(method, operation)| (format!("{method} {path}"), operation))
        })
        .collect()
}

/// The examples in a content, or its one.
fn examples(content: &Value) -> Vec<&Value> {
    let several = content["examples"].as_object().into_iter().flatten();
    let one = content.get("example");
    several
        .map(|(_, example)| &example["value"])
        .chain(one)
        .collect()
}

#[test]
fn every_route_is_described() {
    let document = document();
    assert_eq!(document["openapi"], "3.1.0");
    let operations = operations(&document);
    let routes: Vec<_> = operations.iter().map(|(route, _)| &**route).collect();
    insta::assert_snapshot!(routes.join("\n"), @r"
    get /api/hello
    head /api/hello
    get /healthz
    get /metrics
    get /openapi.json
    get /readyz
    get /v1/agents/{id}/audit
    post /v1/chat/completions
    post /v1/inferences
    get /v1/inferences/{id}
    post /v1/messages
    post /v1/messages/count_tokens
    get /v1/models
    get /v1/models/{id}
    get /v1/receipts/{id}
    ");
    let ids: BTreeSet<_> = operations
        .iter()
        .map(|(_, operation)| operation["operationId"].as_str().unwrap())
        .collect();
    assert_eq!(ids.len(), operations.len(), "ids of operations repeat");
}

#[test]
fn every_error_is_described() {
    let mut described = BTreeSet::new();
    for (_, operation) in operations(&document()) {
        for (status, response) in operation["responses"].as_object().unwrap() {
            let Ok(status) = status.parse::<u16>() else {
                continue;
            };
            for example in examples(&response["content"]["application/json"]) {
                if let Some(code) = example["error"]["code"].as_str() {
                    described.insert((status, code.to_owned()));
                }
            }
        }
    }
    // A wrong method is no operation.
    described.insert((405, "invalid_request_error".to_owned()));
    assert_eq!(described, constructed());
}

/// The status and the code of every error that the gateway can make, from the
/// text of the constructors: a new one can't be forgotten here.
fn constructed() -> BTreeSet<(u16, String)> {
    let statuses = |name: &str| {
        (400..600).find(|status| {
            let status = StatusCode::from_u16(*status).unwrap();
            let reason = status.canonical_reason().unwrap_or_default();
            reason.to_uppercase().replace(' ', "_") == name
        })
    };
    let source = include_str!("../../error.rs");
    let made = source.split("StatusCode::").skip(1).filter_map(|rest| {
        let (status, rest) = rest.split_once(|c: char| c != '_' && !c.is_alphabetic())?;
        let code = rest.split('"').nth(1)?;
        Some((statuses(status)?, code.to_owned()))
    });
    let made: BTreeSet<_> = made.collect();
    assert!(
        made.len() > 15,
        "the constructors are written in another way"
    );
    made
}

#[test]
fn every_header_is_described_and_written() {
    for dialect in DIALECTS {
        let described: BTreeSet<_> = headers::names(Route::Call, "200", &[dialect])
            .into_iter()
            .collect();
        let mut receipt = Receipt::new(Key(1), dialect);
        receipt.agent = Some(AgentId(Key(2)));
        receipt.dispatched = true;
        receipt.settles = true;
        receipt.offer = Some("m@p".into());
        receipt.generation = Some(1);
        receipt.upstream_request_id = Some("u".to_owned());
        receipt.streamed = true;
        receipt.rate = Some(Standing {
            limit: 1,
            remaining: 0,
            reset: Duration::from_secs(1),
            wait: None,
        });
        let day = jiff::civil::date(2026, 1, 1);
        receipt.dates = (Some(day), Some(day));
        let mut headers = HeaderMap::new();
        receipt.write(&mut headers);
        // Of the answer when it is given again.
        headers.insert("idempotency-replayed", HeaderValue::from_static("true"));
        let written: BTreeSet<_> = headers.keys().map(http::HeaderName::as_str).collect();
        assert_eq!(written, described, "{dialect:?}");
    }
}

#[test]
fn what_is_shown_fits_its_schema() {
    let document = document();
    let mut shown = 0;
    for (route, operation) in operations(&document) {
        let responses = operation["responses"].as_object().unwrap().values();
        for answer in responses.chain([&operation["requestBody"]]) {
            let content = &answer["content"]["application/json"];
            for example in examples(content) {
                fits(&document, &content["schema"], example)
                    .unwrap_or_else(|why| panic!("{route}: {why}\n{example}"));
                shown += 1;
            }
        }
    }
    assert!(shown > 50, "{shown} examples");
}

#[test]
fn what_is_streamed_fits_its_schema() {
    let document = document();
    for (dialect, schema) in DIALECTS.into_iter().zip([
        "MessageStreamEvent",
        "ChatCompletionChunk",
        "InferenceEvent",
    ]) {
        let schema = serde_json::json!({ "$ref": format!("#/components/schemas/{schema}") });
        let stream = sample::stream(dialect);
        let data = stream
            .lines()
            .filter_map(|line| line.strip_prefix("data: "));
        let events: Vec<Value> = data
            .filter(|data| *data != "[DONE]")
            .map(|data| serde_json::from_str(data).unwrap())
            .collect();
        assert!(events.len() > 4, "{stream}");
        for event in &events {
            fits(&document, &schema, event).unwrap_or_else(|why| panic!("{why}\n{event}"));
        }
    }
}

#[test]
fn what_is_shown_of_hints_is_read() {
    let document = document();
    let hint = &document["components"]["schemas"]["RoutingHint"];
    assert_eq!(hint["additionalProperties"], false);
    for (key, schema) in hint["properties"].as_object().unwrap() {
        for example in schema["examples"].as_array().into_iter().flatten() {
            let raw = serde_json::value::to_raw_value(&serde_json::json!({ key: example }));
            let read = Hint::read(Some(&raw.unwrap())).unwrap();
            assert_ne!(read, Hint::default(), "{key}");
        }
    }
}
