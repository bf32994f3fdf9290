//! Reading one frame.

use std::borrow::Cow;

/// What a frame says.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Frame<'f> {
    /// The event's name, if it has one.
    pub event: Option<&'f [u8]>,
    /// Its data, several lines joined by line feeds. A frame without is no
    /// event.
    pub data: Option<Cow<'f, [u8]>>,
}

impl<'f> Frame<'f> {
    /// Reads `text`, a whole frame. Anything is a frame: what is not
    /// understood is passed over.
    pub fn parse(mut text: &'f [u8]) -> Self {
        let mut frame = Self::default();
        while !text.is_empty() {
            let end = memchr::memchr2(b'\n', b'\r', text).unwrap_or(text.len());
            let (line, rest) = text.split_at_checked(end).unwrap_or((text, &[]));
            frame.line(line);
            text = rest.get(1..).unwrap_or_default();
        }
        frame
    }

    fn line(&mut self, line: &'f [u8]) {
        let colon = memchr::memchr(b':', line).unwrap_or(line.len());
        let (field, value) = line.split_at_checked(colon).unwrap_or((line, &[]));
        let value = value.strip_prefix(b":").unwrap_or(value);
        let value = value.strip_prefix(b" ").unwrap_or(value);
        match field {
            b"event" => self.event = (!value.is_empty()).then_some(value),
            b"data" => match &mut self.data {
                None => self.data = Some(Cow::Borrowed(value)),
                Some(data) => {
                    let data = data.to_mut();
                    data.push(b'\n');
                    data.extend_from_slice(value);
                }
            },
            _ => {}
        }
    }
}

#[cfg(test)]
#[allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_read_as_the_standard_says() {
        let read = |text: &'static str| {
            let frame = Frame::parse(text.as_bytes());
            let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
            (frame.event.map(text), frame.data.map(|data| text(&data)))
        };
        let some = |text: &str| Some(text.to_owned());
        assert_eq!(
            read("event: ping\ndata: {}\n\n"),
            (some("ping"), some("{}"))
        );
        assert_eq!(
            read("data:  a:b \r\nevent:x\r\n\r\n"),
            (some("x"), some(" a:b "))
        );
        assert_eq!(read("data: 1\rdata\rdata:2\r\r"), (None, some("1\n\n2")));
        assert_eq!(read(": ping\n\n"), (None, None));
        assert_eq!(
            read("event: a\nevent: b\nid: 7\nnothing\n\n"),
            (some("b"), None)
        );
        assert_eq!(read("event: a\nevent\ndata\n\n"), (None, some("")));
    }
}
