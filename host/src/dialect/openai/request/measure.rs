//! How large a request is and what it asks for.

use serde_json::value::RawValue;

use crate::dialect::Shape;
use crate::dialect::fields::array_bytes;
use crate::dialect::walk::Walk;

/// What a request's measure depends on.
pub(super) struct Parts<'a> {
    pub(super) messages: &'a RawValue,
    pub(super) tools: Option<&'a RawValue>,
    /// Tools as they were before `tools`.
    pub(super) functions: Option<&'a RawValue>,
    /// `reasoning_effort`.
    pub(super) effort: Option<&'a RawValue>,
}

/// What a walk through a request found.
#[derive(Default)]
pub(super) struct Measure {
    pub(super) shape: Shape,
    /// Whether a turn is the developer's.
    pub(super) developer: bool,
}

/// Measures `parts`. Text counts in whatever part it stands, known or not; what
/// has another type than expected counts nothing. Thinking is asked for by
/// every effort but `none`, also by the least.
pub(super) fn measure(parts: &Parts<'_>, max_tokens: Option<u64>) -> Measure {
    let mut found = Measure::default();
    found.shape.max_tokens = max_tokens;
    Walk::new(parts.messages).elements(|walk| found.message(walk));
    for tools in [parts.tools, parts.functions].into_iter().flatten() {
        let bytes = array_bytes(tools);
        found.shape.tools |= bytes > 0;
        found.shape.text_bytes += bytes;
    }
    if let Some(effort) = parts.effort {
        let effort = Walk::new(effort).text();
        found.shape.thinking = !matches!(effort.as_ref(), b"" | b"none");
    }
    found
}

impl Measure {
    fn message(&mut self, walk: &mut Walk<'_>) {
        walk.members(|walk, key| match key {
            b"role" => match walk.text().as_ref() {
                b"developer" => self.developer = true,
                b"tool" | b"function" => self.shape.tools = true,
                _ => {}
            },
            b"content" if walk.peek() == Some(b'[') => walk.elements(|walk| self.part(walk)),
            b"content" | b"refusal" | b"reasoning_content" => {
                self.shape.text_bytes += walk.text_len();
            }
            b"tool_calls" => walk.elements(|walk| {
                self.shape.tools = true;
                walk.members(|walk, key| match key {
                    b"function" | b"custom" => self.call(walk),
                    _ => {
                        walk.skip();
                    }
                });
            }),
            b"function_call" if walk.peek() == Some(b'{') => {
                self.shape.tools = true;
                self.call(walk);
            }
            _ => {
                walk.skip();
            }
        });
    }

    fn part(&mut self, walk: &mut Walk<'_>) {
        walk.members(|walk, key| match key {
            b"type" => {
                if walk.text() == &b"image_url"[..] {
                    self.shape.images = self.shape.images.saturating_add(1);
                }
            }
            b"text" | b"refusal" => self.shape.text_bytes += walk.text_len(),
            _ => {
                walk.skip();
            }
        });
    }

    /// Adds a call's arguments, JSON in a string or as it is.
    fn call(&mut self, walk: &mut Walk<'_>) {
        walk.members(|walk, key| match key {
            b"arguments" | b"input" if walk.peek() == Some(b'"') => {
                self.shape.text_bytes += walk.text_len();
            }
            b"arguments" | b"input" => self.shape.text_bytes += walk.skip(),
            _ => {
                walk.skip();
            }
        });
    }
}
