//! Canonical JSON (RFC 8785), written by hand where every call needs it.

use std::fmt::Write as _;

/// Writes one JSON object whose keys the caller gives in ascending order, and in
/// letters, digits, and underscores alone: so they need no escape, and their
/// order by bytes is that of RFC 8785 section 3.2.3.
#[derive(Debug)]
pub struct ObjectWriter {
    text: String,
    /// Whether the object that is being written has a member already.
    more: bool,
}

impl ObjectWriter {
    /// An empty object, with room for this many bytes.
    #[must_use]
    pub fn with_capacity(bytes: usize) -> Self {
        let mut text = String::with_capacity(bytes);
        text.push('{');
        Self { text, more: false }
    }

    /// A member whose value is a string.
    pub fn string(&mut self, key: &str, value: &str) -> &mut Self {
        self.key(key);
        escape(&mut self.text, value);
        self
    }

    /// A member whose value is an integer. RFC 8785 numbers are doubles: exact
    /// up to 2^53, which no count, time, or price here reaches.
    pub fn integer(&mut self, key: &str, value: i64) -> &mut Self {
        self.key(key);
        // Writing to a string can't fail.
        let _ = write!(self.text, "{value}");
        self
    }

    /// A member whose value is an object, whose members `fill` writes.
    pub fn object(&mut self, key: &str, fill: impl FnOnce(&mut Self)) -> &mut Self {
        self.key(key);
        self.text.push('{');
        self.more = false;
        fill(self);
        self.text.push('}');
        self.more = true;
        self
    }

    /// The object.
    #[must_use]
    pub fn finish(mut self) -> String {
        self.text.push('}');
        self.text
    }

    fn key(&mut self, key: &str) {
        if self.more {
            self.text.push(',');
        }
        self.more = true;
        self.text.push('"');
        self.text.push_str(key);
        self.text.push_str("\":");
    }
}

/// A JSON string as RFC 8785 section 3.2.2.2 has it: the short escapes, other
/// control characters as lowercase `\u00xx`, all else as it is.
fn escape(text: &mut String, value: &str) {
    text.push('"');
    let mut rest = value;
    while let Some(at) = rest
        .bytes()
        .position(|b| b < 0x20 || b == b'"' || b == b'\\')
    {
        let (plain, special) = rest.split_at(at);
        text.push_str(plain);
        let mut chars = special.chars();
        match chars.next() {
            Some('"') => text.push_str("\\\""),
            Some('\\') => text.push_str("\\\\"),
            Some('\u{8}') => text.push_str("\\b"),
            Some('\t') => text.push_str("\\t"),
            Some('\n') => text.push_str("\\n"),
            Some('\u{c}') => text.push_str("\\f"),
            Some('\r') => text.push_str("\\r"),
            Some(other) => {
                let _ = write!(text, "\\u{:04x}", u32::from(other));
            }
            None => {}
        }
        rest = chars.as_str();
    }
    text.push_str(rest);
    text.push('"');
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;
    use serde_json::{Value, json};

    use super::*;

    fn write(object: &mut ObjectWriter, members: &BTreeMap<String, Value>) {
        for (key, value) in members {
            match value {
                Value::String(text) => object.string(key, text),
                Value::Number(number) => object.integer(key, number.as_i64().unwrap()),
                Value::Object(inner) => object.object(key, |object| {
                    write(object, &inner.clone().into_iter().collect());
                }),
                _ => object,
            };
        }
    }

    fn leaf() -> impl Strategy<Value = Value> {
        let exact = 1i64 << 53;
        prop_oneof![
            ".*".prop_map(Value::from),
            "[\\x00-\\x7f]*".prop_map(Value::from),
            (-exact..=exact).prop_map(Value::from)
        ]
    }

    proptest! {
        #[test]
        fn equals_the_reference(
            outer in prop::collection::btree_map("[0-9A-Z_a-z]{0,6}", leaf(), 0..6),
            inner in prop::collection::btree_map("[0-9A-Z_a-z]{0,6}", leaf(), 0..6),
        ) {
            let mut members = outer;
            members.insert("m".to_owned(), json!(inner));
            let mut object = ObjectWriter::with_capacity(64);
            write(&mut object, &members);
            prop_assert_eq!(object.finish(), serde_json_canonicalizer::to_string(&members).unwrap());
        }
    }
}
