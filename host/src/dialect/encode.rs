//! Writing a streamed answer in a client's dialect.

use bytes::Bytes;

use super::common::Event;

/// Writes the events of one answer as frames.
pub trait Encoder: Send {
    /// Appends the frames for `event`. What ends the answer for good is left to
    /// [`Encoder::close`].
    fn event(&mut self, event: &Event, out: &mut Vec<u8>);

    /// The frame that closes a whole answer, to be sent once the call is
    /// recorded; `cost_usd` is what it cost, for dialects that tell.
    fn close(&mut self, cost_usd: Option<&str>) -> Bytes;
}
