//! The buckets that the semantic conventions advise.

use super::{NANOSECONDS, ONES, Scale};

/// A millisecond.
const MS: u64 = 1_000_000;

/// Of `gen_ai.server.request.duration` and `gen_ai.client.operation.duration`.
pub static DURATION: Scale = Scale {
    bounds: &[
        10 * MS,
        20 * MS,
        40 * MS,
        80 * MS,
        160 * MS,
        320 * MS,
        640 * MS,
        1_280 * MS,
        2_560 * MS,
        5_120 * MS,
        10_240 * MS,
        20_480 * MS,
        40_960 * MS,
        81_920 * MS,
    ],
    unit: NANOSECONDS,
};

/// Of `gen_ai.server.time_to_first_token`.
pub static CHUNK: Scale = Scale {
    bounds: &[
        MS,
        5 * MS,
        10 * MS,
        20 * MS,
        40 * MS,
        60 * MS,
        80 * MS,
        100 * MS,
        250 * MS,
        500 * MS,
        750 * MS,
        1_000 * MS,
        2_500 * MS,
        5_000 * MS,
        7_500 * MS,
        10_000 * MS,
    ],
    unit: NANOSECONDS,
};

/// Of `gen_ai.client.token.usage`.
pub static TOKENS: Scale = Scale {
    bounds: &[
        1, 4, 16, 64, 256, 1_024, 4_096, 16_384, 65_536, 262_144, 1_048_576, 4_194_304, 16_777_216,
        67_108_864,
    ],
    unit: ONES,
};
