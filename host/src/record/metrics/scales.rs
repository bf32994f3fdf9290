//! Buckets of what only the writer counts.

use crate::telemetry::{NANOSECONDS, ONES, Scale};

/// A microsecond.
const US: u64 = 1_000;
/// A millisecond.
const MS: u64 = 1_000_000;

/// Of commits, and of the waits for them.
pub(super) static COMMIT: Scale = Scale {
    bounds: &[
        50 * US,
        100 * US,
        250 * US,
        500 * US,
        MS,
        2 * MS,
        5 * MS,
        10 * MS,
        25 * MS,
        100 * MS,
        1_000 * MS,
    ],
    unit: NANOSECONDS,
};

/// Of writes that are committed together: at most 512.
pub(super) static WRITES: Scale = Scale {
    bounds: &[1, 2, 4, 8, 16, 32, 64, 128, 256, 512],
    unit: ONES,
};
