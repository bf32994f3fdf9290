//! A Messages stream on its way to a client.

#[cfg(test)]
mod tests;
mod wire;

use bytes::Bytes;

use super::event::event_name;
use super::failure;
use super::stream::Decoder;
use crate::dialect::common::Capture;
use crate::dialect::passthrough::{self, Meaning, Passthrough};
use crate::dialect::relay::{Relay, StreamFailure};
use crate::dialect::said::strings;
use crate::dialect::sse::Frame;
use crate::dialect::translate::Translator;

/// Where deltas have what is said; a signature is not.
const SAID: [&[u8]; 3] = [b"text", b"thinking", b"partial_json"];

/// Relays a Messages stream byte for byte, up to its end. Reads beside it the
/// few events that the record needs; of all others at most the bytes that they
/// say are counted.
pub fn passthrough() -> impl Relay {
    Passthrough::new(Reader::default())
}

/// Reads a Messages stream into the form between dialects.
pub fn translated() -> impl Relay {
    Translator::new(Decoder::default())
}

/// What has been read of the stream.
#[derive(Debug, Default)]
struct Reader {
    capture: Capture,
    started: bool,
}

impl passthrough::Reader for Reader {
    fn read(&mut self, text: &[u8]) -> Meaning {
        let frame = Frame::parse(text);
        let Some(data) = frame.data else {
            return Meaning::Aside;
        };
        let read = match event_name(frame.event, &data).as_ref() {
            b"" | b"ping" => return Meaning::Aside,
            b"error" => return Meaning::Failure(failure::from_event(text, &data)),
            b"message_stop" if self.started => return Meaning::Stop,
            b"message_stop" => {
                return Meaning::Failure(StreamFailure::garbage("it ended before it began"));
            }
            b"message_start" => {
                self.started = true;
                wire::message_start(&data, &mut self.capture)
            }
            b"content_block_start" => wire::block_start(&data, &mut self.capture),
            b"content_block_delta" => {
                self.delta(&data);
                Ok(())
            }
            b"message_delta" => wire::message_delta(&data, &mut self.capture),
            _ => Ok(()),
        };
        match read {
            Ok(()) => Meaning::Real,
            Err(error) => Meaning::Failure(StreamFailure::garbage(&error.to_string())),
        }
    }

    fn closed(&mut self) -> Option<Bytes> {
        None
    }

    fn capture(&self) -> &Capture {
        &self.capture
    }
}

impl Reader {
    fn delta(&mut self, data: &[u8]) {
        strings(data, |key, bytes| {
            if SAID.contains(&key) {
                self.capture.said_bytes += bytes;
            }
        });
    }
}
