//! Errors that a Messages stream reports.

use bytes::Bytes;
use serde::Deserialize;

use crate::dialect::anthropic::error;
use crate::dialect::relay::{Own, StreamFailure};

#[derive(Deserialize)]
struct Event {
    error: Detail,
}

#[derive(Deserialize)]
struct Detail {
    r#type: String,
    #[serde(default)]
    message: String,
}

/// The HTTP status and the words of the `error` event whose data is `data`.
pub(super) fn read(data: &[u8]) -> (u16, String) {
    match serde_json::from_slice(data) {
        Ok(Event { error }) => (error::kind(&error.r#type).status(), error.message),
        Err(_) => {
            let message = "the provider reported an error without details";
            (500, message.to_owned())
        }
    }
}

/// The provider reported an error by the frame `text`, whose data is `data`.
pub(super) fn from_event(text: &[u8], data: &[u8]) -> StreamFailure {
    let (status, message) = read(data);
    let own = serde_json::from_slice::<Event>(data).is_ok().then(|| Own {
        body: Bytes::copy_from_slice(data),
        event: Bytes::copy_from_slice(text),
    });
    StreamFailure {
        own,
        ..StreamFailure::reported(status, message)
    }
}
