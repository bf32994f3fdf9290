//! Making keys that never repeat.

use std::sync::atomic::{AtomicI64, Ordering};

pub use crate::store::{BadId, KEY_EPOCH_MS, Key};

/// The bits of the sequence within a millisecond.
const SEQUENCE_BITS: u32 = 12;
/// The bits of the writer's number that a key holds.
const WRITER_MASK: i64 = 0x3ff;

impl Key {
    /// Whether it is a key of this writer, or of another that has the same bits.
    pub(super) fn is_of(self, writer: i64) -> bool {
        (self.0 >> SEQUENCE_BITS) & WRITER_MASK == writer & WRITER_MASK
    }
}

/// Makes keys: each greater than the one before, also where the clock steps
/// back, and where a process starts again.
#[derive(Debug)]
pub struct KeyMint {
    /// The number of the writer.
    writer: AtomicI64,
    /// Milliseconds since [`KEY_EPOCH_MS`] and the sequence: a key without the
    /// writer's bits between the two.
    last: AtomicI64,
}

impl KeyMint {
    /// Keys of this writer, all greater than `after`.
    #[must_use]
    pub fn new(writer: i64, after: Key) -> Self {
        let last = AtomicI64::new(tick_after(after));
        Self {
            writer: AtomicI64::new(writer),
            last,
        }
    }

    /// From now on keys of another writer, also all greater than `after`.
    pub(super) fn change(&self, writer: i64, after: Key) {
        self.last.fetch_max(tick_after(after), Ordering::Relaxed);
        self.writer.store(writer, Ordering::Release);
    }

    /// The number of the writer.
    pub(super) fn writer(&self) -> i64 {
        self.writer.load(Ordering::Acquire)
    }

    /// A key for now.
    #[must_use]
    pub fn next(&self) -> Key {
        self.next_at(crate::store::now_us() / 1000 - KEY_EPOCH_MS)
    }

    fn next_at(&self, ms: i64) -> Key {
        // First: a key of a writer is greater than those before its start.
        let writer = (self.writer() & WRITER_MASK) << SEQUENCE_BITS;
        let now = ms << SEQUENCE_BITS;
        // A sequence that runs over moves into the next millisecond.
        let last = self
            .last
            .update(Ordering::Relaxed, Ordering::Relaxed, |last| {
                now.max(last + 1)
            });
        let tick = now.max(last + 1);
        let sequence = tick & ((1 << SEQUENCE_BITS) - 1);
        Key((tick >> SEQUENCE_BITS) << Key::TIME_SHIFT | writer | sequence)
    }
}

/// The last that is not after a key: within the same millisecond another
/// writer's bits may make a key greater.
fn tick_after(key: Key) -> i64 {
    (((key.0 >> Key::TIME_SHIFT) + 1) << SEQUENCE_BITS) - 1
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
    fn keys_of_another_writer_are_greater() {
        let mint = KeyMint::new(3, Key(0));
        let old = mint.next_at(5);
        assert!(old.is_of(3) && old.is_of(3 + 1024) && !old.is_of(1_026));
        let elsewhere = Key(9 << 22 | 1_023 << 12 | 4_095);
        mint.change(1_026, elsewhere);
        let new = mint.next_at(5);
        assert!(new > elsewhere && new.is_of(1_026) && mint.writer() == 1_026);
    }

    #[test]
    fn a_key_tells_its_time() {
        assert_eq!(KeyMint::new(1, Key(0)).next_at(7), Key(7 << 22 | 1 << 12));
    }
}
