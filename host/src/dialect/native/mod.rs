//! The gateway's own form: answers that say what the routing decided.

pub mod answer;
pub mod encode;
mod wire;

use bytes::Bytes;

use super::{ErrorKind, framing, openai};

/// A `ping` event, for a client whose provider is silent.
pub fn ping() -> Bytes {
    Bytes::from_static(b"event: ping\ndata: {\"type\":\"ping\"}\n\n")
}

/// An `error` event. Errors have the names that Chat Completions has for them,
/// as in the bodies of this form.
pub fn error_event(kind: ErrorKind, message: &str) -> Bytes {
    let r#type = openai::error::name(kind);
    let error = wire::Error { r#type, message };
    let event = wire::Event::Error { error };
    let mut out = Vec::new();
    framing::frame(&mut out, event.name(), &event);
    out.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_and_pings_are_events() {
        let event = error_event(ErrorKind::Overloaded, "no \"x\"");
        insta::assert_snapshot!(String::from_utf8_lossy(&event), @r#"
        event: error
        data: {"type":"error","error":{"type":"server_error","message":"no \"x\""}}
        "#);
        insta::assert_snapshot!(String::from_utf8_lossy(&ping()), @r#"
        event: ping
        data: {"type":"ping"}
        "#);
    }
}
