//! What a call was decided by, as it is recorded.

use super::active::Gates;
use super::set::Digests;
use crate::store::Digest;

impl Gates {
    /// The gates as they are recorded: compact JSON, each by its name.
    #[must_use]
    pub fn to_json(self) -> String {
        let Self {
            routing_preference_live,
        } = self;
        format!(r#"{{"routing_preference_live":{routing_preference_live}}}"#)
    }
}

/// The hash over everything that decides: SHA-256 over the three digests in the
/// slots' order, the gates and the catalog version, as text, each ended by a
/// line feed.
#[must_use]
pub fn ruleset_hash(digests: &Digests, gates_json: &str, catalog_version: i64) -> Digest {
    let text = format!(
        "{}\n{}\n{}\n{gates_json}\n{catalog_version}\n",
        digests.alias_resolver, digests.preference_dial, digests.floor_clamp
    );
    Digest::of(text.as_bytes())
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn gates_are_read_as_they_are_written() {
        for routing_preference_live in [false, true] {
            let gates = Gates {
                routing_preference_live,
            };
            let read: Gates = serde_json::from_str(&gates.to_json()).unwrap();
            assert_eq!(read, gates);
        }
    }

    #[test]
    fn everything_that_decides_is_in_the_hash() {
        let digests = Digests {
            alias_resolver: Digest::of(b"a"),
            preference_dial: Digest::of(b"b"),
            floor_clamp: Digest::of(b"c"),
        };
        let swapped = Digests {
            alias_resolver: Digest::of(b"b"),
            preference_dial: Digest::of(b"a"),
            ..digests
        };
        let (open, shut) = (
            Gates {
                routing_preference_live: true,
            }
            .to_json(),
            Gates::default().to_json(),
        );
        let hash = ruleset_hash(&digests, &open, 1);
        assert_eq!(hash, ruleset_hash(&digests, &open, 1));
        assert_ne!(hash, ruleset_hash(&swapped, &open, 1));
        assert_ne!(hash, ruleset_hash(&digests, &shut, 1));
        assert_ne!(hash, ruleset_hash(&digests, &open, 2));
    }
}
