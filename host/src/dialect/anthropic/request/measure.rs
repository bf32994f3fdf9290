//! How large a request is and what it asks for.

use serde_json::value::RawValue;

use crate::dialect::Shape;
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

/// Measures `parts`. Text counts in whatever block it stands, known or not;
/// what has another type than expected counts nothing.
pub(super) fn shape(parts: &Parts<'_>, max_tokens: u64) -> Shape {
    let mut shape = Shape {
        max_tokens: Some(max_tokens),
        ..Shape::default()
    };
    if let Some(system) = parts.system {
        shape.content(&mut Walk::new(system), 0);
    }
    Walk::new(parts.messages).elements(|walk| {
        walk.members(|walk, key| match key {
            b"content" => shape.content(walk, 0),
            _ => {
                walk.skip();
            }
        });
    });
    if let Some(tools) = parts.tools.map(RawValue::get) {
        let empty = tools.trim_start_matches('[').trim_start() == "]";
        shape.tools |= !empty;
        shape.text_bytes += if empty { 0 } else { tools.len() as u64 };
    }
    if let Some(thinking) = parts.thinking {
        Walk::new(thinking).members(|walk, key| {
            if key == b"type" {
                shape.thinking = walk.text() != &b"disabled"[..];
            } else {
                walk.skip();
            }
        });
    }
    shape
}

impl Shape {
    /// Adds content: a string or an array of blocks.
    fn content(&mut self, walk: &mut Walk<'_>, depth: u8) {
        match walk.peek() {
            Some(b'[') if depth > MAX_DEPTH => self.text_bytes += walk.skip(),
            Some(b'[') => walk.elements(|walk| self.block(walk, depth)),
            _ => self.text_bytes += walk.text_len(),
        }
    }

    fn block(&mut self, walk: &mut Walk<'_>, depth: u8) {
        walk.members(|walk, key| match key {
            b"type" => match walk.text().as_ref() {
                b"image" => self.images = self.images.saturating_add(1),
                b"tool_use" | b"tool_result" => self.tools = true,
                _ => {}
            },
            b"text" | b"thinking" => self.text_bytes += walk.text_len(),
            b"input" => self.text_bytes += walk.skip(),
            b"content" => self.content(walk, depth + 1),
            b"source" => self.source(walk, depth),
            _ => {
                walk.skip();
            }
        });
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
            self.text_bytes += data;
        }
    }
}
