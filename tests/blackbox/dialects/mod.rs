//! Every client dialect against every provider protocol, streamed and not: what
//! the provider received and what the client heard are the same in all of them.

mod claude_code;
mod format;
mod images;
mod prompts;
mod stops;
mod text;
mod thinking;
mod tool_calls;
mod tool_results;
mod tools;
mod untranslatable;
mod usage;

use std::fmt;
use std::sync::Arc;

use ainfera_tests::client::{Answer, Dialect, Heard, streamed};
use ainfera_tests::dialects::Protocol;
use ainfera_tests::upstream::{Behaviour, Block};
use ainfera_tests::world::{Lane, World};
use serde_json::{Value, json};

/// One way to call: a dialect, a provider, streamed or not.
struct Pairing {
    dialect: Dialect,
    lane: Arc<Lane>,
    stream: bool,
}

/// Every dialect with every protocol, streamed and not. Pairings with the same
/// protocol share a lane, which is scripted to do as `behaviour` says.
fn pairings(world: &Arc<World>, behaviour: &Behaviour) -> Vec<Pairing> {
    let lanes = world.each().map(Arc::new);
    for lane in &lanes {
        lane.script(behaviour.clone());
    }
    let mut all = Vec::new();
    for dialect in Dialect::ALL {
        for lane in &lanes {
            all.extend([false, true].map(|stream| Pairing {
                dialect,
                lane: Arc::clone(lane),
                stream,
            }));
        }
    }
    all
}

impl Pairing {
    /// Whether request and answer are translated.
    fn crosses(&self) -> bool {
        !matches!(
            (self.dialect, self.lane.protocol),
            (Dialect::Anthropic, Protocol::Anthropic) | (Dialect::OpenAi, Protocol::Chat)
        )
    }

    /// A request in Anthropic's form, for this lane's model.
    fn request(&self, more: Value) -> Value {
        let mut request = self.lane.ask();
        for (field, value) in more.as_object().expect("an object") {
            request[field] = value.clone();
        }
        request
    }

    /// Makes the call, which must succeed.
    async fn hear(&self, more: Value) -> Heard {
        eprintln!("{self}");
        let client = self.lane.client();
        client
            .hear(self.dialect, &self.request(more), self.stream)
            .await
    }

    /// Posts a body that is written in the dialect itself, but for the model and
    /// `stream`; one short turn where it has no messages.
    async fn post(&self, mut body: Value) -> Answer {
        eprintln!("{self}");
        body["model"] = self.lane.slug.clone().into();
        body["stream"] = self.stream.into();
        if body["messages"].is_null() {
            body["messages"] = json!([{"role": "user", "content": "hi"}]);
        }
        let client = self.lane.client();
        client
            .post_bytes(self.dialect.path(), body.to_string())
            .await
    }

    /// The same, which must succeed.
    async fn post_ok(&self, body: Value) {
        let answer = self.post(body).await;
        assert_eq!(answer.status, 200, "{self}: {}", answer.text());
    }

    /// Makes the call, which must be refused before its first event.
    async fn refused(&self, more: Value) -> Answer {
        eprintln!("{self}");
        let request = streamed(&self.request(more), self.stream);
        let answer = self.lane.client().call(self.dialect, &request).await;
        assert!(answer.status >= 400, "{self}: {}", answer.text());
        answer
    }

    /// Makes the call, and checks that the provider received all that was asked
    /// for: every field of the request, in whatever form.
    async fn hear_whole(&self, more: Value) -> Heard {
        let mut asked = Protocol::Anthropic.read(&self.request(more.clone()));
        let heard = self.hear(more).await;
        let sent = self.sent();
        asked["model"] = self.lane.upstream_model.clone().into();
        asked["stream"] = self.stream.into();
        for (field, value) in asked.as_object().expect("an object") {
            assert_eq!(sent[field], *value, "{self}: {field} of {sent}");
        }
        heard
    }

    /// What the provider received since this was last asked, in one form.
    fn sent(&self) -> Value {
        self.lane.protocol.read(&self.sent_raw())
    }

    /// The same, as it came.
    fn sent_raw(&self) -> Value {
        self.lane.take_sent().json()
    }
}

impl fmt::Display for Pairing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let how = if self.stream { "streamed" } else { "whole" };
        write!(f, "{:?} to {:?}, {how}", self.dialect, self.lane.protocol)
    }
}

/// A call of the tool `get_weather`.
fn call(id: &str, input: Value) -> Block {
    Block::Tool {
        id: id.into(),
        name: "get_weather".into(),
        input,
    }
}

/// A call as a client hears it.
fn called(id: &str, input: Value) -> Value {
    json!({"type": "tool_use", "id": id, "name": "get_weather", "input": input})
}

/// A text as a client hears it.
fn said(text: &str) -> Value {
    json!({"type": "text", "text": text})
}

/// The definition of `get_weather`.
fn weather() -> Value {
    json!({
        "name": "get_weather",
        "description": "The weather of a place.",
        "input_schema": {
            "type": "object",
            "properties": {"place": {"type": "string"}},
            "required": ["place"],
        },
    })
}
