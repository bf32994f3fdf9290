//! The content of a message as it lies on the wire, thoughts included.

use std::borrow::Cow;
use std::fmt;

use serde::Deserialize;
use serde::de::{Deserializer, Error, SeqAccess, Visitor};
use serde_json::value::RawValue;

use crate::dialect::json::Text;

/// A piece of what the model says, maybe empty.
pub(super) enum Words<'a> {
    Thoughts(Cow<'a, str>),
    Text(Cow<'a, str>),
}

/// Thoughts in a field of their own. Anything but a string is none: no answer
/// is lost for them.
#[derive(Default)]
pub(super) struct Thoughts<'a>(pub(super) Cow<'a, str>);

impl<'de: 'a, 'a> Deserialize<'de> for Thoughts<'a> {
    fn deserialize<D: Deserializer<'de>>(json: D) -> Result<Self, D::Error> {
        let raw = <&RawValue>::deserialize(json)?.get();
        if !raw.starts_with('"') {
            return Ok(Self::default());
        }
        let Text(text) = serde_json::from_str(raw).map_err(Error::custom)?;
        Ok(Self(text))
    }
}

/// Whether `extra_content` says that the content is thoughts.
pub(super) struct ThoughtFlag(pub(super) bool);

impl<'de> Deserialize<'de> for ThoughtFlag {
    fn deserialize<D: Deserializer<'de>>(json: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        struct Extra {
            google: Google,
        }
        #[derive(Deserialize)]
        struct Google {
            thought: bool,
        }
        let raw = <&RawValue>::deserialize(json)?.get();
        let extra: Result<Extra, _> = serde_json::from_str(raw);
        Ok(Self(extra.is_ok_and(|extra| extra.google.thought)))
    }
}

/// Content: a string, or parts of which text and thoughts count.
pub(super) enum Content<'a> {
    Text(Cow<'a, str>),
    Parts(Vec<Words<'a>>),
}

impl Content<'_> {
    fn into_text(self) -> String {
        match self {
            Self::Text(text) => text.into_owned(),
            Self::Parts(parts) => parts
                .into_iter()
                .map(|(Words::Text(text) | Words::Thoughts(text))| text)
                .collect(),
        }
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Content<'a> {
    fn deserialize<D: Deserializer<'de>>(json: D) -> Result<Self, D::Error> {
        json.deserialize_bytes(ContentVisitor)
    }
}

struct ContentVisitor;

impl<'de> Visitor<'de> for ContentVisitor {
    type Value = Content<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a string or an array of parts")
    }

    fn visit_borrowed_bytes<E: Error>(self, text: &'de [u8]) -> Result<Self::Value, E> {
        Ok(Content::Text(String::from_utf8_lossy(text)))
    }

    fn visit_bytes<E: Error>(self, text: &[u8]) -> Result<Self::Value, E> {
        let text = String::from_utf8_lossy(text).into_owned();
        Ok(Content::Text(Cow::Owned(text)))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut parts: A) -> Result<Self::Value, A::Error> {
        #[derive(Deserialize)]
        struct Part<'a> {
            #[serde(borrow)]
            thinking: Option<Content<'a>>,
            #[serde(borrow)]
            text: Option<Text<'a>>,
        }
        let mut all = Vec::new();
        while let Some(Part { thinking, text }) = parts.next_element()? {
            if let Some(thinking) = thinking {
                all.push(Words::Thoughts(Cow::Owned(thinking.into_text())));
            }
            if let Some(Text(text)) = text {
                all.push(Words::Text(text));
            }
        }
        Ok(Content::Parts(all))
    }
}
