//! Server-sent events, as a stream of bytes cut anywhere.
//!
//! Format: <https://html.spec.whatwg.org/multipage/server-sent-events.html>,
//! parts 9.2.5 and 9.2.6. A frame here is an event with everything up to and
//! with the blank line that ends it, comments included.

mod frame;
mod splitter;

pub use frame::Frame;
pub use splitter::{Frames, MAX_FRAME, RawFrame, Splitter};
