//! What the black-box tests and the benchmarks share: a scriptable provider, the
//! built binary as a child process, a strict client, and a reader of its records.

pub mod client;
pub mod dialects;
pub mod gateway;
pub mod plugins;
pub mod records;
pub mod sign;
pub mod upstream;
pub mod wait;
pub mod world;
