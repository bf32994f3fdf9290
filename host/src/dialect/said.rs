//! How much a model said, counted without parsing it.

use memchr::{memchr, memchr2};

/// Tells of each string in `json` that is a member of an object, at any depth:
/// its key, as it is written, and the UTF-8 bytes of its text. One pass that
/// takes no memory; of what is no JSON it tells something.
///
/// It is for usage that a provider did not report, where each byte is a
/// quarter of a token: an escape that is no character counts as one that is.
pub(super) fn strings<'j>(json: &'j [u8], mut found: impl FnMut(&'j [u8], u64)) {
    let mut rest = json;
    let mut key = None;
    while let Some(start) = memchr(b'"', rest) {
        let Some(string) = rest.get(start + 1..).map(string) else {
            break;
        };
        rest = string.rest;
        let value = rest.trim_ascii_start().strip_prefix(b":");
        if value.is_some_and(|value| value.trim_ascii_start().starts_with(b"\"")) {
            key = Some(string.raw);
        } else if let Some(key) = key.take() {
            found(key, string.bytes);
        }
    }
}

struct JsonString<'a> {
    /// Between the quotes.
    raw: &'a [u8],
    /// The UTF-8 bytes of its text.
    bytes: u64,
    /// What follows it.
    rest: &'a [u8],
}

/// Reads the string whose first quote lies just before `text`.
fn string(text: &[u8]) -> JsonString<'_> {
    let (mut at, mut bytes) = (0, 0);
    loop {
        let tail = text.get(at..).unwrap_or_default();
        let Some(plain) = memchr2(b'"', b'\\', tail) else {
            let bytes = bytes + tail.len() as u64;
            return JsonString {
                raw: text,
                bytes,
                rest: &[],
            };
        };
        bytes += plain as u64;
        if tail.get(plain) == Some(&b'"') {
            let raw = text.get(..at + plain).unwrap_or_default();
            let rest = tail.get(plain + 1..).unwrap_or_default();
            return JsonString { raw, bytes, rest };
        }
        let (length, stands_for) = escape(tail.get(plain..).unwrap_or_default());
        at += plain + length;
        bytes += stands_for;
    }
}

/// The length of the escape that `text` begins with, and the UTF-8 bytes of
/// what it stands for.
fn escape(text: &[u8]) -> (usize, u64) {
    if text.get(1) != Some(&b'u') {
        return (2, 1);
    }
    let unit = text
        .get(2..6)
        .and_then(|digits| std::str::from_utf8(digits).ok())
        .and_then(|digits| u32::from_str_radix(digits, 16).ok());
    match unit.unwrap_or_default() {
        0..=0x7f => (6, 1),
        0x80..=0x7ff => (6, 2),
        // Half of a pair, which together make four bytes.
        0xd800..=0xdfff => (6, 2),
        _ => (6, 3),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use proptest::prelude::*;
    use serde_json::{Value, json};

    use super::*;

    const KEYS: [&[u8]; 2] = [b"text", b"thinking"];

    fn count(json: &str) -> u64 {
        let mut said = 0;
        strings(json.as_bytes(), |key, bytes| {
            if KEYS.contains(&key) {
                said += bytes;
            }
        });
        said
    }

    #[test]
    fn what_stands_under_a_key_counts_by_its_bytes() {
        assert_eq!(count(r#"{"delta":{"type":"text","text":"h\"i\n"}}"#), 4);
        assert_eq!(
            count(r#"{"text" :	"é\u00e9\ud83d\ude00€\u20ac"}"#),
            2 + 2 + 4 + 3 + 3
        );
        assert_eq!(count(r#"{"text":null,"x":"abc","text":{"y":"abc"}}"#), 0);
        assert_eq!(count(r#"{"x":"\"text\":\"abc\""}"#), 0);
        assert_eq!(count(r#"{"text":"a","thinking":"bc"}"#), 3);
    }

    #[test]
    fn whatever_is_cut_off_is_survived() {
        for cut in [
            r#"{"text":"ab"#,
            r#"{"text":"a\"#,
            r#"{"text":"\u12"#,
            "\"",
            "\\u",
        ] {
            assert!(count(cut) <= 3, "{cut}");
        }
    }

    /// What a parser finds.
    fn reference(value: &Value) -> usize {
        match value {
            Value::Object(members) => members
                .iter()
                .map(|(key, value)| match value {
                    Value::String(text) if KEYS.contains(&key.as_bytes()) => text.len(),
                    value => reference(value),
                })
                .sum(),
            Value::Array(values) => values.iter().map(reference).sum(),
            _ => 0,
        }
    }

    fn value() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            ".*".prop_map(Value::from),
            "[\"\\\\\n:text]*".prop_map(Value::from),
            Just(json!("text")),
            Just(json!(null)),
            any::<i64>().prop_map(Value::from),
        ];
        let key = prop_oneof![
            Just("text".to_owned()),
            Just("thinking".to_owned()),
            "[\"a:\\\\]{0,4}"
        ];
        leaf.prop_recursive(4, 24, 6, move |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
                prop::collection::btree_map(key.clone(), inner, 0..6)
                    .prop_map(|members| json!(members)),
            ]
        })
    }

    proptest! {
        #[test]
        fn it_counts_what_a_parser_finds(value in value(), pretty in any::<bool>()) {
            let text = if pretty {
                serde_json::to_string_pretty(&value).unwrap()
            } else {
                value.to_string()
            };
            prop_assert_eq!(count(&text), reference(&value) as u64);
        }
    }
}
