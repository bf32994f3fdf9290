//! What the fake provider answers, as bytes, made before any of it is written.

use bytes::Bytes;
use serde_json::Value;

use super::answer::{Answer, End};
use super::script::{Behaviour, Reply};
use super::{anthropic, chat, http, responses};

const EVENT_STREAM: &str = "text/event-stream; charset=utf-8";
const JSON: &str = "application/json";

/// An answer as bytes.
pub(super) enum Prepared {
    Body {
        status: u16,
        content_type: String,
        body: Bytes,
    },
    Stream {
        content_type: String,
        frames: Vec<Bytes>,
        end: End,
    },
    Silence,
    HangUp,
}

/// What is asked for, by the path.
#[derive(Clone, Copy)]
enum Route {
    Messages,
    CountTokens,
    Chat,
    Responses,
}

impl Route {
    fn of(target: &str) -> Self {
        if target.contains("/chat/completions") {
            Self::Chat
        } else if target.contains("/responses") {
            Self::Responses
        } else if target.contains("/count_tokens") {
            Self::CountTokens
        } else {
            Self::Messages
        }
    }

    fn body(self, answer: &Answer, model: &str) -> Bytes {
        match self {
            Self::Messages => anthropic::body(answer, model),
            Self::CountTokens => anthropic::count(answer),
            Self::Chat => chat::body(answer, model),
            Self::Responses => responses::body(answer, model),
        }
    }

    fn stream(self, answer: &Answer, request: &Value, model: &str) -> Vec<Bytes> {
        match self {
            Self::Messages | Self::CountTokens => anthropic::stream(answer, model),
            Self::Chat => chat::stream(answer, request),
            Self::Responses => responses::stream(answer, model),
        }
    }

    fn error(self, kind: &str, message: &str) -> Bytes {
        match self {
            Self::Messages | Self::CountTokens => anthropic::error(kind, message),
            Self::Chat => chat::error(kind, message),
            Self::Responses => responses::error(kind, message),
        }
    }
}

impl Prepared {
    pub(super) fn new(behaviour: &Behaviour, request: &http::Recorded) -> Self {
        let route = Route::of(&request.target);
        let body: Value = serde_json::from_slice(&request.body).unwrap_or_default();
        let stream = body["stream"] == true;
        match &behaviour.reply {
            Reply::Answer(answer) if stream => Self::Stream {
                content_type: EVENT_STREAM.to_owned(),
                frames: route.stream(answer, &body, &request.model()),
                end: answer.end.clone(),
            },
            Reply::Answer(answer) => {
                let body = route.body(answer, &request.model());
                match answer.end {
                    End::Whole => Self::Body {
                        status: 200,
                        content_type: JSON.to_owned(),
                        body,
                    },
                    // Dies in the middle of its body.
                    _ => Self::Stream {
                        content_type: JSON.to_owned(),
                        frames: vec![body.slice(..body.len() / 2)],
                        end: answer.end.clone(),
                    },
                }
            }
            Reply::Status {
                status,
                content_type,
                body,
            } => Self::Body {
                status: *status,
                content_type: content_type.clone(),
                body: body.clone(),
            },
            Reply::Raw {
                content_type,
                frames,
                end,
            } => Self::Stream {
                content_type: content_type.clone(),
                frames: frames.clone(),
                end: end.clone(),
            },
            Reply::ErrorFirst { kind, message } => {
                let frame = route.error(kind, message);
                Self::Stream {
                    content_type: if stream { EVENT_STREAM } else { JSON }.to_owned(),
                    frames: vec![if stream { frame } else { data_of(&frame) }],
                    end: End::Whole,
                }
            }
            Reply::Silence => Self::Silence,
            Reply::HangUp => Self::HangUp,
        }
    }
}

/// The JSON of an error event, as a body.
fn data_of(frame: &[u8]) -> Bytes {
    let text = String::from_utf8_lossy(frame);
    let data = text
        .lines()
        .find_map(|line| line.strip_prefix("data: "))
        .unwrap_or_default();
    Bytes::copy_from_slice(data.as_bytes())
}
