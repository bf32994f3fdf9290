//! How large a request is and what it asks for.

use serde_json::value::RawValue;

use crate::dialect::Shape;
use crate::dialect::fields::array_bytes;
use crate::dialect::walk::Walk;

/// Content nested deeper than this counts by its JSON: the dialect nests to 3.
const MAX_DEPTH: u8 = 8;

/// What a request's measure depends on.
pub(super) struct Parts<'a> {
    pub(super) system: Option<&'a RawValue>,
    pub(super) messages: &'a RawValue,
    pub(super) tools: Option<&'a RawValue>,
    pub(super) thinking: Option<&'a RawValue>,
}

/// What a walk through a request found.
#[derive(Default)]
pub(super) struct Measure {
    pub(super) shape: Shape,
    /// Whether the turns hold thinking that nobody signed.
    pub(super) unsigned: bool,
    /// Whether the client wants to see what the model thinks.
    pub(super) shows_thinking: bool,
}

/// Measures `parts`. Text counts in whatever block it stands, known or not;
/// what has another type than expected counts nothing.
pub(super) fn measure(parts: &Parts<'_>, max_tokens: Option<u64>) -> Measure {
    let mut found = Measure::default();
    found.shape.max_tokens = max_tokens;
    if let Some(system) = parts.system {
        found.content(&mut Walk::new(system), 0);
    }
    Walk::new(parts.messages).elements(|walk| {
        walk.members(|walk, key| match key {
            b"content" => found.content(walk, 0),
            _ => {
                walk.skip();
            }
        });
    });
    let shape = &mut found.shape;
    if let Some(tools) = parts.tools {
        let bytes = array_bytes(tools);
        shape.tools |= bytes > 0;
        shape.text_bytes += bytes;
    }
    if let Some(thinking) = parts.thinking {
        let mut omitted = false;
        Walk::new(thinking).members(|walk, key| match key {
            b"type" => shape.thinking = walk.text() != &b"disabled"[..],
            b"display" => omitted = walk.text() == &b"omitted"[..],
            _ => {
                walk.skip();
            }
        });
        found.shows_thinking = found.shape.thinking && !omitted;
    }
    found
}

impl Measure {
    /// Adds content: a string or an array of blocks.
    fn content(&mut self, walk: &mut Walk<'_>, depth: u8) {
        match walk.peek() {
            Some(b'[') if depth > MAX_DEPTH => self.shape.text_bytes += walk.skip(),
            Some(b'[') => walk.elements(|walk| self.block(walk, depth)),
            _ => self.shape.text_bytes += walk.text_len(),
        }
    }

    fn block(&mut self, walk: &mut Walk<'_>, depth: u8) {
        let (mut thinking, mut signed) = (false, false);
        walk.members(|walk, key| match key {
            b"type" => match walk.text().as_ref() {
                b"image" => self.shape.images = self.shape.images.saturating_add(1),
                b"tool_use" | b"tool_result" => self.shape.tools = true,
                b"thinking" => thinking = true,
                _ => {}
            },
            b"text" | b"thinking" => self.shape.text_bytes += walk.text_len(),
            b"signature" => signed = walk.text_len() > 0,
            b"input" => self.shape.text_bytes += walk.skip(),
            b"content" => self.content(walk, depth + 1),
            b"source" => self.source(walk, depth),
            _ => {
                walk.skip();
            }
        });
        self.unsigned |= thinking && !signed;
    }

    /// Adds the source of an image or a document: text and content, no data.
    fn source(&mut self, walk: &mut Walk<'_>, depth: u8) {
        let (mut is_text, mut data) = (false, 0);
        walk.members(|walk, key| match key {
            b"type" => is_text = walk.text() == &b"text"[..],
            b"data" => data = walk.text_len(),
            b"content" => self.content(walk, depth + 1),
            _ => {
                walk.skip();
            }
        });
        if is_text {
            self.shape.text_bytes += data;
        }
    }
}
