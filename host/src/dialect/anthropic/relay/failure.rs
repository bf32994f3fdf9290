//! Failed streams, as a client of this dialect is told of them.

use bytes::Bytes;
use serde::Deserialize;

use crate::dialect::anthropic::error::{self, ErrorKind};
use crate::dialect::relay::{FailureKind, StreamFailure};

/// The provider closed before its answer was whole.
pub(in crate::dialect) fn died() -> StreamFailure {
    let message = "the provider closed the stream before its answer was whole";
    upstream(FailureKind::Died, message.to_owned())
}

/// The provider broke its protocol.
pub(in crate::dialect) fn garbage(reason: &str) -> StreamFailure {
    let message = format!("the provider's stream can't be read: {reason}");
    upstream(FailureKind::Garbage, message)
}

/// The provider reported an error in another dialect.
pub(in crate::dialect) fn reported(status: u16, message: String) -> StreamFailure {
    let kind = error::kind_for_status(status);
    failure(FailureKind::ProviderError, kind, status, message)
}

/// The provider reported an error by the frame `text`, whose data is `data`.
pub(super) fn from_event(text: &[u8], data: &[u8]) -> StreamFailure {
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
    match serde_json::from_slice(data) {
        Ok(Event { error }) => StreamFailure {
            kind: FailureKind::ProviderError,
            status: ErrorKind::named(&error.r#type).status(),
            message: error.message,
            body: Bytes::copy_from_slice(data),
            event: Bytes::copy_from_slice(text),
        },
        Err(_) => reported(
            500,
            "the provider reported an error without details".to_owned(),
        ),
    }
}

fn upstream(kind: FailureKind, message: String) -> StreamFailure {
    failure(kind, ErrorKind::Api, 502, message)
}

fn failure(kind: FailureKind, error: ErrorKind, status: u16, message: String) -> StreamFailure {
    StreamFailure {
        kind,
        status,
        body: error::plain_body(error, &message).into(),
        event: error::event(error, &message),
        message,
    }
}
