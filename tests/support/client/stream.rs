//! Reading a stream of server-sent events as it comes.

use std::time::Duration;

use bytes::{Bytes, BytesMut};
use reqwest::header::HeaderMap;
use serde_json::Value;

use super::rules::{Completion, Inference, Message, chat, messages, native};
use crate::wait;

/// An open answer.
pub struct Streaming {
    /// HTTP status.
    pub status: u16,
    /// Response headers.
    pub headers: HeaderMap,
    response: reqwest::Response,
    raw: BytesMut,
    read: usize,
    events: Vec<Event>,
    comments: Vec<String>,
    ended: Option<Ended>,
}

/// An answer read to its end.
#[derive(Debug)]
pub struct Streamed {
    /// HTTP status.
    pub status: u16,
    /// Response headers.
    pub headers: HeaderMap,
    /// Every byte of the body.
    pub raw: Bytes,
    /// Its events.
    pub events: Vec<Event>,
    /// The comments between them, such as `ping`.
    pub comments: Vec<String>,
    /// How the body ended.
    pub ended: Ended,
}

/// How a body ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ended {
    /// As HTTP has it.
    Properly,
    /// The connection broke.
    Broken(String),
}

/// What ends a stream of Chat Completions.
pub const DONE: &str = "[DONE]";

/// One server-sent event.
#[derive(Clone, Debug, PartialEq)]
pub struct Event {
    /// Of the `event:` line; empty where there is none.
    pub name: String,
    /// Of the `data:` line; `[DONE]` as a string.
    pub data: Value,
}

impl Streaming {
    pub(super) fn new(response: reqwest::Response) -> Self {
        Self {
            status: response.status().as_u16(),
            headers: response.headers().clone(),
            response,
            raw: BytesMut::new(),
            read: 0,
            events: Vec::new(),
            comments: Vec::new(),
            ended: None,
        }
    }

    /// A header's text, if it is there.
    pub fn header(&self, name: &str) -> Option<&str> {
        super::header(&self.headers, name)
    }

    /// The gateway's id of the call.
    pub fn request_id(&self) -> String {
        self.header("request-id")
            .expect("a request-id header")
            .to_owned()
    }

    /// The events taken so far.
    pub fn events(&self) -> &[Event] {
        &self.events
    }

    /// The next event, or None at the end of the body.
    pub async fn next(&mut self) -> Option<Event> {
        loop {
            if let Some(event) = self.take_event() {
                self.events.push(event.clone());
                return Some(event);
            }
            if self.ended.is_some() {
                return None;
            }
            self.pull().await;
        }
    }

    /// Reads events until one of this name, which it gives; panics at the end.
    pub async fn next_named(&mut self, name: &str) -> Event {
        while let Some(event) = self.next().await {
            if event.name == name {
                return event;
            }
        }
        panic!("the stream ended without `{name}`: {:?}", self.events);
    }

    /// Reads until the gateway's own ping, in whatever form its dialect has it;
    /// panics at the end.
    pub async fn next_ping(&mut self) {
        while self.comments.is_empty() {
            if let Some(event) = self.take_event() {
                let ping = event.name == "ping";
                self.events.push(event);
                if ping {
                    return;
                }
            } else {
                assert!(self.ended.is_none(), "no ping: {:?}", self.events);
                self.pull().await;
            }
        }
    }

    /// Whether nothing comes for so long.
    pub async fn silent_for(&mut self, time: Duration) -> bool {
        tokio::time::timeout(time, self.next()).await.is_err()
    }

    /// Reads to the end.
    pub async fn rest(mut self) -> Streamed {
        self.read_all().await;
        if self.is_events() {
            let left = &self.raw[self.read..];
            assert!(
                left.is_empty(),
                "half an event at the end: {:?}",
                Bytes::copy_from_slice(left)
            );
        }
        self.streamed()
    }

    /// Reads to the end of what may be cut off anywhere, as by a killed gateway.
    pub async fn remains(mut self) -> Streamed {
        self.read_all().await;
        self.streamed()
    }

