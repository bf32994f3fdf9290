//! Errors that a stream reports.

use bytes::Bytes;
use serde_json::Value;

use crate::dialect::openai::error;
use crate::dialect::relay::{Own, StreamFailure};

/// The error that the frame `text`, whose data is `data`, reports, if it does.
pub(super) fn reported(text: &[u8], data: &[u8]) -> Option<StreamFailure> {
    let (status, message) = error::read(data)?;
    let own = is_own(data).then(|| Own {
        body: Bytes::copy_from_slice(data),
        event: Bytes::copy_from_slice(text),
    });
    Some(StreamFailure {
        own,
        ..StreamFailure::reported(status, message)
    })
}

/// Whether `data` has the dialect's own form, which its clients understand.
/// Hosts have others too.
fn is_own(data: &[u8]) -> bool {
    let value: Option<Value> = serde_json::from_slice(data).ok();
    let message = value
        .as_ref()
        .and_then(|value| value.pointer("/error/message"));
    message.is_some_and(Value::is_string)
}

/// The error of a frame that does report one, with or without details.
pub(super) fn from_chunk(text: &[u8], data: &[u8]) -> StreamFailure {
    reported(text, data).unwrap_or_else(|| {
        let message = "the provider reported an error without details";
        StreamFailure::reported(500, message.to_owned())
    })
}

/// The provider said that it could not go on.
pub(super) fn broken_off() -> StreamFailure {
    let message = "the provider broke off its answer";
    StreamFailure::reported(500, message.to_owned())
}
