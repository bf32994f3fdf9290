//! A Messages request whose tokens are to be counted.
//!
//! Format: <https://docs.anthropic.com/en/api/messages-count-tokens>.

use super::MessagesRequest;
use crate::dialect::body::TopLevel;
use crate::dialect::{RequestError, fields};

impl<'a> MessagesRequest<'a> {
    /// Reads the body of a request to count tokens: a Messages request, but
    /// for its output limit and whether it is streamed, which say nothing of
    /// the input.
    pub fn read_to_count(body: &'a [u8]) -> Result<Self, RequestError> {
        let top = TopLevel::parse(body)?;
        let model = fields::model(&top)?;
        Self::of(top, model, false, None)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn a_limit_and_a_stream_are_not_asked_for() {
        let body = br#"{"model":"m","messages":[{"role":"user","content":"four"}],"stream":7,"routing_hint":{}}"#;
        let request = MessagesRequest::read_to_count(body).unwrap();
        assert_eq!(request.head.shape.text_bytes, 4);
        assert_eq!(request.head.shape.max_tokens, None);
        assert!(!request.head.stream);
        let sent = br#"{"model":"up","messages":[{"role":"user","content":"four"}],"stream":7}"#;
        assert_eq!(request.for_upstream("up"), sent);
    }

    #[test]
    fn what_it_needs_is_asked_for_by_name() {
        let refused = |body: &str| {
            let refused = MessagesRequest::read_to_count(body.as_bytes());
            refused.unwrap_err().to_string()
        };
        assert_eq!(refused(r#"{"messages":[]}"#), "`model` is required");
        assert_eq!(refused(r#"{"model":"m"}"#), "`messages` is required");
        let twice = r#"{"model":"m","messages":[],"tools":[],"tools":[]}"#;
        assert_eq!(refused(twice), "`tools` occurs more than once: leave one");
    }
}
