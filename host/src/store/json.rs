//! JSON columns, as they were stored.

use std::ops::Deref;

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::value::RawValue;

/// JSON that is given on byte for byte, so that it can be compared as text. What
/// is no JSON, or would break a line, is given as a string.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::Type)]
#[sqlx(transparent)]
pub struct Json(pub String);

impl Deref for Json {
    type Target = str;

    fn deref(&self) -> &str {
        &self.0
    }
}

impl Serialize for Json {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let raw = (!self.0.contains(['\n', '\r']))
            .then(|| serde_json::from_str::<&RawValue>(&self.0).ok())
            .flatten();
        match raw {
            Some(raw) => raw.serialize(serializer),
            None => serializer.serialize_str(&self.0),
        }
    }
}

impl<'de> Deserialize<'de> for Json {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let raw = Box::<RawValue>::deserialize(deserializer)?;
        let text = serde_json::from_str(raw.get());
        Ok(Self(text.unwrap_or_else(|_| raw.get().to_owned())))
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn json_is_given_on_byte_for_byte() {
        let json = Json(r#"[{"a":1.0, "b":"\u0041"}]"#.into());
        let text = serde_json::to_string(&json).unwrap();
        assert_eq!(text, json.0);
        assert_eq!(serde_json::from_str::<Json>(&text).unwrap(), json);
    }

    #[test]
    fn what_is_no_json_survives_as_a_string() {
        for text in ["[{", "[\n]", "", "a\"b"] {
            let json = Json(text.into());
            let written = serde_json::to_string(&json).unwrap();
            assert!(!written.contains('\n') && written.starts_with('"'));
            assert_eq!(serde_json::from_str::<Json>(&written).unwrap(), json);
        }
    }
}