    async fn read_all(&mut self) {
        while self.ended.is_none() {
            self.pull().await;
        }
        if self.is_events() {
            while let Some(event) = self.take_event() {
                self.events.push(event);
            }
        }
    }

    fn streamed(self) -> Streamed {
        Streamed {
            status: self.status,
            headers: self.headers,
            raw: self.raw.freeze(),
            events: self.events,
            comments: self.comments,
            ended: self.ended.unwrap_or(Ended::Properly),
        }
    }

    fn is_events(&self) -> bool {
        self.header("content-type")
            .is_some_and(|kind| kind.starts_with("text/event-stream"))
    }

    async fn pull(&mut self) {
        let chunk = wait::within(
            Duration::from_secs(90),
            "the next piece of a stream",
            self.response.chunk(),
        );
        match chunk.await {
            Ok(Some(chunk)) => self.raw.extend_from_slice(&chunk),
            Ok(None) => self.ended = Some(Ended::Properly),
            Err(error) => self.ended = Some(Ended::Broken(format!("{error:?}"))),
        }
    }

    /// Takes the next whole event; comments before it are put aside.
    fn take_event(&mut self) -> Option<Event> {
        loop {
            let rest = &self.raw[self.read..];
            let end = rest.windows(2).position(|pair| pair == b"\n\n")?;
            let frame = std::str::from_utf8(&rest[..end])
                .expect("events in UTF-8")
                .to_owned();
            self.read += end + 2;
            if frame.lines().any(|line| !line.starts_with(':')) {
                return Some(Event::parse(&frame));
            }
            let comment = frame.trim_start_matches(':');
            self.comments.push(comment.trim().to_owned());
        }
    }
}

/// Events as they are shown where a rule is broken.
pub(super) fn shown(events: &[Event]) -> String {
    let lines = events
        .iter()
        .map(|event| format!("{} {}\n", event.name, event.data));
    lines.collect()
}

impl Event {
    fn parse(frame: &str) -> Self {
        let mut name = None;
        let mut data = None;
        for line in frame.lines() {
            if let Some(text) = line.strip_prefix("event:") {
                assert!(
                    name.replace(text.trim().to_owned()).is_none(),
                    "two names: {frame}"
                );
            } else if let Some(text) = line.strip_prefix("data:") {
                assert!(
                    data.replace(text.trim().to_owned()).is_none(),
                    "two data lines: {frame}"
                );
            } else {
                assert!(line.starts_with(':'), "an odd line in {frame:?}");
            }
        }
        let data = data.unwrap_or_else(|| panic!("no data: {frame}"));
        let data = match data.as_str() {
            DONE => DONE.into(),
            json => serde_json::from_str(json).unwrap_or_else(|error| panic!("{error}: {json}")),
        };
        Self {
            name: name.unwrap_or_default(),
            data,
        }
    }
}

impl Streamed {
    /// A header's text, if it is there.
    pub fn header(&self, name: &str) -> Option<&str> {
        super::header(&self.headers, name)
    }

    /// The gateway's id of the call.
    pub fn request_id(&self) -> String {
        self.header("request-id")
            .expect("a request-id header")
            .to_owned()
    }

    /// The stream by the rules of Anthropic's dialect, put together; panics where
    /// a rule is broken or the body did not end properly.
    pub fn message(&self) -> Message {
        messages::check(self.proper())
    }

    /// The same by the rules of OpenAI's dialect.
    pub fn completion(&self) -> Completion {
        chat::check(self.proper())
    }

    /// The same by the rules of the native form.
    pub fn inference(&self) -> Inference {
        native::check(self.proper())
    }

    fn proper(&self) -> &[Event] {
        assert_eq!(self.ended, Ended::Properly, "{:?}", self.events);
        &self.events
    }

    /// The names of the events.
    pub fn names(&self) -> Vec<&str> {
        self.events
            .iter()
            .map(|event| event.name.as_str())
            .collect()
    }
}
