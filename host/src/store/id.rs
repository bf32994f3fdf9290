//! The identifiers of stored things: one integer in the database, a prefixed
//! hexadecimal text everywhere else.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::digest::push_hex;

/// 2025-01-01T00:00:00Z in milliseconds since the Unix epoch: where keys count from.
pub const KEY_EPOCH_MS: i64 = 1_735_689_600_000;

/// A time-ordered key: milliseconds since [`KEY_EPOCH_MS`] << 22 | writer << 12 | sequence.
///
/// Every request gets one; its request, inference, and receipt ids are three
/// texts of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, sqlx::Type)]
#[sqlx(transparent)]
pub struct Key(pub i64);

impl Key {
    /// The bits below the milliseconds.
    pub const TIME_SHIFT: u32 = 22;

    /// A key for something made rarely (a tenant, an agent, a change): the time
    /// and 22 random bits. The table's primary key refuses the odd collision.
    pub fn random() -> Result<Self, getrandom::Error> {
        let ms = (crate::store::now_us() / 1000 - KEY_EPOCH_MS).max(0);
        let noise = i64::from(getrandom::u32()? & ((1 << Self::TIME_SHIFT) - 1));
        Ok(Self(ms << Self::TIME_SHIFT | noise))
    }

    /// `req_…`: what a client calls its request.
    #[must_use]
    pub fn request_id(self) -> String {
        self.text("req_")
    }

    /// `inf_…`: the inference of the request, where one was dispatched.
    #[must_use]
    pub fn inference_id(self) -> String {
        self.text("inf_")
    }

    /// `rcp_…`: the receipt of the request, where there is one.
    #[must_use]
    pub fn receipt_id(self) -> String {
        self.text("rcp_")
    }

    /// Reads `<prefix><16 lowercase hex>`; the prefix includes its underscore.
    pub fn parse(prefix: &'static str, text: &str) -> Result<Self, BadId> {
        let bad = || BadId {
            prefix,
            text: text.chars().take(64).collect(),
        };
        let digits = text.strip_prefix(prefix).ok_or_else(bad)?;
        let plain = |b: u8| matches!(b, b'0'..=b'9' | b'a'..=b'f');
        if digits.len() != 16 || !digits.bytes().all(plain) {
            return Err(bad());
        }
        let number = u64::from_str_radix(digits, 16).map_err(|_| bad())?;
        i64::try_from(number).map(Self).map_err(|_| bad())
    }

    /// `<prefix><16 lowercase hex>`.
    #[must_use]
    pub fn text(self, prefix: &str) -> String {
        let mut text = String::with_capacity(prefix.len() + 16);
        text.push_str(prefix);
        push_hex(&mut text, &self.0.to_be_bytes());
        text
    }
}

/// A text that is no identifier of the kind asked for.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{text}` is no identifier of this kind: expected `{prefix}` and 16 lowercase hexadecimal digits"
)]
pub struct BadId {
    prefix: &'static str,
    text: String,
}

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident $prefix:literal;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, sqlx::Type)]
        #[serde(into = "String", try_from = "String")]
        #[sqlx(transparent)]
        pub struct $name(pub Key);

        impl $name {
            /// What the text form starts with.
            pub const PREFIX: &'static str = $prefix;

            /// A new identifier.
            pub fn random() -> Result<Self, getrandom::Error> {
                Key::random().map(Self)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0.text($prefix))
            }
        }

        impl FromStr for $name {
            type Err = BadId;
            fn from_str(text: &str) -> Result<Self, BadId> {
                Key::parse($prefix, text).map(Self)
            }
        }

        impl From<$name> for String {
            fn from(id: $name) -> String {
                id.to_string()
            }
        }

        impl TryFrom<String> for $name {
            type Error = BadId;
            fn try_from(text: String) -> Result<Self, BadId> {
                text.parse()
            }
        }
    )*};
}

ids! {
    /// A tenant: nobody sees another tenant's anything.
    TenantId "tnt_";
    /// An agent of a tenant: what holds keys and makes calls.
    AgentId "agt_";
    /// The public id of an API key; never the key.
    ApiKeyId "key_";
    /// The public id of a token of the admin API; never the token.
    AdminTokenId "tok_";
    /// A proposed change of the policy set.
    ChangeId "chg_";
    /// Money that a tenant paid in.
    TopUpId "top_";
    /// Work that outlasted its caller's patience; kept in memory alone.
    WorkId "wrk_";
    /// A request, as its client knows it.
    RequestId "req_";
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn texts_and_back() {
        let key = Key(0x0123_4567_89ab_cdef);
        assert_eq!(key.request_id(), "req_0123456789abcdef");
        assert_eq!(Key::parse("inf_", &key.inference_id()).unwrap(), key);
        let agent = AgentId(Key(255));
        assert_eq!(agent.to_string(), "agt_00000000000000ff");
        assert_eq!(agent.to_string().parse::<AgentId>().unwrap(), agent);
    }

    #[test]
    fn other_texts_are_refused() {
        for text in [
            "",
            "agt_",
            "tnt_00000000000000ff",
            "agt_00000000000000FF",
            "agt_000000000000000ff",
            "agt_ffffffffffffffff",
            "agt_+0000000000000ff",
        ] {
            assert!(text.parse::<AgentId>().is_err(), "{text}");
        }
    }
}
