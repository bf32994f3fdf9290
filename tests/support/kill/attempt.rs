//! One attempt at an errand, and what its client saw of it.

use std::time::Duration;

use bytes::Bytes;

use super::errand::{Errand, Leaves};
use crate::client::{Answer, Client, Ended, Event, Heard, Streamed, Streaming, Tokens};

/// One attempt as its client saw it.
#[derive(Clone, Debug)]
pub(super) struct Attempt {
    pub(super) errand: u64,
    pub(super) session: String,
    /// Of the headers, if they came.
    pub(super) head: Option<Head>,
    pub(super) end: Ending,
    /// Whether the gateway had nothing else to do, and lived on.
    pub(super) alone: bool,
}

/// What the headers said.
#[derive(Clone, Debug)]
pub(super) struct Head {
    pub(super) status: u16,
    pub(super) request_id: String,
    pub(super) inference_id: Option<String>,
    pub(super) receipt_id: Option<String>,
    /// Whether it is a kept answer, given again.
    pub(super) replayed: bool,
}

/// How far the client got.
#[derive(Clone, Debug)]
pub(super) enum Ending {
    /// Nothing listened: the gateway has not got the request.
    Refused,
    /// The connection broke before an end of the answer.
    Broken,
    /// The client left.
    Left,
    /// An answer that is no success, with its code where it is the gateway's own.
    Error(Option<String>),
    /// A stream that ended with an error event.
    Cut(String),
    /// A whole answer.
    Whole(Whole),
}

/// A whole answer.
#[derive(Clone, Debug)]
pub(super) struct Whole {
    pub(super) tokens: Tokens,
    /// Its text, or the input of its tool call.
    pub(super) said: String,
    /// Byte for byte.
    pub(super) raw: Bytes,
}

impl Attempt {
    /// Sends the errand's request once, and reads as far as its client does:
    /// `patient` ones never leave.
    pub(super) async fn make(
        client: &Client,
        errand: &Errand,
        number: usize,
        patient: bool,
    ) -> Self {
        let session = errand.session(number);
        let mut client = client
            .clone()
            .with_header("x-claude-code-session-id", &session);
        if let Some(key) = errand.key() {
            client = client.with_header("idempotency-key", &key);
        }
        let leaves = errand.leaves.filter(|_| !patient);
        let limit = match leaves {
            Some(Leaves::Time(time)) => time,
            _ => Duration::MAX,
        };
        let mut head = None;
        let read = read(&client, errand, leaves, &mut head);
        let end = tokio::time::timeout(limit, read).await;
        Self {
            errand: errand.number,
            session,
            end: end.unwrap_or(Ending::Left),
            head,
            alone: false,
        }
    }

    /// The whole answer, if this is one.
    pub(super) fn whole(&self) -> Option<&Whole> {
        match &self.end {
            Ending::Whole(whole) => Some(whole),
            _ => None,
        }
    }

    /// The code of an HTTP error of the gateway's own.
    pub(super) fn code(&self) -> Option<&str> {
        match &self.end {
            Ending::Error(code) => code.as_deref(),
            _ => None,
        }
    }

    /// Whether it was told that the records were not there: then nobody promised it
    /// a row, or a row with the end that it saw.
    pub(super) fn unrecorded(&self) -> bool {
        match &self.end {
            Ending::Error(_) => self.code() == Some("records_unavailable"),
            Ending::Cut(message) => message.contains("the records"),
            _ => false,
        }
    }

    /// Whether it was answered from what was kept.
    pub(super) fn replayed(&self) -> bool {
        self.head.as_ref().is_some_and(|head| head.replayed)
    }
}

async fn read(
    client: &Client,
    errand: &Errand,
    leaves: Option<Leaves>,
    head: &mut Option<Head>,
) -> Ending {
    let body = errand.body().to_string();
    let mut open = match client.try_open(errand.dialect.path(), body).await {
        Ok(open) => open,
        Err(error) if error.is_connect() => return Ending::Refused,
        Err(_) => return Ending::Broken,
    };
    *head = Some(Head::of(&open));
    if let Some(Leaves::Events(events)) = leaves
        && open.status == 200
    {
        for _ in 0..events {
            if open.next().await.is_none() {
                break;
            }
        }
        // What it has read to its end by then, it has not left.
        if !open.events().last().is_some_and(is_last) {
            return Ending::Left;
        }
    }
    ended(errand, open.remains().await)
}

impl Head {
    fn of(open: &Streaming) -> Self {
        let text = |name| open.header(name).map(str::to_owned);
        Self {
            status: open.status,
            request_id: open.request_id(),
            inference_id: text("x-ainfera-inference-id"),
            receipt_id: text("x-ainfera-receipt-id"),
            replayed: open.header("idempotency-replayed") == Some("true"),
        }
    }
}

/// What an answer came to, checked by the rules of its dialect where it has an end.
fn ended(errand: &Errand, mut answer: Streamed) -> Ending {
    let broken = answer.ended != Ended::Properly;
    if answer.status != 200 {
        if broken {
            return Ending::Broken;
        }
        let body: serde_json::Value = serde_json::from_slice(&answer.raw).expect("a JSON error");
        let code = body["error"]["code"].as_str().map(str::to_owned);
        return Ending::Error(code);
    }
    let raw = answer.raw.clone();
    let heard = if errand.stream {
        // The process may be killed after the last event, before the body's end.
        if answer.events.last().is_some_and(is_last) {
            answer.ended = Ended::Properly;
        } else if broken {
            return Ending::Broken;
        }
        Heard::of_stream(errand.dialect, &answer)
    } else if broken {
        return Ending::Broken;
    } else {
        let answer = Answer {
            status: answer.status,
            headers: answer.headers,
            body: answer.raw,
        };
        Heard::of_answer(errand.dialect, &answer)
    };
    if let Some(error) = &heard.error {
        return Ending::Cut(error["message"].as_str().unwrap_or_default().to_owned());
    }
    let inputs = heard
        .content
        .iter()
        .filter_map(|b| b["input"]["at"].as_str());
    let said = format!("{}{}", heard.text(), inputs.collect::<String>());
    Ending::Whole(Whole {
        tokens: heard.tokens,
        said,
        raw,
    })
}

/// Whether nothing may follow this event.
fn is_last(event: &Event) -> bool {
    matches!(
        event.name.as_str(),
        "message_stop" | "inference.completed" | "error"
    ) || event.data == crate::client::DONE
        || event
            .data
            .get("error")
            .is_some_and(|error| !error.is_null())
}
