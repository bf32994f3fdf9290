//! Ids of tool calls as a host wants them.

use std::borrow::Cow;
use std::hash::{DefaultHasher, Hash, Hasher};

use crate::dialect::openai::ToolCallIds;

const ALPHANUMERICS: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/// `id`, or what stands for it wherever it comes up. The client never sees the
/// other one: the host's own ids pass.
pub(super) fn tool_id(id: &str, allowed: ToolCallIds) -> Cow<'_, str> {
    match allowed {
        ToolCallIds::NineAlphanumerics if !is_nine_alphanumerics(id) => {
            Cow::Owned(nine_alphanumerics(id))
        }
        ToolCallIds::Any | ToolCallIds::NineAlphanumerics => Cow::Borrowed(id),
    }
}

fn is_nine_alphanumerics(id: &str) -> bool {
    id.len() == 9 && id.bytes().all(|byte| byte.is_ascii_alphanumeric())
}

fn nine_alphanumerics(id: &str) -> String {
    let mut hasher = DefaultHasher::new();
    id.hash(&mut hasher);
    let mut rest = hasher.finish();
    std::iter::repeat_with(|| {
        let digit = ALPHANUMERICS.get((rest % 62) as usize).copied();
        rest /= 62;
        char::from(digit.unwrap_or(b'0'))
    })
    .take(9)
    .collect()
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn ids_are_rewritten_only_where_they_must_be() {
        let nine = |id| tool_id(id, ToolCallIds::NineAlphanumerics);
        assert_eq!(tool_id("call_1", ToolCallIds::Any), "call_1");
        assert_eq!(nine("aB3dE6gH9"), "aB3dE6gH9");
        for id in ["", "call_1", "aB3dE6gH9x", "aB3dE6g-9", "élan-vital"] {
            let written = nine(id);
            assert!(is_nine_alphanumerics(&written), "{id}: {written}");
            assert_eq!(written, nine(id));
        }
    }

    #[test]
    fn different_ids_stay_different() {
        let ids: Vec<String> = (0..10_000).map(|n| format!("toolu_{n}")).collect();
        let written: HashSet<_> = ids
            .iter()
            .map(|id| tool_id(id, ToolCallIds::NineAlphanumerics))
            .collect();
        assert_eq!(written.len(), ids.len());
    }
}
