//! A walk over JSON that is known to be valid: no checks, no decoding, no
//! stack, several times as fast as parsing. For measuring, where a wrong type
//! counts as nothing.

use std::borrow::Cow;

use serde_json::value::RawValue;

use super::json::Text;

/// A place in a JSON text. Every method takes the value that begins here and
/// leaves the walk behind it.
pub(super) struct Walk<'a> {
    rest: &'a [u8],
}

impl<'a> Walk<'a> {
    pub(super) fn new(json: &'a RawValue) -> Self {
        let rest = json.get().as_bytes();
        Self { rest }
    }

    /// How many bytes are left. The value begins at that distance from the end
    /// of the text, once it was peeked at.
    pub(super) fn left(&self) -> usize {
        self.rest.len()
    }

    /// The first byte of the value.
    pub(super) fn peek(&mut self) -> Option<u8> {
        while let [b' ' | b'\n' | b'\r' | b'\t', after @ ..] = self.rest {
            self.rest = after;
        }
        self.rest.first().copied()
    }

    /// Takes an array, calling `each` at every element, or skips what is none.
    /// `each` has to take exactly the element.
    pub(super) fn elements(&mut self, mut each: impl FnMut(&mut Self)) {
        if self.peek() != Some(b'[') {
            self.skip();
            return;
        }
        self.advance(1);
        while let Some(first) = self.peek() {
            match first {
                b']' => return self.advance(1),
                b',' => self.advance(1),
                _ => each(self),
            }
        }
    }

    /// Takes an object, calling `each` with every key at its value, or skips
    /// what is none. `each` has to take exactly the value.
    pub(super) fn members(&mut self, mut each: impl FnMut(&mut Self, &[u8])) {
        if self.peek() != Some(b'{') {
            self.skip();
            return;
        }
        self.advance(1);
        while let Some(first) = self.peek() {
            match first {
                b'}' => return self.advance(1),
                b',' => self.advance(1),
                _ => {
                    let key = self.text();
                    // The colon.
                    self.peek();
                    self.advance(1);
                    each(self, &key);
                }
            }
        }
    }

    /// Skips the value; its length in bytes of JSON.
    pub(super) fn skip(&mut self) -> u64 {
        let first = self.peek();
        let before = self.rest.len();
        match first {
            Some(b'"') => self.rest = after_string(self.rest),
            Some(b'{' | b'[') => self.rest = after_nested(self.rest),
            _ => {
                let ends = |byte: &u8| b",]} \n\r\t".contains(byte);
                let end = self.rest.iter().position(ends);
                self.advance(end.unwrap_or(self.rest.len()));
            }
        }
        (before - self.rest.len()) as u64
    }

    /// Takes a string, decoded, as UTF-8; what is no string is skipped and
    /// empty.
    pub(super) fn text(&mut self) -> Cow<'a, [u8]> {
        if self.peek() != Some(b'"') {
            self.skip();
            return Cow::Borrowed(b"");
        }
        let start = self.rest;
        self.rest = after_string(start);
        let json = start
            .get(..start.len() - self.rest.len())
            .unwrap_or_default();
        match json {
            [b'"', text @ .., b'"'] if !text.contains(&b'\\') => Cow::Borrowed(text),
            _ => match serde_json::from_slice(json) {
                Ok(Text(text)) => Cow::Owned(text.into_owned().into_bytes()),
                Err(_) => Cow::Borrowed(b""),
            },
        }
    }

    /// Takes a string; its length in bytes of UTF-8 once decoded. What is no
    /// string is skipped and counts nothing.
    pub(super) fn text_len(&mut self) -> u64 {
        if self.peek() != Some(b'"') {
            self.skip();
            return 0;
        }
        self.advance(1);
        let mut len = 0;
        loop {
            let plain = plain(self.rest);
            len += plain as u64;
            self.advance(plain);
            match self.rest {
                [b'\\', b'u', ..] => len += self.escaped_unit(),
                [b'\\', ..] => {
                    len += 1;
                    self.advance(2);
                }
                // The closing quote.
                _ => {
                    self.advance(1);
                    return len;
                }
            }
        }
    }

    /// Takes a `\uXXXX`; what it decodes to, in bytes of UTF-8. Half a
    /// surrogate pair counts as the replacement character, three.
    fn escaped_unit(&mut self) -> u64 {
        let first = unit(self.rest);
        self.advance(6);
        match first {
            0..0x80 => 1,
            0x80..0x800 => 2,
            0xd800..0xdc00 if matches!(unit(self.rest), 0xdc00..0xe000) => {
                self.advance(6);
                4
            }
            _ => 3,
        }
    }

    fn advance(&mut self, bytes: usize) {
        self.rest = self.rest.get(bytes..).unwrap_or_default();
    }
}

