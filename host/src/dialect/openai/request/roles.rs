//! The operator's role, for hosts that know only its older name.

use std::ops::Range;

use serde_json::value::RawValue;

use crate::dialect::body::Splices;
use crate::dialect::walk::Walk;

/// The edits that call every `developer` in `messages`, which end at the end of
/// `span`, `system`.
pub(super) fn as_system(messages: &RawValue, span: Range<usize>) -> Splices {
    let mut edits = Splices::default();
    Walk::new(messages).elements(|walk| {
        walk.members(|walk, key| {
            if key != b"role" {
                walk.skip();
                return;
            }
            walk.peek();
            let start = span.end - walk.left();
            if walk.text() == &b"developer"[..] {
                edits.put(start..span.end - walk.left(), "\"system\"");
            }
        });
    });
    edits
}
