//! Making keys that never repeat.

use std::sync::atomic::{AtomicI64, Ordering};

pub use crate::store::{BadId, KEY_EPOCH_MS, Key};

/// The bits of the sequence within a millisecond.
const SEQUENCE_BITS: u32 = 12;
/// The bits of the writer's number that a key holds.
const WRITER_MASK: i64 = 0x3ff;

/// Makes keys: each greater than the one before, also where the clock steps
/// back, and where a process starts again.
#[derive(Debug)]
pub struct KeyMint {
    writer: i64,
    /// Milliseconds since [`KEY_EPOCH_MS`] and the sequence: a key without the
    /// writer's bits between the two.
    last: AtomicI64,
}

impl KeyMint {
    /// Keys of this writer, all greater than `after`.
    #[must_use]
    pub fn new(writer: i64, after: Key) -> Self {
        // The next millisecond: within the same one, another writer's bits may
        // make a key greater.
        let ms = (after.0 >> Key::TIME_SHIFT) + 1;
        let last = AtomicI64::new((ms << SEQUENCE_BITS) - 1);
        Self {
            writer: (writer & WRITER_MASK) << SEQUENCE_BITS,
            last,
        }
    }

    /// A key for now.
    #[must_use]
    pub fn next(&self) -> Key {
        self.next_at(crate::store::now_us() / 1000 - KEY_EPOCH_MS)
    }

    fn next_at(&self, ms: i64) -> Key {
        let now = ms << SEQUENCE_BITS;
        // A sequence that runs over moves into the next millisecond.
        let last = self
            .last
            .update(Ordering::Relaxed, Ordering::Relaxed, |last| {
                now.max(last + 1)
            });
        let tick = now.max(last + 1);
        let sequence = tick & ((1 << SEQUENCE_BITS) - 1);
        Key((tick >> SEQUENCE_BITS) << Key::TIME_SHIFT | self.writer | sequence)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_grow_while_the_clock_does_not() {
        let mint = KeyMint::new(3, Key(0));
        let mut last = Key(0);
        for step in 0..20_000 {
            let key = mint.next_at(5_000 - step / 1000);
            assert!(key > last);
            assert_eq!(key.0 >> SEQUENCE_BITS & WRITER_MASK, 3);
            last = key;
        }
        assert!(KeyMint::new(0, last).next_at(0) > last);
    }

    #[test]
    fn a_key_tells_its_time() {
        assert_eq!(KeyMint::new(1, Key(0)).next_at(7), Key(7 << 22 | 1 << 12));
    }
}