/// What follows the string that `rest` begins with.
fn after_string(rest: &[u8]) -> &[u8] {
    let mut rest = rest.get(1..).unwrap_or_default();
    loop {
        rest = rest.get(plain(rest)..).unwrap_or_default();
        match rest {
            [b'\\', _, after @ ..] => rest = after,
            _ => return rest.get(1..).unwrap_or_default(),
        }
    }
}

/// What follows the array or object that `rest` begins with.
fn after_nested(mut rest: &[u8]) -> &[u8] {
    let mut depth = 0_usize;
    while let [byte, after @ ..] = rest {
        match byte {
            b'"' => {
                rest = after_string(rest);
                continue;
            }
            b'{' | b'[' => depth += 1,
            b'}' | b']' => depth = depth.saturating_sub(1),
            _ => {}
        }
        rest = after;
        if depth == 0 {
            break;
        }
    }
    rest
}

/// How many bytes of a string come before a quote or a backslash. In code,
/// where they lie close, calling a searcher each time would cost more than the
/// search.
fn plain(text: &[u8]) -> usize {
    const NEAR: usize = 16;
    let special = |byte: &u8| matches!(byte, b'"' | b'\\');
    if let Some(found) = text.iter().take(NEAR).position(special) {
        return found;
    }
    let far = text.get(NEAR..).unwrap_or_default();
    memchr::memchr2(b'"', b'\\', far).map_or(text.len(), |found| NEAR + found)
}

/// The code unit of the `\uXXXX` that `text` begins with, else 0.
fn unit(text: &[u8]) -> u32 {
    let hex = text.get(..6).and_then(|escape| escape.strip_prefix(b"\\u"));
    let hex = hex.and_then(|hex| str::from_utf8(hex).ok());
    hex.and_then(|hex| u32::from_str_radix(hex, 16).ok())
        .unwrap_or(0)
}

#[cfg(test)]
#[allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn raw(json: &str) -> &RawValue {
        serde_json::from_str(json).unwrap()
    }

    #[test]
    fn it_finds_its_way() {
        let json = raw(
            r#"{"a" : [1 ,"]", {"x":["}"]}] ,"b\u0063": "\u00e9\ud83d\ude00\ud800\n","d":-1e9 }"#,
        );
        let mut seen = Vec::new();
        Walk::new(json).members(|walk, key| match key {
            b"a" => walk.elements(|walk| seen.push(walk.skip())),
            b"bc" => seen.push(walk.text_len()),
            _ => seen.push(walk.skip()),
        });
        assert_eq!(seen, [1, 3, 11, 2 + 4 + 3 + 1, 4]);
    }

    #[test]
    fn it_knows_where_it_is() {
        let json = r#"[ 1 ,"é" ]"#;
        let mut values = Vec::new();
        Walk::new(raw(json)).elements(|walk| {
            walk.peek();
            let start = json.len() - walk.left();
            walk.skip();
            values.push(&json[start..json.len() - walk.left()]);
        });
        assert_eq!(values, ["1", "\"é\""]);
    }

    proptest! {
        #[test]
        fn text_is_measured_as_it_decodes(text in "(?s).{0,20}", ascii in any::<bool>()) {
            let mut json = serde_json::to_string(&text).unwrap();
            if ascii {
                json = json.encode_utf16().map(|unit| match u8::try_from(unit) {
                    Ok(byte @ 0..0x80) => char::from(byte).to_string(),
                    _ => format!("\\u{unit:04x}"),
                }).collect();
            }
            prop_assert_eq!(Walk::new(raw(&json)).text_len(), text.len() as u64);
            prop_assert_eq!(Walk::new(raw(&json)).text(), text.as_bytes());
        }

        #[test]
        fn wrong_types_are_skipped_whole(json in prop_oneof!["-?[1-9]{1,3}", Just("null".to_owned()), Just("{\"a\":[]}".to_owned())]) {
            let pair = format!("[ {json} , {json} ]");
            let mut ends = Vec::new();
            Walk::new(raw(&pair)).elements(|walk| { ends.push(walk.text_len()); });
            prop_assert_eq!(ends.len(), 2);
            let mut count = 0;
            Walk::new(raw(&pair)).elements(|walk| {
                walk.elements(|_| ());
                count += 1;
            });
            prop_assert_eq!(count, 2);
        }
    }
}
